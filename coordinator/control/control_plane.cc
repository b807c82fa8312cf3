#include "coordinator/control/control_plane.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/random_id.h"
#include "common/status_macros.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/job_commands.h"
#include "coordinator/control/visible_jobs.h"
#include "coordinator/state/cluster_views.h"
#include "coordinator/state/heartbeat.h"

namespace atelier {
namespace {

// Of one transaction: few, so that nobody waits long.
constexpr int64_t kTasksRemovedAtOnce = 200;

WorkLimits LimitsOf(const ControlPlaneOptions& options) {
  return {options.state.open_spec_bytes, options.owner_bytes};
}

absl::Status Stopping() {
  return absl::UnavailableError("the coordinator is stopping; repeat later");
}

}  // namespace

absl::StatusOr<std::unique_ptr<ControlPlane>> ControlPlane::Start(
    Store& store, Clock& clock, SchedulingPolicy& policy, Options options) {
  if (!options.make_id) options.make_id = RandomId;
  if (!options.find_pictures) {
    options.find_pictures = [](const std::set<std::string>& digests) {
      return digests;
    };
  }
  ASSIGN_OR_RETURN(const int64_t epoch, store.BeginEpoch());
  if (options.epoch_has_begun) options.epoch_has_begun();
  std::unique_ptr<ControlPlane> control(
      new ControlPlane(store, clock, policy, std::move(options), epoch));
  RETURN_IF_ERROR(control->loop_.Load([&clock] { return clock.Now(); }));
  control->thread_ = std::thread([raw = control.get()] { raw->RunLoop(); });
  return control;
}

ControlPlane::ControlPlane(Store& store, Clock& clock, SchedulingPolicy& policy,
                           Options options, int64_t epoch)
    : store_(store),
      clock_(clock),
      options_(std::move(options)),
      epoch_(epoch),
      listeners_(options_.discard_checkpoints, options_.notice,
                 options_.picture_made),
      loop_(store, policy, epoch, options_, listeners_),
      quotas_(loop_, options_.owner_bytes,
              [this](LoopCommand command) { return Call(std::move(command)); }),
      previews_(loop_, options_) {}

ControlPlane::~ControlPlane() { Stop(); }

void ControlPlane::Stop() {
  {
    absl::MutexLock lock(&queue_mu_);
    stopping_ = true;
  }
  absl::MutexLock lock(&join_mu_);
  if (thread_.joinable()) thread_.join();
}

void ControlPlane::RunLoop() {
  bool stop = false;
  bool more_work = false;
  while (!stop) {
    std::vector<LoopCommand> commands;
    {
      absl::MutexLock lock(&queue_mu_);
      const auto has_something =
          [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mu_) {
            return !queue_.empty() || stopping_ || more_work;
          };
      queue_mu_.Await(absl::Condition(&has_something));
      commands.swap(queue_);
      stop = stopping_;
    }
    more_work = loop_.Run(std::move(commands));
    if (std::optional<PendingRead> read = loop_.TakeRead(); read.has_value()) {
      reader_.Schedule([this, read = *std::move(read)] {
        LoopCommand answers = loop_.Read(read);
        Enqueue(answers);
      });
    }
  }
  listeners_.Stop(Stopping());
}

bool ControlPlane::Enqueue(LoopCommand& command) {
  command.now = clock_.Now();
  absl::MutexLock lock(&queue_mu_);
  if (stopping_) return false;
  queue_.push_back(std::move(command));
  return true;
}

absl::Status ControlPlane::Call(LoopCommand command) {
  absl::Status result;
  absl::Notification answered;
  command.answer = [&](const absl::Status& status) {
    result = status;
    answered.Notify();
  };
  if (!Enqueue(command)) return Stopping();
  answered.WaitForNotification();
  return result;
}

absl::Status ControlPlane::Call(const Caller& caller, Verb verb,
                                const JobId& id, LoopCommand command,
                                std::string message) {
  command.audit =
      std::make_shared<AuditRecord>(AuditEntry(caller, verb, clock_.Now()));
  command.audit->job = id.value();
  command.audit->message = std::move(message);
  return Call(std::move(command));
}

absl::Status ControlPlane::Call(
    std::function<absl::Status(ClusterState&, absl::Time now)> decide) {
  LoopCommand command;
  command.decide = std::move(decide);
  return Call(std::move(command));
}

absl::StatusOr<JobRecord> ControlPlane::Submit(const Caller& caller,
                                               const RequestId& request_id,
                                               JobSpec spec,
                                               std::string spec_bytes) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kSubmitJob));
  RETURN_IF_ERROR(CheckMayRaise(caller, "spec.priority", spec.priority));
  if (options_.private_jobs) spec.scope = ScopeOf(spec.user);
  JobRecord record;
  ASSIGN_OR_RETURN(record.task_count, TaskCount(spec));
  record.id = JobId(options_.make_id());
  record.request_id = request_id;
  record.spec_bytes = std::move(spec_bytes);
  record.counts.queued = record.task_count;
  record.priority = spec.priority;
  record.submitted_at = clock_.Now();
  record.owner = spec.user;
  const auto entry = std::make_shared<AuditRecord>(
      AuditEntry(caller, Verb::kSubmitJob, clock_.Now()));
  entry->message = absl::StrCat(record.task_count, " tasks for ",
                                record.owner.empty() ? "nobody" : record.owner);
  JobId id;
  LoopCommand command = SubmitCommand(
      std::move(record), std::make_shared<const JobSpec>(std::move(spec)),
      LimitsOf(options_), &id);
  command.audit = entry;
  command.decide = [&id, entry, submit = std::move(command.decide)](
                       ClusterState& state, absl::Time now) {
    const absl::Status submitted = submit(state, now);
    if (submitted.ok()) entry->job = id.value();
    return submitted;
  };
  RETURN_IF_ERROR(Call(std::move(command)));
  return FindJob(loop_.recent_jobs(), store_, id);
}

absl::StatusOr<JobRecord> ControlPlane::Cancel(const Caller& caller,
                                               const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kCancelJob, id));
  RETURN_IF_ERROR(FindJob(loop_.recent_jobs(), store_, id).status());
  RETURN_IF_ERROR(Call(caller, Verb::kCancelJob, id, CancelCommand(id)));
  return FindJob(loop_.recent_jobs(), store_, id);
}

absl::StatusOr<JobRecord> ControlPlane::Pause(const Caller& caller,
                                              const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kPauseJob, id));
  return Update(caller, Verb::kPauseJob, id,
                [](JobUpdate& update) { update.paused = true; });
}

absl::StatusOr<JobRecord> ControlPlane::Resume(const Caller& caller,
                                               const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kResumeJob, id));
  return Update(caller, Verb::kResumeJob, id,
                [](JobUpdate& update) { update.paused = false; });
}

absl::StatusOr<JobRecord> ControlPlane::SetPriority(const Caller& caller,
                                                    const JobId& id,
                                                    int priority) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kSetJobPriority, id));
  RETURN_IF_ERROR(CheckMayRaise(caller, "priority", priority));
  return Update(
      caller, Verb::kSetJobPriority, id,
      [priority](JobUpdate& update) { update.priority = priority; },
      absl::StrCat("to ", priority));
}

absl::StatusOr<JobRecord> ControlPlane::Update(
    const Caller& caller, Verb verb, const JobId& id,
    std::function<void(JobUpdate& update)> change, std::string message) {
  const absl::Status steered =
      Call(caller, verb, id, SteerCommand(id, std::move(change)),
           std::move(message));
  ASSIGN_OR_RETURN(JobRecord job, FindJob(loop_.recent_jobs(), store_, id));
  RETURN_IF_ERROR(steered);
  return job;
}

absl::StatusOr<JobRecord> ControlPlane::Retry(const Caller& caller,
                                              const JobId& id,
                                              const std::set<int64_t>& tasks) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kRetryJob, id));
  const WorkLimits limits = LimitsOf(options_);
  RETURN_IF_ERROR(tasks.empty() ? Call(caller, Verb::kRetryJob, id,
                                       RetryCommand(id, limits))
                                : Call(caller, Verb::kRetryJob, id,
                                       RetryTasksCommand(id, tasks, limits),
                                       absl::StrCat(tasks.size(), " tasks")));
  return FindJob(loop_.recent_jobs(), store_, id);
}

absl::StatusOr<std::vector<int64_t>> ControlPlane::Repair(
    const Caller& caller, const JobId& id,
    const std::vector<TaskPicture>& lost) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kRepairJob, id));
  std::vector<int64_t> queued;
  RETURN_IF_ERROR(Call(caller, Verb::kRepairJob, id,
                       RepairCommand(id, lost, LimitsOf(options_), &queued),
                       absl::StrCat(lost.size(), " pictures lost")));
  return queued;
}

absl::StatusOr<JobRecord> ControlPlane::DeleteJob(const Caller& caller,
                                                  const JobId& id) {
  RETURN_IF_ERROR(CheckMay(caller, Verb::kDeleteJob, id));
  JobRecord deleted;
  RETURN_IF_ERROR(
      Call(caller, Verb::kDeleteJob, id, DeleteCommand(id, &deleted)));
  return deleted;
}

absl::StatusOr<bool> ControlPlane::RemoveOldRows(absl::Duration keep_jobs) {
  ASSIGN_OR_RETURN(const std::vector<JobRecord> old,
                   store_.ListEndedJobs(clock_.Now() - keep_jobs, 1));
  for (const JobRecord& job : old) {
    JobRecord deleted;
    RETURN_IF_ERROR(Call(DeleteCommand(job.id, &deleted)));
    if (options_.notice) {
      options_.notice(absl::StrCat("job ", job.id.value(), " ended ",
                                   absl::FormatTime(*job.ended_at),
                                   " and is removed (--keep-jobs)"));
    }
  }
  ASSIGN_OR_RETURN(const std::vector<JobRecord> deleted,
                   store_.LoadJobs(JobState::kDeleted, 1));
  if (deleted.empty()) return !old.empty();
  const JobRecord& job = deleted.front();
  if (removing_.job != job.id) removing_ = {job.id, 0};
  const int64_t first = removing_.index;
  const int64_t end = std::min(first + kTasksRemovedAtOnce, job.task_count);
  RETURN_IF_ERROR(Call(RemoveCommand(job, first, end)));
  removing_.index = end;
  return true;
}

absl::StatusOr<std::vector<WorkerView>> ControlPlane::ListWorkers(
    const Caller& caller) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kListWorkers));
  absl::MutexLock lock(&loop_.mu());
  std::vector<WorkerView> workers = ::atelier::ListWorkers(loop_.state());
  if (!SeesOnlyOwn(caller)) return workers;
  const JobTable& jobs = loop_.state().jobs();
  const auto is_anothers = [&](const RunningAttempt& one) {
    const Job& job = *jobs.Find(one.task.job);
    return caller.name.empty() ||
           OwnerOf(job.record(), job.spec()) != caller.name;
  };
  for (WorkerView& worker : workers) {
    worker.running.erase(std::remove_if(worker.running.begin(),
                                        worker.running.end(), is_anothers),
                         worker.running.end());
  }
  return workers;
}

std::vector<std::string> ControlPlane::LiveWorkerNames() {
  std::vector<std::string> names;
  absl::MutexLock lock(&loop_.mu());
  for (const auto& [name, worker] : loop_.state().registry().workers()) {
    names.push_back(name.value());
  }
  return names;
}

absl::StatusOr<WorkerView> ControlPlane::DrainWorker(const Caller& caller,
                                                     const WorkerName& name) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kDrainWorker));
  return ChangeWorker(caller, Verb::kDrainWorker, name, &ClusterState::Drain);
}

absl::StatusOr<WorkerView> ControlPlane::ReleaseWorker(const Caller& caller,
                                                       const WorkerName& name) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kReleaseWorker));
  return ChangeWorker(caller, Verb::kReleaseWorker, name,
                      &ClusterState::Release);
}

absl::StatusOr<WorkerView> ControlPlane::ChangeWorker(
    const Caller& caller, Verb verb, const WorkerName& name,
    absl::Status (ClusterState::*change)(const WorkerName&)) {
  WorkerView changed;
  LoopCommand command;
  command.audit =
      std::make_shared<AuditRecord>(AuditEntry(caller, verb, clock_.Now()));
  command.audit->target = name.value();
  command.decide = [&](ClusterState& state, absl::Time) {
    const absl::Status found = (state.*change)(name);
    for (WorkerView& worker : ::atelier::ListWorkers(state)) {
      if (worker.description.name == name) changed = std::move(worker);
    }
    return found;
  };
  RETURN_IF_ERROR(Call(std::move(command)));
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
  if (std::optional<SyncResponse> response =
          loop_.AnswerHeartbeat(request, clock_.Now());
      response.has_value()) {
    listeners_.AnswerNow(id, *std::move(response));
    return id;
  }
  const auto shared = std::make_shared<SyncRequest>(std::move(request));
  LoopCommand command;
  command.decide = [shared, id](ClusterState& state, absl::Time now) {
    state.Synchronize(id, std::move(*shared), now);
    return absl::OkStatus();
  };
  command.call = id;
  if (!Enqueue(command)) listeners_.AnswerNow(id, Stopping());
  return id;
}

bool ControlPlane::IsHeartbeat(const Caller& caller,
                               const SyncRequest& request) {
  if (!CheckAccess(caller, Verb::kSynchronize).ok()) return false;
  absl::MutexLock lock(&loop_.mu());
  const ClusterState& state = loop_.state();
  return ::atelier::IsHeartbeat(request, state.registry(), state.attempts(),
                                options_.state.stall_after, clock_.Now());
}

void ControlPlane::Withdraw(SyncId id) {
  if (!listeners_.Waits(id)) return;
  LoopCommand command;
  command.decide = [id](ClusterState& state, absl::Time now) {
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
  // Whoever must know that it failed hears so from its own call.
  Call([](ClusterState& state, absl::Time now) {
    state.Tick(now);
    return absl::OkStatus();
  }).IgnoreError();
}

bool ControlPlane::NamesCheckpoint(const std::string& digest) {
  absl::MutexLock lock(&loop_.mu());
  return loop_.state().checkpoints().Names(digest);
}

absl::StatusOr<int64_t> ControlPlane::SaveRoom(bool hold_work,
                                               int64_t shed_bytes) {
  int64_t dropped_bytes = 0;
  RETURN_IF_ERROR(Call([&](ClusterState& state, absl::Time) {
    state.HoldWork(hold_work);
    dropped_bytes = state.ShedCheckpoints(shed_bytes);
    return absl::OkStatus();
  }));
  return dropped_bytes;
}

absl::Status ControlPlane::HoldPreviews(bool hold) {
  return Call([hold](ClusterState& state, absl::Time) {
    state.HoldPreviews(hold);
    return absl::OkStatus();
  });
}

ControlPlaneCounts ControlPlane::Counts() {
  ControlPlaneCounts waits;
  CountWaits(waits);
  absl::MutexLock lock(&loop_.mu());
  ControlPlaneCounts counts = waits;
  static_cast<LoopCounts&>(counts) = loop_.counts();
  for (const auto& [sequence, job] : loop_.state().jobs().by_sequence()) {
    counts.tasks_queued += job.record().counts.queued;
    counts.tasks_leased += job.record().counts.leased;
    ++counts.unfinished_jobs;
  }
  const WorkerRegistry& registry = loop_.state().registry();
  counts.live_workers = static_cast<int64_t>(registry.workers().size());
  counts.quarantined_workers = registry.quarantined();
  counts.stopping_attempts = registry.Stopping();
  counts.parked_calls = loop_.state().waiting_calls();
  counts.waits_for_reads = loop_.state().WaitsForReads();
  counts.checkpoint_bytes = loop_.state().checkpoints().bytes();
  return counts;
}

absl::Status ControlPlane::Health() {
  {
    absl::MutexLock lock(&queue_mu_);
    if (stopping_) return Stopping();
  }
  absl::MutexLock lock(&loop_.mu());
  return loop_.health();
}

}  // namespace atelier
