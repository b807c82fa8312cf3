// A database of a PostgreSQL server of the bench's own, and what it holds.
#ifndef ATELIER_TESTS_BENCH_BENCH_DATABASE_H_
#define ATELIER_TESTS_BENCH_BENCH_DATABASE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace atelier {

/// One table, as the server's statistics have it.
struct TableFigures {
  std::string name;
  int64_t rows = 0;
  int64_t dead_rows = 0;  ///< Not yet vacuumed.
  double mb = 0;          ///< Its pages: of live, of dead and of no rows.
  double index_mb = 0;
  int64_t vacuums = 0;  ///< By autovacuum.
};

/// The URL of a new database. Each commit is on the disk before it is answered.
/// Errors: NotFound (no server is installed), Internal (it does not start).
absl::StatusOr<std::string> MakeBenchDatabase();

/// The tables that have ever had a row, by name. Waits for the end of all other
/// connections: only then do the statistics have all that they did.
/// Errors: DeadlineExceeded (they have not ended), and the connection's.
absl::StatusOr<std::vector<TableFigures>> TablesIn(const std::string& url);

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_BENCH_DATABASE_H_
