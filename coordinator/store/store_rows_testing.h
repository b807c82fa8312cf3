// Rows, and changes of them, in short words.
#ifndef ATELIER_COORDINATOR_STORE_STORE_ROWS_TESTING_H_
#define ATELIER_COORDINATOR_STORE_STORE_ROWS_TESTING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"

namespace atelier {

/// What a transaction may have, in any order.
using AnyChange =
    std::variant<JobChange, TaskChange, AttemptRecord, ResultRecord,
                 CheckpointChange, ArtifactChange, ThumbnailRecord, TokenChange,
                 QuotaChange, RatingChange>;

inline RowChanges Rows(const std::vector<AnyChange>& changes) {
  RowChanges rows;
  const auto parts = std::tie(
      rows.jobs, rows.tasks, rows.attempts, rows.results, rows.checkpoints,
      rows.artifacts, rows.thumbnails, rows.tokens, rows.quotas, rows.ratings);
  for (const AnyChange& change : changes) {
    std::visit(
        [&parts](const auto& one) {
          using Row = std::decay_t<decltype(one)>;
          std::get<std::vector<Row>&>(parts).push_back(one);
        },
        change);
  }
  return rows;
}

inline JobChange NewJob(const std::string& id, int64_t sequence,
                        int64_t task_count) {
  JobChange change;
  JobRecord& job = change.after;
  job.id = JobId(id);
  job.sequence = sequence;
  job.request_id = RequestId("request-" + id);
  job.spec_bytes = std::string("spec\0of ", 8) + id;
  job.task_count = task_count;
  job.counts.queued = task_count;
  job.submitted_at = absl::FromUnixMicros(1'000'001);
  job.owner = "ann";
  return change;
}

/// From the row as it is now to `after`.
inline JobChange Changed(const JobRecord& now, JobRecord after) {
  return {VersionOf(now), std::move(after)};
}
inline TaskChange Changed(const TaskRecord& now, TaskRecord after) {
  return {VersionOf(now), std::move(after)};
}
inline TaskChange Inserted(TaskRecord row) {
  return {std::nullopt, std::move(row)};
}

inline AttemptToken Token(int64_t number) {
  return {RenderKey("key" + std::to_string(number)), number, 1};
}

/// A row of a task that is leased as attempt `number`.
inline TaskRecord Leased(const std::string& job, int64_t index,
                         int64_t number) {
  TaskRecord row;
  row.id = {JobId(job), index};
  row.state = TaskState::kLeased;
  row.attempts = 1;
  row.token = Token(number);
  row.worker = WorkerName("w");
  row.instance = InstanceId("i");
  row.began_at = absl::FromUnixMicros(2'000'002);
  return row;
}

inline TaskRecord Succeeded(TaskRecord row) {
  row.state = TaskState::kSucceeded;
  TaskResult& result = row.result.emplace();
  result.image_digest = "digest";
  result.losses = {{{"content", 1.5}, {"style", 0.1}}, 1e-300};
  result.measures = {'a', '\0', '\xff'};
  result.previews = {{1, "first"}, {40, "last"}};
  result.iterations = 40;
  result.elapsed = absl::Microseconds(1234567);
  result.worker = row.worker;
  result.arithmetic = {8, "profile"};
  result.width_px = 64;
  result.height_px = 48;
  result.timings.emplace();
  int64_t microseconds = 1;
  for (const TimedPhase& phase : kTimedPhases) {
    (*result.timings).*phase.time = absl::Microseconds(microseconds *= 10);
  }
  return row;
}
inline TaskRecord Succeeded(const std::string& job, int64_t index,
                            int64_t number) {
  return Succeeded(Leased(job, index, number));
}

/// That this row has the last result of its render.
inline ResultRecord ResultOf(const TaskRecord& row) {
  return {row.token.render_key, row.result->arithmetic, row.id};
}

/// After an attempt that did not succeed, with all that can be said of it.
inline TaskRecord Ended(TaskRecord row, TaskState state, Outcome outcome) {
  row.state = state;
  row.outcome = outcome;
  row.message = "said";
  row.costs.failures = 1;
  row.costs.interruptions = 2;
  row.costs.memory_floor_bytes = 3;
  row.costs.furthest_iteration = 4;
  row.costs.crashes = {"\"a\": x", "\"b\": y, z"};
  return row;
}

/// An attempt of task 1 of job "a" that has ended.
inline AttemptRecord Attempt(int number) {
  AttemptRecord attempt;
  attempt.task = {JobId("a"), 1};
  attempt.number = number;
  attempt.worker = WorkerName("w");
  attempt.began_at = absl::FromUnixMicros(2'000'002);
  attempt.ended_at = absl::FromUnixMicros(3'000'003);
  attempt.outcome = Outcome::kStalled;
  attempt.message = "said";
  attempt.device_time = absl::Microseconds(1'000'001);
  attempt.log_digest = "log";
  return attempt;
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_STORE_ROWS_TESTING_H_
