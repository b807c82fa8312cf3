#include "coordinator/store/memory/in_memory_audit.h"

namespace atelier {
namespace {

bool IsAskedFor(const AuditRecord& one, const AuditQuery& query) {
  return (query.user.empty() || one.user == query.user) &&
         (query.job.empty() || one.job == query.job) && one.at >= query.since &&
         (!query.before.has_value() || one.sequence < *query.before);
}

}  // namespace

void InMemoryAudit::Append(const std::vector<AuditRecord>& entries) {
  for (const AuditRecord& one : entries) {
    entries_.push_back(one);
    entries_.back().sequence = ++last_;
  }
}

void InMemoryAudit::Trim(const AuditTrim& trim) {
  const int64_t last_dropped = last_ - trim.keep_rows;
  int64_t refusals = 0;
  std::vector<AuditRecord> kept;
  for (auto one = entries_.rbegin(); one != entries_.rend(); ++one) {
    if (one->sequence <= last_dropped || one->at < trim.before) continue;
    if (one->is_refusal && ++refusals > trim.keep_refusals) continue;
    kept.push_back(*one);
  }
  entries_.assign(kept.rbegin(), kept.rend());
}

std::vector<AuditRecord> InMemoryAudit::List(const AuditQuery& query,
                                             int limit) const {
  std::vector<AuditRecord> page;
  for (auto one = entries_.rbegin(); one != entries_.rend(); ++one) {
    if (static_cast<int>(page.size()) == limit) break;
    if (IsAskedFor(*one, query)) page.push_back(*one);
  }
  return page;
}

}  // namespace atelier
