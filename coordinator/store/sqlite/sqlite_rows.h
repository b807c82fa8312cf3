// The rows of the SQLite file, as variables of statements and as records.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_ROWS_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_ROWS_H_

#include <soci/soci.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "coordinator/state/records.h"
#include "coordinator/store/row_text.h"

namespace atelier {

/// SOCI's name for SQLite's integers.
using SqlInt = long long;

// Each struct of columns is where statements put a row and take it from.
// ForKey and ForValues call `f(name, variable, indicator)` for each column that
// is written, in one order. Only one statement at a time may use it.

struct JobColumns {
  /// Those that never change; the spec is apart, as a blob.
  template <typename F>
  void ForKey(F f) {
    f("job_id", id, always);
    f("sequence", sequence, always);
    f("request_id", request_id, always);
    f("task_count", task_count, always);
    f("submitted_at", submitted_at, always);
    f("owner", owner, always);
  }
  template <typename F>
  void ForValues(F f) {
    f("cursor", cursor, always);
    f("generation", generation, always);
    f("state", state, always);
    f("queued", queued, always);
    f("leased", leased, always);
    f("succeeded", succeeded, always);
    f("failed", failed, always);
    f("cancelled", cancelled, always);
    f("ended_at", ended_at, has_ended);
    f("message", message, always);
    f("paused", paused, always);
    f("priority", priority, always);
  }
  void Set(const JobRecord& job);
  JobRecord Record() const;  ///< Without its spec.

  std::string id, request_id, message, owner;
  SqlInt sequence = 0, task_count = 0, cursor = 0, generation = 0, state = 0;
  SqlInt queued = 0, leased = 0, succeeded = 0, failed = 0, cancelled = 0;
  SqlInt submitted_at = 0, ended_at = 0, paused = 0, priority = 0;
  soci::indicator always = soci::i_ok, has_ended = soci::i_null;
};

struct TaskColumns {
  template <typename F>
  void ForKey(F f) {
    f("job_id", job_id, always);
    f("task_index", index, always);
  }
  template <typename F>
  void ForValues(F f) {
    f("state", state, always);
    f("generation", generation, always);
    f("attempts", attempts, always);
    f("failures", failures, always);
    f("interruptions", interruptions, always);
    f("memory_floor", memory_floor, always);
    f("furthest_iteration", furthest_iteration, always);
    f("crashes", crashes, always);
    f("render_key", render_key, always);
    f("attempt_number", number, always);
    f("attempt_epoch", epoch, always);
    f("attempt_secret", secret, always);
    f("worker", worker, always);
    f("instance", instance, always);
    f("began_at", began_at, has_began);
    f("outcome", outcome, has_outcome);
    f("message", message, always);
    f("engine_version", engine_version, always);
    f("image_digest", image_digest, has_result);
    f("terms", terms, has_terms);
    f("total_loss", total, has_result);
    f("iterations", iterations, has_result);
    f("elapsed_us", elapsed_us, has_result);
    f("profile", profile, has_result);
    f("width_px", width_px, has_result);
    f("height_px", height_px, has_result);
    f("timings", timings, has_timings);
    f("measures", measures, has_measures);
    f("previews", previews, has_previews);
  }
  /// What earlier versions wrote in place of `terms`.
  template <typename F>
  void ForOldTerms(F f) {
    f("content_loss", content, has_old_terms);
    f("style_loss", style, has_old_terms);
    f("tv_loss", total_variation, has_old_terms);
  }
  void Set(const TaskRecord& task);
  TaskRecord Record() const;

  std::string job_id, render_key, secret, worker, instance, message, crashes;
  std::string image_digest, terms, profile, timings, measures, previews;
  SqlInt index = 0, state = 0, generation = 0, attempts = 0, failures = 0;
  SqlInt interruptions = 0, memory_floor = 0, furthest_iteration = 0;
  SqlInt number = 0, epoch = 0, began_at = 0, outcome = 0, iterations = 0;
  SqlInt elapsed_us = 0, engine_version = 0, width_px = 0, height_px = 0;
  double content = 0, style = 0, total_variation = 0, total = 0;
  soci::indicator always = soci::i_ok, has_began = soci::i_null;
  soci::indicator has_outcome = soci::i_null, has_result = soci::i_null;
  soci::indicator has_terms = soci::i_null, has_old_terms = soci::i_null;
  soci::indicator has_timings = soci::i_null, has_measures = soci::i_null;
  soci::indicator has_previews = soci::i_null;

 private:
  TaskResult Result() const;
};

struct AttemptColumns {
  template <typename F>
  void ForKey(F f) {
    f("job_id", job_id, always);
    f("task_index", index, always);
    f("place", place, always);
  }
  template <typename F>
  void ForValues(F f) {
    f("number", number, always);
    f("worker", worker, always);
    f("began_at", began_at, has_began);
    f("ended_at", ended_at, always);
    f("outcome", outcome, always);
    f("message", message, always);
    f("device_us", device_us, always);
    f("log_digest", log_digest, always);
  }
  void Set(const AttemptRecord& attempt);
  AttemptRecord Record() const;

  std::string job_id, worker, message, log_digest;
  SqlInt index = 0, place = 0, number = 0, began_at = 0, ended_at = 0;
  SqlInt outcome = 0, device_us = 0;
  soci::indicator always = soci::i_ok, has_began = soci::i_null;
};

struct ArtifactColumns {
  template <typename F>
  void ForKey(F f) {
    f("kind", kind, always);
    f("digest", digest, always);
  }
  template <typename F>
  void ForValues(F f) {
    f("size_bytes", size_bytes, always);
    f("used_at", used_at, always);
    f("checked_at", checked_at, always);
    f("version", version, always);
    f("owner", owner, always);
  }
  void Set(const ArtifactRecord& artifact);
  ArtifactRecord Record() const;

  std::string digest, version, owner;
  SqlInt kind = 0, size_bytes = 0, used_at = 0, checked_at = 0;
  soci::indicator always = soci::i_ok;
};

/// Adds a statement's parameters.
using BindParameters = std::function<void(soci::statement&)>;

/// Jobs by "SELECT ... FROM jobs " + `clauses`.
/// Throws: soci::soci_error, as the next.
std::vector<JobRecord> SelectJobs(soci::session& sql,
                                  const std::string& clauses,
                                  const BindParameters& bind);

/// Tasks by "SELECT ... FROM tasks " + `clauses`.
std::vector<TaskRecord> SelectTasks(soci::session& sql,
                                    const std::string& clauses,
                                    const BindParameters& bind);

/// The same as a statement that is kept, for what is asked often.
class TaskQuery {
 public:
  /// Lifetime: the session, and what `bind` bound, outlive it.
  TaskQuery(soci::session& sql, const std::string& clauses,
            const BindParameters& bind);
  ~TaskQuery();

  /// With the values that the parameters have now.
  std::vector<TaskRecord> Run();

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

/// The task's attempts, by number. Throws: as SelectJobs.
std::vector<AttemptRecord> SelectAttempts(soci::session& sql,
                                          const TaskId& task);

/// All checkpoints, oldest first. Throws: as SelectJobs.
std::vector<CheckpointRecord> SelectCheckpoints(soci::session& sql);

/// As Store::FindArtifacts and ListArtifacts. Throws: as SelectJobs.
std::vector<ArtifactRecord> SelectArtifacts(
    soci::session& sql, ArtifactKind kind,
    const std::set<std::string>& digests);
std::vector<ArtifactRecord> SelectArtifacts(soci::session& sql,
                                            ArtifactKind kind,
                                            const std::string& after,
                                            int limit);
std::vector<ArtifactRecord> SelectOldestArtifacts(soci::session& sql,
                                                  ArtifactKind kind, int limit);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_ROWS_H_
