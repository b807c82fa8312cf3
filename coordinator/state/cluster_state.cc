#include "coordinator/state/cluster_state.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "common/render/params.h"
#include "coordinator/state/canonical.h"

namespace atelier {
namespace {

constexpr int kStalePageSize = 64;
// Tasks that take no worker between two TakeDecisions: nobody waits long.
constexpr int kReuseBudget = 256;

bool MayShareABatch(const Render& a, const Render& b) {
  return CanonicalDescription(CommonToBatch(a)) ==
         CanonicalDescription(CommonToBatch(b));
}

}  // namespace

ClusterState::ClusterState(SchedulingPolicy& policy, int64_t epoch,
                           StateOptions options)
    : policy_(policy),
      epoch_(epoch),
      options_(std::move(options)),
      registry_(options_.max_workers),
      reuse_(options_.renders),
      reuse_budget_(kReuseBudget),
      checkpoints_(options_.checkpoint_bytes),
      shares_(options_.shares),
      quotas_(options_.default_quota) {}

std::vector<CallId> ClusterState::Restore(std::vector<StoredJob> jobs,
                                          absl::Time now) {
  now_ = now;
  std::vector<CallId> ended;
  for (const auto& [id, call] : calls_) ended.push_back(id);
  for (const auto& [id, answer] : decisions_.answers) ended.push_back(id);
  decisions_ = Decisions();
  calls_.clear();
  ready_calls_.clear();
  attempts_.Clear();
  reuse_.Clear();
  faults_.ForgetTasks();
  lost_.Clear();
  jobs_.Clear();
  registry_.ForgetWork(now + options_.lease);
  versions_.AwaitWorkers(now + options_.lease);
  for (StoredJob& job : jobs) Load(std::move(job));
  return ended;
}

void ClusterState::Load(StoredJob stored) {
  const JobId id = stored.record.id;
  jobs_.Restore(Job(std::move(stored.record), std::move(stored.spec)));
  LoadTasks(id, std::move(stored.open_tasks), stored.passed_over);
}

void ClusterState::LoadTasks(const JobId& id, std::vector<TaskRecord> open,
                             const std::vector<int64_t>& passed_over) {
  reuse_.AddFresh(id);
  jobs_.Fill(id, [&](Job& job) {
    for (int64_t index : passed_over) job.RestorePassedOver(index);
    for (TaskRecord& row : open) job.RestoreOpen(std::move(row));
  });
  const Job& job = *jobs_.Find(id);
  for (const auto& [index, task] : job.leased()) RestoreLease(task.record());
  for (const auto& [index, task] : job.ready()) {
    const TaskRecord& row = task.record();
    if (row.outcome != Outcome::kLost) continue;
    lost_.Remember(row.token, row.worker, {row.id});
  }
  EndJobIfDone(id);
}

void ClusterState::RestoreLease(const TaskRecord& row) {
  Attempt& attempt = attempts_.Begin(row.token, now_ + options_.lease);
  attempt.tasks.insert(row.id);
  if (attempt.tasks.size() > 1) return;
  attempt.worker = row.worker;
  attempt.instance = row.instance;
  attempt.user = jobs_.Find(row.id.job)->spec().user;
  attempt.granted_at = now_;
  attempt.pace = IterationPace(now_);
  attempt.progress.token = row.token;
  Worker* worker =
      registry_.Restore(row.worker, row.instance, now_, now_ + options_.lease);
  if (worker == nullptr) return;
  attempt.arithmetic = worker->description.arithmetic;
  worker->held.insert(row.token);
}

void ClusterState::SetQuota(const QuotaRecord& quota) {
  decisions_.rows.quotas.push_back({quota, quotas_.Set(quota)});
}

void ClusterState::AddJob(JobRecord record,
                          std::shared_ptr<const JobSpec> spec) {
  decisions_.touched.insert(record.id);
  ++decisions_.counts.jobs_submitted;
  reuse_.AddFresh(record.id);
  jobs_.Add(Job(std::move(record), std::move(spec)));
}

void ClusterState::Cancel(const JobId& id, absl::Time now) {
  now_ = now;
  decisions_.touched.insert(id);
  for (const auto& [index, task] : jobs_.Find(id)->leased()) {
    const TaskRecord& row = task.record();
    NoteAttempt(row, Outcome::kCancelled, "its job was cancelled");
    if (!Unsubscribe(row.id, row.token)) continue;
    ++decisions_.counts.outcomes[static_cast<int>(Outcome::kCancelled)];
  }
  jobs_.Update(id, [&](Job& job) { job.Cancel(now); });
  Forget(id);
}

void ClusterState::Steer(const JobId& id, bool paused, int priority,
                         absl::Time now) {
  now_ = now;
  jobs_.Update(id, [&](Job& job) { job.Steer(paused, priority); });
  decisions_.touched.insert(id);
  if (!paused) {
    reuse_.AddFresh(id);
    return;
  }
  std::vector<int64_t> leased;
  for (const auto& [index, task] : jobs_.Find(id)->leased()) {
    leased.push_back(index);
  }
  for (int64_t index : leased) Requeue({id, index}, "paused");
}

void ClusterState::Retry(StoredJob ended) {
  const JobId id = ended.record.id;
  decisions_.touched.insert(id);
  lost_.ForgetJob(id);
  jobs_.Restore(Job(std::move(ended.record), std::move(ended.spec)));
  jobs_.Update(id, [](Job& job) { job.Retry(); });
  LoadTasks(id, std::move(ended.open_tasks), ended.passed_over);
}

void ClusterState::RetryFailed(const JobId& id) {
  if (jobs_.Find(id)->record().counts.failed == 0) return;
  decisions_.touched.insert(id);
  for (TaskChange& change :
       jobs_.Update(id, [](Job& job) { return job.RetryFailed(); })) {
    decisions_.rows.tasks.push_back(std::move(change));
  }
  lost_.ForgetJob(id);
  reuse_.AddFresh(id);
}

void ClusterState::Tick(absl::Time now) {
  now_ = now;
  for (const AttemptToken& token : attempts_.TakeExpired(now)) {
    ++decisions_.counts.leases_expired;
    const std::string worker = attempts_.At(token).worker.value();
    EndLease(token, Outcome::kLost,
             absl::StrCat("worker \"", worker, "\" was not heard of for ",
                          absl::FormatDuration(options_.lease)));
  }
  for (const auto& [id, call] : calls_) {
    if (call.deadline <= now) ready_calls_.insert(id);
  }
  for (const auto& [name, worker] : registry_.workers()) {
    const bool gone = !worker.waiting_call && worker.alive_until <= now;
    if (gone && worker.LeavesInOrder()) faults_.Forgive(name);
  }
  registry_.RemoveGone(now);
}

bool ClusterState::AssignWork(absl::Time now) {
  now_ = now;
  const std::optional<int> version = versions_.Update(registry_, now_);
  if (version.has_value()) decisions_.rows.engine_version = version;
  if (!work_is_held_ && !WaitsForReads()) Assign();
  const bool waits = WaitsForReads();
  for (auto id = ready_calls_.begin(); id != ready_calls_.end();) {
    if (waits && CanGetMore(*id)) {
      ++id;
    } else {
      Answer(*id);
      id = ready_calls_.erase(id);
    }
  }
  return !waits && reuse_budget_ == 0;
}

void ClusterState::Assign() {
  largest_memory_ = registry_.LargestMemory();
  ReuseAhead();
  for (auto& [id, call] : calls_) {
    if (!jobs_.CanGive()) return;
    Worker& worker = *registry_.Find(call.worker);
    while (worker.TakesWork() &&
           worker.FreeSlots(call.response.start.size()) > 0 &&
           AssignOne(worker, call.response)) {
    }
    if (!call.response.start.empty()) ready_calls_.insert(id);
    if (WaitsForReads()) return;
  }
}

bool ClusterState::WaitsForReads() const {
  return reuse_.is_awaited() || !jobs_.needs_page().empty();
}

bool ClusterState::CanGetMore(CallId id) const {
  const WaitingCall& call = calls_.at(id);
  const Worker& worker = registry_.workers().at(call.worker);
  return call.deadline > now_ && worker.TakesWork() &&
         worker.FreeSlots(call.response.start.size()) > 0;
}

const Attempt* ClusterState::BatchOf(const Worker& worker,
                                     const SyncResponse& response) const {
  if (!worker.description.batches || response.start.empty()) return nullptr;
  return &attempts_.At(response.start.front().token);
}

bool ClusterState::AssignOne(Worker& worker, SyncResponse& response) {
  if (HoldsSuspect(worker)) return false;
  const Attempt* const given = BatchOf(worker, response);
  while (reuse_budget_ > 0 && !reuse_.is_awaited()) {
    const SchedulingView view{jobs_, shares_, quotas_, largest_memory_,
                              given == nullptr ? nullptr : &given->user};
    const std::optional<TaskId> task = policy_.Next(view, worker.description);
    if (!task.has_value()) return false;
    // Keeps the spec while the last refusal ends its job.
    const std::shared_ptr<const JobSpec> spec =
        jobs_.Find(task->job)->shared_spec();
    const absl::StatusOr<TaskRender> render = reuse_.Materialize(*spec, *task);
    if (!render.ok()) {
      Refuse(*task, render.status().message());
      --reuse_budget_;
      continue;
    }
    if (given != nullptr &&
        !MayShareABatch(response.start.front().render, render->render)) {
      return false;
    }
    if (TryReuse(*task, render->key, /*may_join=*/true) != Reuse::kNothing) {
      continue;
    }
    if (MustRunAlone(*task) && worker.TakenSlots() > 0) return false;
    Grant(*task, *render, worker, response);
    reuse_.NoteGranted(*jobs_.Find(task->job), task->index);
    return true;
  }
  return false;
}

void ClusterState::Grant(const TaskId& task, const TaskRender& render,
                         Worker& worker, SyncResponse& response) {
  const AttemptToken token{render.key, ++last_number_, epoch_,
                           options_.make_secret()};
  const WorkerDescription& who = worker.description;
  Attempt& attempt = attempts_.Begin(token, now_ + options_.lease);
  attempt.worker = who.name;
  attempt.instance = who.instance;
  attempt.arithmetic = who.arithmetic;
  attempt.progress.token = token;
  attempt.user = jobs_.Find(task.job)->spec().user;
  attempt.granted_at = now_;
  attempt.pace = IterationPace(now_);
  attempt.render = ClassOf(render, jobs_.Find(task.job)->spec());
  // Paid in advance, so that shares are fair before anything has ended.
  attempt.accounted = mean_attempt_duration_;
  shares_.AccountUsage(attempt.user, mean_attempt_duration_, now_);
  worker.held.insert(token);
  Lease(task, token);
  std::optional<Checkpoint> from = ResumeFrom(token, render.render);
  if (from.has_value()) ++decisions_.counts.attempts_resumed;
  const JobSpec& spec = jobs_.Find(task.job)->spec();
  response.start.push_back({token, render.render, task, *render.network,
                            std::move(from),
                            SizesOf(spec, render.render.inputs), spec.measure});
  ++decisions_.counts.leases_granted;
}

void ClusterState::Lease(const TaskId& task, const AttemptToken& token) {
  Attempt& attempt = attempts_.At(token);
  attempt.tasks.insert(task);
  UpdateTask(task, [&](Job& job) {
    return job.Lease(task.index, token, attempt.worker, attempt.instance, now_);
  });
}

void ClusterState::Refuse(const TaskId& task, absl::string_view why) {
  const std::string message =
      absl::StrCat(Name(Outcome::kInvalidInput), ": ", why);
  UpdateTask(task, [&](Job& job) { return job.Refuse(task.index, message); });
  ++decisions_.counts.tasks_refused;
  SetFailureReason(task, message);
  EndJobIfDone(task.job);
}

void ClusterState::EndLease(const AttemptToken& token, Outcome outcome,
                            absl::string_view said, TaskResult result,
                            bool in_company) {
  const Attempt attempt = ReleaseAttempt(token);
  const Worker* worker = registry_.Find(attempt.worker);
  const AttemptEnd how{outcome,
                       said,
                       worker == nullptr ? 0 : worker->description.memory_bytes,
                       registry_.LargestMemory(),
                       attempt.progress.iteration,
                       attempt.worker.value(),
                       in_company};
  ++decisions_.counts.outcomes[static_cast<int>(outcome)];
  if (outcome == Outcome::kSucceeded) {
    constexpr double kRecent = 0.1;  // How much the last one counts.
    mean_attempt_duration_ +=
        kRecent * (now_ - attempt.granted_at - mean_attempt_duration_);
    NoteTime(attempt, result);
    reuse_.Add(token.render_key, result);
  }
  absl::Duration device_time = now_ - attempt.granted_at;
  for (const TaskId& task : attempt.tasks) {
    const bool is_first = task == *attempt.tasks.begin();
    const TaskState to = EndTask(task, how, result, device_time);
    decisions_.rows.attempts.back().log_digest = attempt.progress.log_digest;
    device_time = absl::ZeroDuration();
    if (outcome == Outcome::kLost && to == TaskState::kQueued) {
      lost_.Remember(token, attempt.worker, {task});
    }
    // The others blame nobody: it was one attempt.
    if (is_first) RecordWorkerOutcome(task, attempt.worker, outcome, to);
    EndJobIfDone(task.job);
  }
}

TaskState ClusterState::EndTask(const TaskId& task, const AttemptEnd& how,
                                const TaskResult& result,
                                absl::Duration device_time) {
  const TaskRow& row = jobs_.Find(task.job)->leased().at(task.index);
  const RetryDecision decision =
      DecideRetry(row.costs(), how, options_.retries);
  NoteAttempt(row.record(), how.outcome, decision.message, device_time);
  std::optional<TaskResult> made;
  if (decision.event == TaskEvent::kSucceed) made = result;
  const TaskChange& change = UpdateTask(task, [&](Job& job) {
    return job.End(task.index, decision.event, how.outcome, decision.costs,
                   decision.message, std::move(made));
  });
  const TaskState to = change.after.state;
  if (to == TaskState::kSucceeded) {
    decisions_.rows.results.push_back(
        {change.after.token.render_key, result.arithmetic, task});
    decisions_.made.push_back(
        {result.image_digest, jobs_.Find(task.job)->spec().user});
  }
  if (to == TaskState::kFailed) SetFailureReason(task, decision.message);
  if (decision.counts_as_crash) NoteCrash(task, decision.message);
  return to;
}

void ClusterState::Requeue(const TaskId& task, const std::string& why) {
  const TaskRecord row = jobs_.Find(task.job)->leased().at(task.index).record();
  NoteAttempt(row, Outcome::kPreempted, why);
  UpdateTask(task, [&](Job& job) {
    return job.End(task.index, TaskEvent::kHandBack, Outcome::kPreempted,
                   row.costs, why);
  });
  if (!Unsubscribe(task, row.token)) return;
  ++decisions_.counts.outcomes[static_cast<int>(Outcome::kPreempted)];
}

void ClusterState::NoteAttempt(const TaskRecord& row, Outcome outcome,
                               std::string message,
                               std::optional<absl::Duration> device_time) {
  std::string log_digest;
  if (!device_time.has_value()) {
    const Attempt& attempt = attempts_.At(row.token);
    const bool is_last = attempt.tasks.size() == 1;
    device_time = is_last ? now_ - attempt.granted_at : absl::ZeroDuration();
    log_digest = attempt.progress.log_digest;
  }
  decisions_.counts.device_time[static_cast<int>(outcome)] += *device_time;
  decisions_.rows.attempts.push_back(
      {row.id, row.attempts, row.worker, row.began_at, now_, outcome,
       std::move(message), *device_time, std::move(log_digest)});
}

bool ClusterState::Unsubscribe(const TaskId& task, const AttemptToken& token) {
  Attempt& attempt = attempts_.At(token);
  attempt.tasks.erase(task);
  if (!attempt.tasks.empty()) return false;
  ReleaseAttempt(token);
  return true;
}

void ClusterState::AccountUsage(Attempt& attempt) {
  const absl::Duration age = now_ - attempt.granted_at;
  shares_.AccountUsage(attempt.user, age - attempt.accounted, now_);
  attempt.accounted = age;
}

Attempt ClusterState::ReleaseAttempt(const AttemptToken& token) {
  Attempt attempt = attempts_.End(token);
  AccountUsage(attempt);
  Worker* worker = registry_.Find(attempt.worker);
  if (worker == nullptr) return attempt;
  if (worker->held.erase(token) == 0) return attempt;
  if (!worker->waiting_call.has_value()) return attempt;
  SyncResponse& response = calls_.at(*worker->waiting_call).response;
  // What it has not been told to start it need not stop.
  const auto start =
      std::find_if(response.start.begin(), response.start.end(),
                   [&](const Assignment& one) { return one.token == token; });
  if (start != response.start.end()) {
    response.start.erase(start);
  } else {
    response.stop.push_back(token);
  }
  ready_calls_.insert(*worker->waiting_call);
  return attempt;
}

void ClusterState::SetFailureReason(const TaskId& task, absl::string_view why) {
  jobs_.Update(task.job, [&](Job& job) {
    job.SetFailureReason(absl::StrCat("task ", task.index, ": ", why));
  });
}

void ClusterState::EndJobIfDone(const JobId& id) {
  if (!jobs_.Find(id)->HasEnded()) return;
  jobs_.Update(id, [this](Job& job) { job.End(now_); });
  decisions_.touched.insert(id);
  Forget(id);
}

void ClusterState::Forget(const JobId& id) {
  faults_.Forget(id);
  reuse_.ForgetJob(id);
  jobs_.Remove(id);
}

StoreReads ClusterState::WantedReads() const {
  StoreReads wanted;
  wanted.results = reuse_.asked();
  for (int64_t sequence : jobs_.needs_page()) {
    const Job& job = jobs_.by_sequence().at(sequence);
    wanted.pages.push_back({job.record().id, job.record().generation,
                            *job.NeedsPageAfter(), kStalePageSize});
  }
  return wanted;
}

void ClusterState::TakeReads(const StoreReads& wanted, StoreAnswers answers) {
  for (size_t i = 0; i < wanted.pages.size(); ++i) {
    TakePage(wanted.pages[i], std::move(answers.pages[i]));
  }
  if (wanted.results.empty()) return;
  reuse_.TakeAnswers(wanted.results, std::move(answers.results));
}

void ClusterState::TakePage(const StalePageRequest& wanted,
                            std::vector<TaskRecord> page) {
  // It may have ended, been retried, or got other tasks while it was read.
  const Job* const job = jobs_.Find(wanted.job);
  if (job == nullptr || job->record().generation != wanted.generation ||
      job->NeedsPageAfter() != wanted.after) {
    return;
  }
  const bool last = static_cast<int>(page.size()) < wanted.limit;
  jobs_.Fill(wanted.job, [&](Job& one) { one.AddPage(std::move(page), last); });
}

Decisions ClusterState::TakeDecisions() {
  reuse_budget_ = kReuseBudget;
  reuse_.Trim();
  for (JobChange& change : jobs_.TakeChanges()) {
    decisions_.rows.jobs.push_back(std::move(change));
  }
  return std::exchange(decisions_, Decisions());
}

}  // namespace atelier
