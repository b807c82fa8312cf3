#include "coordinator/state/engine_versions.h"

#include <set>

namespace atelier {

std::optional<int> EngineVersions::Update(const WorkerRegistry& workers,
                                          absl::Time now) {
  const std::set<int> live = workers.EngineVersions();
  is_mixed_ = false;
  if (live.empty()) return std::nullopt;
  // After a restart the newer may not have called yet.
  if (*live.rbegin() < newest_ && now < all_have_called_at_) {
    return std::nullopt;
  }
  is_mixed_ = live.size() > 1;
  if (*live.rbegin() == newest_) return std::nullopt;
  newest_ = *live.rbegin();
  return newest_;
}

int EngineVersions::Reusable(const WorkerRegistry& workers,
                             const WorkerNeeds& needs) const {
  if (!is_mixed_) return newest_;
  return workers.NewestEngineVersion(needs).value_or(newest_);
}

}  // namespace atelier
