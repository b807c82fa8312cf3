#include "coordinator/store/in_memory_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status NoJob(const JobId& id) {
  return absl::NotFoundError(absl::StrCat("no job ", id.value()));
}

absl::Status Stale(const char* what) {
  return absl::FailedPreconditionError(what);
}

// Applies one mutation to the tables; changes nothing unless it succeeds.
class Applier {
 public:
  explicit Applier(InMemoryTables& tables) ABSL_NO_THREAD_SAFETY_ANALYSIS
      : jobs_(tables.jobs),
        tasks_(tables.tasks),
        results_(tables.results),
        engine_version_(tables.engine_version),
        checkpoints_(tables.checkpoints) {}

  absl::Status operator()(const PutJob& put) {
    for (const auto& [id, job] : jobs_) {
      if (id == put.job.id || job.request_id == put.job.request_id ||
          job.sequence == put.job.sequence) {
        return absl::AlreadyExistsError(
            absl::StrCat("job ", id.value(), " has this id or request id"));
      }
    }
    jobs_.emplace(put.job.id, put.job);
    return absl::OkStatus();
  }

  absl::Status operator()(const LeaseTask& lease) {
    JobRecord* job = Running(lease.task.job, lease.generation);
    if (job == nullptr) return Missing(lease.task.job);
    TaskRecord* row = ClaimRow(*job, lease.task);
    if (row == nullptr) return Stale("the task is not queued");
    row->state = TaskState::kLeased;
    ++row->attempts;
    row->token = lease.token;
    row->worker = lease.worker;
    row->instance = lease.instance;
    job->counts.Move(TaskState::kQueued, TaskState::kLeased);
    return absl::OkStatus();
  }

  absl::Status operator()(const EndAttempt& end) {
    JobRecord* job = Running(end.task.job, end.generation);
    if (job == nullptr) return Missing(end.task.job);
    const auto row = tasks_.find(end.task);
    if (row == tasks_.end() || row->second.state != TaskState::kLeased ||
        row->second.generation != end.generation ||
        row->second.token != end.token) {
      return Stale("the token does not hold the task");
    }
    TaskRecord& task = row->second;
    task.state = end.to;
    task.costs = end.costs;
    task.result = end.result;
    if (end.to != TaskState::kSucceeded) {
      task.outcome = end.outcome;
      task.message = end.message;
    }
    job->counts.Move(TaskState::kLeased, end.to);
    if (end.to == TaskState::kSucceeded) {
      results_[{end.token.render_key, end.result->arithmetic}] = end.task;
    }
    return absl::OkStatus();
  }

  absl::Status operator()(const ReuseResult& reuse) {
    JobRecord* job = Running(reuse.task.job, reuse.generation);
    if (job == nullptr) return Missing(reuse.task.job);
    TaskRecord* row = ClaimRow(*job, reuse.task);
    if (row == nullptr) return Stale("the task is not queued");
    row->state = TaskState::kSucceeded;
    row->token.render_key = reuse.key;
    row->worker = reuse.result.worker;
    row->result = reuse.result;
    job->counts.Move(TaskState::kQueued, TaskState::kSucceeded);
    return absl::OkStatus();
  }

  absl::Status operator()(const CountCrash& crash) {
    JobRecord* job = Running(crash.task.job, crash.generation);
    if (job == nullptr) return Missing(crash.task.job);
    const auto row = tasks_.find(crash.task);
    if (row == tasks_.end() || row->second.state != crash.from ||
        row->second.generation != crash.generation) {
      return Stale("the task is not where the crash is to be counted");
    }
    TaskRecord& task = row->second;
    task.state = crash.to;
    task.costs = crash.costs;
    task.outcome = Outcome::kCrashed;
    task.message = crash.message;
    job->counts.Move(crash.from, crash.to);
    return absl::OkStatus();
  }

  absl::Status operator()(const RefuseTask& refuse) {
    JobRecord* job = Running(refuse.task.job, refuse.generation);
    if (job == nullptr) return Missing(refuse.task.job);
    TaskRecord* row = ClaimRow(*job, refuse.task);
    if (row == nullptr) return Stale("the task is not queued");
    row->state = TaskState::kFailed;
    row->outcome = Outcome::kInvalidInput;
    row->message = refuse.message;
    job->counts.Move(TaskState::kQueued, TaskState::kFailed);
    return absl::OkStatus();
  }

  absl::Status operator()(const ExplainJob& explain) {
    JobRecord* job = Running(explain.job, explain.generation);
    if (job == nullptr) return Missing(explain.job);
    job->message = explain.message;
    return absl::OkStatus();
  }

  absl::Status operator()(const EndJob& end) {
    JobRecord* job = Running(end.job, end.generation);
    if (job == nullptr) return Missing(end.job);
    if (job->counts.queued != 0 || job->counts.leased != 0) {
      return Stale("some task has not ended");
    }
    job->state = end.state;
    job->ended_at = end.ended_at;
    return absl::OkStatus();
  }

  absl::Status operator()(const CancelJob& cancel) {
    JobRecord* job = Running(cancel.job, cancel.generation);
    if (job == nullptr) return Missing(cancel.job);
    job->state = JobState::kCancelled;
    job->ended_at = cancel.ended_at;
    job->counts.CancelAll();
    return absl::OkStatus();
  }

  absl::Status operator()(const SteerJob& steer) {
    JobRecord* job = Running(steer.job, steer.generation);
    if (job == nullptr) return Missing(steer.job);
    job->paused = steer.paused;
    job->priority = steer.priority;
    return absl::OkStatus();
  }

  absl::Status operator()(const RetryJob& retry) {
    const auto found = jobs_.find(retry.job);
    if (found == jobs_.end()) return NoJob(retry.job);
    JobRecord& job = found->second;
    if (job.generation != retry.generation ||
        (job.state != JobState::kFailed && job.state != JobState::kCancelled)) {
      return Stale("the job is not failed or cancelled in this generation");
    }
    ++job.generation;
    job.state = JobState::kRunning;
    job.paused = false;
    job.ended_at.reset();
    job.message.clear();
    job.counts.RetryAll();
    return absl::OkStatus();
  }

  absl::Status operator()(const RetryFailedTasks& retry) {
    JobRecord* job = Running(retry.job, retry.generation);
    if (job == nullptr) return Missing(retry.job);
    if (job->counts.failed == 0) return Stale("no task has failed");
    for (auto it = tasks_.lower_bound({retry.job, 0});
         it != tasks_.end() && it->first.job == retry.job; ++it) {
      TaskRecord& row = it->second;
      const bool open =
          row.state == TaskState::kQueued || row.state == TaskState::kLeased;
      if (open && row.generation == retry.generation) ++row.generation;
    }
    ++job->generation;
    job->message.clear();
    job->counts.RetryFailed();
    return absl::OkStatus();
  }

  absl::Status operator()(const ReopenJob& reopen) {
    const auto found = jobs_.find(reopen.job);
    if (found == jobs_.end()) return NoJob(reopen.job);
    JobRecord& job = found->second;
    if (job.generation != reopen.generation ||
        (job.state != JobState::kSucceeded && job.state != JobState::kFailed)) {
      return Stale("the job is not succeeded or failed in this generation");
    }
    job.state = JobState::kRunning;
    job.paused = false;
    job.ended_at.reset();
    return absl::OkStatus();
  }

  absl::Status operator()(const RepairTask& repair) {
    JobRecord* job = Running(repair.task.job, repair.generation);
    if (job == nullptr) return Missing(repair.task.job);
    const auto found = tasks_.find(repair.task);
    if (found == tasks_.end() || found->second.state != TaskState::kSucceeded ||
        found->second.result->image_digest != repair.image_digest) {
      return Stale("the task has not this picture");
    }
    TaskRecord& task = found->second;
    task.state = TaskState::kQueued;
    task.generation = job->generation;
    task.costs = AttemptCosts();
    task.outcome.reset();
    task.message.clear();
    task.result.reset();
    job->counts.Move(TaskState::kSucceeded, TaskState::kQueued);
    return absl::OkStatus();
  }

  absl::Status operator()(const PutCheckpoint& put) {
    const CheckpointRecord& made = put.checkpoint;
    Remove(made.render, made.arithmetic, made.iteration);
    checkpoints_.push_back(made);
    return absl::OkStatus();
  }

  absl::Status operator()(const DropCheckpoint& drop) {
    Remove(drop.render, drop.arithmetic, drop.iteration);
    return absl::OkStatus();
  }

  absl::Status operator()(const SetEngineVersion& set) {
    engine_version_ = set.version;
    return absl::OkStatus();
  }

 private:
  void Remove(const ResumeKey& render, const Arithmetic& arithmetic,
              int iteration) {
    const auto named = [&](const CheckpointRecord& one) {
      return one.render == render && one.arithmetic == arithmetic &&
             one.iteration == iteration;
    };
    checkpoints_.erase(
        std::remove_if(checkpoints_.begin(), checkpoints_.end(), named),
        checkpoints_.end());
  }

  JobRecord* Running(const JobId& id, int64_t generation) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return nullptr;
    JobRecord& job = found->second;
    const bool running =
        job.state == JobState::kRunning && job.generation == generation;
    return running ? &job : nullptr;
  }

  absl::Status Missing(const JobId& id) {
    if (jobs_.count(id) == 0) return NoJob(id);
    return Stale("the job is not running in this generation");
  }

  // The row of a queued task, made or brought to the job's generation.
  TaskRecord* ClaimRow(JobRecord& job, const TaskId& id) {
    if (id.index < 0 || id.index >= job.task_count) return nullptr;
    const auto found = tasks_.find(id);
    const TaskRecord* row = found == tasks_.end() ? nullptr : &found->second;
    if (StateOf(job, row) != TaskState::kQueued) return nullptr;
    TaskRecord& task = tasks_[id];
    task.id = id;
    if (task.generation != job.generation) {
      task.generation = job.generation;
      task.costs = AttemptCosts();
      task.outcome.reset();
      task.message.clear();
    }
    job.cursor = std::max(job.cursor, id.index + 1);
    return &task;
  }

  std::map<JobId, JobRecord>& jobs_;
  std::map<TaskId, TaskRecord>& tasks_;
  std::map<std::pair<RenderKey, Arithmetic>, TaskId>& results_;
  int& engine_version_;
  std::vector<CheckpointRecord>& checkpoints_;
};

class InMemoryNamedDigests : public NamedDigests {
 public:
  absl::Status Add(const std::string& digest) override {
    digests_.insert(digest);
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Has(const std::string& digest) override {
    return digests_.count(digest) > 0;
  }

 private:
  std::set<std::string> digests_;
};

}  // namespace

InMemoryStore::InMemoryStore(std::shared_ptr<InMemoryTables> tables)
    : tables_(std::move(tables)) {}

absl::StatusOr<int64_t> InMemoryStore::BeginEpoch() {
  absl::MutexLock lock(&tables_->mu);
  epoch_ = ++tables_->epoch;
  return epoch_;
}

std::vector<absl::Status> InMemoryStore::Apply(
    absl::Span<const Mutation> mutations) {
  absl::MutexLock lock(&tables_->mu);
  if (epoch_ != tables_->epoch) {
    return std::vector<absl::Status>(
        std::max<size_t>(mutations.size(), 1),
        absl::AbortedError(absl::StrCat("epoch ", epoch_, " is over: epoch ",
                                        tables_->epoch, " has begun")));
  }
  Applier applier(*tables_);
  std::vector<absl::Status> statuses;
  for (const Mutation& mutation : mutations) {
    statuses.push_back(std::visit(applier, mutation));
  }
  return statuses;
}

absl::StatusOr<JobRecord> InMemoryStore::GetJob(const JobId& id) {
  absl::MutexLock lock(&tables_->mu);
  const auto found = tables_->jobs.find(id);
  if (found == tables_->jobs.end()) return NoJob(id);
  return found->second;
}

absl::StatusOr<std::optional<JobRecord>> InMemoryStore::FindByRequestId(
    const RequestId& id) {
  absl::MutexLock lock(&tables_->mu);
  for (const auto& [job_id, job] : tables_->jobs) {
    if (job.request_id == id) return job;
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<JobRecord>> InMemoryStore::ListJobs(
    int limit, std::optional<int64_t> before) {
  absl::MutexLock lock(&tables_->mu);
  std::map<int64_t, const JobRecord*, std::greater<>> newest_first;
  for (const auto& [id, job] : tables_->jobs) {
    if (before.has_value() && job.sequence >= *before) continue;
    newest_first.emplace(job.sequence, &job);
  }
  std::vector<JobRecord> jobs;
  for (const auto& [sequence, job] : newest_first) {
    if (static_cast<int>(jobs.size()) == limit) break;
    jobs.push_back(*job);
  }
  return jobs;
}

absl::StatusOr<std::vector<JobRecord>> InMemoryStore::LoadUnfinishedJobs() {
  absl::MutexLock lock(&tables_->mu);
  std::vector<JobRecord> jobs;
  for (const auto& [id, job] : tables_->jobs) {
    if (job.state == JobState::kRunning) jobs.push_back(job);
  }
  std::sort(jobs.begin(), jobs.end(),
            [](const JobRecord& a, const JobRecord& b) {
              return a.sequence < b.sequence;
            });
  return jobs;
}

absl::StatusOr<int64_t> InMemoryStore::LastSequence() {
  absl::MutexLock lock(&tables_->mu);
  int64_t last = 0;
  for (const auto& [id, job] : tables_->jobs) {
    last = std::max(last, job.sequence);
  }
  return last;
}

absl::StatusOr<Store::JobTasks> InMemoryStore::ListTasks(const JobId& id,
                                                         int64_t first,
                                                         int limit) {
  absl::MutexLock lock(&tables_->mu);
  const auto found = tables_->jobs.find(id);
  if (found == tables_->jobs.end()) return NoJob(id);
  JobTasks page{found->second, {}};
  for (auto it = tables_->tasks.lower_bound({id, first});
       it != tables_->tasks.end() && it->first.job == id &&
       it->first.index - first < limit;
       ++it) {
    page.rows.push_back(it->second);
  }
  return page;
}

absl::StatusOr<std::vector<TaskRecord>> InMemoryStore::LoadOpenTasks(
    const JobId& id) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<TaskRecord> rows;
  for (auto it = tables_->tasks.lower_bound({id, 0});
       it != tables_->tasks.end() && it->first.job == id; ++it) {
    if (!HasEnded(it->second.state)) rows.push_back(it->second);
  }
  return rows;
}

absl::StatusOr<std::vector<TaskPosition>> InMemoryStore::ListStaleFailures(
    const JobId& id, int64_t generation, const TaskPosition& after, int limit) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<TaskPosition> page;
  for (auto it = tables_->tasks.lower_bound({id, 0});
       it != tables_->tasks.end() && it->first.job == id; ++it) {
    const TaskRecord& row = it->second;
    const TaskPosition position{row.generation, row.id.index};
    if (row.state != TaskState::kFailed || row.generation >= generation) {
      continue;
    }
    if (after < position) page.push_back(position);
  }
  std::sort(page.begin(), page.end());
  if (static_cast<int>(page.size()) > limit) page.resize(limit);
  return page;
}

absl::StatusOr<std::vector<StoredResult>> InMemoryStore::FindResults(
    const std::set<RenderKey>& keys) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<StoredResult> results;
  for (const RenderKey& key : keys) {
    for (auto it = tables_->results.lower_bound({key, Arithmetic()});
         it != tables_->results.end() && it->first.first == key; ++it) {
      const TaskRecord& task = tables_->tasks.at(it->second);
      if (task.result.has_value()) results.push_back({key, *task.result});
    }
  }
  return results;
}

absl::StatusOr<std::unique_ptr<NamedDigests>> InMemoryStore::ListNamed(
    absl::Time ended_since) {
  auto named = std::make_unique<InMemoryNamedDigests>();
  absl::MutexLock lock(&tables_->mu);
  for (const auto& [id, task] : tables_->tasks) {
    const JobRecord& job = tables_->jobs.at(id.job);
    const bool counts =
        job.state == JobState::kRunning ||
        (job.ended_at.has_value() && *job.ended_at >= ended_since);
    if (!counts || !task.result.has_value()) continue;
    RETURN_IF_ERROR(named->Add(task.result->image_digest));
  }
  return named;
}

absl::StatusOr<std::vector<CheckpointRecord>> InMemoryStore::LoadCheckpoints() {
  absl::MutexLock lock(&tables_->mu);
  return tables_->checkpoints;
}

absl::StatusOr<int> InMemoryStore::LastEngineVersion() {
  absl::MutexLock lock(&tables_->mu);
  return tables_->engine_version;
}

}  // namespace atelier
