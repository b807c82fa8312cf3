// A PostgreSQL server for the tests of one process.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SERVER_TESTING_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SERVER_TESTING_H_

#include <string>

#include "absl/status/statusor.h"

namespace atelier {

/// The URL of a new, empty database. The first call starts a server in a folder
/// of its own, on a socket there and no port, without fsync; it ends with the
/// process. Thread-safe.
/// Errors: NotFound (no server is installed), Internal (it does not start).
absl::StatusOr<std::string> MakePqDatabase();

/// Ends that server at once, as a crash does, and starts it again.
/// REQUIRES: MakePqDatabase.
absl::Status RestartPqServer();

/// Ends every connection to the database of this URL, as an administrator does.
absl::Status EndPqConnections(const std::string& url);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SERVER_TESTING_H_
