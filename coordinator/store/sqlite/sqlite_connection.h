// Connections to the SQLite file, and their errors as statuses.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_CONNECTION_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_CONNECTION_H_

#include <soci/soci.h>

#include <string>

#include "absl/status/status.h"

namespace atelier {

/// WAL mode, synchronous FULL, foreign keys. Throws: soci::soci_error.
void Connect(soci::session& sql, const std::string& path);

/// Unavailable (busy, or the disk is full), PermissionDenied,
/// FailedPrecondition (no database), else Internal.
absl::Status ToStatus(const soci::soci_error& error);

/// Runs `work`, which gives a Status or StatusOr; exceptions end here.
template <typename Work>
auto Guard(Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const soci::soci_error& error) {
    return ToStatus(error);
  }
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_CONNECTION_H_
