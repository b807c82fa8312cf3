#include "coordinator/api/http/bounded_pool.h"

#include <utility>

namespace atelier {

BoundedPool::BoundedPool(int threads, int max_waiting)
    : max_waiting_(max_waiting), pool_(threads) {}

BoundedPool::~BoundedPool() { stopping_ = true; }

bool BoundedPool::TrySchedule(std::function<void()> work) {
  if (waiting_.fetch_add(1) >= max_waiting_) {
    --waiting_;
    return false;
  }
  pool_.Schedule([this, work = std::move(work)] {
    --waiting_;
    if (!stopping_) work();
  });
  return true;
}

}  // namespace atelier
