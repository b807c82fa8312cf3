// An endpoint that changes something and answers with it as JSON.
//
//   Change(HttpMethod::kPost, "/api/v1/jobs/{job_id}/cancel", CancelJob,
//   sources)
//
// is a route that fills a CancelJobRequest from the path and the body, an
// object of JSON by Protocol Buffers' mapping, or nothing, and answers as Read
// does (read_endpoint.h).
#ifndef ATELIER_COORDINATOR_API_HTTP_CHANGE_ENDPOINT_H_
#define ATELIER_COORDINATOR_API_HTTP_CHANGE_ENDPOINT_H_

#include <string>
#include <utility>

#include "coordinator/api/http/read_endpoint.h"

namespace atelier {

template <typename Request, typename Response>
HttpRoute Change(HttpMethod method, std::string path,
                 absl::Status (*change)(ControlPlane&, const Caller&,
                                        const Request&, Response&),
                 const ApiSources& sources) {
  HttpRoute route =
      MessageRoute(std::move(path), change, FillRequestWithBody, sources);
  route.method = method;
  return route;
}

/// The same, where the body may leave nothing out.
template <typename Request, typename Response>
HttpRoute ChangeWithAll(HttpMethod method, std::string path,
                        absl::Status (*change)(ControlPlane&, const Caller&,
                                               const Request&, Response&),
                        const ApiSources& sources) {
  HttpRoute route =
      MessageRoute(std::move(path), change, FillRequestWithAll, sources);
  route.method = method;
  return route;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_CHANGE_ENDPOINT_H_
