#include "worker/agent/render_batcher.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/status/status.h"

namespace atelier {
namespace {

// How often one that waits looks whether it is stopped.
constexpr absl::Duration kStopCheck = absl::Milliseconds(100);

}  // namespace

void RenderBatcher::Seat::Announce() {
  absl::MutexLock lock(&batcher_.mutex_);
  if (std::exchange(announced_, true)) return;
  ++batcher_.awaited_;
}

void RenderBatcher::Seat::Withdraw() {
  absl::MutexLock lock(&batcher_.mutex_);
  if (std::exchange(announced_, false)) --batcher_.awaited_;
}

absl::StatusOr<RenderedImage> RenderBatcher::Seat::Render(
    RenderJob job, RenderObserver observer, const StopSignal& stop) {
  absl::Mutex& mutex = batcher_.mutex_;
  const auto visit = std::make_shared<Visit>();
  visit->request = {
      std::move(job), std::move(observer), [&stop] { return stop.stopped(); },
      [visit = visit.get(), &mutex](absl::StatusOr<RenderedImage> result) {
        absl::MutexLock lock(&mutex);
        visit->result = std::move(result);
      }};
  absl::MutexLock lock(&mutex);
  if (std::exchange(announced_, false)) --batcher_.awaited_;
  batcher_.visits_.push_back(visit);
  const auto done = [&visit] { return visit->result.has_value(); };
  while (!mutex.AwaitWithTimeout(absl::Condition(&done), kStopCheck)) {
    if (stop.stopped() && batcher_.Leave(visit)) {
      return absl::CancelledError("stopped before it began");
    }
  }
  return *std::move(visit->result);
}

bool RenderBatcher::Leave(const std::shared_ptr<Visit>& visit) {
  const auto found = std::find(visits_.begin(), visits_.end(), visit);
  if (found == visits_.end()) return false;
  visits_.erase(found);
  return true;
}

RenderBatcher::RenderBatcher(Renderer& renderer, int seats,
                             absl::Duration patience)
    : renderer_(renderer), patience_(patience) {
  for (int i = 0; i < seats; ++i) {
    seats_.push_back(std::make_unique<Seat>(*this));
  }
  thread_ = std::thread([this] { Run(); });
}

RenderBatcher::~RenderBatcher() {
  {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
  }
  thread_.join();
}

void RenderBatcher::Run() {
  const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !visits_.empty() || ending_;
  };
  const auto all = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return awaited_ == 0 || ending_;
  };
  while (true) {
    Visits visits;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&any));
      if (ending_) return;
      mutex_.AwaitWithTimeout(absl::Condition(&all), patience_);
      visits = std::exchange(visits_, {});
    }
    if (!visits.empty()) RenderAll(visits);
  }
}

void RenderBatcher::RenderAll(const Visits& visits) {
  std::vector<RenderRequest> requests;
  for (const auto& visit : visits) {
    requests.push_back(std::move(visit->request));
  }
  absl::Status status = absl::InternalError("the renderer gave no answer");
  try {
    renderer_.RenderAll(std::move(requests));
  } catch (const std::bad_alloc&) {
    status = absl::ResourceExhaustedError("no memory for the pictures");
  }
  absl::MutexLock lock(&mutex_);
  for (const auto& visit : visits) {
    if (!visit->result.has_value()) visit->result = status;
  }
}

}  // namespace atelier
