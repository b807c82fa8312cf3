// A PostgreSQL server for the tests of one process.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SERVER_TESTING_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_SERVER_TESTING_H_

#include <string>

#include "absl/status/statusor.h"

namespace atelier {

/// What a commit of the server's is worth. The first caller decides.
enum class PqDurability {
  kNone,    ///< Lost when the machine stops: fast tests.
  kOnDisk,  ///< As a server is set up that is to be measured: fsync, and more
            ///< memory.
};

/// The URL of a new, empty database. The first call starts a server in a folder
/// of its own, on a socket there and no port; it ends with the thread that
/// started it. Thread-safe. Errors: NotFound (no server is installed), Internal
/// (it does not start).
absl::StatusOr<std::string> MakePqDatabase(
    PqDurability durability = PqDurability::kNone);

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
