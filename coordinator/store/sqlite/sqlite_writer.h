// One transaction of rows on the SQLite file.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_WRITER_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_WRITER_H_

#include <soci/soci.h>

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/store/sqlite/result_index.h"
#include "coordinator/store/sqlite/sqlite_rows.h"

namespace atelier {

/// Prepared statements, and the variables they are bound to.
///
/// Thread-compatible. Every function throws soci::soci_error when the database
/// fails; the caller then rolls back, as it does after any other error.
class SqliteWriter {
 public:
  /// Lifetime: both outlive it.
  SqliteWriter(soci::session& sql, ResultIndex& results);

  /// Writes, so that it also tells whether the disk takes writes.
  bool EpochIs(int64_t epoch);
  /// Errors: FailedPrecondition (a row is not what its change expects).
  /// REQUIRES: inside a transaction.
  absl::Status Write(const RowChanges& changes);

 private:
  // Jobs, tasks, attempts and artifacts are most of what is written: their
  // statements are kept. The others' are not.
  absl::Status Write(const JobChange& change);
  absl::Status InsertJob(const JobRecord& job);
  absl::Status Write(const TaskChange& change);
  void Write(const AttemptRecord& attempt);
  void Write(const CheckpointChange& change);
  void Write(const ArtifactChange& change);
  void Remove(const TaskRemoval& range);
  absl::Status Remove(const JobRemoval& removal);
  SqlInt SequenceOf(const JobId& job);

  soci::session& sql_;
  ResultIndex& results_;
  std::map<JobId, SqlInt> sequences_;  // Of jobs, in one transaction.

  SqlInt epoch_ = 0, sequence_ = 0;
  std::string job_id_;
  JobColumns job_;
  TaskColumns task_;
  AttemptColumns attempt_;
  ArtifactColumns artifact_;
  // What a change expects.
  SqlInt state_ = 0, generation_ = 0, number_ = 0, token_epoch_ = 0;
  std::string render_key_;

  // Last: bound to the variables above.
  soci::statement check_epoch_, update_job_, insert_task_, update_task_;
  soci::statement put_attempt_, put_artifact_, find_job_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_WRITER_H_
