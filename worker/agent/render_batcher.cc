#include "worker/agent/render_batcher.h"

#include <utility>

#include "absl/status/status.h"

namespace atelier {

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
    RenderJob job, RenderObserver observer) {
  absl::Mutex& mutex = batcher_.mutex_;
  const auto visit = std::make_shared<Visit>();
  visit->request = {
      std::move(job), std::move(observer),
      [visit = visit.get(), &mutex](absl::StatusOr<RenderedImage> result) {
        absl::MutexLock lock(&mutex);
        visit->result = std::move(result);
      }};
  absl::MutexLock lock(&mutex);
  if (std::exchange(announced_, false)) --batcher_.awaited_;
  batcher_.visits_.push_back(visit);
  const auto done = [&visit] { return visit->result.has_value(); };
  mutex.Await(absl::Condition(&done));
  return *std::move(visit->result);
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

RenderBatcher::Visits RenderBatcher::AwaitVisits() {
  const auto any = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !visits_.empty() || ending_;
  };
  const auto all = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return awaited_ == 0 || ending_;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&any));
  mutex_.AwaitWithTimeout(absl::Condition(&all), patience_);
  return std::exchange(visits_, {});
}

void RenderBatcher::Run() {
  while (true) {
    const Visits visits = AwaitVisits();
    if (visits.empty()) return;
    std::vector<RenderRequest> requests;
    for (const auto& visit : visits) {
      requests.push_back(std::move(visit->request));
    }
    renderer_.RenderAll(std::move(requests));
  }
}

}  // namespace atelier
