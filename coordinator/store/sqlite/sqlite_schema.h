// The tables of the SQLite file, version by version.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_SCHEMA_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_SCHEMA_H_

#include <soci/soci.h>

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace atelier {

/// The version that this build reads and writes.
int CurrentSchemaVersion();

/// Brings the file to the current version, one transaction a step. `lost` gets
/// what RebuildDamagedTables would say of the version before.
/// Errors: FailedPrecondition when the file is a newer version's, or a database
///         that is not ours.
/// Throws: soci::soci_error.
absl::Status MigrateSchema(soci::session& sql, std::vector<std::string>& lost);

/// Makes those tables anew that can be done without and are damaged or gone:
/// checkpoints, artifacts, thumbnails and ratings, which then begin empty, and
/// the index of results, which is filled from the tasks. Returns what was lost,
/// for people. Throws: soci::soci_error.
std::vector<std::string> RebuildDamagedTables(soci::session& sql);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_SCHEMA_H_
