#include "coordinator/store/sqlite/sqlite_connection.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

// Primary result codes of SQLite.
constexpr int kBusy = 5;
constexpr int kLocked = 6;
constexpr int kReadOnly = 8;
constexpr int kFull = 13;
constexpr int kCantOpen = 14;
constexpr int kConstraint = 19;
constexpr int kNotADatabase = 26;

}  // namespace

absl::Status ToStatus(const soci::soci_error& error) {
  const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  const int code = sqlite == nullptr ? 0 : sqlite->result() & 0xff;
  const std::string message = absl::StrCat("SQLite: ", error.what());
  switch (code) {
    case kBusy:
    case kLocked:
    case kFull:
      return absl::UnavailableError(message);
    case kReadOnly:
    case kCantOpen:
      return absl::PermissionDeniedError(message);
    case kConstraint:
    case kNotADatabase:
      return absl::FailedPreconditionError(message);
    default:
      return absl::InternalError(message);
  }
}

void Connect(soci::session& sql, const std::string& path) {
  sql.open(soci::sqlite3, absl::StrCat("db=\"", path, "\" timeout=5"));
  // SOCI has no setting for the first; the second is per connection.
  sql << "PRAGMA journal_mode = WAL";
  sql << "PRAGMA synchronous = FULL";
  sql << "PRAGMA foreign_keys = ON";
}

}  // namespace atelier
