#include "coordinator/api/http/api_routes.h"

#include <string>
#include <utility>

#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/ratings.pb.h"
#include "atelier/v1/workers.pb.h"
#include "coordinator/api/http/artifact_route.h"
#include "coordinator/api/http/artifact_upload_route.h"
#include "coordinator/api/http/audit_route.h"
#include "coordinator/api/http/change_endpoint.h"
#include "coordinator/api/http/job_events.h"
#include "coordinator/api/http/numbers_route.h"
#include "coordinator/api/http/parameters_route.h"
#include "coordinator/api/http/read_endpoint.h"
#include "coordinator/api/http/session_routes.h"
#include "coordinator/api/http/submit_routes.h"
#include "coordinator/api/http/system_route.h"
#include "coordinator/api/views/job_changes.h"
#include "coordinator/api/views/job_views.h"
#include "coordinator/api/views/rating_views.h"
#include "coordinator/api/views/worker_views.h"

namespace atelier {

std::vector<HttpRoute> ApiRoutes(const ApiSources& sources) {
  const std::string jobs = "/api/v1/jobs";
  const std::string job = jobs + "/{job_id}";
  const std::string worker = "/api/v1/workers/{name}";
  const std::string artifact = "/api/v1/artifacts/{digest}";
  constexpr HttpMethod kPost = HttpMethod::kPost;
  std::vector<HttpRoute> routes = {
      Read(jobs, ListJobs, sources),
      SubmitRoute(jobs, sources),
      PreviewRoute(jobs + "/preview", sources),
      Read(job, GetJob, sources),
      Change(HttpMethod::kDelete, job, DeleteJob, sources),
      Change(kPost, job + "/cancel", CancelJob, sources),
      Change(kPost, job + "/pause", PauseJob, sources),
      Change(kPost, job + "/resume", ResumeJob, sources),
      Change(kPost, job + "/retry", RetryJob, sources),
      ChangeWithAll(kPost, job + "/priority", SetJobPriority, sources),
      Read(job + "/tasks", ListTasks, sources),
      Read(job + "/tasks/{task_index}/attempts", ListAttempts, sources),
      Read(job + "/ratings", ListRatings, sources),
      ChangeWithAll(kPost, job + "/tasks/{task_index}/stars", StarTask,
                    sources),
      ChangeWithAll(kPost, job + "/judgements", JudgeTasks, sources),
      NumbersRoute(job + "/numbers", sources),
      JobEvents(job + "/events", sources),
      Read("/api/v1/workers", ListWorkers, sources),
      Change(kPost, worker + "/drain", DrainWorker, sources),
      Change(kPost, worker + "/release", ReleaseWorker, sources),
      ParametersRoute("/api/v1/parameters", sources.render_limits,
                      sources.max_artifact_bytes),
      ArtifactRoute(artifact, sources),
      ArtifactUploadRoute(artifact, sources),
      AuditRoute("/api/v1/audit", sources),
      SystemRoute("/api/v1/system", sources),
  };
  for (HttpRoute& route : SessionRoutes(*sources.login_codes)) {
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace atelier
