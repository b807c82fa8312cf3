// A PostgreSQL server for the tests of one process.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SERVER_TESTING_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SERVER_TESTING_H_

#include <string>

#include "absl/status/statusor.h"

namespace atelier {

/// The URL of a new, empty database. The first call starts a server in a folder
/// of its own, on a socket there and no port, without fsync; it ends with the
/// thread that started it. Thread-safe.
/// Errors: NotFound (no server is installed), Internal (it does not start).
absl::StatusOr<std::string> MakePqDatabase();

/// Ends that server at once, as a crash does (pg_ctl stop -m immediate), and
/// starts it again. REQUIRES of all these: MakePqDatabase.
void StopPqServer();
absl::Status StartPqServer();
absl::Status RestartPqServer();

/// The same database by TCP on loopback, for the user "guarded", who needs this
/// password there.
struct GuardedPqDatabase {
  std::string url;  ///< "postgresql://guarded@127.0.0.1:PORT/NAME"
  std::string ca;   ///< The file of whoever issued the server's certificate.
};
/// Restarts the server the first time.
absl::StatusOr<GuardedPqDatabase> GuardPqDatabase(const std::string& url,
                                                  const std::string& password);

/// Ends every connection to the database of this URL, as an administrator does.
absl::Status EndPqConnections(const std::string& url);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SERVER_TESTING_H_
