// The audit log as admins see it, whichever way they ask.
#ifndef ATELIER_COORDINATOR_API_VIEWS_AUDIT_VIEWS_H_
#define ATELIER_COORDINATOR_API_VIEWS_AUDIT_VIEWS_H_

#include "absl/status/status.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/caller.h"

namespace atelier {

namespace v1 {
class ListAuditRequest;
class ListAuditResponse;
}  // namespace v1

/// What the call of access.proto with this name answers. `audit`: null where
/// none is kept. Reads the store.
/// Errors: InvalidArgument, PermissionDenied, FailedPrecondition, Unavailable.
absl::Status ListAudit(AuditLog* audit, const Caller& caller,
                       const v1::ListAuditRequest& request,
                       v1::ListAuditResponse& response);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_AUDIT_VIEWS_H_
