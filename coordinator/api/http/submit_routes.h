// Jobs that are made over HTTP.
#ifndef ATELIER_COORDINATOR_API_HTTP_SUBMIT_ROUTES_H_
#define ATELIER_COORDINATOR_API_HTTP_SUBMIT_ROUTES_H_

#include <cstdint>
#include <string>

#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// The most bytes of a job as JSON.
inline constexpr uint64_t kMostJobJsonBytes = uint64_t{1} << 20;

// Routes of POST, whose body is the request of the call in jobs.proto as JSON
// and whose answer is its response. They answer as gRPC does, and hold no
// thread while inputs are looked for.

/// Jobs.SubmitJob.
HttpRoute SubmitRoute(std::string path, const ApiSources& sources);
/// Jobs.PreviewJob.
HttpRoute PreviewRoute(std::string path, const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_SUBMIT_ROUTES_H_
