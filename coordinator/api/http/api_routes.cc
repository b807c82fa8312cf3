#include "coordinator/api/http/api_routes.h"

#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/workers.pb.h"
#include "coordinator/api/http/job_events.h"
#include "coordinator/api/http/read_endpoint.h"
#include "coordinator/api/views/job_views.h"
#include "coordinator/api/views/worker_views.h"

namespace atelier {

std::vector<HttpRoute> ApiRoutes(const ApiSources& sources) {
  return {
      Read("/api/v1/jobs", ListJobs, sources),
      Read("/api/v1/jobs/{job_id}", GetJob, sources),
      Read("/api/v1/jobs/{job_id}/tasks", ListTasks, sources),
      Read("/api/v1/jobs/{job_id}/tasks/{task_index}/attempts", ListAttempts,
           sources),
      JobEvents("/api/v1/jobs/{job_id}/events", sources),
      Read("/api/v1/workers", ListWorkers, sources),
  };
}

}  // namespace atelier
