#include "coordinator/api/views/audit_views.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/access.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/audit_requests.h"
#include "coordinator/api/views/paging.h"
#include "coordinator/api/views/time_conversion.h"
#include "coordinator/control/access.h"

namespace atelier {
namespace {

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

}  // namespace

absl::Status ListAudit(AuditLog* audit, const Caller& caller,
                       const v1::ListAuditRequest& request,
                       v1::ListAuditResponse& response) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kReadAudit));
  ASSIGN_OR_RETURN(const AuditQuery query, CheckedRequest(request));
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  if (audit == nullptr) {
    return absl::FailedPreconditionError("this coordinator keeps no audit log");
  }
  ASSIGN_OR_RETURN(const std::vector<AuditRecord> entries,
                   audit->List(caller, query, size));
  for (const AuditRecord& one : entries) {
    *response.add_entries() = Described(one);
  }
  if (static_cast<int>(entries.size()) == size) {
    response.set_next_page_token(absl::StrCat(entries.back().sequence));
  }
  return absl::OkStatus();
}

}  // namespace atelier
