// What a bad disk does to a database.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_DAMAGE_TESTING_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_DAMAGE_TESTING_H_

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace atelier {

/// Writes over the first page of a table, and of each of its indices; or of one
/// index.
inline void DamageTable(const std::string& file, const std::string& table) {
  std::vector<int> pages;
  {
    soci::session sql(soci::sqlite3, file);
    sql << "PRAGMA wal_checkpoint(TRUNCATE)";
    soci::rowset<int> roots =
        (sql.prepare << "SELECT rootpage FROM "
                        "sqlite_master WHERE tbl_name = '"
                     << table << "' OR name = '" << table << "'");
    pages.assign(roots.begin(), roots.end());
  }
  ASSERT_FALSE(pages.empty());
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  for (int page : pages) {
    out.seekp((page - 1) * 4096) << std::string(4096, '\xaa');
  }
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_DAMAGE_TESTING_H_
