// One transaction of mutations on the SQLite file.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_WRITER_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_WRITER_H_

#include <soci/soci.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "coordinator/state/mutation.h"
#include "coordinator/store/result_index.h"
#include "coordinator/store/sqlite_rows.h"

namespace atelier {

/// Prepared statements, and the variables they are bound to.
///
/// Each mutation is one SQL statement, which SQLite undoes whole when it fails:
/// that is its savepoint. The counts of a job are written once, before a
/// mutation that depends on them or at the end.
///
/// Thread-compatible. Every function throws soci::soci_error when the database
/// fails; the caller then rolls back.
class SqliteWriter {
 public:
  /// Lifetime: both outlive it.
  SqliteWriter(soci::session& sql, ResultIndex& results);

  /// Writes, so that it also tells whether the disk takes writes.
  bool EpochIs(int64_t epoch);
  /// One status for each. REQUIRES: inside a transaction.
  std::vector<absl::Status> Write(absl::Span<const Mutation> mutations);

 private:
  // What a transaction's tasks do to their job.
  struct Moves {
    TaskCounts counts;  // Differences.
    int64_t cursor = 0;
    SqlInt sequence = 0;  // Of the job, once it was asked for.
  };

  // A statement that is prepared once. Binds by reference: what is given must
  // live as long as this.
  template <typename... Variables>
  soci::statement Prepare(const char* sql, Variables&... variables) {
    auto prepared = (sql_.prepare << sql);
    static_cast<void>((prepared, ..., soci::use(variables)));
    return prepared;
  }

  absl::Status WriteOne(const PutJob& put);
  absl::Status WriteOne(const LeaseTask& lease);
  absl::Status WriteOne(const ReuseResult& reuse);
  absl::Status WriteOne(const EndAttempt& end);
  absl::Status WriteOne(const CountCrash& crash);
  absl::Status WriteOne(const RefuseTask& refuse);
  absl::Status WriteOne(const ExplainJob& explain);
  absl::Status WriteOne(const EndJob& end);
  absl::Status WriteOne(const CancelJob& cancel);
  absl::Status WriteOne(const SteerJob& steer);
  absl::Status WriteOne(const RetryJob& retry);
  absl::Status WriteOne(const RetryFailedTasks& retry);
  absl::Status WriteOne(const ReopenJob& reopen);
  absl::Status WriteOne(const RepairTask& repair);
  absl::Status WriteOne(const PutCheckpoint& put);
  absl::Status WriteOne(const DropCheckpoint& drop);
  absl::Status WriteOne(const SetEngineVersion& set);

  void SetTask(const TaskId& task, int64_t generation);
  void SetCosts(const AttemptCosts& costs);
  void SetToken(const AttemptToken& token);
  void SetResult(const TaskResult& result);
  // Runs a compare-and-set on `job`.
  absl::Status Run(soci::statement& statement, const JobId& job,
                   const char* unless_it_fits);
  void Moved(const TaskId& task, TaskState from, TaskState to);
  SqlInt SequenceOf(const JobId& job);
  void FlushMoves(const JobId& job);
  void FlushMoves(const std::string& job, const Moves& moves);

  soci::session& sql_;
  ResultIndex& results_;
  std::map<std::string, Moves> moves_;

  std::string job_, render_key_, worker_, instance_, message_, crashes_;
  SqlInt epoch_ = 0, generation_ = 0, index_ = 0, state_ = 0, outcome_ = 0;
  SqlInt number_ = 0, token_epoch_ = 0, failures_ = 0, interruptions_ = 0;
  SqlInt memory_floor_ = 0, furthest_iteration_ = 0;
  SqlInt paused_ = 0, priority_ = 0;
  SqlInt time_ = 0, cursor_ = 0, sequence_ = 0;
  SqlInt queued_ = 0, leased_ = 0, succeeded_ = 0, failed_ = 0;
  std::string image_digest_, profile_, terms_;
  double total_ = 0;
  SqlInt iterations_ = 0, elapsed_us_ = 0, engine_version_ = 0;
  SqlInt width_px_ = 0, height_px_ = 0;

  // Last: bound to the variables above.
  soci::statement check_epoch_, lease_, succeed_, find_job_, reuse_, end_;
  soci::statement refuse_, explain_, end_job_, cancel_, steer_, retry_, move_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_WRITER_H_
