// Which task has the last result of a render by an arithmetic.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_RESULT_INDEX_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_RESULT_INDEX_H_

#include <soci/soci.h>

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/btree_map.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/ids.h"
#include "coordinator/store/sqlite/sqlite_rows.h"

namespace atelier {

/// A log-structured merge of two levels. Render keys are hashes: written where
/// it belongs, each result of a transaction would change a page of its own in
/// the table `results`. So it goes to the end of the table `new_results`, and
/// into memory. Some ten thousands later these are merged into `results` in the
/// order of their keys, some at each transaction, and many go to one page.
///
/// Within a transaction: Add any number of times, Merge once, then Committed or
/// RolledBack. Throws soci::soci_error where the database fails; the caller
/// then rolls back. Thread-compatible.
class ResultIndex {
 public:
  /// Results in the log that are worth a merge: some megabytes in memory, and
  /// several for each page of a table of a million.
  static constexpr SqlInt kRun = 32768;

  /// Reads what is not merged yet. Lifetime: the session outlives it.
  explicit ResultIndex(soci::session& sql, SqlInt run = kRun);
  ResultIndex(const ResultIndex&) = delete;
  ResultIndex& operator=(const ResultIndex&) = delete;

  /// The task's row is to have the result. `job`: its sequence.
  void Add(const RenderKey& render, const Arithmetic& arithmetic, SqlInt job,
           SqlInt task_index);
  /// Moves results in proportion to those that were added.
  void Merge();
  void Committed();
  void RolledBack();

  /// The last committed result of each key and arithmetic that has one, in any
  /// order.
  std::vector<StoredResult> Find(const std::set<RenderKey>& keys);

 private:
  // The first characters of a render's key and of its arithmetic. The task's
  // row has them whole; of two results that share both names the earlier is
  // forgotten.
  struct Name {
    std::string render;
    std::string arithmetic;
    friend bool operator<(const Name& a, const Name& b) {
      return std::tie(a.render, a.arithmetic) <
             std::tie(b.render, b.arithmetic);
    }
  };
  struct Place {
    SqlInt job = 0;  // Its sequence.
    SqlInt task_index = 0;
  };
  using Places = absl::btree_map<Name, Place>;

  // Of one query: enough to spread its cost, few enough to be rarely in vain.
  static constexpr size_t kKeysAtOnce = 64;

  static Name NameOf(const RenderKey& render, const Arithmetic& arithmetic);
  void ReadLog();
  void FindMerged(const std::vector<std::string>& renders, Places& found);

  soci::session& sql_;
  const SqlInt run_;
  // Both are in the log, and what is young came later: to young_sequence_.
  Places old_;
  Places young_;
  SqlInt old_sequence_ = 0;
  SqlInt young_sequence_ = 0;
  Places::const_iterator merged_ = old_.end();  // From here on it is not.

  // By the transaction that runs.
  std::vector<Places::value_type> added_;
  Places::const_iterator merging_ = old_.end();

  // Where statements take their values from, and put them.
  Name name_;
  Place place_;
  SqlInt sequence_ = 0;
  std::array<std::string, kKeysAtOnce> asked_;  // Empty: matches no result.
  Name found_name_;
  Place found_place_;

  // Last: bound to the variables above.
  soci::statement log_, merge_, forget_, find_;
  TaskQuery row_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_RESULT_INDEX_H_
