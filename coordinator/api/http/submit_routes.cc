#include "coordinator/api/http/submit_routes.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "atelier/v1/jobs.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/http/read_endpoint.h"
#include "coordinator/api/http/request_fields.h"
#include "coordinator/api/views/job_submission.h"
#include "coordinator/control/access.h"

namespace atelier {
namespace {

template <typename Request, typename Response>
using SubmissionCall = absl::Status (JobSubmission::*)(const Caller&,
                                                       const Request&,
                                                       Response&,
                                                       JobSubmission::Done);

template <typename Request, typename Response>
HttpRoute SubmissionRoute(std::string path, Verb verb,
                          SubmissionCall<Request, Response> call,
                          const ApiSources& sources) {
  struct Messages {
    Request request;
    Response response;
  };
  HttpRoute route;
  route.path = std::move(path);
  route.method = HttpMethod::kPost;
  route.max_body_bytes = kMostJobJsonBytes;
  route.verb = verb;
  route.handle = [call,
                  sources](const std::shared_ptr<HttpExchange>& exchange) {
    const auto messages = std::make_shared<Messages>();
    const auto done = [exchange, messages](const absl::Status& status) {
      exchange->Answer(
          JsonReply(exchange->request(), status, messages->response));
    };
    const auto begin = [&]() -> absl::Status {
      const HttpRequest& from = exchange->request();
      RETURN_IF_ERROR(FillRequestWithBody(from, messages->request));
      JobSubmission* const submission = sources.submission();
      if (submission == nullptr) return StartingOrStopping();
      return (submission->*call)(from.caller, messages->request,
                                 messages->response, done);
    };
    const absl::Status begun = begin();
    if (!begun.ok()) done(begun);
  };
  return route;
}

}  // namespace

HttpRoute SubmitRoute(std::string path, const ApiSources& sources) {
  return SubmissionRoute<v1::SubmitJobRequest, v1::Job>(
      std::move(path), Verb::kSubmitJob, &JobSubmission::Submit, sources);
}

HttpRoute PreviewRoute(std::string path, const ApiSources& sources) {
  return SubmissionRoute<v1::PreviewJobRequest, v1::PreviewJobResponse>(
      std::move(path), Verb::kPreviewJob, &JobSubmission::Preview, sources);
}

}  // namespace atelier
