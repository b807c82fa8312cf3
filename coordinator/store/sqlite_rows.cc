#include "coordinator/store/sqlite_rows.h"

#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/shortest_text.h"

namespace atelier {
namespace {

// Where a SELECT puts one job.
struct JobRow {
  explicit JobRow(soci::session& sql) : spec(sql) {}

  void Bind(soci::statement& statement) {
    statement.exchange(soci::into(id));
    statement.exchange(soci::into(sequence));
    statement.exchange(soci::into(request_id));
    statement.exchange(soci::into(spec));
    for (SqlInt* field :
         {&task_count, &cursor, &generation, &state, &queued, &leased,
          &succeeded, &failed, &cancelled, &submitted_at}) {
      statement.exchange(soci::into(*field));
    }
    statement.exchange(soci::into(ended_at, has_ended_at));
    statement.exchange(soci::into(message));
    statement.exchange(soci::into(paused));
    statement.exchange(soci::into(priority));
  }

  JobRecord Record() {
    JobRecord job;
    job.id = JobId(id);
    job.sequence = sequence;
    job.request_id = RequestId(request_id);
    job.spec_bytes.resize(spec.get_len());
    if (!job.spec_bytes.empty()) {
      spec.read(0, job.spec_bytes.data(), job.spec_bytes.size());
    }
    job.task_count = task_count;
    job.cursor = cursor;
    job.generation = generation;
    job.state = static_cast<JobState>(state);
    job.counts = {queued, leased, succeeded, failed, cancelled};
    job.submitted_at = TimeFromSql(submitted_at);
    if (has_ended_at == soci::i_ok) job.ended_at = TimeFromSql(ended_at);
    job.message = message;
    job.paused = paused != 0;
    job.priority = static_cast<int>(priority);
    return job;
  }

  std::string id;
  SqlInt sequence = 0;
  std::string request_id;
  soci::blob spec;
  SqlInt task_count = 0, cursor = 0, generation = 0, state = 0;
  SqlInt queued = 0, leased = 0, succeeded = 0, failed = 0, cancelled = 0;
  SqlInt submitted_at = 0, ended_at = 0;
  soci::indicator has_ended_at = soci::i_null;
  std::string message;
  SqlInt paused = 0, priority = 0;
};

constexpr char kJobColumns[] =
    "SELECT job_id, sequence, request_id, spec, task_count, cursor, "
    "generation, state, queued, leased, succeeded, failed, cancelled, "
    "submitted_at, ended_at, message, paused, priority FROM jobs ";

// Where a SELECT puts one task.
struct TaskRow {
  void Bind(soci::statement& statement) {
    statement.exchange(soci::into(job_id));
    for (SqlInt* field : {&index, &state, &generation, &attempts, &failures,
                          &interruptions, &memory_floor, &furthest_iteration}) {
      statement.exchange(soci::into(*field));
    }
    statement.exchange(soci::into(crashes));
    statement.exchange(soci::into(render_key));
    statement.exchange(soci::into(number));
    statement.exchange(soci::into(epoch));
    statement.exchange(soci::into(worker));
    statement.exchange(soci::into(instance));
    statement.exchange(soci::into(outcome, has_outcome));
    statement.exchange(soci::into(message));
    statement.exchange(soci::into(image_digest, has_result));
    for (double* loss : {&content, &style, &total_variation, &total}) {
      statement.exchange(soci::into(*loss, ignored));
    }
    statement.exchange(soci::into(terms, has_terms));
    statement.exchange(soci::into(iterations, ignored));
    statement.exchange(soci::into(elapsed_us, ignored));
    statement.exchange(soci::into(engine_version, ignored));
    statement.exchange(soci::into(profile, ignored));
    statement.exchange(soci::into(width_px, ignored));
    statement.exchange(soci::into(height_px, ignored));
  }

  TaskRecord Record() const {
    TaskRecord task;
    task.id = {JobId(job_id), index};
    task.state = static_cast<TaskState>(state);
    task.generation = generation;
    task.attempts = static_cast<int>(attempts);
    task.costs = {static_cast<int>(failures), static_cast<int>(interruptions),
                  memory_floor, static_cast<int>(furthest_iteration),
                  absl::StrSplit(crashes, '\n', absl::SkipEmpty())};
    task.token = {RenderKey(render_key), number, epoch};
    task.worker = WorkerName(worker);
    task.instance = InstanceId(instance);
    if (has_outcome == soci::i_ok) task.outcome = static_cast<Outcome>(outcome);
    task.message = message;
    if (has_result == soci::i_ok) task.result = Result();
    return task;
  }

  TaskResult Result() const {
    TaskResult result;
    result.image_digest = image_digest;
    result.losses.total = total;
    result.losses.terms = has_terms == soci::i_ok
                              ? TermsFromSql(terms)
                              : Terms{{"content", content},
                                      {"style", style},
                                      {"total_variation", total_variation}};
    result.iterations = static_cast<int>(iterations);
    result.elapsed = absl::Microseconds(elapsed_us);
    result.worker = WorkerName(worker);
    result.arithmetic = {static_cast<int>(engine_version), profile};
    result.width_px = static_cast<int>(width_px);
    result.height_px = static_cast<int>(height_px);
    return result;
  }

  std::string job_id;
  SqlInt index = 0, state = 0, generation = 0, attempts = 0;
  SqlInt failures = 0, interruptions = 0, memory_floor = 0;
  SqlInt furthest_iteration = 0;
  std::string crashes;
  std::string render_key;
  SqlInt number = 0, epoch = 0;
  std::string worker, instance;
  SqlInt outcome = 0;
  soci::indicator has_outcome = soci::i_null;
  std::string message;
  std::string image_digest;
  soci::indicator has_result = soci::i_null;
  double content = 0, style = 0, total_variation = 0, total = 0;
  std::string terms;
  soci::indicator has_terms = soci::i_null;
  SqlInt iterations = 0, elapsed_us = 0, engine_version = 0;
  std::string profile;
  SqlInt width_px = 0, height_px = 0;
  // The columns of a result are all there or all absent.
  soci::indicator ignored = soci::i_null;
};

constexpr char kTaskColumns[] =
    "SELECT job_id, task_index, state, generation, attempts, failures, "
    "interruptions, memory_floor, furthest_iteration, crashes, render_key, "
    "attempt_number, attempt_epoch, worker, instance, outcome, message, "
    "image_digest, content_loss, style_loss, "
    "tv_loss, total_loss, terms, iterations, elapsed_us, engine_version, "
    "profile, "
    "width_px, height_px FROM tasks ";

void Prepare(soci::statement& statement, const std::string& query,
             const BindParameters& bind) {
  bind(statement);
  statement.alloc();
  statement.prepare(query);
  statement.define_and_bind();
}

template <typename Record, typename Row>
std::vector<Record> Fetch(soci::statement& statement, Row& row) {
  statement.execute();
  std::vector<Record> records;
  while (statement.fetch()) records.push_back(row.Record());
  return records;
}

}  // namespace

SqlInt ToSql(absl::Time time) { return absl::ToUnixMicros(time); }

absl::Time TimeFromSql(SqlInt microseconds) {
  return absl::FromUnixMicros(microseconds);
}

std::string ToSql(const Terms& terms) {
  std::string text;
  for (const auto& [name, value] : terms) {
    absl::StrAppend(&text, name, " ", ShortestText(value), "\n");
  }
  return text;
}

Terms TermsFromSql(absl::string_view text) {
  Terms terms;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> entry =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    double value = 0;
    const auto read =
        std::from_chars(entry.second.begin(), entry.second.end(), value);
    // What the disk has damaged is no number.
    if (read.ec == std::errc()) terms[std::string(entry.first)] = value;
  }
  return terms;
}

std::vector<JobRecord> SelectJobs(soci::session& sql,
                                  const std::string& clauses,
                                  const BindParameters& bind) {
  JobRow row(sql);
  soci::statement statement(sql);
  row.Bind(statement);
  Prepare(statement, kJobColumns + clauses, bind);
  return Fetch<JobRecord>(statement, row);
}

std::vector<TaskRecord> SelectTasks(soci::session& sql,
                                    const std::string& clauses,
                                    const BindParameters& bind) {
  return TaskQuery(sql, clauses, bind).Run();
}

struct TaskQuery::Kept {
  explicit Kept(soci::session& sql) : statement(sql) {}

  TaskRow row;
  soci::statement statement;
};

TaskQuery::TaskQuery(soci::session& sql, const std::string& clauses,
                     const BindParameters& bind)
    : kept_(std::make_unique<Kept>(sql)) {
  kept_->row.Bind(kept_->statement);
  Prepare(kept_->statement, kTaskColumns + clauses, bind);
}

TaskQuery::~TaskQuery() = default;

std::vector<TaskRecord> TaskQuery::Run() {
  return Fetch<TaskRecord>(kept_->statement, kept_->row);
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

}  // namespace atelier
