// A database that is gone while what it named is still there.
#ifndef ATELIER_COORDINATOR_LOST_DATABASE_H_
#define ATELIER_COORDINATOR_LOST_DATABASE_H_

#include <string>

#include "absl/status/status.h"

namespace atelier {

/// Call before the database is opened, which would make a new one.
/// Errors: FailedPrecondition when DATA/atelier.db is missing or empty beside
///         stored artifacts or checkpoints; says how many, and what to do.
absl::Status CheckDatabaseIsThere(const std::string& data_folder);

/// The same of a database that has tables and was never used. `database` names
/// it: it may be elsewhere.
absl::Status CheckDatabaseWasUsed(const std::string& data_folder,
                                  const std::string& database);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_LOST_DATABASE_H_
