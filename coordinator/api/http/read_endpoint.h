// An endpoint that answers with a message of the wire as JSON.
//
//   Read("/api/v1/jobs/{job_id}/tasks", ListTasks, sources)
//
// is a route that fills a ListTasksRequest from the path and the query, has
// ListTasks (coordinator/api/views) answer it, as gRPC's service does, and
// prints the response by Protocol Buffers' JSON mapping with the wire's names.
#ifndef ATELIER_COORDINATOR_API_HTTP_READ_ENDPOINT_H_
#define ATELIER_COORDINATOR_API_HTTP_READ_ENDPOINT_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/status_macros.h"
#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/request_fields.h"
#include "coordinator/api/http/router.h"
#include "coordinator/control/control_plane.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace atelier {

/// A message as JSON, by Protocol Buffers' mapping. Numbers, texts and lists
/// are there also where they are zero or empty; messages and optional fields
/// only where they are set. 64-bit numbers are texts. Errors: Internal.
absl::StatusOr<std::string> Json(const google::protobuf::Message& message);

/// 200 with the message, or the error.
HttpReply JsonReply(const HttpRequest& request, const absl::Status& status,
                    const google::protobuf::Message& message);

/// A route of the blocking lane, whose request is filled by `fill`. Answers
/// Unavailable while there is no control plane.
template <typename Request, typename Response>
HttpRoute MessageRoute(std::string path,
                       absl::Status (*answer)(ControlPlane&, const Caller&,
                                              const Request&, Response&),
                       absl::Status (*fill)(const HttpRequest&,
                                            google::protobuf::Message&),
                       const ApiSources& sources) {
  return {std::move(path), HttpLane::kBlocking,
          Answering([answer, fill, sources](const HttpRequest& from) {
            Response response;
            const auto status = [&]() -> absl::Status {
              Request request;
              RETURN_IF_ERROR(fill(from, request));
              ControlPlane* const control = sources.control();
              if (control == nullptr) return StartingOrStopping();
              return answer(*control, from.caller, request, response);
            };
            return JsonReply(from, status(), response);
          })};
}

template <typename Request, typename Response>
HttpRoute Read(std::string path,
               absl::Status (*read)(ControlPlane&, const Caller&,
                                    const Request&, Response&),
               const ApiSources& sources) {
  return MessageRoute(std::move(path), read, FillRequest, sources);
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_READ_ENDPOINT_H_
