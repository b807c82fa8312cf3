// Rows of quotas in the SQLite file, and what is held against them.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_QUOTAS_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_QUOTAS_H_

#include <soci/soci.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"

namespace atelier {

/// All of them, by user.
/// Throws: soci::soci_error, as the others.
std::vector<QuotaRecord> SelectQuotas(soci::session& sql);

/// Bytes of artifacts by owner; nobody's are left out.
std::map<std::string, int64_t> SelectArtifactSums(soci::session& sql);

/// As Store::SumArtifactsOf.
int64_t SelectArtifactSum(soci::session& sql, ArtifactKind kind);

/// REQUIRES: inside a transaction.
void WriteQuota(soci::session& sql, const QuotaChange& change);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_QUOTAS_H_
