#include "coordinator/api/views/worker_views.h"

#include <string>
#include <vector>

#include "atelier/v1/workers.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/time_conversion.h"

namespace atelier {

v1::Worker ToProto(const WorkerView& worker) {
  v1::Worker proto;
  v1::WorkerDescription* out = proto.mutable_description();
  out->set_name(worker.description.name.value());
  out->set_instance_id(worker.description.instance.value());
  out->set_device(worker.description.device);
  out->set_device_model(worker.description.device_model);
  out->set_memory_bytes(worker.description.memory_bytes);
  out->set_threads(worker.description.threads);
  out->set_profile(worker.description.arithmetic.profile);
  out->set_engine_version(worker.description.arithmetic.engine_version);
  out->set_slots(worker.description.slots);
  out->set_batches(worker.description.batches);
  for (const std::string& tag : worker.description.tags) out->add_tags(tag);
  proto.set_draining(worker.draining);
  proto.set_quarantined(worker.quarantined);
  proto.set_stopping(worker.stopping);
  *proto.mutable_last_seen_at() = ToProto(worker.last_seen_at);
  for (const RunningAttempt& attempt : worker.running) {
    v1::Worker::RunningAttempt* running = proto.add_running();
    running->set_job_id(attempt.task.job.value());
    running->set_task_index(attempt.task.index);
    running->set_iteration(attempt.iteration);
  }
  return proto;
}

absl::Status ListWorkers(ControlPlane& control, const Caller& caller,
                         const v1::ListWorkersRequest& /*request*/,
                         v1::ListWorkersResponse& response) {
  ASSIGN_OR_RETURN(const std::vector<WorkerView> workers,
                   control.ListWorkers(caller));
  for (const WorkerView& worker : workers) {
    *response.add_workers() = ToProto(worker);
  }
  return absl::OkStatus();
}

absl::Status DrainWorker(ControlPlane& control, const Caller& caller,
                         const v1::DrainWorkerRequest& request,
                         v1::Worker& response) {
  RETURN_IF_ERROR(CheckWorkerName("name", request.name()));
  ASSIGN_OR_RETURN(const WorkerView worker,
                   control.DrainWorker(caller, WorkerName(request.name())));
  response = ToProto(worker);
  return absl::OkStatus();
}

absl::Status ReleaseWorker(ControlPlane& control, const Caller& caller,
                           const v1::ReleaseWorkerRequest& request,
                           v1::Worker& response) {
  RETURN_IF_ERROR(CheckWorkerName("name", request.name()));
  ASSIGN_OR_RETURN(const WorkerView worker,
                   control.ReleaseWorker(caller, WorkerName(request.name())));
  response = ToProto(worker);
  return absl::OkStatus();
}

}  // namespace atelier
