#include "coordinator/core/foreman.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr int kStalePageSize = 64;
// A job whose points all fail to resolve must not hold up everybody else.
constexpr int kMaxRefusalsAtOnce = 64;

}  // namespace

ForemanCounts& ForemanCounts::operator+=(const ForemanCounts& other) {
  for (size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += other.outcomes[i];
  late_reports += other.late_reports;
  leases_granted += other.leases_granted;
  leases_expired += other.leases_expired;
  assignments_resent += other.assignments_resent;
  tasks_refused += other.tasks_refused;
  jobs_submitted += other.jobs_submitted;
  workers_quarantined += other.workers_quarantined;
  return *this;
}

Foreman::Foreman(SchedulingPolicy& policy, int64_t epoch,
                 ForemanOptions options)
    : policy_(policy),
      epoch_(epoch),
      options_(std::move(options)),
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
  failed_by_.clear();
  leases_ = LeaseTable();
  queue_.Clear();
  roster_.ForgetWork(now + options_.lease);
  for (StoredJob& job : jobs) TakeUp(std::move(job));
  return ended;
}

void Foreman::TakeUp(StoredJob stored) {
  const JobId id = stored.record.id;
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
      } else {
        job.RestoreLease(row.id.index, row.token);
        Adopt(row);
      }
    }
  });
  EndJobIfDone(id);
}

void Foreman::Adopt(const TaskRecord& row) {
  Attempt attempt;
  attempt.task = row.id;
  attempt.worker = row.worker;
  attempt.instance = row.instance;
  attempt.costs = row.costs;
  attempt.user = queue_.Find(row.id.job)->spec().user;
  attempt.granted_at = now_;
  attempt.progress.token = row.token;
  attempts_.emplace(row.token, std::move(attempt));
  leases_.Set(row.token, now_ + options_.lease);
  Worker* worker =
      roster_.Restore(row.worker, row.instance, now_, now_ + options_.lease);
  if (worker != nullptr) worker->held.insert(row.token);
}

void Foreman::AddJob(JobRecord record, std::shared_ptr<const JobSpec> spec) {
  decisions_.mutations.push_back(PutJob{record});
  decisions_.touched.insert(record.id);
  ++decisions_.counts.jobs_submitted;
  queue_.Add(Job(std::move(record), std::move(spec), /*stale=*/false));
}

void Foreman::Cancel(const JobId& id, absl::Time now) {
  now_ = now;
  const Job& job = *queue_.Find(id);
  decisions_.mutations.push_back(CancelJob{id, job.record().generation, now});
  decisions_.touched.insert(id);
  for (const auto& [index, token] : job.leased()) {
    ++decisions_.counts.outcomes[static_cast<int>(Outcome::kCancelled)];
    Drop(token);
  }
  ForgetBlame(id);
  queue_.Remove(id);
}

void Foreman::Steer(const JobId& id, bool paused, int priority,
                    absl::Time now) {
  now_ = now;
  queue_.Update(id, [&](Job& job) { job.Steer(paused, priority); });
  const Job& job = *queue_.Find(id);
  decisions_.mutations.push_back(
      SteerJob{id, job.record().generation, paused, priority});
  decisions_.touched.insert(id);
  if (!paused) return;
  const std::map<int64_t, AttemptToken> leased = job.leased();
  for (const auto& [index, token] : leased) TakeBack(token, "paused");
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
  TakeUp(std::move(ended));
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
  roster_.RemoveGone(now);
}

bool Foreman::AssignWork(absl::Time now) {
  now_ = now;
  int refusals = kMaxRefusalsAtOnce;
  largest_memory_ = roster_.LargestMemory();
  for (auto& [id, call] : calls_) {
    if (!queue_.CanGive()) break;
    Worker& worker = *roster_.Find(call.worker);
    while (worker.TakesWork() && worker.FreeSlots() > 0 &&
           AssignOne(worker, call.response, refusals)) {
    }
    if (!call.response.start.empty()) due_.insert(id);
  }
  for (CallId id : due_) Answer(id);
  due_.clear();
  return refusals == 0;
}

bool Foreman::AssignOne(Worker& worker, SyncResponse& response, int& refusals) {
  while (refusals > 0) {
    const std::optional<TaskId> task =
        policy_.Next({queue_, shares_, largest_memory_}, worker.description);
    if (!task.has_value()) return false;
    // Keeps the spec while the last refusal ends its job.
    const std::shared_ptr<const JobSpec> spec =
        queue_.Find(task->job)->shared_spec();
    const absl::StatusOr<TaskRender> render =
        MakeTask(*spec, PointAt(*spec, task->index), options_.renders);
    if (render.ok()) {
      Grant(*task, *render, worker, response);
      return true;
    }
    Refuse(*task, render.status().message());
    --refusals;
  }
  return false;
}

void Foreman::Grant(const TaskId& task, const TaskRender& render,
                    Worker& worker, SyncResponse& response) {
  const AttemptToken token{render.key, ++last_number_, epoch_};
  const WorkerDescription& who = worker.description;
  Attempt attempt;
  attempt.task = task;
  attempt.worker = who.name;
  attempt.instance = who.instance;
  attempt.progress.token = token;
  attempt.user = queue_.Find(task.job)->spec().user;
  attempt.granted_at = now_;
  // Paid in advance, so that shares are fair before anything has ended.
  attempt.charged = usual_;
  shares_.Charge(attempt.user, usual_, now_);
  attempt.costs = queue_.Update(
      task.job, [&](Job& job) { return job.Lease(task.index, token); });
  attempts_.emplace(token, std::move(attempt));
  leases_.Set(token, now_ + options_.lease);
  worker.held.insert(token);
  response.start.push_back({token, render.render, task, *render.network});

  const int64_t generation = queue_.Find(task.job)->record().generation;
  decisions_.mutations.push_back(
      LeaseTask{task, generation, token, who.name, who.instance});
  decisions_.touched.insert(task.job);
  ++decisions_.counts.leases_granted;
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
                       absl::string_view said, TaskResult result) {
  const Attempt& attempt = attempts_.at(token);
  const TaskId task = attempt.task;
  const WorkerName worker_name = attempt.worker;
  const Worker* worker = roster_.Find(worker_name);
  const RetryDecision decision = DecideRetry(
      attempt.costs,
      {outcome, said, worker == nullptr ? 0 : worker->description.memory_bytes,
       roster_.LargestMemory()},
      options_.retries);
  if (outcome == Outcome::kSucceeded) {
    constexpr double kRecent = 0.1;  // How much the last one counts.
    usual_ += kRecent * (now_ - attempt.granted_at - usual_);
  }
  const TaskState to = NextState(TaskState::kLeased, decision.event).value();
  queue_.Update(task.job,
                [&](Job& job) { job.End(task.index, to, decision.costs); });
  Drop(token);
  Blame(task, worker_name, outcome, to);

  EndAttempt end{task,
                 queue_.Find(task.job)->record().generation,
                 token,
                 to,
                 outcome,
                 decision.costs,
                 decision.message,
                 std::nullopt};
  if (to == TaskState::kSucceeded) end.result = std::move(result);
  decisions_.mutations.push_back(std::move(end));
  decisions_.touched.insert(task.job);
  ++decisions_.counts.outcomes[static_cast<int>(outcome)];
  if (to == TaskState::kFailed) Explain(task, decision.message);
  EndJobIfDone(task.job);
}

void Foreman::TakeBack(const AttemptToken& token, absl::string_view why) {
  const TaskId task = attempts_.at(token).task;
  const AttemptCosts costs = attempts_.at(token).costs;
  queue_.Update(task.job, [&](Job& job) {
    job.End(task.index, TaskState::kQueued, costs);
  });
  Drop(token);
  decisions_.mutations.push_back(
      EndAttempt{task, queue_.Find(task.job)->record().generation, token,
                 TaskState::kQueued, Outcome::kPreempted, costs,
                 std::string(why), std::nullopt});
  ++decisions_.counts.outcomes[static_cast<int>(Outcome::kPreempted)];
}

void Foreman::Charge(Attempt& attempt) {
  const absl::Duration age = now_ - attempt.granted_at;
  shares_.Charge(attempt.user, age - attempt.charged, now_);
  attempt.charged = age;
}

void Foreman::Drop(const AttemptToken& token) {
  Attempt attempt = std::move(attempts_.extract(token).mapped());
  Charge(attempt);
  leases_.Release(token);
  Worker* worker = roster_.Find(attempt.worker);
  if (worker == nullptr) return;
  if (worker->held.erase(token) == 0) return;
  if (!worker->waiting_call.has_value()) return;
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
  ForgetBlame(id);
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
  return std::exchange(decisions_, Decisions());
}

}  // namespace atelier
