#include "coordinator/store/sqlite/sqlite_writer.h"

#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "coordinator/store/sqlite/sqlite_audit.h"
#include "coordinator/store/sqlite/sqlite_quotas.h"
#include "coordinator/store/sqlite/sqlite_ratings.h"
#include "coordinator/store/sqlite/sqlite_thumbnails.h"
#include "coordinator/store/sqlite/sqlite_tokens.h"

namespace atelier {
namespace {

constexpr char kCheckEpoch[] =
    "UPDATE epoch SET current = current WHERE current = :epoch";

absl::Status NotAsExpected(const std::string& row) {
  return absl::FailedPreconditionError(
      absl::StrCat(row, ": its row is not what the change expects"));
}

// Collects columns, and binds them to a statement by position.
struct Parameters {
  template <typename Variable>
  void operator()(const char* name, Variable& variable,
                  soci::indicator& indicator) {
    statement.exchange(soci::use(variable, indicator));
    names.emplace_back(name);
  }
  template <typename Variable>
  void Use(Variable& variable) {
    statement.exchange(soci::use(variable));
  }
  std::string Names() const { return absl::StrJoin(names, ", "); }
  std::string Values() const {
    return absl::StrCat(":", absl::StrJoin(names, ", :"));
  }
  std::string Assignments() const {
    return absl::StrJoin(names, ", ",
                         [](std::string* out, const std::string& name) {
                           absl::StrAppend(out, name, " = :", name);
                         });
  }
  void Prepare(const std::string& query) {
    statement.alloc();
    statement.prepare(query);
    statement.define_and_bind();
  }

  soci::statement& statement;
  std::vector<std::string> names = {};
};

int64_t Execute(soci::statement& statement) {
  statement.execute(/*withDataExchange=*/true);
  return statement.get_affected_rows();
}

// "REPLACE INTO table (...) VALUES (...)", or another verb.
template <typename Columns>
void PrepareInsert(soci::statement& statement, const char* verb,
                   const char* table, Columns& columns, const char* rest = "") {
  Parameters all{statement};
  columns.ForKey(std::ref(all));
  columns.ForValues(std::ref(all));
  all.Prepare(absl::StrCat(verb, " INTO ", table, " (", all.Names(),
                           ") VALUES (", all.Values(), ")", rest));
}

}  // namespace

SqliteWriter::SqliteWriter(soci::session& sql, ResultIndex& results)
    : sql_(sql),
      results_(results),
      check_epoch_((sql.prepare << kCheckEpoch, soci::use(epoch_))),
      update_job_(sql),
      insert_task_(sql),
      update_task_(sql),
      put_attempt_(sql),
      put_artifact_(sql),
      find_job_((sql.prepare << "SELECT sequence FROM jobs WHERE job_id = :job",
                 soci::use(job_id_), soci::into(sequence_))) {
  Parameters job{update_job_};
  job_.ForValues(std::ref(job));
  job.Use(job_.id);
  job.Use(state_);
  job.Use(generation_);
  job.Prepare(absl::StrCat("UPDATE jobs SET ", job.Assignments(),
                           " WHERE job_id = :job AND state = :before "
                           "AND generation = :before_generation"));
  PrepareInsert(insert_task_, "INSERT", "tasks", task_,
                " ON CONFLICT DO NOTHING");
  Parameters task{update_task_};
  task_.ForValues(std::ref(task));
  task.Use(task_.job_id);
  task.Use(task_.index);
  task.Use(state_);
  task.Use(generation_);
  task.Use(number_);
  task.Use(token_epoch_);
  task.Use(render_key_);
  task.Prepare(absl::StrCat(
      "UPDATE tasks SET ", task.Assignments(),
      " WHERE job_id = :job AND task_index = :index AND state = :before "
      "AND generation = :before_generation AND attempt_number = :before_number "
      "AND attempt_epoch = :before_epoch AND render_key = :before_key"));
  PrepareInsert(put_attempt_, "REPLACE", "attempts", attempt_);
  PrepareInsert(put_artifact_, "REPLACE", "artifacts", artifact_);
}

bool SqliteWriter::EpochIs(int64_t epoch) {
  epoch_ = epoch;
  return Execute(check_epoch_) == 1;
}

absl::Status SqliteWriter::Write(const RowChanges& changes) {
  sequences_.clear();
  for (const JobChange& job : changes.jobs) RETURN_IF_ERROR(Write(job));
  for (const TaskChange& task : changes.tasks) RETURN_IF_ERROR(Write(task));
  for (const AttemptRecord& attempt : changes.attempts) Write(attempt);
  for (const ResultRecord& one : changes.results) {
    results_.Add(one.key, one.arithmetic, SequenceOf(one.task.job),
                 one.task.index);
  }
  for (const CheckpointChange& one : changes.checkpoints) Write(one);
  for (const ArtifactChange& one : changes.artifacts) Write(one);
  for (const ThumbnailRecord& one : changes.thumbnails) {
    WriteThumbnail(sql_, one);
  }
  for (const TokenChange& one : changes.tokens) {
    RETURN_IF_ERROR(WriteToken(sql_, one));
  }
  for (const QuotaChange& one : changes.quotas) WriteQuota(sql_, one);
  for (const RatingChange& one : changes.ratings) {
    RETURN_IF_ERROR(WriteRating(sql_, one));
  }
  for (const TaskRemoval& range : changes.removed_tasks) Remove(range);
  for (const JobRemoval& job : changes.removed_jobs) {
    RETURN_IF_ERROR(Remove(job));
  }
  if (!changes.audit.empty()) AppendAudit(sql_, changes.audit);
  if (changes.audit_trim.has_value()) TrimAudit(sql_, *changes.audit_trim);
  if (changes.engine_version.has_value()) {
    sql_ << "UPDATE epoch SET engine_version = :version",
        soci::use(*changes.engine_version);
  }
  return absl::OkStatus();
}

absl::Status SqliteWriter::Write(const JobChange& change) {
  job_.Set(change.after);
  if (!change.before.has_value()) return InsertJob(change.after);
  state_ = static_cast<SqlInt>(change.before->state);
  generation_ = change.before->generation;
  if (Execute(update_job_) == 1) return absl::OkStatus();
  return NotAsExpected(absl::StrCat("job ", job_.id));
}

absl::Status SqliteWriter::InsertJob(const JobRecord& job) {
  soci::blob spec(sql_);
  spec.write(0, job.spec_bytes.data(), job.spec_bytes.size());
  soci::statement insert(sql_);
  Parameters all{insert};
  job_.ForKey(std::ref(all));
  job_.ForValues(std::ref(all));
  all("spec", spec, job_.always);
  all.Prepare(absl::StrCat("INSERT INTO jobs (", all.Names(), ") VALUES (",
                           all.Values(), ") ON CONFLICT DO NOTHING"));
  if (Execute(insert) == 1) return absl::OkStatus();
  return NotAsExpected(absl::StrCat(
      "job ", job_.id, " (its id, sequence or request id is taken)"));
}

absl::Status SqliteWriter::Write(const TaskChange& change) {
  task_.Set(change.after);
  if (change.before.has_value()) {
    state_ = static_cast<SqlInt>(change.before->state);
    generation_ = change.before->generation;
    number_ = change.before->token.number;
    token_epoch_ = change.before->token.epoch;
    render_key_ = change.before->token.render_key.value();
  }
  const bool is_new = !change.before.has_value();
  if (Execute(is_new ? insert_task_ : update_task_) == 1) {
    return absl::OkStatus();
  }
  return NotAsExpected(
      absl::StrCat("job ", task_.job_id, ", task ", task_.index));
}

void SqliteWriter::Write(const AttemptRecord& attempt) {
  attempt_.Set(attempt);
  Execute(put_attempt_);
}

void SqliteWriter::Write(const CheckpointChange& change) {
  const CheckpointRecord& made = change.checkpoint;
  const SqlInt iteration = made.iteration;
  const SqlInt size_bytes = made.size_bytes;
  const SqlInt kept_at = ToSql(made.kept_at);
  if (!change.keep) {
    sql_ << "DELETE FROM checkpoints WHERE resume_key = :render "
            "AND engine_version = :version AND profile = :profile "
            "AND iteration = :iteration",
        soci::use(made.render.value()),
        soci::use(made.arithmetic.engine_version),
        soci::use(made.arithmetic.profile), soci::use(iteration);
    return;
  }
  sql_ << "INSERT INTO checkpoints (resume_key, engine_version, profile, "
          "iteration, digest, size_bytes, kept_at) VALUES (:render, :version, "
          ":profile, :iteration, :digest, :size, :kept_at)",
      soci::use(made.render.value()), soci::use(made.arithmetic.engine_version),
      soci::use(made.arithmetic.profile), soci::use(iteration),
      soci::use(made.digest), soci::use(size_bytes), soci::use(kept_at);
}

void SqliteWriter::Write(const ArtifactChange& change) {
  artifact_.Set(change.artifact);
  if (change.keep) {
    Execute(put_artifact_);
    return;
  }
  sql_ << "DELETE FROM artifacts WHERE kind = :kind AND digest = :digest",
      soci::use(artifact_.kind), soci::use(artifact_.digest);
  DropThumbnails(sql_, change.artifact);
}

// What names one of them as a result is found through the task's row, by the
// beginnings of the keys that it is stored under.
void SqliteWriter::Remove(const TaskRemoval& range) {
  const SqlInt first = range.first;
  const SqlInt end = range.end;
  const SqlInt job = SequenceOf(range.job);
  sql_ << "DELETE FROM results WHERE (render, arithmetic) IN "
          "(SELECT substr(render_key, 1, 16), "
          "engine_version || ' ' || substr(profile, 1, 8) FROM tasks "
          "WHERE job_id = :id AND task_index >= :first AND task_index < :end "
          "AND image_digest IS NOT NULL) AND job = :job "
          "AND task_index >= :first_again AND task_index < :end_again",
      soci::use(range.job.value()), soci::use(first), soci::use(end),
      soci::use(job), soci::use(first), soci::use(end);
  for (const char* table : {"attempts", "tasks"}) {
    sql_ << "DELETE FROM " << table
         << " WHERE job_id = :id AND task_index >= :first "
            "AND task_index < :end",
        soci::use(range.job.value()), soci::use(first), soci::use(end);
  }
  DropRatings(sql_, range);
}

absl::Status SqliteWriter::Remove(const JobRemoval& removal) {
  const SqlInt state = static_cast<SqlInt>(removal.before.state);
  const SqlInt generation = removal.before.generation;
  soci::statement remove =
      (sql_.prepare << "DELETE FROM jobs WHERE job_id = :job "
                       "AND state = :state AND generation = :generation",
       soci::use(removal.job.value()), soci::use(state), soci::use(generation));
  if (Execute(remove) == 1) return absl::OkStatus();
  return NotAsExpected(absl::StrCat("job ", removal.job.value()));
}

SqlInt SqliteWriter::SequenceOf(const JobId& job) {
  SqlInt& sequence = sequences_[job];
  if (sequence == 0) {
    job_id_ = job.value();
    find_job_.execute();
    // To the end, or the log could not be copied under it.
    while (find_job_.fetch()) sequence = sequence_;
  }
  return sequence;
}

}  // namespace atelier
