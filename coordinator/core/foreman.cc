#include "coordinator/core/foreman.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/render/params.h"
#include "coordinator/core/canonical.h"

namespace atelier {
namespace {

constexpr int kStalePageSize = 64;
constexpr int64_t kLastIndex = std::numeric_limits<int64_t>::max();

bool MayShareABatch(const Render& a, const Render& b) {
  return CanonicalDescription(CommonToBatch(a)) ==
         CanonicalDescription(CommonToBatch(b));
}

}  // namespace

ForemanCounts& ForemanCounts::operator+=(const ForemanCounts& other) {
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

Foreman::Foreman(SchedulingPolicy& policy, int64_t epoch,
                 ForemanOptions options)
    : policy_(policy),
      epoch_(epoch),
      options_(std::move(options)),
      roster_(options_.max_workers),
      shelf_(options_.checkpoint_bytes),
      shares_(options_.shares) {}

std::vector<CallId> Foreman::Restore(std::vector<StoredJob> jobs,
                                     absl::Time now) {
  now_ = now;
  std::vector<CallId> ended;
  for (const auto& [id, call] : calls_) ended.push_back(id);
  for (const auto& [id, answer] : decisions_.answers) ended.push_back(id);
  decisions_ = Decisions();
  calls_.clear();
  due_.clear();
  attempts_.clear();
  in_flight_.clear();
  known_.Clear();
  unknown_.clear();
  upcoming_.clear();
  fresh_jobs_.clear();
  faults_.ForgetTasks();
  lost_.Clear();
  leases_ = LeaseTable();
  queue_.Clear();
  roster_.ForgetWork(now + options_.lease);
  for (StoredJob& job : jobs) TakeUp(std::move(job));
  return ended;
}

void Foreman::TakeUp(StoredJob stored) {
  const JobId id = stored.record.id;
  fresh_jobs_.insert(id);
  const int64_t generation = stored.record.generation;
  queue_.Add(Job(std::move(stored.record), std::move(stored.spec),
                 /*stale=*/generation > 0));
  queue_.Update(id, [&](Job& job) {
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
        Adopt(row);
      }
    }
  });
  EndJobIfDone(id);
}

void Foreman::Adopt(const TaskRecord& row) {
  const auto [it, is_first] = attempts_.try_emplace(row.token);
  Attempt& attempt = it->second;
  attempt.tasks.emplace(row.id, row.costs);
  if (!is_first) return;
  attempt.worker = row.worker;
  attempt.instance = row.instance;
  attempt.user = queue_.Find(row.id.job)->spec().user;
  attempt.granted_at = now_;
  attempt.pace = IterationPace(now_);
  attempt.progress.token = row.token;
  in_flight_[row.token.render_key].insert(row.token);
  leases_.Set(row.token, now_ + options_.lease);
  Worker* worker =
      roster_.Restore(row.worker, row.instance, now_, now_ + options_.lease);
  if (worker == nullptr) return;
  attempt.arithmetic = worker->description.arithmetic;
  worker->held.insert(row.token);
}

void Foreman::AddJob(JobRecord record, std::shared_ptr<const JobSpec> spec) {
  decisions_.mutations.push_back(PutJob{record});
  decisions_.touched.insert(record.id);
  ++decisions_.counts.jobs_submitted;
  fresh_jobs_.insert(record.id);
  queue_.Add(Job(std::move(record), std::move(spec), /*stale=*/false));
}

void Foreman::Cancel(const JobId& id, absl::Time now) {
  now_ = now;
  const Job& job = *queue_.Find(id);
  decisions_.mutations.push_back(CancelJob{id, job.record().generation, now});
  decisions_.touched.insert(id);
  for (const auto& [index, token] : job.leased()) {
    if (!Leave({id, index}, token)) continue;
    ++decisions_.counts.outcomes[static_cast<int>(Outcome::kCancelled)];
  }
  Forget(id);
}

void Foreman::Steer(const JobId& id, bool paused, int priority,
                    absl::Time now) {
  now_ = now;
  queue_.Update(id, [&](Job& job) { job.Steer(paused, priority); });
  const Job& job = *queue_.Find(id);
  decisions_.mutations.push_back(
      SteerJob{id, job.record().generation, paused, priority});
  decisions_.touched.insert(id);
  if (!paused) {
    fresh_jobs_.insert(id);
    return;
  }
  const std::map<int64_t, AttemptToken> leased = job.leased();
  for (const auto& [index, token] : leased) {
    TakeBack({id, index}, token, "paused");
  }
}

void Foreman::Retry(StoredJob ended) {
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
  TakeUp(std::move(ended));
}

void Foreman::RetryFailed(const JobId& id) {
  const Job& job = *queue_.Find(id);
  if (job.record().counts.failed == 0) return;
  decisions_.mutations.push_back(RetryFailedTasks{id, job.record().generation});
  decisions_.touched.insert(id);
  queue_.Update(id, [](Job& running) { running.RetryFailed(); });
  lost_.ForgetJob(id);
  fresh_jobs_.insert(id);
}

void Foreman::Tick(absl::Time now) {
  now_ = now;
  for (const AttemptToken& token : leases_.TakeExpired(now)) {
    ++decisions_.counts.leases_expired;
    const std::string worker = attempts_.at(token).worker.value();
    EndLease(token, Outcome::kLost,
             absl::StrCat("worker \"", worker, "\" was not heard of for ",
                          absl::FormatDuration(options_.lease)));
  }
  for (const auto& [id, call] : calls_) {
    if (call.deadline <= now) due_.insert(id);
  }
  for (const auto& [name, worker] : roster_.workers()) {
    const bool gone = !worker.waiting_call && worker.alive_until <= now;
    if (gone && worker.LeavesInOrder()) faults_.Forgive(name);
  }
  roster_.RemoveGone(now);
}

bool Foreman::AssignWork(absl::Time now) {
  now_ = now;
  largest_memory_ = roster_.LargestMemory();
  NoteEngineVersions();
  if (!work_is_held_) ReuseAhead();
  for (auto& [id, call] : calls_) {
    if (work_is_held_ || !queue_.CanGive()) break;
    Worker& worker = *roster_.Find(call.worker);
    while (worker.TakesWork() &&
           worker.FreeSlots(call.response.start.size()) > 0 &&
           AssignOne(worker, call.response)) {
    }
    if (!unknown_.empty()) return false;
    if (!call.response.start.empty()) due_.insert(id);
  }
  for (CallId id : due_) Answer(id);
  due_.clear();
  return spared_left_ == 0;
}

const Attempt* Foreman::BatchOf(const Worker& worker,
                                const SyncResponse& response) const {
  if (!worker.description.batches || response.start.empty()) return nullptr;
  return &attempts_.at(response.start.front().token);
}

bool Foreman::AssignOne(Worker& worker, SyncResponse& response) {
  if (HoldsSuspect(worker)) return false;
  const Attempt* const given = BatchOf(worker, response);
  while (spared_left_ > 0 && unknown_.empty()) {
    const SchedulingView view{queue_, shares_, largest_memory_,
                              given == nullptr ? nullptr : &given->user};
    const std::optional<TaskId> task = policy_.Next(view, worker.description);
    if (!task.has_value()) return false;
    // Keeps the spec while the last refusal ends its job.
    const std::shared_ptr<const JobSpec> spec =
        queue_.Find(task->job)->shared_spec();
    const absl::StatusOr<TaskRender> render = TakeTask(*spec, *task);
    if (!render.ok()) {
      Refuse(*task, render.status().message());
      --spared_left_;
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

void Foreman::Grant(const TaskId& task, const TaskRender& render,
                    Worker& worker, SyncResponse& response) {
  const AttemptToken token{render.key, ++last_number_, epoch_};
  const WorkerDescription& who = worker.description;
  Attempt attempt;
  attempt.worker = who.name;
  attempt.instance = who.instance;
  attempt.arithmetic = who.arithmetic;
  attempt.progress.token = token;
  attempt.user = queue_.Find(task.job)->spec().user;
  attempt.granted_at = now_;
  attempt.pace = IterationPace(now_);
  // Paid in advance, so that shares are fair before anything has ended.
  attempt.charged = usual_;
  shares_.Charge(attempt.user, usual_, now_);
  attempts_.emplace(token, std::move(attempt));
  in_flight_[render.key].insert(token);
  leases_.Set(token, now_ + options_.lease);
  worker.held.insert(token);
  Lease(task, token);
  std::optional<Checkpoint> from = ResumeFrom(token, render.render);
  if (from.has_value()) ++decisions_.counts.attempts_resumed;
  response.start.push_back(
      {token, render.render, task, *render.network, std::move(from),
       SizesOf(queue_.Find(task.job)->spec(), render.render.inputs)});
  ++decisions_.counts.leases_granted;
}

void Foreman::Lease(const TaskId& task, const AttemptToken& token) {
  Attempt& attempt = attempts_.at(token);
  attempt.tasks[task] = queue_.Update(
      task.job, [&](Job& job) { return job.Lease(task.index, token); });
  const int64_t generation = queue_.Find(task.job)->record().generation;
  decisions_.mutations.push_back(
      LeaseTask{task, generation, token, attempt.worker, attempt.instance});
  decisions_.touched.insert(task.job);
}

void Foreman::Refuse(const TaskId& task, absl::string_view why) {
  const std::string message =
      absl::StrCat(Name(Outcome::kInvalidInput), ": ", why);
  queue_.Update(task.job, [&](Job& job) { job.Refuse(task.index); });
  const int64_t generation = queue_.Find(task.job)->record().generation;
  decisions_.mutations.push_back(RefuseTask{task, generation, message});
  decisions_.touched.insert(task.job);
  ++decisions_.counts.tasks_refused;
  Explain(task, message);
  EndJobIfDone(task.job);
}

void Foreman::EndLease(const AttemptToken& token, Outcome outcome,
                       absl::string_view said, TaskResult result,
                       bool in_company) {
  const Attempt attempt = Drop(token);
  const Worker* worker = roster_.Find(attempt.worker);
  const AttemptEnd how{outcome,
                       said,
                       worker == nullptr ? 0 : worker->description.memory_bytes,
                       roster_.LargestMemory(),
                       attempt.progress.iteration,
                       attempt.worker.value(),
                       in_company};
  ++decisions_.counts.outcomes[static_cast<int>(outcome)];
  if (outcome == Outcome::kSucceeded) {
    constexpr double kRecent = 0.1;  // How much the last one counts.
    usual_ += kRecent * (now_ - attempt.granted_at - usual_);
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
      Blame(task, attempt.worker, outcome, to);
    }
    EndJobIfDone(task.job);
  }
}

TaskState Foreman::EndTask(const TaskId& task, const AttemptCosts& costs,
                           const AttemptToken& token, const AttemptEnd& how,
                           const TaskResult& result) {
  const RetryDecision decision = DecideRetry(costs, how, options_.retries);
  const TaskState to = NextState(TaskState::kLeased, decision.event).value();
  queue_.Update(task.job,
                [&](Job& job) { job.End(task.index, to, decision.costs); });
  EndAttempt end{task,
                 queue_.Find(task.job)->record().generation,
                 token,
                 to,
                 how.outcome,
                 decision.costs,
                 decision.message,
                 std::nullopt};
  if (to == TaskState::kSucceeded) end.result = result;
  decisions_.mutations.push_back(std::move(end));
  decisions_.touched.insert(task.job);
  if (to == TaskState::kFailed) Explain(task, decision.message);
  if (decision.counts_as_crash) NoteCrash(task, decision.message);
  return to;
}

void Foreman::TakeBack(const TaskId& task, const AttemptToken& token,
                       absl::string_view why) {
  const AttemptCosts costs = attempts_.at(token).tasks.at(task);
  queue_.Update(task.job, [&](Job& job) {
    job.End(task.index, TaskState::kQueued, costs);
  });
  decisions_.mutations.push_back(
      EndAttempt{task, queue_.Find(task.job)->record().generation, token,
                 TaskState::kQueued, Outcome::kPreempted, costs,
                 std::string(why), std::nullopt});
  if (!Leave(task, token)) return;
  ++decisions_.counts.outcomes[static_cast<int>(Outcome::kPreempted)];
}

bool Foreman::Leave(const TaskId& task, const AttemptToken& token) {
  Attempt& attempt = attempts_.at(token);
  attempt.tasks.erase(task);
  if (!attempt.tasks.empty()) return false;
  Drop(token);
  return true;
}

void Foreman::Charge(Attempt& attempt) {
  const absl::Duration age = now_ - attempt.granted_at;
  shares_.Charge(attempt.user, age - attempt.charged, now_);
  attempt.charged = age;
}

Attempt Foreman::Drop(const AttemptToken& token) {
  Attempt attempt = std::move(attempts_.extract(token).mapped());
  const auto flying = in_flight_.find(token.render_key);
  flying->second.erase(token);
  if (flying->second.empty()) in_flight_.erase(flying);
  Charge(attempt);
  leases_.Release(token);
  Worker* worker = roster_.Find(attempt.worker);
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
  due_.insert(*worker->waiting_call);
  return attempt;
}

void Foreman::Explain(const TaskId& task, absl::string_view why) {
  std::string message = absl::StrCat("task ", task.index, ": ", why);
  const bool first =
      queue_.Update(task.job, [&](Job& job) { return job.Explain(message); });
  if (!first) return;
  const int64_t generation = queue_.Find(task.job)->record().generation;
  decisions_.mutations.push_back(
      ExplainJob{task.job, generation, std::move(message)});
}

void Foreman::EndJobIfDone(const JobId& id) {
  const Job& job = *queue_.Find(id);
  if (!job.HasEnded()) return;
  const JobState state =
      job.record().counts.failed > 0 ? JobState::kFailed : JobState::kSucceeded;
  decisions_.mutations.push_back(
      EndJob{id, job.record().generation, state, now_});
  decisions_.touched.insert(id);
  Forget(id);
}

void Foreman::Forget(const JobId& id) {
  faults_.Forget(id);
  upcoming_.erase(upcoming_.lower_bound({id, 0}),
                  upcoming_.upper_bound({id, kLastIndex}));
  queue_.Remove(id);
}

std::optional<StalePageRequest> Foreman::NeedsPage() const {
  if (queue_.needs_page().empty()) return std::nullopt;
  const Job& job = queue_.jobs().at(*queue_.needs_page().begin());
  return StalePageRequest{job.record().id, job.record().generation,
                          *job.NeedsPageAfter(), kStalePageSize};
}

void Foreman::AddStalePage(const StalePageRequest& request,
                           const std::vector<TaskPosition>& page) {
  const bool last = static_cast<int>(page.size()) < request.limit;
  queue_.Update(request.job, [&](Job& job) { job.AddPage(page, last); });
}

Decisions Foreman::TakeDecisions() {
  spared_left_ = kMaxSparedAtOnce;
  known_.Trim();
  return std::exchange(decisions_, Decisions());
}

}  // namespace atelier
