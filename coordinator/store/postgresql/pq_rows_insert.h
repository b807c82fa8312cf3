// One statement that inserts several rows.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_ROWS_INSERT_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_ROWS_INSERT_H_

#include <array>
#include <cstddef>
#include <string>

namespace atelier {

/// "INSERT INTO table (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT ...", which
/// costs little more for several rows than for one. Of few sizes, as each of
/// them is prepared. Thread-safe.
class PqRowsInsert {
 public:
  /// `columns`: "a, b".
  PqRowsInsert(const std::string& table, const std::string& columns,
               const std::string& on_conflict);

  struct Statement {
    size_t rows;
    const std::string& sql;
  };
  /// The largest of those for at most so many rows. REQUIRES: rows > 0.
  Statement Largest(size_t rows) const;

 private:
  static constexpr std::array<size_t, 4> kSizes = {1, 4, 16, 64};
  std::array<std::string, kSizes.size()> sql_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_ROWS_INSERT_H_
