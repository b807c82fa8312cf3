#include "coordinator/store/sqlite_writer.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace atelier {
namespace {

// Numbers in SQL are those of the enums: a task is 1 queued, 2 leased,
// 3 succeeded, 4 failed; a job is 1 running, 2 succeeded, 3 failed, 4
// cancelled; outcome 7 is invalid-input. Parameters bind by position.
constexpr char kCheckEpoch[] =
    "UPDATE epoch SET current = current WHERE current = :epoch";

// A row of an older generation starts again, but never one that succeeded.
constexpr char kLease[] = R"(
INSERT INTO tasks (job_id, task_index, state, generation, attempts, failures,
    interruptions, render_key, attempt_number, attempt_epoch, worker, instance,
    message)
  SELECT job_id, :task_index, 2, generation, 1, 0, 0, :render_key, :number,
      :epoch, :worker, :instance, ''
  FROM jobs WHERE job_id = :job AND state = 1 AND generation = :generation
      AND :task_index_again BETWEEN 0 AND task_count - 1
ON CONFLICT (job_id, task_index) DO UPDATE SET
    state = 2,
    attempts = attempts + 1,
    failures = iif(generation < excluded.generation, 0, failures),
    interruptions = iif(generation < excluded.generation, 0, interruptions),
    memory_floor = iif(generation < excluded.generation, 0, memory_floor),
    furthest_iteration =
        iif(generation < excluded.generation, 0, furthest_iteration),
    crashes = iif(generation < excluded.generation, '', crashes),
    outcome = iif(generation < excluded.generation, NULL, outcome),
    message = iif(generation < excluded.generation, '', message),
    generation = excluded.generation,
    render_key = excluded.render_key,
    attempt_number = excluded.attempt_number,
    attempt_epoch = excluded.attempt_epoch,
    worker = excluded.worker,
    instance = excluded.instance
  WHERE (tasks.generation = excluded.generation AND tasks.state = 1)
     OR (tasks.generation < excluded.generation AND tasks.state <> 3))";

constexpr char kSucceed[] = R"(
UPDATE tasks SET state = 3, failures = :failures,
    interruptions = :interruptions, memory_floor = :memory_floor,
    furthest_iteration = :furthest_iteration, crashes = :crashes,
    image_digest = :image_digest,
    terms = :terms, total_loss = :total, iterations = :iterations, elapsed_us = :elapsed,
    engine_version = :engine_version, profile = :profile,
    width_px = :width, height_px = :height
  WHERE job_id = :job AND task_index = :task_index AND state = 2
    AND attempt_epoch = :epoch AND attempt_number = :number
    AND render_key = :render_key AND generation = :generation
    AND EXISTS (SELECT 1 FROM jobs WHERE jobs.job_id = tasks.job_id
                AND jobs.state = 1 AND jobs.generation = tasks.generation))";

constexpr char kFindJob[] = "SELECT sequence FROM jobs WHERE job_id = :job";

constexpr char kReuse[] = R"(
INSERT INTO tasks (job_id, task_index, state, generation, attempts, failures,
    interruptions, render_key, attempt_number, attempt_epoch, worker, instance,
    message, image_digest, terms, total_loss, iterations, elapsed_us, engine_version, profile, width_px, height_px)
  SELECT job_id, :task_index, 3, generation, 0, 0, 0, :render_key, 0, 0,
      :worker, '', '', :image_digest, :terms, :total,
      :iterations, :elapsed, :engine_version, :profile, :width, :height
  FROM jobs WHERE job_id = :job AND state = 1 AND generation = :generation
      AND :task_index_again BETWEEN 0 AND task_count - 1
ON CONFLICT (job_id, task_index) DO UPDATE SET
    state = 3, generation = excluded.generation,
    render_key = excluded.render_key, worker = excluded.worker,
    image_digest = excluded.image_digest,
    terms = excluded.terms, total_loss = excluded.total_loss,
    iterations = excluded.iterations, elapsed_us = excluded.elapsed_us,
    engine_version = excluded.engine_version, profile = excluded.profile,
    width_px = excluded.width_px,
    height_px = excluded.height_px
  WHERE (tasks.generation = excluded.generation AND tasks.state = 1)
     OR (tasks.generation < excluded.generation AND tasks.state <> 3))";

constexpr char kEnd[] = R"(
UPDATE tasks SET state = :state, failures = :failures,
    interruptions = :interruptions, memory_floor = :memory_floor,
    furthest_iteration = :furthest_iteration, crashes = :crashes,
    outcome = :outcome, message = :message
  WHERE job_id = :job AND task_index = :task_index AND state = 2
    AND attempt_epoch = :epoch AND attempt_number = :number
    AND render_key = :render_key AND generation = :generation
    AND EXISTS (SELECT 1 FROM jobs WHERE jobs.job_id = tasks.job_id
                AND jobs.state = 1 AND jobs.generation = tasks.generation))";

constexpr char kCountCrash[] = R"(
UPDATE tasks SET state = :state, failures = :failures,
    interruptions = :interruptions, memory_floor = :memory_floor,
    furthest_iteration = :furthest_iteration, crashes = :crashes,
    outcome = :outcome, message = :message
  WHERE job_id = :job AND task_index = :task_index AND state = :from
    AND generation = :generation
    AND EXISTS (SELECT 1 FROM jobs WHERE jobs.job_id = tasks.job_id
                AND jobs.state = 1 AND jobs.generation = tasks.generation))";

constexpr char kRefuse[] = R"(
INSERT INTO tasks (job_id, task_index, state, generation, attempts, failures,
    interruptions, render_key, attempt_number, attempt_epoch, worker, instance,
    outcome, message)
  SELECT job_id, :task_index, 4, generation, 0, 0, 0, '', 0, 0, '', '', 7,
      :message
  FROM jobs WHERE job_id = :job AND state = 1 AND generation = :generation
      AND :task_index_again BETWEEN 0 AND task_count - 1
ON CONFLICT (job_id, task_index) DO UPDATE SET
    state = 4, generation = excluded.generation, failures = 0,
    interruptions = 0, memory_floor = 0, furthest_iteration = 0, crashes = '',
    outcome = excluded.outcome, message = excluded.message
  WHERE (tasks.generation = excluded.generation AND tasks.state = 1)
     OR (tasks.generation < excluded.generation AND tasks.state <> 3))";

constexpr char kExplain[] =
    "UPDATE jobs SET message = :message "
    "WHERE job_id = :job AND state = 1 AND generation = :generation";

constexpr char kEndJob[] =
    "UPDATE jobs SET state = :state, ended_at = :time "
    "WHERE job_id = :job AND state = 1 AND generation = :generation "
    "AND queued = 0 AND leased = 0";

constexpr char kCancel[] =
    "UPDATE jobs SET state = 4, ended_at = :time, "
    "cancelled = cancelled + queued + leased, queued = 0, leased = 0 "
    "WHERE job_id = :job AND state = 1 AND generation = :generation";

constexpr char kSteer[] =
    "UPDATE jobs SET paused = :paused, priority = :priority "
    "WHERE job_id = :job AND state = 1 AND generation = :generation";

constexpr char kRetry[] =
    "UPDATE jobs SET state = 1, ended_at = NULL, message = '', paused = 0, "
    "generation = generation + 1, "
    "queued = queued + leased + failed + cancelled, leased = 0, failed = 0, "
    "cancelled = 0 "
    "WHERE job_id = :job AND state IN (3, 4) AND generation = :generation";

constexpr char kRepair[] = R"(
UPDATE tasks SET state = 1, generation = :generation, failures = 0,
    interruptions = 0, memory_floor = 0, furthest_iteration = 0, crashes = '',
    outcome = NULL, message = '', image_digest = NULL, content_loss = NULL,
    style_loss = NULL, tv_loss = NULL, terms = NULL, total_loss = NULL,
    iterations = NULL, elapsed_us = NULL, profile = NULL, width_px = NULL, height_px = NULL
  WHERE job_id = :job AND task_index = :task_index AND state = 3
    AND image_digest = :image_digest
    AND EXISTS (SELECT 1 FROM jobs WHERE jobs.job_id = tasks.job_id
                AND jobs.state = 1 AND jobs.generation = :generation_again))";

constexpr char kMove[] =
    "UPDATE jobs SET queued = queued + :queued, leased = leased + :leased, "
    "succeeded = succeeded + :succeeded, failed = failed + :failed, "
    "cursor = max(cursor, :cursor) WHERE job_id = :job";

constexpr char kJobNotRunning[] = "the job is not running in this generation";

}  // namespace

SqliteWriter::SqliteWriter(soci::session& sql, ResultIndex& results)
    : sql_(sql),
      results_(results),
      check_epoch_(Prepare(kCheckEpoch, epoch_)),
      lease_(Prepare(kLease, index_, render_key_, number_, token_epoch_,
                     worker_, instance_, job_, generation_, index_)),
      succeed_(Prepare(kSucceed, failures_, interruptions_, memory_floor_,
                       furthest_iteration_, crashes_, image_digest_, terms_,
                       total_, iterations_, elapsed_us_, engine_version_,
                       profile_, width_px_, height_px_, job_, index_,
                       token_epoch_, number_, render_key_, generation_)),
      find_job_(
          (sql.prepare << kFindJob, soci::use(job_), soci::into(sequence_))),
      reuse_(Prepare(kReuse, index_, render_key_, worker_, image_digest_,
                     terms_, total_, iterations_, elapsed_us_, engine_version_,
                     profile_, width_px_, height_px_, job_, generation_,
                     index_)),
      end_(Prepare(kEnd, state_, failures_, interruptions_, memory_floor_,
                   furthest_iteration_, crashes_, outcome_, message_, job_,
                   index_, token_epoch_, number_, render_key_, generation_)),
      refuse_(Prepare(kRefuse, index_, message_, job_, generation_, index_)),
      explain_(Prepare(kExplain, message_, job_, generation_)),
      end_job_(Prepare(kEndJob, state_, time_, job_, generation_)),
      cancel_(Prepare(kCancel, time_, job_, generation_)),
      steer_(Prepare(kSteer, paused_, priority_, job_, generation_)),
      retry_(Prepare(kRetry, job_, generation_)),
      move_(Prepare(kMove, queued_, leased_, succeeded_, failed_, cursor_,
                    job_)) {}

bool SqliteWriter::EpochIs(int64_t epoch) {
  epoch_ = epoch;
  check_epoch_.execute(/*withDataExchange=*/true);
  return check_epoch_.get_affected_rows() == 1;
}

std::vector<absl::Status> SqliteWriter::Write(
    absl::Span<const Mutation> mutations) {
  moves_.clear();
  std::vector<absl::Status> statuses;
  statuses.reserve(mutations.size());
  for (const Mutation& mutation : mutations) {
    statuses.push_back(std::visit(
        [this](const auto& one) { return WriteOne(one); }, mutation));
  }
  for (const auto& [job, moves] : moves_) FlushMoves(job, moves);
  return statuses;
}

absl::Status SqliteWriter::WriteOne(const PutJob& put) {
  const JobRecord& job = put.job;
  const std::string& id = job.id.value();
  const std::string& request_id = job.request_id.value();
  soci::blob spec(sql_);
  spec.write(0, job.spec_bytes.data(), job.spec_bytes.size());
  const SqlInt sequence = job.sequence;
  const SqlInt task_count = job.task_count;
  const SqlInt submitted_at = ToSql(job.submitted_at);
  try {
    sql_ << "INSERT INTO jobs (sequence, job_id, request_id, spec, task_count, "
            "cursor, generation, state, queued, leased, succeeded, failed, "
            "cancelled, submitted_at, message, priority) VALUES (:sequence, "
            ":id, :request, :spec, :task_count, 0, 0, 1, :queued, 0, 0, 0, 0, "
            ":submitted_at, '', :priority)",
        soci::use(sequence), soci::use(id), soci::use(request_id),
        soci::use(spec), soci::use(task_count), soci::use(task_count),
        soci::use(submitted_at), soci::use(job.priority);
  } catch (const soci::sqlite3_soci_error& error) {
    constexpr int kConstraint = 19;  // SQLITE_CONSTRAINT
    if ((error.result() & 0xff) != kConstraint) throw;
    return absl::AlreadyExistsError(
        absl::StrCat("job ", id, ": its id, sequence or request id is taken"));
  }
  return absl::OkStatus();
}

absl::Status SqliteWriter::WriteOne(const LeaseTask& lease) {
  SetTask(lease.task, lease.generation);
  SetToken(lease.token);
  worker_ = lease.worker.value();
  instance_ = lease.instance.value();
  absl::Status status = Run(lease_, lease.task.job, "the task is not queued");
  if (status.ok()) Moved(lease.task, TaskState::kQueued, TaskState::kLeased);
  return status;
}

absl::Status SqliteWriter::WriteOne(const EndAttempt& end) {
  SetTask(end.task, end.generation);
  SetToken(end.token);
  SetCosts(end.costs);
  state_ = static_cast<SqlInt>(end.to);
  outcome_ = static_cast<SqlInt>(end.outcome);
  message_ = end.message;
  if (end.result.has_value()) SetResult(*end.result);
  absl::Status status = Run(end.to == TaskState::kSucceeded ? succeed_ : end_,
                            end.task.job, "the token does not hold the task");
  if (!status.ok()) return status;
  Moved(end.task, TaskState::kLeased, end.to);
  if (end.result.has_value()) {
    results_.Add(end.token.render_key, end.result->arithmetic,
                 SequenceOf(end.task.job), end.task.index);
  }
  return status;
}

absl::Status SqliteWriter::WriteOne(const ReuseResult& reuse) {
  SetTask(reuse.task, reuse.generation);
  SetResult(reuse.result);
  render_key_ = reuse.key.value();
  worker_ = reuse.result.worker.value();
  absl::Status status = Run(reuse_, reuse.task.job, "the task is not queued");
  if (status.ok()) Moved(reuse.task, TaskState::kQueued, TaskState::kSucceeded);
  return status;
}

absl::Status SqliteWriter::WriteOne(const RefuseTask& refuse) {
  SetTask(refuse.task, refuse.generation);
  message_ = refuse.message;
  absl::Status status = Run(refuse_, refuse.task.job, "the task is not queued");
  if (status.ok()) Moved(refuse.task, TaskState::kQueued, TaskState::kFailed);
  return status;
}

absl::Status SqliteWriter::WriteOne(const ExplainJob& explain) {
  generation_ = explain.generation;
  message_ = explain.message;
  return Run(explain_, explain.job, kJobNotRunning);
}

absl::Status SqliteWriter::WriteOne(const EndJob& end) {
  FlushMoves(end.job);
  generation_ = end.generation;
  state_ = static_cast<SqlInt>(end.state);
  time_ = ToSql(end.ended_at);
  return Run(end_job_, end.job, "the job is not running, or has tasks left");
}

absl::Status SqliteWriter::WriteOne(const CancelJob& cancel) {
  FlushMoves(cancel.job);
  generation_ = cancel.generation;
  time_ = ToSql(cancel.ended_at);
  return Run(cancel_, cancel.job, kJobNotRunning);
}

absl::Status SqliteWriter::WriteOne(const SteerJob& steer) {
  generation_ = steer.generation;
  paused_ = steer.paused ? 1 : 0;
  priority_ = steer.priority;
  return Run(steer_, steer.job, kJobNotRunning);
}

absl::Status SqliteWriter::WriteOne(const RetryJob& retry) {
  FlushMoves(retry.job);
  generation_ = retry.generation;
  return Run(retry_, retry.job,
             "the job is not failed or cancelled in this generation");
}

// Rare beside the others: from here on, statements are not kept.

absl::Status SqliteWriter::WriteOne(const RetryFailedTasks& retry) {
  FlushMoves(retry.job);
  const SqlInt generation = retry.generation;
  soci::statement job =
      (sql_.prepare << "UPDATE jobs SET generation = generation + 1, "
                       "message = '', queued = queued + failed, failed = 0 "
                       "WHERE job_id = :job AND state = 1 "
                       "AND generation = :generation AND failed > 0",
       soci::use(retry.job.value()), soci::use(generation));
  absl::Status status =
      Run(job, retry.job, "the job is not running, or none of it failed");
  if (!status.ok()) return status;
  sql_ << "UPDATE tasks SET generation = generation + 1 "
          "WHERE job_id = :job AND state IN (1, 2) "
          "AND generation = :generation",
      soci::use(retry.job.value()), soci::use(generation);
  return absl::OkStatus();
}

absl::Status SqliteWriter::WriteOne(const CountCrash& crash) {
  SetTask(crash.task, crash.generation);
  SetCosts(crash.costs);
  state_ = static_cast<SqlInt>(crash.to);
  outcome_ = static_cast<SqlInt>(Outcome::kCrashed);
  message_ = crash.message;
  const SqlInt from = static_cast<SqlInt>(crash.from);
  soci::statement count =
      (sql_.prepare << kCountCrash, soci::use(state_), soci::use(failures_),
       soci::use(interruptions_), soci::use(memory_floor_),
       soci::use(furthest_iteration_), soci::use(crashes_), soci::use(outcome_),
       soci::use(message_), soci::use(crash.task.job.value()),
       soci::use(index_), soci::use(from), soci::use(generation_));
  absl::Status status = Run(count, crash.task.job,
                            "the task is not where the crash is to be counted");
  if (status.ok() && crash.from != crash.to) {
    Moved(crash.task, crash.from, crash.to);
  }
  return status;
}

absl::Status SqliteWriter::WriteOne(const ReopenJob& reopen) {
  const SqlInt generation = reopen.generation;
  soci::statement job =
      (sql_.prepare << "UPDATE jobs SET state = 1, ended_at = NULL, paused = 0 "
                       "WHERE job_id = :job AND state IN (2, 3) "
                       "AND generation = :generation",
       soci::use(reopen.job.value()), soci::use(generation));
  return Run(job, reopen.job,
             "the job is not succeeded or failed in this generation");
}

absl::Status SqliteWriter::WriteOne(const RepairTask& repair) {
  const SqlInt index = repair.task.index;
  const SqlInt generation = repair.generation;
  soci::statement task =
      (sql_.prepare << kRepair, soci::use(generation),
       soci::use(repair.task.job.value()), soci::use(index),
       soci::use(repair.image_digest), soci::use(generation));
  absl::Status status =
      Run(task, repair.task.job, "the task has not this picture");
  if (status.ok()) {
    Moved(repair.task, TaskState::kSucceeded, TaskState::kQueued);
  }
  return status;
}

absl::Status SqliteWriter::WriteOne(const PutCheckpoint& put) {
  const CheckpointRecord& made = put.checkpoint;
  const SqlInt iteration = made.iteration;
  const SqlInt size_bytes = made.size_bytes;
  const SqlInt kept_at = ToSql(made.kept_at);
  sql_ << "INSERT INTO checkpoints (resume_key, engine_version, profile, "
          "iteration, digest, size_bytes, kept_at) VALUES (:render, :version, "
          ":profile, :iteration, :digest, :size, :kept_at)",
      soci::use(made.render.value()), soci::use(made.arithmetic.engine_version),
      soci::use(made.arithmetic.profile), soci::use(iteration),
      soci::use(made.digest), soci::use(size_bytes), soci::use(kept_at);
  return absl::OkStatus();
}

absl::Status SqliteWriter::WriteOne(const DropCheckpoint& drop) {
  const SqlInt iteration = drop.iteration;
  sql_ << "DELETE FROM checkpoints WHERE resume_key = :render "
          "AND engine_version = :version AND profile = :profile "
          "AND iteration = :iteration",
      soci::use(drop.render.value()), soci::use(drop.arithmetic.engine_version),
      soci::use(drop.arithmetic.profile), soci::use(iteration);
  return absl::OkStatus();
}

absl::Status SqliteWriter::WriteOne(const SetEngineVersion& set) {
  sql_ << "UPDATE epoch SET engine_version = :version", soci::use(set.version);
  return absl::OkStatus();
}

void SqliteWriter::SetTask(const TaskId& task, int64_t generation) {
  index_ = task.index;
  generation_ = generation;
}

void SqliteWriter::SetCosts(const AttemptCosts& costs) {
  failures_ = costs.failures;
  interruptions_ = costs.interruptions;
  memory_floor_ = costs.memory_floor_bytes;
  furthest_iteration_ = costs.furthest_iteration;
  crashes_ = absl::StrJoin(costs.crashes, "\n");
}

void SqliteWriter::SetToken(const AttemptToken& token) {
  render_key_ = token.render_key.value();
  number_ = token.number;
  token_epoch_ = token.epoch;
}

void SqliteWriter::SetResult(const TaskResult& result) {
  image_digest_ = result.image_digest;
  terms_ = ToSql(result.losses.terms);
  total_ = result.losses.total;
  iterations_ = result.iterations;
  elapsed_us_ = absl::ToInt64Microseconds(result.elapsed);
  engine_version_ = result.arithmetic.engine_version;
  profile_ = result.arithmetic.profile;
  width_px_ = result.width_px;
  height_px_ = result.height_px;
}

absl::Status SqliteWriter::Run(soci::statement& statement, const JobId& job,
                               const char* unless_it_fits) {
  job_ = job.value();
  statement.execute(/*withDataExchange=*/true);
  if (statement.get_affected_rows() == 1) return absl::OkStatus();
  int jobs = 0;
  sql_ << "SELECT COUNT(*) FROM jobs WHERE job_id = :job", soci::use(job_),
      soci::into(jobs);
  if (jobs == 0) return absl::NotFoundError(absl::StrCat("no job ", job_));
  return absl::FailedPreconditionError(
      absl::StrCat("job ", job_, ": ", unless_it_fits));
}

void SqliteWriter::Moved(const TaskId& task, TaskState from, TaskState to) {
  Moves& moves = moves_[task.job.value()];
  moves.counts.Move(from, to);
  if (from == TaskState::kQueued) {
    moves.cursor = std::max(moves.cursor, task.index + 1);
  }
}

SqlInt SqliteWriter::SequenceOf(const JobId& job) {
  SqlInt& sequence = moves_[job.value()].sequence;
  if (sequence == 0) {
    job_ = job.value();
    find_job_.execute();
    // To the end, or the log could not be copied under it.
    while (find_job_.fetch()) sequence = sequence_;
  }
  return sequence;
}

void SqliteWriter::FlushMoves(const JobId& job) {
  const auto moves = moves_.extract(job.value());
  if (!moves.empty()) FlushMoves(moves.key(), moves.mapped());
}

void SqliteWriter::FlushMoves(const std::string& job, const Moves& moves) {
  job_ = job;
  queued_ = moves.counts.queued;
  leased_ = moves.counts.leased;
  succeeded_ = moves.counts.succeeded;
  failed_ = moves.counts.failed;
  cursor_ = moves.cursor;
  move_.execute(/*withDataExchange=*/true);
}

}  // namespace atelier
