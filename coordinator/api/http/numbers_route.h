// GET /api/v1/jobs/{job_id}/numbers: the numbers of many tasks, as columns
// (docs/openapi.yaml).
#ifndef ATELIER_COORDINATOR_API_HTTP_NUMBERS_ROUTE_H_
#define ATELIER_COORDINATOR_API_HTTP_NUMBERS_ROUTE_H_

#include <string>

#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// A route of the blocking lane. Answers Unavailable while there is no control
/// plane.
HttpRoute NumbersRoute(std::string path, const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_NUMBERS_ROUTE_H_
