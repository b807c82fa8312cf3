// The control's writer thread: decide, commit, answer.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "coordinator/control/control_plane.h"

namespace atelier {
namespace {

absl::Status FirstFailure(const std::vector<absl::Status>& statuses) {
  for (const absl::Status& status : statuses) RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

// Of one of our own decisions, told to a caller who can only repeat.
absl::Status NotConfirmed(const absl::Status& why) {
  return absl::UnavailableError(absl::StrCat(
      "the store did not confirm (", why.message(), "); repeat the call"));
}

// Jobs that are stored already are loaded whatever they take.
absl::Status CheckRoom(const JobTable& queue, const JobSpec& spec,
                       int64_t most_bytes) {
  const int64_t bytes = MemoryBytes(spec);
  if (bytes <= most_bytes - queue.memory_bytes()) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "spec: takes ", bytes, " bytes of memory, and unfinished jobs have ",
      queue.memory_bytes(), " of the ", most_bytes,
      " that they may (--max-open-spec-bytes); repeat when some have ended"));
}

absl::Status SameSpec(bool same, const RequestId& id) {
  if (same) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat("request_id: ", id.value(),
                   " was used for a different spec; make a new one"));
}

// The results of these renders whose pictures are whole.
absl::StatusOr<std::vector<StoredResult>> FindWhole(
    Store& store, const std::set<RenderKey>& keys,
    const std::function<bool(const std::string& digest)>& has_picture) {
  ASSIGN_OR_RETURN(std::vector<StoredResult> found, store.FindResults(keys));
  const auto is_gone = [&](const StoredResult& one) {
    return !has_picture(one.result.image_digest);
  };
  found.erase(std::remove_if(found.begin(), found.end(), is_gone), found.end());
  return found;
}

}  // namespace

void ControlPlane::RunWriter() {
  bool stop = false;
  while (!stop) {
    std::vector<Command> commands;
    {
      absl::MutexLock lock(&queue_mu_);
      const auto has_something =
          [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mu_) {
            return !queue_.empty() || stopping_ || more_work_;
          };
      queue_mu_.Await(absl::Condition(&has_something));
      commands.swap(queue_);
      stop = stopping_;
    }
    std::vector<Command> batch;
    for (Command& command : commands) {
      if (command.reads_store && !batch.empty()) {
        RunBatch(std::exchange(batch, {}));
      }
      batch.push_back(std::move(command));
    }
    RunBatch(std::move(batch));
  }
  listeners_.Stop(
      absl::UnavailableError("the coordinator is stopping; repeat later"));
}

void ControlPlane::RunBatch(std::vector<Command> batch) {
  for (const Command& command : batch) {
    last_now_ = std::max(last_now_, command.now);
  }
  std::vector<absl::Status> statuses;
  absl::StatusOr<Decisions> decisions = Decide(batch, statuses);
  absl::Status status = decisions.status();
  if (status.ok()) status = Commit(*decisions);
  if (!status.ok()) {
    const absl::Status told = NotConfirmed(status);
    Fail(status);
    for (const Command& command : batch) {
      if (command.answer) command.answer(told);
      if (command.call.has_value()) listeners_.AnswerNow(*command.call, told);
    }
    if (!decisions.ok()) return;
    for (const auto& [id, answer] : decisions->answers) {
      listeners_.AnswerNow(id, told);
    }
    return;
  }
  Listeners::Outcomes outcomes;
  for (size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i].answer) continue;
    outcomes.push_back([answer = std::move(batch[i].answer),
                        status = statuses[i]] { answer(status); });
  }
  listeners_.Tell(std::move(outcomes), *std::move(decisions));
}

absl::StatusOr<Decisions> ControlPlane::Decide(
    std::vector<Command>& batch, std::vector<absl::Status>& statuses) {
  if (must_reload_) {
    RETURN_IF_ERROR(Reload([this] { return last_now_; }));
  }
  absl::MutexLock lock(&state_mu_);
  for (Command& command : batch) statuses.push_back(command.decide(state_));
  RETURN_IF_ERROR(AssignWork(last_now_));
  return state_.TakeDecisions();
}

absl::Status ControlPlane::AssignWork(absl::Time now) {
  do {
    while (const auto request = state_.NeedsPage()) {
      ASSIGN_OR_RETURN(
          const std::vector<TaskPosition> page,
          store_.ListStaleFailures(request->job, request->generation,
                                   request->after, request->limit));
      state_.AddStalePage(*request, page);
    }
    RETURN_IF_ERROR(LookUp());
    more_work_ = state_.AssignWork(now);
  } while (state_.NeedsPage().has_value() || !state_.NeedsLookup().empty());
  return absl::OkStatus();
}

absl::Status ControlPlane::LookUp() {
  if (state_.NeedsLookup().empty()) return absl::OkStatus();
  const std::set<RenderKey> keys = state_.NeedsLookup();
  // Others only look; nobody but this thread changes anything.
  state_mu_.Unlock();
  absl::StatusOr<std::vector<StoredResult>> found =
      FindWhole(store_, keys, options_.has_picture);
  state_mu_.Lock();
  RETURN_IF_ERROR(found.status());
  state_.AddLookup(*found);
  return absl::OkStatus();
}

absl::Status ControlPlane::Commit(const Decisions& decisions) {
  {
    absl::MutexLock lock(&state_mu_);
    // After a failure, even an empty transaction tells whether writing works.
    if (decisions.mutations.empty() && health_.ok()) {
      counts_.decisions += decisions.counts;
      return absl::OkStatus();
    }
  }
  const std::vector<absl::Status> statuses = store_.Apply(decisions.mutations);
  RETURN_IF_ERROR(FirstFailure(statuses));
  absl::MutexLock lock(&state_mu_);
  health_ = absl::OkStatus();
  if (!decisions.mutations.empty()) ++counts_.commits;
  counts_.decisions += decisions.counts;
  counts_.mutations += static_cast<int64_t>(decisions.mutations.size());
  return absl::OkStatus();
}

void ControlPlane::Fail(const absl::Status& why) {
  must_reload_ = true;
  more_work_ = false;
  std::vector<CallId> ended;
  {
    absl::MutexLock lock(&state_mu_);
    ++counts_.store_failures;
    // Once fenced, always fenced.
    if (!absl::IsAborted(health_)) health_ = why;
    ended = state_.Restore({}, last_now_);
  }
  for (CallId id : ended) listeners_.AnswerNow(id, NotConfirmed(why));
}

absl::Status ControlPlane::Reload(const std::function<absl::Time()>& now) {
  {
    absl::MutexLock lock(&state_mu_);
    if (absl::IsAborted(health_)) return health_;
  }
  ASSIGN_OR_RETURN(last_sequence_, store_.LastSequence());
  ASSIGN_OR_RETURN(std::vector<JobRecord> records, store_.LoadUnfinishedJobs());
  std::vector<StoredJob> jobs;
  for (JobRecord& record : records) {
    ASSIGN_OR_RETURN(StoredJob job, LoadJob(std::move(record)));
    jobs.push_back(std::move(job));
  }
  ASSIGN_OR_RETURN(std::vector<CheckpointRecord> checkpoints,
                   store_.LoadCheckpoints());
  ASSIGN_OR_RETURN(const int engine_version, store_.LastEngineVersion());
  absl::MutexLock lock(&state_mu_);
  // Leases run from when they can be extended, however long reading took.
  state_.Restore(std::move(jobs), now());
  state_.RestoreCheckpoints(std::move(checkpoints));
  state_.RestoreEngineVersion(engine_version);
  must_reload_ = false;
  return absl::OkStatus();
}

absl::StatusOr<StoredJob> ControlPlane::LoadJob(JobRecord record) {
  StoredJob job;
  ASSIGN_OR_RETURN(job.spec, DecodeSpec(record));
  ASSIGN_OR_RETURN(job.open_tasks, store_.LoadOpenTasks(record.id));
  const int64_t first = std::max<int64_t>(0, record.cursor - Job::kWindow);
  ASSIGN_OR_RETURN(const Store::JobTasks last,
                   store_.ListTasks(record.id, first,
                                    static_cast<int>(record.cursor - first)));
  auto row = last.rows.begin();
  for (int64_t index = first; index < record.cursor; ++index) {
    if (row != last.rows.end() && row->id.index == index) {
      ++row;
    } else {
      job.passed_over.push_back(index);
    }
  }
  job.record = std::move(record);
  return job;
}

absl::Status ControlPlane::DecideSubmit(ClusterState& state, JobRecord record,
                                        std::shared_ptr<const JobSpec> spec,
                                        JobId& id) {
  const RequestId& request = record.request_id;
  // A job that is not committed yet stands only in memory, one that has ended
  // only in the store.
  if (const Job* job = state.jobs().FindByRequestId(request)) {
    id = job->record().id;
    return SameSpec(job->spec_digest() == HexDigest(record.spec_bytes),
                    request);
  }
  ASSIGN_OR_RETURN(const std::optional<JobRecord> stored,
                   store_.FindByRequestId(request));
  if (stored.has_value()) {
    id = stored->id;
    return SameSpec(stored->spec_bytes == record.spec_bytes, request);
  }
  RETURN_IF_ERROR(
      CheckRoom(state.jobs(), *spec, options_.state.open_spec_bytes));
  record.sequence = ++last_sequence_;
  state.AddJob(std::move(record), std::move(spec));
  return absl::OkStatus();
}

absl::Status ControlPlane::DecideRetry(ClusterState& state, const JobId& id) {
  if (state.jobs().Find(id) != nullptr) {
    state.RetryFailed(id);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(JobRecord record, store_.GetJob(id));
  if (record.state == JobState::kSucceeded) return absl::OkStatus();
  ASSIGN_OR_RETURN(StoredJob job, LoadJob(std::move(record)));
  RETURN_IF_ERROR(
      CheckRoom(state.jobs(), *job.spec, options_.state.open_spec_bytes));
  state.Retry(std::move(job));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int64_t>> ControlPlane::DecideRepair(
    ClusterState& state, const JobId& id,
    const std::vector<TaskPicture>& lost) {
  ASSIGN_OR_RETURN(JobRecord record, store_.GetJob(id));
  if (record.state == JobState::kCancelled) {
    return absl::FailedPreconditionError(absl::StrCat(
        "job ", id.value(), " was cancelled: retry it, then repair it"));
  }
  std::map<int64_t, std::string> digests;
  std::set<int64_t> indices;
  for (const TaskPicture& one : lost) {
    digests.emplace(one.index, one.digest);
    indices.insert(one.index);
  }
  ASSIGN_OR_RETURN(std::vector<TaskPicture> still,
                   FindPictures(CoordinatorItself(), id, indices));
  const auto is_another = [&](const TaskPicture& one) {
    return digests.at(one.index) != one.digest;
  };
  still.erase(std::remove_if(still.begin(), still.end(), is_another),
              still.end());
  if (!still.empty() && state.jobs().Find(id) == nullptr) {
    ASSIGN_OR_RETURN(StoredJob job, LoadJob(std::move(record)));
    state.Reopen(std::move(job));
  }
  std::vector<int64_t> queued;
  for (const TaskPicture& one : still) {
    state.Repair({id, one.index}, one.digest);
    queued.push_back(one.index);
  }
  return queued;
}

}  // namespace atelier
