#include "coordinator/state/lease_table.h"

namespace atelier {

void LeaseTable::Set(const AttemptToken& token, absl::Time deadline) {
  Release(token);
  deadlines_.emplace(token, deadline);
  order_.emplace(deadline, token);
}

void LeaseTable::Release(const AttemptToken& token) {
  const auto lease = deadlines_.find(token);
  if (lease == deadlines_.end()) return;
  order_.erase({lease->second, token});
  deadlines_.erase(lease);
}

bool LeaseTable::Holds(const AttemptToken& token) const {
  return deadlines_.count(token) > 0;
}

std::vector<AttemptToken> LeaseTable::TakeExpired(absl::Time now) {
  std::vector<AttemptToken> expired;
  while (!order_.empty() && order_.begin()->first <= now) {
    expired.push_back(order_.begin()->second);
    Release(expired.back());
  }
  return expired;
}

}  // namespace atelier
