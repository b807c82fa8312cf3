#include "coordinator/api/grpc/access_service.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "atelier/v1/access.grpc.pb.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/unary.h"
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
          ASSIGN_OR_RETURN(const NewToken made, tokens_->Create(wanted));
          response->set_token(made.text);
          *response->mutable_description() = Described(made.record);
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
          ASSIGN_OR_RETURN(const TokenRecord revoked,
                           tokens_->Revoke(request->accessor()));
          *response = Described(revoked);
          return absl::OkStatus();
        });
  }

 private:
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
