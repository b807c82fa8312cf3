#include "coordinator/store/postgresql/pq_writer.h"

#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/store/postgresql/pq_rows.h"
#include "coordinator/store/postgresql/pq_rows_insert.h"
#include "coordinator/store/row_text.h"

namespace atelier {
namespace {

// The lock leaves no dead row behind. The number tells later what became of
// the transaction.
constexpr char kCheckEpoch[] =
    "SELECT pg_current_xact_id() FROM epoch WHERE current = $1 FOR SHARE";

// Of each kind in one transaction: others write, too.
constexpr int kRowsTrimmedAtOnce = 10'000;

const std::string& InsertJob() {
  static const auto& sql = *new std::string(
      absl::StrCat("INSERT INTO jobs (", JobColumnsOfPq().All(), ") VALUES (",
                   JobColumnsOfPq().Parameters(), ") ON CONFLICT DO NOTHING"));
  return sql;
}

const std::string& UpdateJob() {
  static const auto& sql = *new std::string(
      absl::StrCat("UPDATE jobs SET ", JobColumnsOfPq().Assignments(),
                   " WHERE job_id = $13 AND state = $14 AND generation = $15"));
  return sql;
}

const PqRowsInsert& InsertTasks() {
  static const auto& insert =
      *new PqRowsInsert("tasks", TaskColumnsOfPq().All(), "DO NOTHING");
  return insert;
}

const std::string& UpdateTask() {
  static const auto& sql = *new std::string(absl::StrCat(
      "UPDATE tasks SET ", TaskColumnsOfPq().Assignments(),
      " WHERE job_id = $30 AND task_index = $31 AND state = $32 "
      "AND generation = $33 AND attempt_number = $34 AND attempt_epoch = $35 "
      "AND render_key = $36"));
  return sql;
}

const PqRowsInsert& PutAttempts() {
  static const auto& insert = *new PqRowsInsert(
      "attempts", AttemptColumnsOfPq().All(),
      absl::StrCat("(job_id, task_index, place) DO UPDATE SET ",
                   AttemptColumnsOfPq().Excluded()));
  return insert;
}

const PqRowsInsert& PutResults() {
  static const auto& insert = *new PqRowsInsert(
      "results", "render_key, engine_version, profile, job_id, task_index",
      "(render_key, engine_version, profile) DO UPDATE SET "
      "job_id = excluded.job_id, task_index = excluded.task_index");
  return insert;
}

const std::string& PutArtifact() {
  static const auto& sql = *new std::string(
      absl::StrCat("INSERT INTO artifacts (", ArtifactColumnsOfPq().All(),
                   ") VALUES (", ArtifactColumnsOfPq().Parameters(),
                   ") ON CONFLICT (kind, digest) DO UPDATE SET ",
                   ArtifactColumnsOfPq().Excluded()));
  return sql;
}

constexpr char kPutCheckpoint[] =
    "INSERT INTO checkpoints (resume_key, engine_version, profile, iteration, "
    "digest, size_bytes, kept_at) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (resume_key, engine_version, profile, iteration) "
    "DO UPDATE SET sequence = excluded.sequence, digest = excluded.digest, "
    "size_bytes = excluded.size_bytes, kept_at = excluded.kept_at";

constexpr char kPutThumbnail[] =
    "INSERT INTO thumbnails (of_digest, size_px, digest) VALUES ($1, $2, $3) "
    "ON CONFLICT (of_digest, size_px) DO UPDATE SET digest = excluded.digest";

// A row of this accessor that has another hash stays, as does one of another
// accessor that has this hash: nothing is written then.
constexpr char kPutToken[] =
    "INSERT INTO tokens (accessor, hash, role, user_name, worker_pattern, "
    "max_slots, created_at, expires_at, last_used_at, revoked_at) "
    "SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::bigint, "
    "$7::bigint, $8::bigint, $9::bigint, $10::bigint "
    "WHERE NOT EXISTS (SELECT 1 FROM tokens WHERE hash = $2::text "
    "AND accessor <> $1::text) "
    "ON CONFLICT (accessor) DO UPDATE SET role = excluded.role, "
    "user_name = excluded.user_name, "
    "worker_pattern = excluded.worker_pattern, "
    "max_slots = excluded.max_slots, created_at = excluded.created_at, "
    "expires_at = excluded.expires_at, last_used_at = excluded.last_used_at, "
    "revoked_at = excluded.revoked_at WHERE tokens.hash = excluded.hash";

constexpr char kPutQuota[] =
    "INSERT INTO quotas (user_name, max_queued_tasks, max_running_tasks, "
    "max_artifact_bytes) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (user_name) DO UPDATE SET "
    "max_queued_tasks = excluded.max_queued_tasks, "
    "max_running_tasks = excluded.max_running_tasks, "
    "max_artifact_bytes = excluded.max_artifact_bytes";

constexpr char kPutRating[] =
    "INSERT INTO ratings (job_id, task_index, user_name, judged, value) "
    "SELECT job_id, $2::bigint, $3::text, $4::text, $5::bigint FROM jobs "
    "WHERE job_id = $1 AND state <> 5 "
    "ON CONFLICT (job_id, task_index, user_name, judged) "
    "DO UPDATE SET value = excluded.value";

// What names one of them as a result is found through the task's row.
constexpr char kDropResults[] =
    "DELETE FROM results USING tasks WHERE tasks.job_id = $1 "
    "AND tasks.task_index >= $2 AND tasks.task_index < $3 "
    "AND tasks.image_digest IS NOT NULL "
    "AND results.render_key = tasks.render_key "
    "AND results.engine_version = tasks.engine_version "
    "AND results.profile = tasks.profile AND results.job_id = tasks.job_id "
    "AND results.task_index = tasks.task_index";

constexpr char kAppendAudit[] =
    "WITH next AS (UPDATE audit_last SET last = last + 1 RETURNING last) "
    "INSERT INTO audit (sequence, at, accessor, user_name, address, action, "
    "job_id, target, outcome, message, is_refusal, count) "
    "SELECT last, $1::bigint, $2::text, $3::text, $4::text, $5::text, "
    "$6::text, $7::text, $8::text, $9::text, $10::bigint, $11::bigint "
    "FROM next";

std::optional<int64_t> NumberIf(const std::optional<absl::Time>& time) {
  if (!time.has_value()) return std::nullopt;
  return ToSql(*time);
}

std::string NameOf(const TaskId& task) {
  return absl::StrCat("job ", task.job.value(), ", task ", task.index);
}

// The last of each name, in their order: one statement writes a row once only.
template <typename Record, typename Name>
std::vector<const Record*> LastOfEach(const std::vector<Record>& records,
                                      Name name) {
  std::vector<const Record*> last;
  std::map<decltype(name(records.front())), size_t> places;
  for (const Record& record : records) {
    const auto [place, is_new] = places.try_emplace(name(record), last.size());
    if (is_new) {
      last.push_back(&record);
    } else {
      last[place->second] = &record;
    }
  }
  return last;
}

// Several rows, with `add` for each row's parameters and `send` for each
// statement, its parameters, its first row and how many it has.
template <typename Record, typename Add, typename Send>
void InSomeStatements(const PqRowsInsert& insert,
                      const std::vector<const Record*>& records, Add add,
                      Send send) {
  for (size_t at = 0; at < records.size();) {
    const auto [rows, sql] = insert.Largest(records.size() - at);
    PqParams params;
    for (size_t i = at; i < at + rows; ++i) add(*records[i], params);
    send(sql, params, *records[at], rows);
    at += rows;
  }
}

absl::Status RowNotAsExpected(const std::string& row) {
  return absl::FailedPreconditionError(
      absl::StrCat(row, ": its row is not what the change expects"));
}

}  // namespace

absl::Status PqWriter::Write(int64_t epoch, const RowChanges& changes) {
  connection_.QueueOnce("BEGIN ISOLATION LEVEL READ COMMITTED");
  expected_.emplace_back();
  Send(kCheckEpoch, PqParams().Int(epoch));
  Queue(changes);
  absl::StatusOr<std::vector<PqResult>> results = connection_.Sync();
  absl::Status written = results.status();
  std::string transaction;
  if (written.ok() && (*results)[1].rows() != 1) {
    written = absl::AbortedError(absl::StrCat(
        "epoch ", epoch, " is over: another coordinator has taken over"));
  }
  if (written.ok()) transaction = std::string((*results)[1].Text(0, 0));
  for (size_t i = 0; written.ok() && i < expected_.size(); ++i) {
    const Expected& expected = expected_[i];
    if (expected.row.empty()) continue;
    if ((*results)[i].affected() == expected.rows) continue;
    written = RowNotAsExpected(expected.row);
  }
  if (!written.ok()) {
    connection_.RollBack();
    return written;
  }
  written = connection_.RunOnce("COMMIT");
  if (connection_.lost()) in_doubt_ = transaction;
  if (!written.ok()) connection_.RollBack();
  return written;
}

void PqWriter::Queue(const RowChanges& changes) {
  for (const JobChange& one : changes.jobs) Queue(one);
  QueueTasks(changes.tasks);
  QueueAttempts(changes.attempts);
  QueueResults(changes.results);
  for (const CheckpointChange& one : changes.checkpoints) Queue(one);
  for (const ArtifactChange& one : changes.artifacts) Queue(one);
  for (const ThumbnailRecord& one : changes.thumbnails) Queue(one);
  for (const TokenChange& one : changes.tokens) Queue(one);
  for (const QuotaChange& one : changes.quotas) Queue(one);
  for (const RatingChange& one : changes.ratings) Queue(one);
  for (const TaskRemoval& one : changes.removed_tasks) Queue(one);
  for (const JobRemoval& one : changes.removed_jobs) Queue(one);
  for (const AuditRecord& one : changes.audit) Queue(one);
  if (changes.audit_trim.has_value()) Queue(*changes.audit_trim);
  if (changes.engine_version.has_value()) {
    Send("UPDATE epoch SET engine_version = $1",
         PqParams().Int(*changes.engine_version));
  }
}

void PqWriter::Send(const std::string& sql, const PqParams& params,
                    std::string row, size_t rows) {
  connection_.Queue(sql, params);
  expected_.push_back({std::move(row), static_cast<int64_t>(rows)});
}

void PqWriter::Queue(const JobChange& change) {
  const std::string& id = change.after.id.value();
  PqParams params;
  if (!change.before.has_value()) {
    AddKey(change.after, params);
    AddValues(change.after, params);
    Send(
        InsertJob(), params,
        absl::StrCat("job ", id, " (its id, sequence or request id is taken)"));
    return;
  }
  AddValues(change.after, params);
  params.Text(id)
      .Int(static_cast<int64_t>(change.before->state))
      .Int(change.before->generation);
  Send(UpdateJob(), params, absl::StrCat("job ", id));
}

// Those without a row come first, together: which of two tasks is written first
// tells nobody anything.
void PqWriter::QueueTasks(const std::vector<TaskChange>& changes) {
  std::vector<const TaskRecord*> inserted;
  std::set<TaskId> updated;
  for (const TaskChange& change : changes) {
    if (change.before.has_value()) {
      updated.insert(change.after.id);
    } else if (updated.count(change.after.id) == 0) {
      inserted.push_back(&change.after);
    } else {
      // What was updated has a row.
      Send("SELECT 1 WHERE false", {}, NameOf(change.after.id));
    }
  }
  InSomeStatements(
      InsertTasks(), inserted,
      [](const TaskRecord& task, PqParams& params) {
        AddKey(task, params);
        AddValues(task, params);
      },
      [this](const std::string& sql, const PqParams& params,
             const TaskRecord& first, size_t rows) {
        Send(sql, params,
             rows == 1 ? NameOf(first.id)
                       : absl::StrCat(NameOf(first.id), " or one of the ",
                                      rows - 1, " after it"),
             rows);
      });
  for (const TaskChange& change : changes) {
    if (change.before.has_value()) QueueUpdate(change);
  }
}

void PqWriter::QueueUpdate(const TaskChange& change) {
  PqParams params;
  AddValues(change.after, params);
  AddKey(change.after, params);
  params.Int(static_cast<int64_t>(change.before->state))
      .Int(change.before->generation)
      .Int(change.before->token.number)
      .Int(change.before->token.epoch)
      .Text(change.before->token.render_key.value());
  Send(UpdateTask(), params, NameOf(change.after.id));
}

void PqWriter::QueueAttempts(const std::vector<AttemptRecord>& attempts) {
  InSomeStatements(
      PutAttempts(),
      LastOfEach(attempts,
                 [](const AttemptRecord& attempt) {
                   return std::make_pair(attempt.task,
                                         attempt.number % kKeptAttempts);
                 }),
      [](const AttemptRecord& attempt, PqParams& params) {
        AddKey(attempt, params);
        AddValues(attempt, params);
      },
      [this](const std::string& sql, const PqParams& params,
             const AttemptRecord&, size_t) { Send(sql, params); });
}

void PqWriter::QueueResults(const std::vector<ResultRecord>& results) {
  InSomeStatements(
      PutResults(),
      LastOfEach(results,
                 [](const ResultRecord& result) {
                   return std::make_tuple(result.key,
                                          result.arithmetic.engine_version,
                                          result.arithmetic.profile);
                 }),
      [](const ResultRecord& result, PqParams& params) {
        params.Text(result.key.value())
            .Int(result.arithmetic.engine_version)
            .Text(result.arithmetic.profile)
            .Text(result.task.job.value())
            .Int(result.task.index);
      },
      [this](const std::string& sql, const PqParams& params,
             const ResultRecord&, size_t) { Send(sql, params); });
}

void PqWriter::Queue(const CheckpointChange& change) {
  const CheckpointRecord& made = change.checkpoint;
  PqParams params;
  params.Text(made.render.value())
      .Int(made.arithmetic.engine_version)
      .Text(made.arithmetic.profile)
      .Int(made.iteration);
  if (!change.keep) {
    Send(
        "DELETE FROM checkpoints WHERE resume_key = $1 "
        "AND engine_version = $2 AND profile = $3 AND iteration = $4",
        params);
    return;
  }
  params.Text(made.digest).Int(made.size_bytes).Int(ToSql(made.kept_at));
  Send(kPutCheckpoint, params);
}

void PqWriter::Queue(const ArtifactChange& change) {
  const ArtifactRecord& artifact = change.artifact;
  PqParams params;
  AddKey(artifact, params);
  if (change.keep) {
    AddValues(artifact, params);
    Send(PutArtifact(), params);
    return;
  }
  Send("DELETE FROM artifacts WHERE kind = $1 AND digest = $2", params);
  const PqParams digest = PqParams().Text(artifact.digest);
  if (artifact.kind == ArtifactKind::kArtifact) {
    Send("DELETE FROM thumbnails WHERE of_digest = $1", digest);
  } else if (artifact.kind == ArtifactKind::kPreview) {
    Send("DELETE FROM thumbnails WHERE digest = $1", digest);
  }
}

void PqWriter::Queue(const ThumbnailRecord& thumbnail) {
  Send(kPutThumbnail, PqParams()
                          .Text(thumbnail.of_digest)
                          .Int(thumbnail.size_px)
                          .Text(thumbnail.digest));
}

void PqWriter::Queue(const TokenChange& change) {
  const TokenRecord& token = change.token;
  if (!change.keep) {
    Send("DELETE FROM tokens WHERE accessor = $1",
         PqParams().Text(token.accessor));
    return;
  }
  Send(kPutToken,
       PqParams()
           .Text(token.accessor)
           .Text(token.hash)
           .Text(token.role)
           .Text(token.user)
           .Text(token.worker_pattern)
           .Int(token.max_slots)
           .Int(ToSql(token.created_at))
           .IntIf(NumberIf(token.expires_at))
           .IntIf(NumberIf(token.last_used_at))
           .IntIf(NumberIf(token.revoked_at)),
       absl::StrCat("token ", token.accessor,
                    " (it has another hash, or another token has this one)"));
}

void PqWriter::Queue(const QuotaChange& change) {
  const QuotaRecord& quota = change.quota;
  if (!change.keep) {
    Send("DELETE FROM quotas WHERE user_name = $1",
         PqParams().Text(quota.user));
    return;
  }
  Send(kPutQuota, PqParams()
                      .Text(quota.user)
                      .IntIf(quota.max_queued_tasks)
                      .IntIf(quota.max_running_tasks)
                      .IntIf(quota.max_artifact_bytes));
}

void PqWriter::Queue(const RatingChange& change) {
  const RatingKey& key = change.key;
  PqParams params;
  params.Text(key.task.job.value())
      .Int(key.task.index)
      .Text(key.user)
      .Text(key.judged);
  if (!change.keep) {
    Send(
        "DELETE FROM ratings WHERE job_id = $1 AND task_index = $2 "
        "AND user_name = $3 AND judged = $4",
        params);
    return;
  }
  params.Int(change.value);
  Send(kPutRating, params, absl::StrCat("job ", key.task.job.value()));
}

void PqWriter::Queue(const TaskRemoval& range) {
  const PqParams params =
      PqParams().Text(range.job.value()).Int(range.first).Int(range.end);
  Send(kDropResults, params);
  for (const char* table : {"attempts", "tasks", "ratings"}) {
    Send(absl::StrCat("DELETE FROM ", table,
                      " WHERE job_id = $1 AND task_index >= $2 "
                      "AND task_index < $3"),
         params);
  }
}

void PqWriter::Queue(const JobRemoval& removal) {
  Send("DELETE FROM jobs WHERE job_id = $1 AND state = $2 AND generation = $3",
       PqParams()
           .Text(removal.job.value())
           .Int(static_cast<int64_t>(removal.before.state))
           .Int(removal.before.generation),
       absl::StrCat("job ", removal.job.value()));
}

void PqWriter::Queue(const AuditRecord& entry) {
  Send(kAppendAudit, PqParams()
                         .Int(ToSql(entry.at))
                         .Text(entry.accessor)
                         .Text(entry.user)
                         .Text(entry.address)
                         .Text(entry.action)
                         .Text(entry.job)
                         .Text(entry.target)
                         .Text(entry.outcome)
                         .Text(entry.message)
                         .Int(entry.is_refusal ? 1 : 0)
                         .Int(entry.count));
}

void PqWriter::Queue(const AuditTrim& trim) {
  const auto remove = [this](const char* which, int64_t bound) {
    Send(absl::StrCat("DELETE FROM audit WHERE sequence IN (SELECT sequence "
                      "FROM audit WHERE ",
                      which, " ORDER BY sequence LIMIT ", kRowsTrimmedAtOnce,
                      ")"),
         PqParams().Int(bound));
  };
  remove("at < $1", BoundToSql(trim.before));
  remove("sequence <= (SELECT last FROM audit_last) - $1", trim.keep_rows);
  remove(
      "is_refusal = 1 AND sequence <= coalesce((SELECT sequence FROM audit "
      "WHERE is_refusal = 1 ORDER BY sequence DESC LIMIT 1 OFFSET $1), 0)",
      trim.keep_refusals);
}

}  // namespace atelier
