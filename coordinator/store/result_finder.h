// Finds results by their render keys.
#ifndef ATELIER_COORDINATOR_STORE_RESULT_FINDER_H_
#define ATELIER_COORDINATOR_STORE_RESULT_FINDER_H_

#include <soci/soci.h>

#include <array>
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
  std::array<std::string, 64> asked_;
  TaskQuery query_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_RESULT_FINDER_H_
