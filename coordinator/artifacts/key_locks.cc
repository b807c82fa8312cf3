#include "coordinator/artifacts/key_locks.h"

#include <utility>

namespace atelier {

KeyLocks::~KeyLocks() {
  const auto is_idle = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return held_.empty();
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&is_idle));
}

void KeyLocks::Acquire(const BlobKey& key, Work work) {
  {
    absl::MutexLock lock(&mutex_);
    const auto [held, is_new] = held_.try_emplace(key);
    if (!is_new) {
      held->second.push_back(std::move(work));
      return;
    }
  }
  Run(key, work);
}

void KeyLocks::Run(const BlobKey& key, const Work& work) {
  work(Hold(this, [this, key](const void*) { Release(key); }));
}

void KeyLocks::Release(const BlobKey& key) {
  Work next;
  {
    absl::MutexLock lock(&mutex_);
    const auto held = held_.find(key);
    if (held->second.empty()) {
      held_.erase(held);
      return;
    }
    next = std::move(held->second.front());
    held->second.pop_front();
  }
  Run(key, next);
}

}  // namespace atelier
