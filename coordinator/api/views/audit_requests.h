// Questions to the audit log, checked, whichever way they are asked.
#ifndef ATELIER_COORDINATOR_API_VIEWS_AUDIT_REQUESTS_H_
#define ATELIER_COORDINATOR_API_VIEWS_AUDIT_REQUESTS_H_

#include "absl/status/statusor.h"
#include "coordinator/state/audit_record.h"

namespace atelier {

namespace v1 {
class ListAuditRequest;
}  // namespace v1

/// Without the size of its page (PageSize).
/// Errors: InvalidArgument, naming the field, what was given and what is
///         allowed.
absl::StatusOr<AuditQuery> CheckedRequest(const v1::ListAuditRequest& from);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_AUDIT_REQUESTS_H_
