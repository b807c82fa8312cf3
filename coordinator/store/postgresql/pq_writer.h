// One transaction of rows in PostgreSQL.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_WRITER_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/store/postgresql/pq_connection.h"

namespace atelier {

/// Writes RowChanges in two round trips: all that is to be written, and, once
/// each statement has written what its change expects, the commit.
///
/// READ COMMITTED is enough: each statement is one conditional write of one
/// row, or adds several, and all of them under a shared lock of the epoch's
/// row, which whoever begins the next epoch waits for. Nobody else writes.
///
/// Thread-compatible. For one transaction.
class PqWriter {
 public:
  /// Lifetime: the connection outlives it.
  explicit PqWriter(PqConnection& connection) : connection_(connection) {}

  /// Errors: FailedPrecondition (a row is not what its change expects; names
  ///         it), Aborted (another epoch has begun), and the connection's.
  ///         Nothing is written then, if not `in_doubt` says otherwise.
  absl::Status Write(int64_t epoch, const RowChanges& changes);

  /// The transaction that may have been committed: its connection was lost
  /// before the commit was answered. Empty: there is no doubt.
  const std::string& in_doubt() const { return in_doubt_; }

 private:
  // As Store::Apply's changes, in their order.
  void Queue(const RowChanges& changes);
  void Queue(const JobChange& change);
  void QueueTasks(const std::vector<TaskChange>& changes);
  void QueueUpdate(const TaskChange& change);
  void QueueAttempts(const std::vector<AttemptRecord>& attempts);
  void QueueResults(const std::vector<ResultRecord>& results);
  void Queue(const CheckpointChange& change);
  void Queue(const ArtifactChange& change);
  void Queue(const ThumbnailRecord& thumbnail);
  void Queue(const TokenChange& change);
  void Queue(const QuotaChange& change);
  void Queue(const RatingChange& change);
  void Queue(const TaskRemoval& range);
  void Queue(const JobRemoval& removal);
  void Queue(const AuditRecord& entry);
  void Queue(const AuditTrim& trim);

  // `row` names what it must write, so many rows; empty: any number will do.
  void Send(const std::string& sql, const PqParams& params,
            std::string row = "", size_t rows = 1);

  struct Expected {
    std::string row;
    int64_t rows = 1;
  };

  PqConnection& connection_;
  std::vector<Expected> expected_;  // For each statement.
  std::string in_doubt_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_WRITER_H_
