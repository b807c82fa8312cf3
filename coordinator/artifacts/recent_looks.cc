#include "coordinator/artifacts/recent_looks.h"

#include <algorithm>

namespace atelier {

void RecentLooks::Add(const BlobKey& key, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  latest_ = std::max(latest_, now);
  seen_at_[key] = latest_;
  looks_.emplace_back(latest_, key);
  DropOld(latest_);
}

void RecentLooks::Drop(const BlobKey& key) {
  absl::MutexLock lock(&mutex_);
  seen_at_.erase(key);
}

bool RecentLooks::Has(const BlobKey& key, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  const auto seen = seen_at_.find(key);
  return seen != seen_at_.end() && now - seen->second < kWithin;
}

void RecentLooks::DropOld(absl::Time now) {
  while (!looks_.empty() &&
         (looks_.size() > kMost || now - looks_.front().first >= kWithin)) {
    const auto& [at, key] = looks_.front();
    const auto seen = seen_at_.find(key);
    if (seen != seen_at_.end() && seen->second == at) seen_at_.erase(seen);
    looks_.pop_front();
  }
}

}  // namespace atelier
