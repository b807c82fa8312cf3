#include "coordinator/api/views/audit_requests.h"

#include "atelier/v1/access.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/time_conversion.h"

namespace atelier {

absl::StatusOr<AuditQuery> CheckedRequest(const v1::ListAuditRequest& from) {
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

}  // namespace atelier
