#include "coordinator/access/failed_callers.h"

#include <algorithm>

namespace atelier {

absl::Duration FailedCallers::Fail(const std::string& network, absl::Time now) {
  absl::Time* forgiven_at = forgiven_at_.Find(network);
  if (forgiven_at == nullptr) {
    forgiven_at_.MakeRoom(1, kMostNetworks);
    forgiven_at_.Add(network, now, 1);
    forgiven_at = forgiven_at_.Find(network);
  }
  *forgiven_at = std::min(std::max(*forgiven_at, now) + kForgivenAfter,
                          now + kMostFailures * kForgivenAfter);
  const int failures = static_cast<int>(
      absl::Ceil(*forgiven_at - now, kForgivenAfter) / kForgivenAfter);
  if (failures <= kAtOnce) return absl::ZeroDuration();
  return std::min(kFirstWait * (int64_t{1} << (failures - kAtOnce - 1)),
                  kMostWait);
}

}  // namespace atelier
