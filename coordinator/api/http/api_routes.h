// The JSON API. docs/openapi.yaml describes it.
#ifndef ATELIER_COORDINATOR_API_HTTP_API_ROUTES_H_
#define ATELIER_COORDINATOR_API_HTTP_API_ROUTES_H_

#include <vector>

#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// Every endpoint under /api/v1.
std::vector<HttpRoute> ApiRoutes(const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_API_ROUTES_H_
