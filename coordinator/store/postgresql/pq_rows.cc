#include "coordinator/store/postgresql/pq_rows.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "coordinator/store/row_text.h"

namespace atelier {
namespace {

// The columns of one row, from the first on.
class RowReader {
 public:
  RowReader(const PqResult& result, int row) : result_(result), row_(row) {}

  int64_t Int() { return result_.Int(row_, column_++); }
  int Small() { return static_cast<int>(Int()); }
  double Double() { return result_.Double(row_, column_++); }
  std::string Text() { return std::string(result_.Text(row_, column_++)); }
  std::string Bytes() { return result_.Bytes(row_, column_++); }
  bool IsNull() const { return result_.IsNull(row_, column_); }
  std::optional<absl::Time> TimeIf() {
    if (!IsNull()) return TimeFromSql(Int());
    ++column_;
    return std::nullopt;
  }

 private:
  const PqResult& result_;
  const int row_;
  int column_ = 0;
};

std::optional<int64_t> IfAny(const std::optional<absl::Time>& time) {
  if (!time.has_value()) return std::nullopt;
  return ToSql(*time);
}

template <typename Record>
std::vector<Record> RowsIn(const PqResult& result,
                           Record (*read)(RowReader& from)) {
  std::vector<Record> records;
  records.reserve(static_cast<size_t>(result.rows()));
  for (int row = 0; row < result.rows(); ++row) {
    RowReader from(result, row);
    records.push_back(read(from));
  }
  return records;
}

JobRecord ReadJob(RowReader& from) {
  JobRecord job;
  job.id = JobId(from.Text());
  job.sequence = from.Int();
  job.request_id = RequestId(from.Text());
  job.task_count = from.Int();
  job.submitted_at = TimeFromSql(from.Int());
  job.owner = from.Text();
  job.spec_bytes = from.Bytes();
  job.cursor = from.Int();
  job.generation = from.Int();
  job.state = static_cast<JobState>(from.Int());
  job.counts.queued = from.Int();
  job.counts.leased = from.Int();
  job.counts.succeeded = from.Int();
  job.counts.failed = from.Int();
  job.counts.cancelled = from.Int();
  job.ended_at = from.TimeIf();
  job.message = from.Text();
  job.paused = from.Int() != 0;
  job.priority = from.Small();
  return job;
}

void ReadResult(RowReader& from, int engine_version, TaskRecord& task) {
  if (from.IsNull()) return;
  TaskResult& result = task.result.emplace();
  result.image_digest = from.Text();
  result.losses.terms = TermsFromSql(from.Text());
  result.losses.total = from.Double();
  result.iterations = from.Small();
  result.elapsed = DurationFromSql(from.Int());
  result.worker = task.worker;
  result.arithmetic = {engine_version, from.Text()};
  result.width_px = from.Small();
  result.height_px = from.Small();
  const bool has_timings = !from.IsNull();
  const AttemptTimings timings = TimingsFromSql(from.Text());
  if (has_timings) result.timings = timings;
  result.measures = from.Bytes();
  result.previews = PreviewsFromSql(from.Text());
}

TaskRecord ReadTask(RowReader& from) {
  TaskRecord task;
  task.id.job = JobId(from.Text());
  task.id.index = from.Int();
  task.state = static_cast<TaskState>(from.Int());
  task.generation = from.Int();
  task.attempts = from.Small();
  task.costs.failures = from.Small();
  task.costs.interruptions = from.Small();
  task.costs.memory_floor_bytes = from.Int();
  task.costs.furthest_iteration = from.Small();
  const std::string crashes = from.Text();
  task.costs.crashes = absl::StrSplit(crashes, '\n', absl::SkipEmpty());
  task.token.render_key = RenderKey(from.Text());
  task.token.number = from.Int();
  task.token.epoch = from.Int();
  task.token.secret = from.Text();
  task.worker = WorkerName(from.Text());
  task.instance = InstanceId(from.Text());
  task.began_at = from.TimeIf();
  const bool has_outcome = !from.IsNull();
  const Outcome outcome = static_cast<Outcome>(from.Int());
  if (has_outcome) task.outcome = outcome;
  task.message = from.Text();
  const int engine_version = from.Small();
  ReadResult(from, engine_version, task);
  return task;
}

AttemptRecord ReadAttempt(RowReader& from) {
  AttemptRecord attempt;
  attempt.task.job = JobId(from.Text());
  attempt.task.index = from.Int();
  from.Int();  // Its place.
  attempt.number = from.Small();
  attempt.worker = WorkerName(from.Text());
  attempt.began_at = from.TimeIf();
  attempt.ended_at = TimeFromSql(from.Int());
  attempt.outcome = static_cast<Outcome>(from.Int());
  attempt.message = from.Text();
  attempt.device_time = DurationFromSql(from.Int());
  attempt.log_digest = from.Text();
  return attempt;
}

ArtifactRecord ReadArtifact(RowReader& from) {
  ArtifactRecord artifact;
  artifact.kind = static_cast<ArtifactKind>(from.Int());
  artifact.digest = from.Text();
  artifact.size_bytes = from.Int();
  artifact.used_at = TimeFromSql(from.Int());
  artifact.checked_at = TimeFromSql(from.Int());
  artifact.version = from.Text();
  artifact.owner = from.Text();
  return artifact;
}

}  // namespace

std::string PqColumns::All() const {
  return absl::StrCat(absl::StrJoin(key, ", "), ", ",
                      absl::StrJoin(values, ", "));
}

std::string PqColumns::Parameters() const {
  std::string text = "$1";
  for (size_t i = 2; i <= key.size() + values.size(); ++i) {
    absl::StrAppend(&text, ", $", i);
  }
  return text;
}

std::string PqColumns::Assignments() const {
  size_t number = 0;
  return absl::StrJoin(values, ", ",
                       [&number](std::string* out, const std::string& name) {
                         absl::StrAppend(out, name, " = $", ++number);
                       });
}

std::string PqColumns::Excluded() const {
  return absl::StrJoin(values, ", ",
                       [](std::string* out, const std::string& name) {
                         absl::StrAppend(out, name, " = excluded.", name);
                       });
}

const PqColumns& JobColumnsOfPq() {
  static const auto& columns = *new PqColumns{
      {"job_id", "sequence", "request_id", "task_count", "submitted_at",
       "owner", "spec"},
      {"cursor", "generation", "state", "queued", "leased", "succeeded",
       "failed", "cancelled", "ended_at", "message", "paused", "priority"}};
  return columns;
}

const PqColumns& TaskColumnsOfPq() {
  static const auto& columns = *new PqColumns{{"job_id", "task_index"},
                                              {"state",
                                               "generation",
                                               "attempts",
                                               "failures",
                                               "interruptions",
                                               "memory_floor",
                                               "furthest_iteration",
                                               "crashes",
                                               "render_key",
                                               "attempt_number",
                                               "attempt_epoch",
                                               "attempt_secret",
                                               "worker",
                                               "instance",
                                               "began_at",
                                               "outcome",
                                               "message",
                                               "engine_version",
                                               "image_digest",
                                               "terms",
                                               "total_loss",
                                               "iterations",
                                               "elapsed_us",
                                               "profile",
                                               "width_px",
                                               "height_px",
                                               "timings",
                                               "measures",
                                               "previews"}};
  return columns;
}

const PqColumns& AttemptColumnsOfPq() {
  static const auto& columns =
      *new PqColumns{{"job_id", "task_index", "place"},
                     {"number", "worker", "began_at", "ended_at", "outcome",
                      "message", "device_us", "log_digest"}};
  return columns;
}

const PqColumns& ArtifactColumnsOfPq() {
  static const auto& columns = *new PqColumns{
      {"kind", "digest"},
      {"size_bytes", "used_at", "checked_at", "version", "owner"}};
  return columns;
}

void AddKey(const JobRecord& job, PqParams& params) {
  params.Text(job.id.value())
      .Int(job.sequence)
      .Text(job.request_id.value())
      .Int(job.task_count)
      .Int(ToSql(job.submitted_at))
      .Text(job.owner)
      .Bytes(job.spec_bytes);
}

void AddValues(const JobRecord& job, PqParams& params) {
  params.Int(job.cursor)
      .Int(job.generation)
      .Int(static_cast<int64_t>(job.state))
      .Int(job.counts.queued)
      .Int(job.counts.leased)
      .Int(job.counts.succeeded)
      .Int(job.counts.failed)
      .Int(job.counts.cancelled)
      .IntIf(IfAny(job.ended_at))
      .Text(job.message)
      .Int(job.paused ? 1 : 0)
      .Int(job.priority);
}

void AddKey(const TaskRecord& task, PqParams& params) {
  params.Text(task.id.job.value()).Int(task.id.index);
}

void AddValues(const TaskRecord& task, PqParams& params) {
  params.Int(static_cast<int64_t>(task.state))
      .Int(task.generation)
      .Int(task.attempts)
      .Int(task.costs.failures)
      .Int(task.costs.interruptions)
      .Int(task.costs.memory_floor_bytes)
      .Int(task.costs.furthest_iteration)
      .Text(absl::StrJoin(task.costs.crashes, "\n"))
      .Text(task.token.render_key.value())
      .Int(task.token.number)
      .Int(task.token.epoch)
      .Text(task.token.secret)
      .Text(task.worker.value())
      .Text(task.instance.value())
      .IntIf(IfAny(task.began_at));
  if (task.outcome.has_value()) {
    params.Int(static_cast<int64_t>(*task.outcome));
  } else {
    params.Null();
  }
  params.Text(task.message);
  if (!task.result.has_value()) {
    params.Int(0);
    // From image_digest to previews.
    for (int column = 0; column < 11; ++column) params.Null();
    return;
  }
  const TaskResult& result = *task.result;
  params.Int(result.arithmetic.engine_version)
      .Text(result.image_digest)
      .Text(ToSql(result.losses.terms))
      .Double(result.losses.total)
      .Int(result.iterations)
      .Int(absl::ToInt64Microseconds(result.elapsed))
      .Text(result.arithmetic.profile)
      .Int(result.width_px)
      .Int(result.height_px);
  if (result.timings.has_value()) {
    params.Text(ToSql(*result.timings));
  } else {
    params.Null();
  }
  if (result.measures.empty()) {
    params.Null();
  } else {
    params.Bytes(result.measures);
  }
  params.TextIf(!result.previews.empty(), ToSql(result.previews));
}

void AddKey(const AttemptRecord& attempt, PqParams& params) {
  params.Text(attempt.task.job.value())
      .Int(attempt.task.index)
      .Int(attempt.number % kKeptAttempts);
}

void AddValues(const AttemptRecord& attempt, PqParams& params) {
  params.Int(attempt.number)
      .Text(attempt.worker.value())
      .IntIf(IfAny(attempt.began_at))
      .Int(ToSql(attempt.ended_at))
      .Int(static_cast<int64_t>(attempt.outcome))
      .Text(attempt.message)
      .Int(absl::ToInt64Microseconds(attempt.device_time))
      .Text(attempt.log_digest);
}

void AddKey(const ArtifactRecord& artifact, PqParams& params) {
  params.Int(static_cast<int64_t>(artifact.kind)).Text(artifact.digest);
}

void AddValues(const ArtifactRecord& artifact, PqParams& params) {
  params.Int(artifact.size_bytes)
      .Int(ToSql(artifact.used_at))
      .Int(ToSql(artifact.checked_at))
      .Text(artifact.version)
      .Text(artifact.owner);
}

std::vector<JobRecord> JobsIn(const PqResult& result) {
  return RowsIn<JobRecord>(result, ReadJob);
}

std::vector<TaskRecord> TasksIn(const PqResult& result) {
  return RowsIn<TaskRecord>(result, ReadTask);
}

std::vector<AttemptRecord> AttemptsIn(const PqResult& result) {
  return RowsIn<AttemptRecord>(result, ReadAttempt);
}

std::vector<ArtifactRecord> ArtifactsIn(const PqResult& result) {
  return RowsIn<ArtifactRecord>(result, ReadArtifact);
}

}  // namespace atelier
