#include "coordinator/control/control_plane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/random_id.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status Stopping() {
  return absl::UnavailableError("the coordinator is stopping; repeat later");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlPlane>> ControlPlane::Start(
    Store& store, Clock& clock, SchedulingPolicy& policy, Options options) {
  if (!options.make_id) options.make_id = RandomId;
  if (!options.has_picture) {
    options.has_picture = [](const std::string& /*digest*/) { return true; };
  }
  ASSIGN_OR_RETURN(const int64_t epoch, store.BeginEpoch());
  std::unique_ptr<ControlPlane> control(
      new ControlPlane(store, clock, policy, std::move(options), epoch));
  RETURN_IF_ERROR(control->Reload([&clock] { return clock.Now(); }));
  control->writer_ = std::thread([raw = control.get()] { raw->RunWriter(); });
  return control;
}

ControlPlane::ControlPlane(Store& store, Clock& clock, SchedulingPolicy& policy,
                           Options options, int64_t epoch)
    : store_(store),
      clock_(clock),
      policy_(policy),
      options_(std::move(options)),
      epoch_(epoch),
      state_(policy, epoch, options_.state),
      listeners_(options_.discard_checkpoints, options_.notice) {}

ControlPlane::~ControlPlane() { Stop(); }

void ControlPlane::Stop() {
  {
    absl::MutexLock lock(&queue_mu_);
    stopping_ = true;
  }
  absl::MutexLock lock(&join_mu_);
  if (writer_.joinable()) writer_.join();
}

bool ControlPlane::Enqueue(Command& command) {
  command.now = clock_.Now();
  absl::MutexLock lock(&queue_mu_);
  if (stopping_) return false;
  queue_.push_back(std::move(command));
  return true;
}

absl::Status ControlPlane::Call(
    std::function<absl::Status(ClusterState&)> decide, bool reads_store) {
  absl::Status result;
  absl::Notification answered;
  Command command;
  command.reads_store = reads_store;
  command.decide = std::move(decide);
  command.answer = [&](const absl::Status& status) {
    result = status;
    answered.Notify();
  };
  if (!Enqueue(command)) return Stopping();
  answered.WaitForNotification();
  return result;
}

absl::StatusOr<JobRecord> ControlPlane::Submit(const Caller& caller,
                                               const RequestId& request_id,
                                               JobSpec spec,
                                               std::string spec_bytes) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kSubmitJob));
  JobRecord record;
  ASSIGN_OR_RETURN(record.task_count, TaskCount(spec));
  record.id = JobId(options_.make_id());
  record.request_id = request_id;
  record.spec_bytes = std::move(spec_bytes);
  record.counts.queued = record.task_count;
  record.priority = spec.priority;
  record.submitted_at = clock_.Now();
  JobId id = record.id;
  const auto shared = std::make_shared<const JobSpec>(std::move(spec));
  RETURN_IF_ERROR(Call([&](ClusterState& state) {
    return DecideSubmit(state, record, shared, id);
  }));
  return store_.GetJob(id);
}

absl::StatusOr<JobRecord> ControlPlane::GetJob(const Caller& caller,
                                               const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  return store_.GetJob(id);
}

absl::StatusOr<std::vector<JobRecord>> ControlPlane::ListJobs(
    const Caller& caller, int limit, std::optional<int64_t> before) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kListJobs));
  return store_.ListJobs(limit, before);
}

absl::StatusOr<std::shared_ptr<const JobSpec>> ControlPlane::DecodeSpec(
    const JobRecord& job) const {
  absl::StatusOr<JobSpec> spec = options_.decode_spec(job.spec_bytes);
  if (!spec.ok()) {
    return absl::InternalError(
        absl::StrCat("the stored spec of job ", job.id.value(),
                     " can't be read: ", spec.status().message()));
  }
  return std::make_shared<const JobSpec>(*std::move(spec));
}

absl::StatusOr<TaskPage> ControlPlane::ListTasks(const Caller& caller,
                                                 const JobId& id, int64_t first,
                                                 int limit) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  ASSIGN_OR_RETURN(const Store::JobTasks stored,
                   store_.ListTasks(id, first, limit));
  std::shared_ptr<const JobSpec> spec = FindSpec(id);
  if (spec == nullptr) {
    ASSIGN_OR_RETURN(spec, DecodeSpec(stored.job));
  }
  const int64_t end =
      first + std::min<int64_t>(limit, stored.job.task_count - first);
  TaskPage page;
  auto row = stored.rows.begin();
  for (int64_t index = first; index < end; ++index) {
    const bool has_row = row != stored.rows.end() && row->id.index == index;
    page.tasks.push_back(
        View(stored.job, *spec, index, has_row ? &*row : nullptr));
    if (has_row) ++row;
  }
  if (end < stored.job.task_count) page.next_index = end;
  return page;
}

std::shared_ptr<const JobSpec> ControlPlane::FindSpec(const JobId& id) {
  absl::MutexLock lock(&state_mu_);
  const Job* const job = state_.jobs().Find(id);
  return job == nullptr ? nullptr : job->shared_spec();
}

TaskView ControlPlane::View(const JobRecord& job, const JobSpec& spec,
                            int64_t index, const TaskRecord* row) {
  TaskView view;
  view.index = index;
  view.state = StateOf(job, row);
  Point point = PointAt(spec, index);
  // A point that was refused has no render; its message says why.
  absl::StatusOr<TaskRender> task =
      MakeTask(spec, point, options_.state.renders);
  if (task.ok()) {
    view.render = std::move(task->render);
    view.key = std::move(task->key);
  }
  view.labels = std::move(point.labels);
  if (row == nullptr) return view;
  view.attempts = row->attempts;
  view.result = row->result;
  view.outcome = row->outcome;
  view.message = row->message;
  if (view.state != TaskState::kLeased) return view;
  view.worker = row->worker;
  absl::MutexLock lock(&state_mu_);
  const AttemptProgress* progress = state_.Progress(row->token);
  if (progress != nullptr) {
    view.iteration = progress->iteration;
    view.losses = progress->losses;
  }
  return view;
}

absl::StatusOr<std::vector<RunningAttempt>> ControlPlane::ListRunning(
    const Caller& caller, const JobId& id, int limit) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  absl::MutexLock lock(&state_mu_);
  return state_.Running(id, limit);
}

absl::StatusOr<JobRecord> ControlPlane::Cancel(const Caller& caller,
                                               const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kCancelJob, id));
  const absl::Time now = clock_.Now();
  RETURN_IF_ERROR(Call([&](ClusterState& state) {
    if (state.jobs().Find(id) != nullptr) {
      state.Cancel(id, now);
      return absl::OkStatus();
    }
    return store_.GetJob(id).status();
  }));
  return store_.GetJob(id);
}

absl::StatusOr<JobRecord> ControlPlane::Pause(const Caller& caller,
                                              const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kPauseJob, id));
  return Update(id, [](JobUpdate& update) { update.paused = true; });
}

absl::StatusOr<JobRecord> ControlPlane::Resume(const Caller& caller,
                                               const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kResumeJob, id));
  return Update(id, [](JobUpdate& update) { update.paused = false; });
}

absl::StatusOr<JobRecord> ControlPlane::SetPriority(const Caller& caller,
                                                    const JobId& id,
                                                    int priority) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kSetJobPriority, id));
  return Update(id,
                [priority](JobUpdate& update) { update.priority = priority; });
}

absl::StatusOr<JobRecord> ControlPlane::Update(
    const JobId& id, std::function<void(JobUpdate& update)> change) {
  const absl::Time now = clock_.Now();
  const auto decide = [&](ClusterState& state) -> absl::Status {
    const Job* job = state.jobs().Find(id);
    if (job == nullptr) {
      RETURN_IF_ERROR(store_.GetJob(id).status());
      return absl::FailedPreconditionError(
          absl::StrCat("job ", id.value(), " has ended"));
    }
    const JobUpdate before{job->record().paused, job->record().priority};
    JobUpdate after = before;
    change(after);
    if (after.paused != before.paused || after.priority != before.priority) {
      state.Update(id, after.paused, after.priority, now);
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(Call(decide));
  return store_.GetJob(id);
}

absl::StatusOr<JobRecord> ControlPlane::Retry(const Caller& caller,
                                              const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kRetryJob, id));
  RETURN_IF_ERROR(
      Call([&](ClusterState& state) { return DecideRetry(state, id); },
           /*reads_store=*/true));
  return store_.GetJob(id);
}

absl::StatusOr<std::vector<TaskPicture>> ControlPlane::FindPictures(
    const Caller& caller, const JobId& id, const std::set<int64_t>& indices) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kRepairJob, id));
  constexpr int kRowsAtOnce = 1000;
  std::vector<TaskPicture> found;
  for (auto index = indices.begin(); index != indices.end();) {
    const int64_t first = *index;
    ASSIGN_OR_RETURN(const Store::JobTasks stored,
                     store_.ListTasks(id, first, kRowsAtOnce));
    for (const TaskRecord& row : stored.rows) {
      if (row.state != TaskState::kSucceeded) continue;
      if (indices.count(row.id.index) == 0) continue;
      found.push_back({row.id.index, row.result->image_digest});
    }
    index = indices.lower_bound(first + kRowsAtOnce);
  }
  return found;
}

absl::StatusOr<std::vector<int64_t>> ControlPlane::Repair(
    const Caller& caller, const JobId& id,
    const std::vector<TaskPicture>& lost) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kRepairJob, id));
  std::vector<int64_t> queued;
  RETURN_IF_ERROR(Call(
      [&](ClusterState& state) -> absl::Status {
        ASSIGN_OR_RETURN(queued, DecideRepair(state, id, lost));
        return absl::OkStatus();
      },
      /*reads_store=*/true));
  return queued;
}

absl::StatusOr<std::vector<WorkerView>> ControlPlane::ListWorkers(
    const Caller& caller) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kListWorkers));
  absl::MutexLock lock(&state_mu_);
  return state_.Workers();
}

std::vector<std::string> ControlPlane::LiveWorkerNames() {
  std::vector<std::string> names;
  absl::MutexLock lock(&state_mu_);
  for (const auto& [name, worker] : state_.registry().workers()) {
    names.push_back(name.value());
  }
  return names;
}

absl::StatusOr<WorkerView> ControlPlane::DrainWorker(const Caller& caller,
                                                     const WorkerName& name) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kDrainWorker));
  return ChangeWorker(name, &ClusterState::Drain);
}

absl::StatusOr<WorkerView> ControlPlane::ReleaseWorker(const Caller& caller,
                                                       const WorkerName& name) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kReleaseWorker));
  return ChangeWorker(name, &ClusterState::Release);
}

absl::StatusOr<WorkerView> ControlPlane::ChangeWorker(
    const WorkerName& name,
    absl::Status (ClusterState::*change)(const WorkerName&)) {
  WorkerView changed;
  RETURN_IF_ERROR(Call([&](ClusterState& state) {
    const absl::Status found = (state.*change)(name);
    for (WorkerView& worker : state.Workers()) {
      if (worker.description.name == name) changed = std::move(worker);
    }
    return found;
  }));
  return changed;
}

ControlPlane::SyncId ControlPlane::Synchronize(const Caller& caller,
                                               SyncRequest request,
                                               SyncCallback done) {
  const SyncId id = listeners_.AddCall(std::move(done));
  if (absl::Status denied = CheckAccess(caller, Verb::kSynchronize);
      !denied.ok()) {
    listeners_.AnswerNow(id, std::move(denied));
    return id;
  }
  const auto shared = std::make_shared<SyncRequest>(std::move(request));
  Command command;
  command.decide = [shared, id, now = clock_.Now()](ClusterState& state) {
    state.Synchronize(id, std::move(*shared), now);
    return absl::OkStatus();
  };
  command.call = id;
  if (!Enqueue(command)) listeners_.AnswerNow(id, Stopping());
  return id;
}

void ControlPlane::Withdraw(SyncId id) {
  if (!listeners_.Waits(id)) return;
  Command command;
  command.decide = [id, now = clock_.Now()](ClusterState& state) {
    state.Withdraw(id, now);
    return absl::OkStatus();
  };
  Enqueue(command);
}

absl::StatusOr<ControlPlane::WatchId> ControlPlane::Watch(
    const Caller& caller, const JobId& id, std::function<void()> changed) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  return listeners_.AddWatch(id, std::move(changed));
}

void ControlPlane::Unwatch(WatchId id) { listeners_.RemoveWatch(id); }

void ControlPlane::Tick() {
  const absl::Time now = clock_.Now();
  // Whoever must know that it failed hears so from its own call.
  Call([now](ClusterState& state) {
    state.Tick(now);
    return absl::OkStatus();
  }).IgnoreError();
}

bool ControlPlane::NamesCheckpoint(const std::string& digest) {
  absl::MutexLock lock(&state_mu_);
  return state_.checkpoints().Names(digest);
}

absl::StatusOr<int64_t> ControlPlane::SaveRoom(bool hold_work,
                                               int64_t shed_bytes) {
  int64_t dropped_bytes = 0;
  RETURN_IF_ERROR(Call([&](ClusterState& state) {
    state.HoldWork(hold_work);
    dropped_bytes = state.ShedCheckpoints(shed_bytes);
    return absl::OkStatus();
  }));
  return dropped_bytes;
}

ControlPlaneCounts ControlPlane::Counts() {
  ControlPlaneCounts waits;
  CountWaits(waits);
  absl::MutexLock lock(&state_mu_);
  ControlPlaneCounts counts = counts_;
  counts.jobs_by_wait = waits.jobs_by_wait;
  for (const auto& [sequence, job] : state_.jobs().by_sequence()) {
    counts.tasks_queued += job.record().counts.queued;
    counts.tasks_leased += job.record().counts.leased;
    ++counts.unfinished_jobs;
  }
  counts.live_workers = state_.live_workers();
  counts.quarantined_workers = state_.quarantined_workers();
  counts.stopping_attempts = state_.stopping_attempts();
  counts.parked_calls = state_.waiting_calls();
  counts.checkpoint_bytes = state_.checkpoints().bytes();
  return counts;
}

absl::Status ControlPlane::Health() {
  {
    absl::MutexLock lock(&queue_mu_);
    if (stopping_) return Stopping();
  }
  absl::MutexLock lock(&state_mu_);
  return health_;
}

}  // namespace atelier
