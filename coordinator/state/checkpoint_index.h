// Which checkpoints are kept: bounded in bytes, and small enough in number that
// all of them stand in memory.
#ifndef ATELIER_COORDINATOR_STATE_CHECKPOINT_INDEX_H_
#define ATELIER_COORDINATOR_STATE_CHECKPOINT_INDEX_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "coordinator/state/ids.h"
#include "coordinator/state/records.h"

namespace atelier {

/// Of each render and arithmetic there are those that are of use to somebody: a
/// new one takes the place of those that are not further on. Thread-compatible.
class CheckpointIndex {
 public:
  /// Each counts as at least this much: it is a file and a row.
  static constexpr int64_t kLeastBytes = int64_t{256} << 10;

  /// What must be done in the store, and to the files.
  struct Change {
    std::optional<CheckpointRecord> put;
    std::vector<CheckpointRecord> drop;
    std::vector<std::string> unused;  ///< Digests that nothing names any more.
  };

  explicit CheckpointIndex(int64_t most_bytes) : most_bytes_(most_bytes) {}

  /// Forgets all, and takes what the store has, oldest first; drops the oldest
  /// where the bound has become lower.
  Change Restore(std::vector<CheckpointRecord> stored);

  /// Drops those of this render and arithmetic up to its iteration, or up to
  /// `useless` if that is more, and then the oldest of all until it has room.
  /// Changes nothing where it is there already, or larger than the bound.
  Change Keep(CheckpointRecord made, int useless = 0);

  /// Drops the oldest until there are so many bytes less.
  Change Shed(int64_t bytes);

  /// The furthest of at most `iterations`; null if there is none. Lifetime:
  /// until the next change.
  const CheckpointRecord* Find(const ResumeKey& render,
                               const Arithmetic& arithmetic,
                               int iterations) const;
  /// Whether one of them names this digest.
  bool Names(const std::string& digest) const {
    return uses_.count(digest) > 0;
  }
  /// Whether one of this render does.
  bool Names(const ResumeKey& render, const std::string& digest) const;

  bool empty() const { return checkpoints_.empty(); }
  int64_t count() const { return static_cast<int64_t>(checkpoints_.size()); }
  int64_t bytes() const { return bytes_; }

 private:
  using Name = std::tuple<ResumeKey, Arithmetic, int>;
  struct Entry {
    CheckpointRecord record;
    int64_t age = 0;  // Lower is older.
  };

  void Add(CheckpointRecord record);
  void Remove(const Name& name, Change& change);
  void MakeRoom(int64_t bytes, Change& change);

  const int64_t most_bytes_;
  int64_t bytes_ = 0;
  int64_t last_age_ = 0;
  std::map<Name, Entry> checkpoints_;
  std::map<int64_t, Name> by_age_;
  std::map<std::string, int> uses_;  // By digest.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_CHECKPOINT_INDEX_H_
