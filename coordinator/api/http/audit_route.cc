#include "coordinator/api/http/audit_route.h"

#include <utility>

#include "absl/status/status.h"
#include "atelier/v1/access.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/http/read_endpoint.h"
#include "coordinator/api/http/request_fields.h"
#include "coordinator/api/views/audit_views.h"

namespace atelier {
namespace {

absl::Status ReadAudit(const ApiSources& sources, const HttpRequest& request,
                       v1::ListAuditResponse& response) {
  v1::ListAuditRequest wanted;
  RETURN_IF_ERROR(FillRequest(request, wanted));
  if (sources.control() == nullptr) return StartingOrStopping();
  AuditLog* const audit = sources.audit ? sources.audit() : nullptr;
  return ListAudit(audit, request.caller, wanted, response);
}

}  // namespace

HttpRoute AuditRoute(std::string path, const ApiSources& sources) {
  return {std::move(path), HttpLane::kBlocking,
          Answering([sources](const HttpRequest& request) {
            v1::ListAuditResponse response;
            const absl::Status status = ReadAudit(sources, request, response);
            return JsonReply(request, status, response);
          })};
}

}  // namespace atelier
