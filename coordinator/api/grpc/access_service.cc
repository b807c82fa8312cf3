#include "coordinator/api/grpc/access_service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/access.grpc.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/time_conversion.h"
#include "coordinator/control/access.h"

namespace atelier {
namespace {

constexpr absl::Duration kLongestLife = absl::Hours(24 * 36500);
constexpr size_t kAccessorDigits = 12;
constexpr size_t kMaxPatternBytes = 64;

absl::StatusOr<Role> RoleOf(v1::TokenRole role) {
  switch (role) {
    case v1::TOKEN_ROLE_READ:
      return Role::kRead;
    case v1::TOKEN_ROLE_SUBMIT:
      return Role::kSubmit;
    case v1::TOKEN_ROLE_WORK:
      return Role::kWork;
    case v1::TOKEN_ROLE_ADMIN:
      return Role::kAdmin;
    default:
      return InvalidArgument("role: value ", static_cast<int>(role),
                             " is not allowed; from 1 to 4");
  }
}

v1::TokenRole WireRole(std::optional<Role> role) {
  if (!role.has_value()) return v1::TOKEN_ROLE_UNSPECIFIED;
  switch (*role) {
    case Role::kRead:
      return v1::TOKEN_ROLE_READ;
    case Role::kSubmit:
      return v1::TOKEN_ROLE_SUBMIT;
    case Role::kWork:
      return v1::TOKEN_ROLE_WORK;
    case Role::kAdmin:
      return v1::TOKEN_ROLE_ADMIN;
  }
  return v1::TOKEN_ROLE_UNSPECIFIED;
}

v1::Token Described(const TokenRecord& record) {
  v1::Token token;
  token.set_accessor(record.accessor);
  token.set_role(WireRole(ParseRole(record.role)));
  token.set_user(record.user);
  token.set_worker_pattern(record.worker_pattern);
  *token.mutable_created_at() = ToProto(record.created_at);
  if (record.expires_at.has_value()) {
    *token.mutable_expires_at() = ToProto(*record.expires_at);
  }
  if (record.last_used_at.has_value()) {
    *token.mutable_last_used_at() = ToProto(*record.last_used_at);
  }
  if (record.revoked_at.has_value()) {
    *token.mutable_revoked_at() = ToProto(*record.revoked_at);
  }
  return token;
}

// A worker's name with * in it.
absl::Status CheckPattern(const std::string& pattern) {
  const bool is_one =
      pattern.size() <= kMaxPatternBytes &&
      std::all_of(pattern.begin(), pattern.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               absl::StrContains("._-*", c);
      });
  if (is_one) return absl::OkStatus();
  return InvalidArgument("worker_pattern: ", Quoted(pattern),
                         " is not allowed; up to ", kMaxPatternBytes,
                         " of [A-Za-z0-9._-], and * for any of them");
}

absl::Status CheckAccessor(const std::string& accessor) {
  bool is_one = accessor.size() == kAccessorDigits;
  for (const char c : accessor) {
    is_one = is_one && (absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
                        (c >= 'a' && c <= 'f'));
  }
  if (is_one) return absl::OkStatus();
  return InvalidArgument("accessor: ", Quoted(accessor),
                         " is not 12 lower-case hex digits");
}

absl::StatusOr<TokenRequest> TokenRequestOf(
    const v1::CreateTokenRequest& from) {
  TokenRequest request;
  ASSIGN_OR_RETURN(request.role, RoleOf(from.role()));
  RETURN_IF_ERROR(CheckSlug("user", from.user(), 0));
  request.user = from.user();
  RETURN_IF_ERROR(CheckPattern(from.worker_pattern()));
  request.worker_pattern = from.worker_pattern();
  if (!from.has_expires_in()) return request;
  ASSIGN_OR_RETURN(request.expires_in,
                   CheckedDuration("expires_in", from.expires_in()));
  if (request.expires_in < absl::Seconds(1) ||
      request.expires_in > kLongestLife) {
    return InvalidArgument(
        "expires_in: ", absl::FormatDuration(request.expires_in),
        " is not allowed; from 1s to 876000h");
  }
  return request;
}

v1::AuditEntry Described(const AuditRecord& record) {
  v1::AuditEntry entry;
  entry.set_sequence(record.sequence);
  *entry.mutable_at() = ToProto(record.at);
  entry.set_accessor(record.accessor);
  entry.set_user(record.user);
  entry.set_address(record.address);
  entry.set_action(record.action);
  entry.set_job_id(record.job);
  entry.set_target(record.target);
  entry.set_outcome(record.outcome);
  entry.set_message(record.message);
  entry.set_is_refusal(record.is_refusal);
  entry.set_count(record.count);
  return entry;
}

absl::StatusOr<AuditQuery> AuditQueryOf(const v1::ListAuditRequest& from) {
  AuditQuery query;
  RETURN_IF_ERROR(CheckSlug("user", from.user(), 0));
  query.user = from.user();
  RETURN_IF_ERROR(CheckPrintable("job_id", from.job_id(), 0, 64));
  query.job = from.job_id();
  if (from.has_since()) {
    ASSIGN_OR_RETURN(query.since, CheckedTime("since", from.since()));
  }
  ASSIGN_OR_RETURN(query.before, PageStart(from.page_token()));
  return query;
}

class AccessService : public v1::Access::CallbackService {
 public:
  using Reactor = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  AccessService(TokenRegistry* tokens, const CallSupport& support)
      : tokens_(tokens), support_(support) {}

  Reactor* CreateToken(Context* context, const v1::CreateTokenRequest* request,
                       v1::CreateTokenResponse* response) override {
    return AnswerOn(
        support_, context,
        [this, request, response](const Caller& caller) -> absl::Status {
          RETURN_IF_ERROR(CheckMay(caller, Verb::kCreateToken));
          ASSIGN_OR_RETURN(const TokenRequest wanted, TokenRequestOf(*request));
          const absl::StatusOr<NewToken> made = tokens_->Create(caller, wanted);
          if (!made.ok()) {
            return Failed(caller, Verb::kCreateToken, "", made.status());
          }
          response->set_token(made->text);
          *response->mutable_description() = Described(made->record);
          return absl::OkStatus();
        });
  }

  Reactor* ListTokens(Context* context,
                      const v1::ListTokensRequest* /*request*/,
                      v1::ListTokensResponse* response) override {
    return AnswerOn(support_, context,
                    [this, response](const Caller& caller) -> absl::Status {
                      RETURN_IF_ERROR(CheckMay(caller, Verb::kListTokens));
                      for (const TokenRecord& record : tokens_->List()) {
                        *response->add_tokens() = Described(record);
                      }
                      return absl::OkStatus();
                    });
  }

  Reactor* RevokeToken(Context* context, const v1::RevokeTokenRequest* request,
                       v1::Token* response) override {
    return AnswerOn(
        support_, context,
        [this, request, response](const Caller& caller) -> absl::Status {
          RETURN_IF_ERROR(CheckMay(caller, Verb::kRevokeToken));
          RETURN_IF_ERROR(CheckAccessor(request->accessor()));
          const absl::StatusOr<TokenRecord> revoked =
              tokens_->Revoke(caller, request->accessor());
          if (!revoked.ok()) {
            return Failed(caller, Verb::kRevokeToken, request->accessor(),
                          revoked.status());
          }
          *response = Described(*revoked);
          return absl::OkStatus();
        });
  }

  Reactor* ListAudit(Context* context, const v1::ListAuditRequest* request,
                     v1::ListAuditResponse* response) override {
    return AnswerOn(support_, context,
                    [this, request, response](const Caller& caller) {
                      return FillAudit(caller, *request, *response);
                    });
  }

 private:
  absl::Status FillAudit(const Caller& caller,
                         const v1::ListAuditRequest& request,
                         v1::ListAuditResponse& response) {
    RETURN_IF_ERROR(CheckAccess(caller, Verb::kReadAudit));
    ASSIGN_OR_RETURN(const AuditQuery query, AuditQueryOf(request));
    ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
    if (support_.audit == nullptr) {
      return absl::FailedPreconditionError(
          "this coordinator keeps no audit log");
    }
    ASSIGN_OR_RETURN(const std::vector<AuditRecord> entries,
                     support_.audit->List(caller, query, size));
    for (const AuditRecord& one : entries) {
      *response.add_entries() = Described(one);
    }
    if (static_cast<int>(entries.size()) == size) {
      response.set_next_page_token(absl::StrCat(entries.back().sequence));
    }
    return absl::OkStatus();
  }

  // Leaves an entry in the audit log beside those that the registry writes.
  absl::Status Failed(const Caller& caller, Verb verb,
                      const std::string& accessor,
                      const absl::Status& why) const {
    if (support_.audit != nullptr) {
      AuditRecord entry = support_.audit->Entry(caller, verb);
      entry.target = accessor;
      SetOutcome(entry, why);
      support_.audit->Append(std::move(entry));
    }
    return why;
  }

  absl::Status CheckMay(const Caller& caller, Verb verb) const {
    RETURN_IF_ERROR(CheckAccess(caller, verb));
    if (tokens_ != nullptr) return absl::OkStatus();
    return absl::FailedPreconditionError(
        "this coordinator asks nobody for a token (--insecure, or nothing but "
        "a Unix socket)");
  }

  TokenRegistry* const tokens_;
  const CallSupport& support_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAccessService(TokenRegistry* tokens,
                                                 const CallSupport& support) {
  return std::make_unique<AccessService>(tokens, support);
}

}  // namespace atelier
