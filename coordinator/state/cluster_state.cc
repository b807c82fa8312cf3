#include "coordinator/state/cluster_state.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/render/params.h"
#include "coordinator/state/canonical.h"

namespace atelier {
namespace {

constexpr int kStalePageSize = 64;
constexpr int64_t kLastIndex = std::numeric_limits<int64_t>::max();

bool MayShareABatch(const Render& a, const Render& b) {
  return CanonicalDescription(CommonToBatch(a)) ==
         CanonicalDescription(CommonToBatch(b));
}

}  // namespace

DecisionCounts& DecisionCounts::operator+=(const DecisionCounts& other) {
  for (size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += other.outcomes[i];
  late_reports += other.late_reports;
  leases_granted += other.leases_granted;
  tasks_joined += other.tasks_joined;
  tasks_reused += other.tasks_reused;
  leases_expired += other.leases_expired;
  assignments_resent += other.assignments_resent;
  tasks_refused += other.tasks_refused;
  jobs_submitted += other.jobs_submitted;
  workers_quarantined += other.workers_quarantined;
  checkpoints_kept += other.checkpoints_kept;
  attempts_resumed += other.attempts_resumed;
  return *this;
}

ClusterState::ClusterState(SchedulingPolicy& policy, int64_t epoch,
                           StateOptions options)
    : policy_(policy),
      epoch_(epoch),
      options_(std::move(options)),
      registry_(options_.max_workers),
      checkpoints_(options_.checkpoint_bytes),
      shares_(options_.shares) {}

std::vector<CallId> ClusterState::Restore(std::vector<StoredJob> jobs,
                                          absl::Time now) {
  now_ = now;
  std::vector<CallId> ended;
  for (const auto& [id, call] : calls_) ended.push_back(id);
  for (const auto& [id, answer] : decisions_.answers) ended.push_back(id);
  decisions_ = Decisions();
  calls_.clear();
  ready_calls_.clear();
  attempts_.clear();
  in_flight_.clear();
  known_.Clear();
  unknown_.clear();
  lookahead_.clear();
  fresh_jobs_.clear();
  faults_.ForgetTasks();
  lost_.Clear();
  leases_ = LeaseTable();
  jobs_.Clear();
  registry_.ForgetWork(now + options_.lease);
  all_have_called_at_ = now + options_.lease;
  for (StoredJob& job : jobs) Load(std::move(job));
  return ended;
}

void ClusterState::Load(StoredJob stored) {
  const JobId id = stored.record.id;
  fresh_jobs_.insert(id);
  const int64_t generation = stored.record.generation;
  jobs_.Add(Job(std::move(stored.record), std::move(stored.spec),
                /*stale=*/generation > 0));
  jobs_.Update(id, [&](Job& job) {
    for (int64_t index : stored.passed_over) job.RestorePassedOver(index);
    for (const TaskRecord& row : stored.open_tasks) {
      if (row.generation < generation) {
        job.RestoreReady(row.id.index, AttemptCosts());
      } else if (row.state == TaskState::kQueued) {
        job.RestoreReady(row.id.index, row.costs);
        if (row.outcome == Outcome::kLost) {
          lost_.Remember(row.token, row.worker, {row.id});
        }
      } else {
        job.RestoreLease(row.id.index, row.token);
        RestoreLease(row);
      }
    }
  });
  EndJobIfDone(id);
}

void ClusterState::RestoreLease(const TaskRecord& row) {
  const auto [it, is_first] = attempts_.try_emplace(row.token);
  Attempt& attempt = it->second;
  attempt.tasks.emplace(row.id, row.costs);
  if (!is_first) return;
  attempt.worker = row.worker;
  attempt.instance = row.instance;
  attempt.user = jobs_.Find(row.id.job)->spec().user;
  attempt.granted_at = now_;
  attempt.pace = IterationPace(now_);
  attempt.progress.token = row.token;
  in_flight_[row.token.render_key].insert(row.token);
  leases_.Set(row.token, now_ + options_.lease);
  Worker* worker =
      registry_.Restore(row.worker, row.instance, now_, now_ + options_.lease);
  if (worker == nullptr) return;
  attempt.arithmetic = worker->description.arithmetic;
  worker->held.insert(row.token);
}

void ClusterState::AddJob(JobRecord record,
                          std::shared_ptr<const JobSpec> spec) {
  decisions_.mutations.push_back(PutJob{record});
  decisions_.touched.insert(record.id);
  ++decisions_.counts.jobs_submitted;
  fresh_jobs_.insert(record.id);
  jobs_.Add(Job(std::move(record), std::move(spec), /*stale=*/false));
}

void ClusterState::Cancel(const JobId& id, absl::Time now) {
  now_ = now;
  const Job& job = *jobs_.Find(id);
  decisions_.mutations.push_back(CancelJob{id, job.record().generation, now});
  decisions_.touched.insert(id);
  for (const auto& [index, token] : job.leased()) {
    if (!Unsubscribe({id, index}, token)) continue;
    ++decisions_.counts.outcomes[static_cast<int>(Outcome::kCancelled)];
  }
  Forget(id);
}

void ClusterState::Update(const JobId& id, bool paused, int priority,
                          absl::Time now) {
  now_ = now;
  jobs_.Update(id, [&](Job& job) { job.Update(paused, priority); });
  const Job& job = *jobs_.Find(id);
  decisions_.mutations.push_back(
      SteerJob{id, job.record().generation, paused, priority});
  decisions_.touched.insert(id);
  if (!paused) {
    fresh_jobs_.insert(id);
    return;
  }
  const std::map<int64_t, AttemptToken> leased = job.leased();
  for (const auto& [index, token] : leased) {
    Requeue({id, index}, token, "paused");
  }
}

void ClusterState::Retry(StoredJob ended) {
  decisions_.mutations.push_back(
      RetryJob{ended.record.id, ended.record.generation});
  decisions_.touched.insert(ended.record.id);
  ++ended.record.generation;
  ended.record.state = JobState::kRunning;
  ended.record.paused = false;
  ended.record.counts.RetryAll();
  ended.record.ended_at.reset();
  ended.record.message.clear();
  lost_.ForgetJob(ended.record.id);
  Load(std::move(ended));
}

void ClusterState::RetryFailed(const JobId& id) {
  const Job& job = *jobs_.Find(id);
  if (job.record().counts.failed == 0) return;
  decisions_.mutations.push_back(RetryFailedTasks{id, job.record().generation});
  decisions_.touched.insert(id);
  jobs_.Update(id, [](Job& running) { running.RetryFailed(); });
  lost_.ForgetJob(id);
  fresh_jobs_.insert(id);
}

void ClusterState::Tick(absl::Time now) {
  now_ = now;
  for (const AttemptToken& token : leases_.TakeExpired(now)) {
    ++decisions_.counts.leases_expired;
    const std::string worker = attempts_.at(token).worker.value();
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
  largest_memory_ = registry_.LargestMemory();
  NoteEngineVersions();
  if (!work_is_held_) ReuseAhead();
  for (auto& [id, call] : calls_) {
    if (work_is_held_ || !jobs_.CanGive()) break;
    Worker& worker = *registry_.Find(call.worker);
    while (worker.TakesWork() &&
           worker.FreeSlots(call.response.start.size()) > 0 &&
           AssignOne(worker, call.response)) {
    }
    if (!unknown_.empty()) return false;
    if (!call.response.start.empty()) ready_calls_.insert(id);
  }
  for (CallId id : ready_calls_) Answer(id);
  ready_calls_.clear();
  return reuse_budget_ == 0;
}

const Attempt* ClusterState::BatchOf(const Worker& worker,
                                     const SyncResponse& response) const {
  if (!worker.description.batches || response.start.empty()) return nullptr;
  return &attempts_.at(response.start.front().token);
}

bool ClusterState::AssignOne(Worker& worker, SyncResponse& response) {
  if (HoldsSuspect(worker)) return false;
  const Attempt* const given = BatchOf(worker, response);
  while (reuse_budget_ > 0 && unknown_.empty()) {
    const SchedulingView view{jobs_, shares_, largest_memory_,
                              given == nullptr ? nullptr : &given->user};
    const std::optional<TaskId> task = policy_.Next(view, worker.description);
    if (!task.has_value()) return false;
    // Keeps the spec while the last refusal ends its job.
    const std::shared_ptr<const JobSpec> spec =
        jobs_.Find(task->job)->shared_spec();
    const absl::StatusOr<TaskRender> render = Materialize(*spec, *task);
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
    return true;
  }
  return false;
}

void ClusterState::Grant(const TaskId& task, const TaskRender& render,
                         Worker& worker, SyncResponse& response) {
  const AttemptToken token{render.key, ++last_number_, epoch_};
  const WorkerDescription& who = worker.description;
  Attempt attempt;
  attempt.worker = who.name;
  attempt.instance = who.instance;
  attempt.arithmetic = who.arithmetic;
  attempt.progress.token = token;
  attempt.user = jobs_.Find(task.job)->spec().user;
  attempt.granted_at = now_;
  attempt.pace = IterationPace(now_);
  // Paid in advance, so that shares are fair before anything has ended.
  attempt.accounted = mean_attempt_duration_;
  shares_.AccountUsage(attempt.user, mean_attempt_duration_, now_);
  attempts_.emplace(token, std::move(attempt));
  in_flight_[render.key].insert(token);
  leases_.Set(token, now_ + options_.lease);
  worker.held.insert(token);
  Lease(task, token);
  std::optional<Checkpoint> from = ResumeFrom(token, render.render);
  if (from.has_value()) ++decisions_.counts.attempts_resumed;
  response.start.push_back(
      {token, render.render, task, *render.network, std::move(from),
       SizesOf(jobs_.Find(task.job)->spec(), render.render.inputs)});
  ++decisions_.counts.leases_granted;
}

void ClusterState::Lease(const TaskId& task, const AttemptToken& token) {
  Attempt& attempt = attempts_.at(token);
  attempt.tasks[task] = jobs_.Update(
      task.job, [&](Job& job) { return job.Lease(task.index, token); });
  const int64_t generation = jobs_.Find(task.job)->record().generation;
  decisions_.mutations.push_back(
      LeaseTask{task, generation, token, attempt.worker, attempt.instance});
  decisions_.touched.insert(task.job);
}

void ClusterState::Refuse(const TaskId& task, absl::string_view why) {
  const std::string message =
      absl::StrCat(Name(Outcome::kInvalidInput), ": ", why);
  jobs_.Update(task.job, [&](Job& job) { job.Refuse(task.index); });
  const int64_t generation = jobs_.Find(task.job)->record().generation;
  decisions_.mutations.push_back(RefuseTask{task, generation, message});
  decisions_.touched.insert(task.job);
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
    known_.Add(token.render_key, result);
  }
  bool is_first = true;
  for (const auto& [task, costs] : attempt.tasks) {
    const TaskState to = EndTask(task, costs, token, how, result);
    if (outcome == Outcome::kLost && to == TaskState::kQueued) {
      lost_.Remember(token, attempt.worker, {task});
    }
    // The others blame nobody: it was one attempt.
    if (std::exchange(is_first, false)) {
      RecordWorkerOutcome(task, attempt.worker, outcome, to);
    }
    EndJobIfDone(task.job);
  }
}

TaskState ClusterState::EndTask(const TaskId& task, const AttemptCosts& costs,
                                const AttemptToken& token,
                                const AttemptEnd& how,
                                const TaskResult& result) {
  const RetryDecision decision = DecideRetry(costs, how, options_.retries);
  const TaskState to = NextState(TaskState::kLeased, decision.event).value();
  jobs_.Update(task.job,
               [&](Job& job) { job.End(task.index, to, decision.costs); });
  EndAttempt end{task,
                 jobs_.Find(task.job)->record().generation,
                 token,
                 to,
                 how.outcome,
                 decision.costs,
                 decision.message,
                 std::nullopt};
  if (to == TaskState::kSucceeded) end.result = result;
  decisions_.mutations.push_back(std::move(end));
  decisions_.touched.insert(task.job);
  if (to == TaskState::kFailed) SetFailureReason(task, decision.message);
  if (decision.counts_as_crash) NoteCrash(task, decision.message);
  return to;
}

void ClusterState::Requeue(const TaskId& task, const AttemptToken& token,
                           absl::string_view why) {
  const AttemptCosts costs = attempts_.at(token).tasks.at(task);
  jobs_.Update(task.job, [&](Job& job) {
    job.End(task.index, TaskState::kQueued, costs);
  });
  decisions_.mutations.push_back(
      EndAttempt{task, jobs_.Find(task.job)->record().generation, token,
                 TaskState::kQueued, Outcome::kPreempted, costs,
                 std::string(why), std::nullopt});
  if (!Unsubscribe(task, token)) return;
  ++decisions_.counts.outcomes[static_cast<int>(Outcome::kPreempted)];
}

bool ClusterState::Unsubscribe(const TaskId& task, const AttemptToken& token) {
  Attempt& attempt = attempts_.at(token);
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
  Attempt attempt = std::move(attempts_.extract(token).mapped());
  const auto flying = in_flight_.find(token.render_key);
  flying->second.erase(token);
  if (flying->second.empty()) in_flight_.erase(flying);
  AccountUsage(attempt);
  leases_.Release(token);
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
  std::string message = absl::StrCat("task ", task.index, ": ", why);
  const bool first = jobs_.Update(
      task.job, [&](Job& job) { return job.SetFailureReason(message); });
  if (!first) return;
  const int64_t generation = jobs_.Find(task.job)->record().generation;
  decisions_.mutations.push_back(
      ExplainJob{task.job, generation, std::move(message)});
}

void ClusterState::EndJobIfDone(const JobId& id) {
  const Job& job = *jobs_.Find(id);
  if (!job.HasEnded()) return;
  const JobState state =
      job.record().counts.failed > 0 ? JobState::kFailed : JobState::kSucceeded;
  decisions_.mutations.push_back(
      EndJob{id, job.record().generation, state, now_});
  decisions_.touched.insert(id);
  Forget(id);
}

void ClusterState::Forget(const JobId& id) {
  faults_.Forget(id);
  lookahead_.erase(lookahead_.lower_bound({id, 0}),
                   lookahead_.upper_bound({id, kLastIndex}));
  jobs_.Remove(id);
}

std::optional<StalePageRequest> ClusterState::NeedsPage() const {
  if (jobs_.needs_page().empty()) return std::nullopt;
  const Job& job = jobs_.by_sequence().at(*jobs_.needs_page().begin());
  return StalePageRequest{job.record().id, job.record().generation,
                          *job.NeedsPageAfter(), kStalePageSize};
}

void ClusterState::AddStalePage(const StalePageRequest& request,
                                const std::vector<TaskPosition>& page) {
  const bool last = static_cast<int>(page.size()) < request.limit;
  jobs_.Update(request.job, [&](Job& job) { job.AddPage(page, last); });
}

Decisions ClusterState::TakeDecisions() {
  reuse_budget_ = kReuseBudget;
  known_.Trim();
  return std::exchange(decisions_, Decisions());
}

}  // namespace atelier
