// Writes jobs, tasks, tokens and ratings into rows in memory, and can take it
// back.
#ifndef ATELIER_COORDINATOR_STORE_MEMORY_ROW_WRITER_H_
#define ATELIER_COORDINATOR_STORE_MEMORY_ROW_WRITER_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/store/memory/in_memory_store.h"

namespace atelier {

// Rows as they were before a transaction, to be put back if it fails.
template <typename Key, typename Row>
class Undo {
 public:
  explicit Undo(std::map<Key, Row>& rows) : rows_(rows) {}

  void Save(const Key& key) {
    const auto row = rows_.find(key);
    saved_.try_emplace(key, row == rows_.end() ? std::optional<Row>()
                                               : std::optional(row->second));
  }
  void PutBack() {
    for (auto& [key, row] : saved_) {
      if (row.has_value()) {
        rows_[key] = *std::move(row);
      } else {
        rows_.erase(key);
      }
    }
  }

 private:
  std::map<Key, Row>& rows_;
  std::map<Key, std::optional<Row>> saved_;
};

/// What of a transaction may be refused. Thread-compatible.
class RowWriter {
 public:
  /// Lifetime: the rows outlive it.
  explicit RowWriter(InMemoryRows& rows)
      : rows_(rows),
        jobs_(rows.jobs),
        tasks_(rows.tasks),
        tokens_(rows.tokens),
        ratings_(rows.ratings) {}

  /// Errors: FailedPrecondition (a row is not what its change expects).
  absl::Status Write(const RowChanges& changes);
  /// The rows as they were before.
  void PutBack();

 private:
  absl::Status Write(const JobChange& change);
  absl::Status Write(const TaskChange& change);
  absl::Status Write(const TokenChange& change);
  absl::Status Write(const RatingChange& change);
  void Remove(const TaskRemoval& range);
  absl::Status Remove(const JobRemoval& removal);

  InMemoryRows& rows_;
  Undo<JobId, JobRecord> jobs_;
  Undo<TaskId, TaskRecord> tasks_;
  Undo<std::string, TokenRecord> tokens_;
  Undo<RatingKey, int> ratings_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_MEMORY_ROW_WRITER_H_
