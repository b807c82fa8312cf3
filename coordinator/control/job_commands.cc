#include "coordinator/control/job_commands.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "coordinator/control/visible_jobs.h"

namespace atelier {
namespace {

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

// Of a user who wants so many tasks queued, beside those that are.
absl::Status CheckQuota(const ClusterState& state, const std::string& user,
                        int64_t asked, const WorkLimits& limits) {
  if (asked == 0) return absl::OkStatus();
  const UserQuota quota = state.quotas().Of(user);
  const int64_t queued = state.jobs().QueuedOf(user);
  if (quota.max_queued_tasks > 0 && asked > quota.max_queued_tasks - queued) {
    return QuotaExhausted(user, kQueuedTasksQuota,
                          {queued, asked, quota.max_queued_tasks});
  }
  if (quota.max_artifact_bytes == 0 || limits.artifacts == nullptr) {
    return absl::OkStatus();
  }
  const int64_t bytes = limits.artifacts->Of(user);
  if (bytes <= quota.max_artifact_bytes) return absl::OkStatus();
  return QuotaExhausted(user, kArtifactBytesQuota,
                        {bytes, 0, quota.max_artifact_bytes});
}

absl::Status SameSpec(bool same, const RequestId& id) {
  if (same) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat("request_id: ", id.value(),
                   " was used for a different spec; make a new one"));
}

// Whether a task of the job is to be queued again.
using IsWanted = std::function<bool(const JobRecord& job, const TaskRecord&)>;

// Of the rows of these tasks, those that are wanted.
absl::StatusOr<std::vector<TaskRecord>> FindWanted(
    Store& store, const JobRecord& job, const std::set<int64_t>& tasks,
    const IsWanted& is_wanted) {
  constexpr int kRowsAtOnce = 1000;
  std::vector<TaskRecord> found;
  for (auto next = tasks.begin(); next != tasks.end();) {
    const int64_t first = *next;
    ASSIGN_OR_RETURN(Store::JobTasks stored,
                     FindTasks(store, job.id, first, kRowsAtOnce));
    for (TaskRecord& row : stored.rows) {
      const bool is_asked_for = tasks.count(row.id.index) > 0;
      if (is_asked_for && is_wanted(job, row)) found.push_back(std::move(row));
    }
    // No sum of what a caller gave: it may be the largest number there is.
    if (*tasks.rbegin() - first < kRowsAtOnce) break;
    next = tasks.lower_bound(first + kRowsAtOnce);
  }
  return found;
}

// Queues those of the tasks again that are wanted; their indices go to
// `queued`. `then`: what a cancelled job is told.
LoopCommand QueueAgainCommand(const JobId& id, std::set<int64_t> tasks,
                              IsWanted is_wanted, const std::string& then,
                              const WorkLimits& limits,
                              std::vector<int64_t>* queued) {
  struct Reads {
    std::vector<TaskRecord> rows;
    std::optional<StoredJob> ended;
  };
  const auto reads = std::make_shared<Reads>();
  LoopCommand command;
  command.reads_all = true;
  command.read =
      [=, tasks = std::move(tasks),
       is_wanted = std::move(is_wanted)](DecisionLoop& loop) -> absl::Status {
    ASSIGN_OR_RETURN(JobRecord record, FindJob(loop.store(), id));
    if (record.state == JobState::kCancelled) {
      return absl::FailedPreconditionError(
          absl::StrCat("job ", id.value(), " was cancelled: ", then));
    }
    ASSIGN_OR_RETURN(reads->rows,
                     FindWanted(loop.store(), record, tasks, is_wanted));
    if (reads->rows.empty() || loop.Has(id)) return absl::OkStatus();
    ASSIGN_OR_RETURN(reads->ended, loop.LoadJob(std::move(record)));
    return absl::OkStatus();
  };
  command.decide = [=](ClusterState& state, absl::Time) -> absl::Status {
    if (reads->rows.empty()) return absl::OkStatus();
    const std::string& user = reads->ended.has_value()
                                  ? reads->ended->spec->user
                                  : state.jobs().Find(id)->spec().user;
    RETURN_IF_ERROR(CheckQuota(
        state, user, static_cast<int64_t>(reads->rows.size()), limits));
    if (reads->ended.has_value()) state.Reopen(*std::move(reads->ended));
    for (TaskRecord& row : reads->rows) {
      if (queued != nullptr) queued->push_back(row.id.index);
      state.QueueAgain(std::move(row));
    }
    return absl::OkStatus();
  };
  return command;
}

}  // namespace

absl::Status CheckCanQueue(const ClusterState& state, const JobSpec& spec,
                           int64_t task_count, const WorkLimits& limits) {
  RETURN_IF_ERROR(CheckRoom(state.jobs(), spec, limits.most_spec_bytes));
  return CheckQuota(state, spec.user, task_count, limits);
}

LoopCommand SubmitCommand(JobRecord record, std::shared_ptr<const JobSpec> spec,
                          const WorkLimits& limits, JobId* id) {
  struct Reads {
    JobRecord record;
    std::optional<JobRecord> stored;
  };
  const auto reads = std::make_shared<Reads>();
  reads->record = std::move(record);
  LoopCommand command;
  command.read = [reads](DecisionLoop& loop) -> absl::Status {
    ASSIGN_OR_RETURN(reads->stored,
                     loop.store().FindByRequestId(reads->record.request_id));
    if (!reads->stored.has_value()) {
      reads->record.sequence = loop.NextSequence();
    }
    return absl::OkStatus();
  };
  command.decide = [=](ClusterState& state, absl::Time) -> absl::Status {
    const RequestId& request = reads->record.request_id;
    // One that is not committed yet stands only in memory.
    if (const Job* const job = state.jobs().FindByRequestId(request)) {
      *id = job->record().id;
      return SameSpec(job->spec_digest() == HexDigest(reads->record.spec_bytes),
                      request);
    }
    if (reads->stored.has_value()) {
      if (reads->stored->state == JobState::kDeleted) {
        return absl::AlreadyExistsError(absl::StrCat(
            "request_id: ", request.value(),
            " was used for a job that is deleted; make a new one"));
      }
      *id = reads->stored->id;
      return SameSpec(reads->stored->spec_bytes == reads->record.spec_bytes,
                      request);
    }
    RETURN_IF_ERROR(
        CheckCanQueue(state, *spec, reads->record.task_count, limits));
    *id = reads->record.id;
    state.AddJob(std::move(reads->record), spec);
    return absl::OkStatus();
  };
  return command;
}

LoopCommand CancelCommand(const JobId& id) {
  LoopCommand command;
  command.decide = [id](ClusterState& state, absl::Time now) {
    if (state.jobs().Find(id) != nullptr) state.Cancel(id, now);
    return absl::OkStatus();
  };
  return command;
}

LoopCommand SteerCommand(const JobId& id,
                         std::function<void(JobUpdate& update)> change) {
  LoopCommand command;
  command.decide = [id, change = std::move(change)](ClusterState& state,
                                                    absl::Time now) {
    const Job* const job = state.jobs().Find(id);
    if (job == nullptr) {
      return absl::FailedPreconditionError(
          absl::StrCat("job ", id.value(), " has ended"));
    }
    const JobUpdate before{job->record().paused, job->record().priority};
    JobUpdate after = before;
    change(after);
    if (after.paused != before.paused || after.priority != before.priority) {
      state.Steer(id, after.paused, after.priority, now);
    }
    return absl::OkStatus();
  };
  return command;
}

LoopCommand RetryCommand(const JobId& id, const WorkLimits& limits) {
  const auto ended = std::make_shared<std::optional<StoredJob>>();
  LoopCommand command;
  command.reads_all = true;
  command.read = [id, ended](DecisionLoop& loop) -> absl::Status {
    if (loop.Has(id)) return absl::OkStatus();
    ASSIGN_OR_RETURN(JobRecord record, FindJob(loop.store(), id));
    if (record.state == JobState::kSucceeded) return absl::OkStatus();
    ASSIGN_OR_RETURN(*ended, loop.LoadJob(std::move(record)));
    return absl::OkStatus();
  };
  command.decide = [=](ClusterState& state, absl::Time) -> absl::Status {
    if (const Job* const job = state.jobs().Find(id)) {
      RETURN_IF_ERROR(CheckQuota(state, job->spec().user,
                                 job->record().counts.failed, limits));
      state.RetryFailed(id);
    } else if (ended->has_value()) {
      const JobSpec& spec = *(*ended)->spec;
      const TaskCounts& counts = (*ended)->record.counts;
      RETURN_IF_ERROR(CheckRoom(state.jobs(), spec, limits.most_spec_bytes));
      RETURN_IF_ERROR(CheckQuota(state, spec.user,
                                 counts.failed + counts.cancelled, limits));
      state.Retry(*std::move(*ended));
    }
    return absl::OkStatus();
  };
  return command;
}

LoopCommand RetryTasksCommand(const JobId& id, std::set<int64_t> tasks,
                              const WorkLimits& limits) {
  // What failed before the job was retried is queued already.
  const auto failed = [](const JobRecord& job, const TaskRecord& row) {
    return row.state == TaskState::kFailed && row.generation == job.generation;
  };
  return QueueAgainCommand(id, std::move(tasks), failed, "retry all of it",
                           limits, nullptr);
}

LoopCommand RepairCommand(const JobId& id, std::vector<TaskPicture> lost,
                          const WorkLimits& limits,
                          std::vector<int64_t>* queued) {
  std::set<int64_t> tasks;
  std::map<int64_t, std::string> digests;
  for (TaskPicture& one : lost) {
    tasks.insert(one.index);
    digests.emplace(one.index, std::move(one.digest));
  }
  const auto has_lost_it = [digests = std::move(digests)](
                               const JobRecord&, const TaskRecord& row) {
    return row.state == TaskState::kSucceeded &&
           row.result->image_digest == digests.at(row.id.index);
  };
  return QueueAgainCommand(id, std::move(tasks), has_lost_it,
                           "retry it, then repair it", limits, queued);
}

LoopCommand DeleteCommand(const JobId& id, JobRecord* deleted) {
  LoopCommand command;
  command.reads_all = true;
  command.read = [=](DecisionLoop& loop) -> absl::Status {
    ASSIGN_OR_RETURN(*deleted, FindJob(loop.store(), id));
    return absl::OkStatus();
  };
  command.decide = [=](ClusterState& state, absl::Time) {
    if (state.jobs().Find(id) != nullptr) {
      return absl::FailedPreconditionError(absl::StrCat(
          "job ", id.value(), " has not ended: cancel it, then delete it"));
    }
    state.Delete(*deleted);
    return absl::OkStatus();
  };
  return command;
}

LoopCommand RemoveCommand(const JobRecord& deleted, int64_t first,
                          int64_t end) {
  LoopCommand command;
  command.decide = [=](ClusterState& state, absl::Time) {
    state.Remove(deleted, first, end, /*last=*/end == deleted.task_count);
    return absl::OkStatus();
  };
  return command;
}

}  // namespace atelier
