// The tables in PostgreSQL, version by version.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SCHEMA_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SCHEMA_H_

#include "absl/status/status.h"
#include "coordinator/store/postgresql/pq_connection.h"

namespace atelier {

/// The version that this build reads and writes. Not SQLite's.
int CurrentPqSchemaVersion();

/// Brings the connection's schema to the current version, in one transaction;
/// others that come meanwhile wait for it.
/// Errors: FailedPrecondition (it is a newer version's, or has tables that are
///         not ours), and the connection's.
absl::Status MigratePqSchema(PqConnection& connection);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SCHEMA_H_
