// URLs of PostgreSQL databases, as libpq reads them.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_URL_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_URL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atelier {

/// Whether it is a URL of theirs without a password, which everybody on the
/// machine would see in the list of processes. Connects to nothing.
/// Errors: InvalidArgument (field "store"), without the URL's text.
absl::Status CheckPqUrl(const std::string& url);

/// "postgresql://host:port/database", of what the URL says: for messages.
/// Errors: InvalidArgument, as above.
absl::StatusOr<std::string> NameOfServer(const std::string& url);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_URL_H_
