#include "coordinator/store/memory/row_writer.h"

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

bool Is(const JobRecord& row, const JobVersion& expected) {
  return row.state == expected.state && row.generation == expected.generation;
}

bool Is(const TaskRecord& row, const TaskVersion& expected) {
  return row.state == expected.state && row.generation == expected.generation &&
         row.token == expected.token;
}

// Whether the row may be written by a change that expects `before`.
template <typename Rows, typename Key, typename Version>
absl::Status Check(const Rows& rows, const Key& key,
                   const std::optional<Version>& before,
                   const std::string& name) {
  const auto found = rows.find(key);
  if (before.has_value() ? found != rows.end() && Is(found->second, *before)
                         : found == rows.end()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(name, ": its row is not what the change expects"));
}

}  // namespace

absl::Status RowWriter::Write(const RowChanges& changes) {
  for (const JobChange& job : changes.jobs) RETURN_IF_ERROR(Write(job));
  for (const TaskChange& task : changes.tasks) RETURN_IF_ERROR(Write(task));
  for (const TokenChange& one : changes.tokens) RETURN_IF_ERROR(Write(one));
  for (const RatingChange& one : changes.ratings) RETURN_IF_ERROR(Write(one));
  for (const TaskRemoval& range : changes.removed_tasks) Remove(range);
  for (const JobRemoval& job : changes.removed_jobs) {
    RETURN_IF_ERROR(Remove(job));
  }
  return absl::OkStatus();
}

void RowWriter::PutBack() {
  jobs_.PutBack();
  tasks_.PutBack();
  tokens_.PutBack();
  ratings_.PutBack();
}

absl::Status RowWriter::Write(const JobChange& change) {
  const JobRecord& job = change.after;
  const std::string name = absl::StrCat("job ", job.id.value());
  RETURN_IF_ERROR(Check(rows_.jobs, job.id, change.before, name));
  if (!change.before.has_value()) {
    for (const auto& [id, other] : rows_.jobs) {
      if (other.sequence != job.sequence &&
          other.request_id != job.request_id) {
        continue;
      }
      return absl::FailedPreconditionError(absl::StrCat(
          name, ": job ", id.value(), " has its sequence or request id"));
    }
  }
  jobs_.Save(job.id);
  JobRecord& row = rows_.jobs[job.id];
  const JobRecord first = change.before.has_value() ? row : job;
  row = job;
  row.sequence = first.sequence;
  row.request_id = first.request_id;
  row.spec_bytes = first.spec_bytes;
  row.task_count = first.task_count;
  row.submitted_at = first.submitted_at;
  row.owner = first.owner;
  return absl::OkStatus();
}

absl::Status RowWriter::Write(const TaskChange& change) {
  const TaskId& id = change.after.id;
  const std::string name =
      absl::StrCat("job ", id.job.value(), ", task ", id.index);
  if (rows_.jobs.count(id.job) == 0) {
    return absl::FailedPreconditionError(absl::StrCat(name, ": no such job"));
  }
  RETURN_IF_ERROR(Check(rows_.tasks, id, change.before, name));
  tasks_.Save(id);
  rows_.tasks[id] = change.after;
  return absl::OkStatus();
}

absl::Status RowWriter::Write(const TokenChange& change) {
  const TokenRecord& token = change.token;
  if (!change.keep) {
    tokens_.Save(token.accessor);
    rows_.tokens.erase(token.accessor);
    return absl::OkStatus();
  }
  for (const auto& [accessor, other] : rows_.tokens) {
    if ((accessor == token.accessor) == (other.hash == token.hash)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("token ", token.accessor,
                     ": its row is not what the change expects (it has "
                     "another hash, or another token has this one)"));
  }
  tokens_.Save(token.accessor);
  rows_.tokens[token.accessor] = token;
  return absl::OkStatus();
}

absl::Status RowWriter::Write(const RatingChange& change) {
  if (!change.keep) {
    ratings_.Save(change.key);
    rows_.ratings.erase(change.key);
    return absl::OkStatus();
  }
  const auto job = rows_.jobs.find(change.key.task.job);
  if (job == rows_.jobs.end() || job->second.state == JobState::kDeleted) {
    return absl::FailedPreconditionError(
        absl::StrCat("job ", change.key.task.job.value(),
                     ": its row is not what the change expects"));
  }
  ratings_.Save(change.key);
  rows_.ratings[change.key] = change.value;
  return absl::OkStatus();
}

void RowWriter::Remove(const TaskRemoval& range) {
  if (range.first >= range.end) return;
  const auto end = rows_.tasks.lower_bound({range.job, range.end});
  auto task = rows_.tasks.lower_bound({range.job, range.first});
  while (task != end) {
    tasks_.Save(task->first);
    task = rows_.tasks.erase(task);
  }
  const auto last = rows_.ratings.lower_bound({{range.job, range.end}, "", ""});
  auto rating = rows_.ratings.lower_bound({{range.job, range.first}, "", ""});
  while (rating != last) {
    ratings_.Save(rating->first);
    rating = rows_.ratings.erase(rating);
  }
}

absl::Status RowWriter::Remove(const JobRemoval& removal) {
  const std::string name = absl::StrCat("job ", removal.job.value());
  RETURN_IF_ERROR(Check(rows_.jobs, removal.job,
                        std::optional<JobVersion>(removal.before), name));
  const auto task = rows_.tasks.lower_bound({removal.job, 0});
  if (task != rows_.tasks.end() && task->first.job == removal.job) {
    return absl::FailedPreconditionError(
        absl::StrCat(name, ": its tasks have rows"));
  }
  jobs_.Save(removal.job);
  rows_.jobs.erase(removal.job);
  return absl::OkStatus();
}

}  // namespace atelier
