#include "coordinator/store/postgresql/pq_rows_insert.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

namespace atelier {

PqRowsInsert::PqRowsInsert(const std::string& table, const std::string& columns,
                           const std::string& on_conflict) {
  const auto count = 1 + std::count(columns.begin(), columns.end(), ',');
  std::string values;
  size_t rows = 0;
  size_t number = 0;
  for (size_t i = 0; i < kSizes.size(); ++i) {
    for (; rows < kSizes[i]; ++rows) {
      absl::StrAppend(&values, rows > 0 ? ", (" : "(");
      for (std::ptrdiff_t column = 0; column < count; ++column) {
        absl::StrAppend(&values, column > 0 ? ", $" : "$", ++number);
      }
      values += ')';
    }
    sql_[i] = absl::StrCat("INSERT INTO ", table, " (", columns, ") VALUES ",
                           values, " ON CONFLICT ", on_conflict);
  }
}

PqRowsInsert::Statement PqRowsInsert::Largest(size_t rows) const {
  size_t i = kSizes.size() - 1;
  while (kSizes[i] > rows) --i;
  return {kSizes[i], sql_[i]};
}

}  // namespace atelier
