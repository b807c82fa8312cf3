// Finds results by their render keys.
#ifndef ATELIER_COORDINATOR_STORE_RESULT_FINDER_H_
#define ATELIER_COORDINATOR_STORE_RESULT_FINDER_H_

#include <soci/soci.h>

#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "coordinator/core/decisions.h"
#include "coordinator/core/ids.h"
#include "coordinator/store/sqlite_rows.h"

namespace atelier {

/// Keeps its statement, which is asked for each few tasks that are given out.
/// Thread-compatible.
class ResultFinder {
 public:
  /// Lifetime: the session outlives it.
  explicit ResultFinder(soci::session& sql);
  ResultFinder(const ResultFinder&) = delete;
  ResultFinder& operator=(const ResultFinder&) = delete;

  /// The last result of each key and profile that has one, in any order.
  /// Throws: soci::soci_error.
  std::vector<StoredResult> Find(const std::set<RenderKey>& keys);

 private:
  // Of one query: enough to spread its cost, few enough to be rarely in vain.
  static constexpr size_t kKeysAtOnce = 64;

  std::array<std::string, kKeysAtOnce> asked_;  // Empty: matches no result.
  TaskQuery query_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_RESULT_FINDER_H_
