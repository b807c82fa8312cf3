// The audit log as JSON: "/api/v1/audit", as gRPC's ListAudit.
#ifndef ATELIER_COORDINATOR_API_HTTP_AUDIT_ROUTE_H_
#define ATELIER_COORDINATOR_API_HTTP_AUDIT_ROUTE_H_

#include <string>

#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// For admins.
HttpRoute AuditRoute(std::string path, const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_AUDIT_ROUTE_H_
