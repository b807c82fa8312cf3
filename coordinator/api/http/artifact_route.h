// Pictures and logs over HTTP, under the name of their digest: what a browser
// has seen once it never asks for again.
#ifndef ATELIER_COORDINATOR_API_HTTP_ARTIFACT_ROUTE_H_
#define ATELIER_COORDINATOR_API_HTTP_ARTIFACT_ROUTE_H_

#include <string>

#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// A route with {digest}, whose query says as Artifacts.Download does what it
/// is for: job_id, and task_index where it is a task's; kind, but no
/// checkpoint; thumbnail_px for a small one in a picture's place. Streams;
/// what turns out to be damaged is broken off before its last bytes.
HttpRoute ArtifactRoute(std::string path, const ApiSources& sources);

/// "image/png": by the first bytes of a file; of what browsers show no picture
/// of, "application/octet-stream".
std::string ContentTypeOf(const std::string& bytes);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_ARTIFACT_ROUTE_H_
