// Tables that can be done without, when the disk has damaged their pages.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_REPAIR_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_REPAIR_H_

#include <soci/soci.h>

#include <string>

#include "absl/strings/string_view.h"

namespace atelier {

/// Whether the database said that a page of it is not what it should be.
bool IsDamage(const soci::soci_error& error);

/// Reads the table and its indices through and compares them. False as well
/// where there is none. Throws: soci::soci_error, as the next.
bool IsTableWhole(soci::session& sql, const std::string& table);

/// As IsTableWhole, but only that its pages can be walked: for large tables.
bool IsTableReadable(soci::session& sql, const std::string& table);

/// The same of an index of the table, which has the rows that are `such`.
bool IsIndexReadable(soci::session& sql, const std::string& table,
                     const std::string& index, const std::string& such);

/// Forgets an index without reading its pages, as ForgetTable.
void ForgetIndex(soci::session& sql, const std::string& index);

/// Forgets a table and its indices without reading their pages, which stay
/// unused in the file. REQUIRES: no transaction, and no statement of the
/// session uses the table.
void ForgetTable(soci::session& sql, const std::string& table);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_REPAIR_H_
