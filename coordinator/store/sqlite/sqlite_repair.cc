#include "coordinator/store/sqlite/sqlite_repair.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

bool IsThere(soci::session& sql, const std::string& table) {
  int tables = 0;
  sql << "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' "
         "AND name = :name",
      soci::use(table), soci::into(tables);
  return tables > 0;
}

template <typename Check>
bool UnlessDamaged(Check check) {
  try {
    return check();
  } catch (const soci::soci_error& error) {
    if (!IsDamage(error)) throw;
    return false;
  }
}

}  // namespace

bool IsDamage(const soci::soci_error& error) {
  constexpr int kCorrupt = 11;  // SQLITE_CORRUPT
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  return sqlite != nullptr && (sqlite->result() & 0xff) == kCorrupt;
}

bool IsTableWhole(soci::session& sql, const std::string& table) {
  return IsThere(sql, table) && UnlessDamaged([&] {
           std::string verdict;
           sql << absl::StrCat("PRAGMA integrity_check('", table, "')"),
               soci::into(verdict);
           return verdict == "ok";
         });
}

bool IsTableReadable(soci::session& sql, const std::string& table) {
  return IsThere(sql, table) && UnlessDamaged([&] {
           long long rows = 0;
           sql << "SELECT COUNT(*) FROM " << table, soci::into(rows);
           return true;
         });
}

void ForgetTable(soci::session& sql, const std::string& table) {
  sql << "PRAGMA writable_schema = ON";
  sql << "DELETE FROM sqlite_master WHERE tbl_name = :name", soci::use(table);
  // Reads the schema again, too.
  sql << "PRAGMA writable_schema = RESET";
}

}  // namespace atelier
