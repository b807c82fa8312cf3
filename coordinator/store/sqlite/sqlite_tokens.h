// Rows of tokens in the SQLite file.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_TOKENS_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_TOKENS_H_

#include <soci/soci.h>

#include <vector>

#include "absl/status/status.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"

namespace atelier {

/// All of them, by accessor.
/// Throws: soci::soci_error, as the next.
std::vector<TokenRecord> SelectTokens(soci::session& sql);

/// Errors: FailedPrecondition (the row is not what the change expects).
/// REQUIRES: inside a transaction.
absl::Status WriteToken(soci::session& sql, const TokenChange& change);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_TOKENS_H_
