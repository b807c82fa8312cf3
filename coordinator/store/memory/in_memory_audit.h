// The rows of an audit log, in memory.
#ifndef ATELIER_COORDINATOR_STORE_MEMORY_IN_MEMORY_AUDIT_H_
#define ATELIER_COORDINATOR_STORE_MEMORY_IN_MEMORY_AUDIT_H_

#include <cstdint>
#include <vector>

#include "coordinator/state/audit_record.h"

namespace atelier {

/// As Store and RowChanges say. Thread-compatible.
class InMemoryAudit {
 public:
  void Append(const std::vector<AuditRecord>& entries);
  void Trim(const AuditTrim& trim);
  std::vector<AuditRecord> List(const AuditQuery& query, int limit) const;

 private:
  std::vector<AuditRecord> entries_;  // Oldest first.
  int64_t last_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_MEMORY_IN_MEMORY_AUDIT_H_
