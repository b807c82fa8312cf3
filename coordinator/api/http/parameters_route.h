// What a render can be given, as JSON, so that a form can be drawn from it: the
// table that flags and specs are made from (common/render/parameters.h).
#ifndef ATELIER_COORDINATOR_API_HTTP_PARAMETERS_ROUTE_H_
#define ATELIER_COORDINATOR_API_HTTP_PARAMETERS_ROUTE_H_

#include <cstdint>
#include <string>

#include "common/render/parameters.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// GET: every parameter, in the order of the table, the presets, the built-in
/// network and how large an input may be, to whoever may list jobs
/// (docs/openapi.yaml). Never waits.
HttpRoute ParametersRoute(std::string path, const RenderLimits& limits,
                          int64_t max_artifact_bytes);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_PARAMETERS_ROUTE_H_
