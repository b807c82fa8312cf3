#include "coordinator/api/grpc/access_service.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/access.grpc.pb.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/access_requests.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/api/views/audit_views.h"
#include "coordinator/api/views/time_conversion.h"
#include "coordinator/control/access.h"

namespace atelier {
namespace {

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
  token.set_max_slots(static_cast<int>(record.max_slots));
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

void Describe(int64_t used, int64_t most, bool is_set, v1::QuotaBound& to) {
  to.set_used(used);
  to.set_most(most);
  to.set_is_set(is_set);
}

v1::Quota DescribedQuota(const QuotaView& view) {
  v1::Quota quota;
  quota.set_user(view.user);
  Describe(view.queued_tasks, view.bounds.max_queued_tasks,
           view.set.max_queued_tasks.has_value(),
           *quota.mutable_queued_tasks());
  Describe(view.running_tasks, view.bounds.max_running_tasks,
           view.set.max_running_tasks.has_value(),
           *quota.mutable_running_tasks());
  Describe(view.artifact_bytes, view.bounds.max_artifact_bytes,
           view.set.max_artifact_bytes.has_value(),
           *quota.mutable_artifact_bytes());
  return quota;
}

class AccessService : public v1::Access::CallbackService {
 public:
  using Reactor = grpc::ServerUnaryReactor;
  using Context = grpc::CallbackServerContext;

  AccessService(TokenRegistry* tokens, QuotaControl& quotas,
                const CallSupport& support)
      : tokens_(tokens), quotas_(quotas), support_(support) {}

  Reactor* CreateToken(Context* context, const v1::CreateTokenRequest* request,
                       v1::CreateTokenResponse* response) override {
    return AnswerOn(
        support_, context,
        [this, request, response](const Caller& caller) -> absl::Status {
          RETURN_IF_ERROR(CheckMay(caller, Verb::kCreateToken));
          ASSIGN_OR_RETURN(const TokenRequest wanted, CheckedRequest(*request));
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
          RETURN_IF_ERROR(CheckRequest(*request));
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
                      return atelier::ListAudit(support_.audit, caller,
                                                *request, *response);
                    });
  }

  Reactor* SetQuota(Context* context, const v1::SetQuotaRequest* request,
                    v1::Quota* response) override {
    return AnswerOn(
        support_, context,
        [this, request, response](const Caller& caller) -> absl::Status {
          // Who may not learns nothing of what is allowed either.
          RETURN_IF_ERROR(CheckAccess(caller, Verb::kSetQuota));
          ASSIGN_OR_RETURN(const QuotaUpdate update, CheckedRequest(*request));
          ASSIGN_OR_RETURN(const QuotaView view, quotas_.Set(caller, update));
          *response = DescribedQuota(view);
          return absl::OkStatus();
        });
  }

  Reactor* ListQuotas(Context* context,
                      const v1::ListQuotasRequest* /*request*/,
                      v1::ListQuotasResponse* response) override {
    return AnswerOn(support_, context,
                    [this, response](const Caller& caller) -> absl::Status {
                      ASSIGN_OR_RETURN(const std::vector<QuotaView> views,
                                       quotas_.List(caller));
                      for (const QuotaView& view : views) {
                        *response->add_quotas() = DescribedQuota(view);
                      }
                      return absl::OkStatus();
                    });
  }

 private:
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
  QuotaControl& quotas_;
  const CallSupport& support_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAccessService(TokenRegistry* tokens,
                                                 QuotaControl& quotas,
                                                 const CallSupport& support) {
  return std::make_unique<AccessService>(tokens, quotas, support);
}

}  // namespace atelier
