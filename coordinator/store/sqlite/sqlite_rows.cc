#include "coordinator/store/sqlite/sqlite_rows.h"

#include <functional>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace atelier {
namespace {

// Reads columns into variables, and has their names for the query.
struct Selection {
  template <typename Variable>
  void operator()(const char* name, Variable& variable,
                  soci::indicator& indicator) {
    statement.exchange(soci::into(variable, indicator));
    names.emplace_back(name);
  }
  void Prepare(const std::string& from, const BindParameters& bind) {
    bind(statement);
    statement.alloc();
    statement.prepare(
        absl::StrCat("SELECT ", absl::StrJoin(names, ", "), " FROM ", from));
    statement.define_and_bind();
  }

  soci::statement& statement;
  std::vector<std::string> names = {};
};

template <typename Record, typename Columns>
std::vector<Record> Fetch(soci::statement& statement, const Columns& columns) {
  statement.execute();
  std::vector<Record> records;
  while (statement.fetch()) records.push_back(columns.Record());
  return records;
}

soci::indicator Is(bool there) { return there ? soci::i_ok : soci::i_null; }

std::optional<absl::Time> TimeIf(soci::indicator there, SqlInt microseconds) {
  if (there != soci::i_ok) return std::nullopt;
  return TimeFromSql(microseconds);
}

}  // namespace

void JobColumns::Set(const JobRecord& job) {
  id = job.id.value();
  sequence = job.sequence;
  request_id = job.request_id.value();
  task_count = job.task_count;
  submitted_at = ToSql(job.submitted_at);
  owner = job.owner;
  cursor = job.cursor;
  generation = job.generation;
  state = static_cast<SqlInt>(job.state);
  queued = job.counts.queued;
  leased = job.counts.leased;
  succeeded = job.counts.succeeded;
  failed = job.counts.failed;
  cancelled = job.counts.cancelled;
  has_ended = Is(job.ended_at.has_value());
  if (job.ended_at.has_value()) ended_at = ToSql(*job.ended_at);
  message = job.message;
  paused = job.paused ? 1 : 0;
  priority = job.priority;
}

JobRecord JobColumns::Record() const {
  JobRecord job;
  job.id = JobId(id);
  job.sequence = sequence;
  job.request_id = RequestId(request_id);
  job.task_count = task_count;
  job.submitted_at = TimeFromSql(submitted_at);
  job.owner = owner;
  job.cursor = cursor;
  job.generation = generation;
  job.state = static_cast<JobState>(state);
  job.counts = {queued, leased, succeeded, failed, cancelled};
  job.ended_at = TimeIf(has_ended, ended_at);
  job.message = message;
  job.paused = paused != 0;
  job.priority = static_cast<int>(priority);
  return job;
}

void TaskColumns::Set(const TaskRecord& task) {
  job_id = task.id.job.value();
  index = task.id.index;
  state = static_cast<SqlInt>(task.state);
  generation = task.generation;
  attempts = task.attempts;
  failures = task.costs.failures;
  interruptions = task.costs.interruptions;
  memory_floor = task.costs.memory_floor_bytes;
  furthest_iteration = task.costs.furthest_iteration;
  crashes = absl::StrJoin(task.costs.crashes, "\n");
  render_key = task.token.render_key.value();
  number = task.token.number;
  epoch = task.token.epoch;
  secret = task.token.secret;
  worker = task.worker.value();
  instance = task.instance.value();
  has_began = Is(task.began_at.has_value());
  if (task.began_at.has_value()) began_at = ToSql(*task.began_at);
  has_outcome = Is(task.outcome.has_value());
  if (task.outcome.has_value()) outcome = static_cast<SqlInt>(*task.outcome);
  message = task.message;
  has_result = has_terms = Is(task.result.has_value());
  has_timings = Is(task.result.has_value() && task.result->timings);
  has_measures = Is(task.result.has_value() && !task.result->measures.empty());
  has_previews = Is(task.result.has_value() && !task.result->previews.empty());
  engine_version = 0;
  if (!task.result.has_value()) return;
  image_digest = task.result->image_digest;
  terms = ToSql(task.result->losses.terms);
  total = task.result->losses.total;
  iterations = task.result->iterations;
  elapsed_us = absl::ToInt64Microseconds(task.result->elapsed);
  engine_version = task.result->arithmetic.engine_version;
  profile = task.result->arithmetic.profile;
  width_px = task.result->width_px;
  height_px = task.result->height_px;
  if (task.result->timings) timings = ToSql(*task.result->timings);
  measures = absl::Base64Escape(task.result->measures);
  previews = ToSql(task.result->previews);
}

TaskRecord TaskColumns::Record() const {
  TaskRecord task;
  task.id = {JobId(job_id), index};
  task.state = static_cast<TaskState>(state);
  task.generation = generation;
  task.attempts = static_cast<int>(attempts);
  task.costs = {static_cast<int>(failures), static_cast<int>(interruptions),
                memory_floor, static_cast<int>(furthest_iteration),
                absl::StrSplit(crashes, '\n', absl::SkipEmpty())};
  task.token = {RenderKey(render_key), number, epoch, secret};
  task.worker = WorkerName(worker);
  task.instance = InstanceId(instance);
  task.began_at = TimeIf(has_began, began_at);
  if (has_outcome == soci::i_ok) task.outcome = static_cast<Outcome>(outcome);
  task.message = message;
  if (has_result == soci::i_ok) task.result = Result();
  return task;
}

TaskResult TaskColumns::Result() const {
  TaskResult result;
  result.image_digest = image_digest;
  result.losses.total = total;
  result.losses.terms = has_terms == soci::i_ok
                            ? TermsFromSql(terms)
                            : Terms{{"content", content},
                                    {"style", style},
                                    {"total_variation", total_variation}};
  result.iterations = static_cast<int>(iterations);
  result.elapsed = DurationFromSql(elapsed_us);
  result.worker = WorkerName(worker);
  result.arithmetic = {static_cast<int>(engine_version), profile};
  result.width_px = static_cast<int>(width_px);
  result.height_px = static_cast<int>(height_px);
  if (has_timings == soci::i_ok) result.timings = TimingsFromSql(timings);
  // What is no base64 was never written: as if it had not been measured.
  if (has_measures != soci::i_ok ||
      !absl::Base64Unescape(measures, &result.measures)) {
    result.measures.clear();
  }
  if (has_previews == soci::i_ok) result.previews = PreviewsFromSql(previews);
  return result;
}

void AttemptColumns::Set(const AttemptRecord& attempt) {
  job_id = attempt.task.job.value();
  index = attempt.task.index;
  place = attempt.number % kKeptAttempts;
  number = attempt.number;
  worker = attempt.worker.value();
  has_began = Is(attempt.began_at.has_value());
  if (attempt.began_at.has_value()) began_at = ToSql(*attempt.began_at);
  ended_at = ToSql(attempt.ended_at);
  outcome = static_cast<SqlInt>(attempt.outcome);
  message = attempt.message;
  device_us = absl::ToInt64Microseconds(attempt.device_time);
  log_digest = attempt.log_digest;
}

AttemptRecord AttemptColumns::Record() const {
  AttemptRecord attempt;
  attempt.task = {JobId(job_id), index};
  attempt.number = static_cast<int>(number);
  attempt.worker = WorkerName(worker);
  attempt.began_at = TimeIf(has_began, began_at);
  attempt.ended_at = TimeFromSql(ended_at);
  attempt.outcome = static_cast<Outcome>(outcome);
  attempt.message = message;
  attempt.device_time = DurationFromSql(device_us);
  attempt.log_digest = log_digest;
  return attempt;
}

void ArtifactColumns::Set(const ArtifactRecord& artifact) {
  kind = static_cast<SqlInt>(artifact.kind);
  digest = artifact.digest;
  size_bytes = artifact.size_bytes;
  used_at = ToSql(artifact.used_at);
  checked_at = ToSql(artifact.checked_at);
  version = artifact.version;
  owner = artifact.owner;
}

ArtifactRecord ArtifactColumns::Record() const {
  return {static_cast<ArtifactKind>(kind),
          digest,
          size_bytes,
          TimeFromSql(used_at),
          TimeFromSql(checked_at),
          version,
          owner};
}

std::vector<JobRecord> SelectJobs(soci::session& sql,
                                  const std::string& clauses,
                                  const BindParameters& bind) {
  JobColumns columns;
  soci::blob spec(sql);
  soci::indicator has_spec = soci::i_ok;
  soci::statement statement(sql);
  Selection selection{statement};
  columns.ForKey(std::ref(selection));
  columns.ForValues(std::ref(selection));
  selection("spec", spec, has_spec);
  selection.Prepare("jobs " + clauses, bind);
  statement.execute();
  std::vector<JobRecord> jobs;
  while (statement.fetch()) {
    JobRecord& job = jobs.emplace_back(columns.Record());
    job.spec_bytes.resize(spec.get_len());
    if (job.spec_bytes.empty()) continue;
    spec.read(0, job.spec_bytes.data(), job.spec_bytes.size());
  }
  return jobs;
}

std::vector<TaskRecord> SelectTasks(soci::session& sql,
                                    const std::string& clauses,
                                    const BindParameters& bind) {
  return TaskQuery(sql, clauses, bind).Run();
}

struct TaskQuery::Kept {
  explicit Kept(soci::session& sql) : statement(sql) {}

  TaskColumns columns;
  soci::statement statement;
};

TaskQuery::TaskQuery(soci::session& sql, const std::string& clauses,
                     const BindParameters& bind)
    : kept_(std::make_unique<Kept>(sql)) {
  Selection selection{kept_->statement};
  kept_->columns.ForKey(std::ref(selection));
  kept_->columns.ForValues(std::ref(selection));
  kept_->columns.ForOldTerms(std::ref(selection));
  selection.Prepare("tasks " + clauses, bind);
}

TaskQuery::~TaskQuery() = default;

std::vector<TaskRecord> TaskQuery::Run() {
  return Fetch<TaskRecord>(kept_->statement, kept_->columns);
}

std::vector<AttemptRecord> SelectAttempts(soci::session& sql,
                                          const TaskId& task) {
  AttemptColumns columns;
  soci::statement statement(sql);
  Selection selection{statement};
  columns.ForKey(std::ref(selection));
  columns.ForValues(std::ref(selection));
  const SqlInt index = task.index;
  selection.Prepare(
      "attempts WHERE job_id = :job AND task_index = :index "
      "ORDER BY number",
      [&](soci::statement& select) {
        select.exchange(soci::use(task.job.value()));
        select.exchange(soci::use(index));
      });
  return Fetch<AttemptRecord>(statement, columns);
}

std::vector<CheckpointRecord> SelectCheckpoints(soci::session& sql) {
  std::string render, profile, digest;
  int engine_version = 0;
  SqlInt iteration = 0, size_bytes = 0, kept_at = 0;
  soci::statement select =
      (sql.prepare << "SELECT resume_key, engine_version, profile, iteration, "
                      "digest, size_bytes, kept_at FROM checkpoints "
                      "ORDER BY sequence",
       soci::into(render), soci::into(engine_version), soci::into(profile),
       soci::into(iteration), soci::into(digest), soci::into(size_bytes),
       soci::into(kept_at));
  select.execute();
  std::vector<CheckpointRecord> checkpoints;
  while (select.fetch()) {
    checkpoints.push_back({ResumeKey(render),
                           {engine_version, profile},
                           static_cast<int>(iteration),
                           digest,
                           size_bytes,
                           TimeFromSql(kept_at)});
  }
  return checkpoints;
}

namespace {

// One row at a time or a page, by what `bind` says.
struct ArtifactQuery {
  ArtifactQuery(soci::session& sql, const std::string& clauses,
                const BindParameters& bind)
      : statement(sql) {
    Selection selection{statement};
    columns.ForKey(std::ref(selection));
    columns.ForValues(std::ref(selection));
    selection.Prepare("artifacts " + clauses, bind);
  }

  ArtifactColumns columns;
  soci::statement statement;
};

}  // namespace

std::vector<ArtifactRecord> SelectArtifacts(
    soci::session& sql, ArtifactKind kind,
    const std::set<std::string>& digests) {
  const SqlInt number = static_cast<SqlInt>(kind);
  std::string digest;
  ArtifactQuery query(sql, "WHERE kind = :kind AND digest = :digest",
                      [&](soci::statement& select) {
                        select.exchange(soci::use(number));
                        select.exchange(soci::use(digest));
                      });
  std::vector<ArtifactRecord> found;
  for (const std::string& one : digests) {
    digest = one;
    for (ArtifactRecord& record :
         Fetch<ArtifactRecord>(query.statement, query.columns)) {
      found.push_back(std::move(record));
    }
  }
  return found;
}

std::vector<ArtifactRecord> SelectArtifacts(soci::session& sql,
                                            ArtifactKind kind,
                                            const std::string& after,
                                            int limit) {
  const SqlInt number = static_cast<SqlInt>(kind);
  ArtifactQuery query(sql,
                      "WHERE kind = :kind AND digest > :after "
                      "ORDER BY digest LIMIT :limit",
                      [&](soci::statement& select) {
                        select.exchange(soci::use(number));
                        select.exchange(soci::use(after));
                        select.exchange(soci::use(limit));
                      });
  return Fetch<ArtifactRecord>(query.statement, query.columns);
}

std::vector<ArtifactRecord> SelectOldestArtifacts(soci::session& sql,
                                                  ArtifactKind kind,
                                                  int limit) {
  // As text: a partial index serves no parameter. By its name: else all rows of
  // the kind would be read, and sorted.
  const char* const index =
      kind == ArtifactKind::kLog ? "artifacts_logs" : "artifacts_previews";
  ArtifactQuery query(
      sql,
      absl::StrCat("INDEXED BY ", index, " WHERE kind = ",
                   static_cast<int>(kind), " ORDER BY used_at LIMIT :limit"),
      [&](soci::statement& select) { select.exchange(soci::use(limit)); });
  return Fetch<ArtifactRecord>(query.statement, query.columns);
}

}  // namespace atelier
