// Rows of the audit log in the SQLite file.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_AUDIT_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_AUDIT_H_

#include <soci/soci.h>

#include <vector>

#include "coordinator/state/audit_record.h"

namespace atelier {

/// As Store::ListAudit.
/// Throws: soci::soci_error, as the next.
std::vector<AuditRecord> SelectAudit(soci::session& sql,
                                     const AuditQuery& query, int limit);

/// REQUIRES: inside a transaction, as the next.
void AppendAudit(soci::session& sql, const std::vector<AuditRecord>& entries);

void TrimAudit(soci::session& sql, const AuditTrim& trim);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_AUDIT_H_
