#include "coordinator/api/http/numbers_route.h"

#include <utility>

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/http/request_fields.h"
#include "coordinator/api/views/task_numbers.h"

namespace atelier {
namespace {

absl::StatusOr<std::string> Numbers(const ApiSources& sources,
                                    const HttpRequest& from) {
  // The fields of ListTasks, but the token: a page begins at an index.
  v1::ListTasksRequest request;
  RETURN_IF_ERROR(FillRequest(from, request));
  if (!request.page_token().empty()) {
    return absl::InvalidArgumentError(
        "page_token: is not allowed here; first_index is");
  }
  ControlPlane* const control = sources.control();
  if (control == nullptr) return StartingOrStopping();
  ASSIGN_OR_RETURN(const TaskNumbers numbers,
                   ReadNumbers(*control, from.caller,
                               {request.job_id(), request.first_index(),
                                request.page_size()}));
  return ToJson(numbers);
}

}  // namespace

HttpRoute NumbersRoute(std::string path, const ApiSources& sources) {
  return {std::move(path), HttpLane::kBlocking,
          Answering([sources](const HttpRequest& request) {
            absl::StatusOr<std::string> json = Numbers(sources, request);
            if (!json.ok()) return ErrorReply(request.path, json.status());
            return HttpReply{200, "application/json", *std::move(json) + "\n"};
          })};
}

}  // namespace atelier
