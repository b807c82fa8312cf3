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

void Forget(soci::session& sql, const char* column, const std::string& name) {
  sql << "PRAGMA writable_schema = ON";
  sql << absl::StrCat("DELETE FROM sqlite_master WHERE ", column, " = :name"),
      soci::use(name);
  // Reads the schema again, too.
  sql << "PRAGMA writable_schema = RESET";
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

bool IsIndexReadable(soci::session& sql, const std::string& table,
                     const std::string& index, const std::string& such) {
  return UnlessDamaged([&] {
    long long rows = 0;
    sql << absl::StrCat("SELECT COUNT(*) FROM ", table, " INDEXED BY ", index,
                        " WHERE ", such),
        soci::into(rows);
    return true;
  });
}

void ForgetIndex(soci::session& sql, const std::string& index) {
  Forget(sql, "type = 'index' AND name", index);
}

void ForgetTable(soci::session& sql, const std::string& table) {
  Forget(sql, "tbl_name", table);
}

}  // namespace atelier
