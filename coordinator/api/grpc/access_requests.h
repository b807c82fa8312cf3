// Requests about tokens and quotas, checked. Errors:
// InvalidArgument, naming the field, what was given and what is allowed.
#ifndef ATELIER_COORDINATOR_API_GRPC_ACCESS_REQUESTS_H_
#define ATELIER_COORDINATOR_API_GRPC_ACCESS_REQUESTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "atelier/v1/access.pb.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/control/quota_control.h"

namespace atelier {

absl::StatusOr<TokenRequest> CheckedRequest(const v1::CreateTokenRequest& from);
absl::Status CheckRequest(const v1::RevokeTokenRequest& request);
absl::StatusOr<QuotaUpdate> CheckedRequest(const v1::SetQuotaRequest& from);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_ACCESS_REQUESTS_H_
