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

void RenderBatcher::Row::Announce() {
  absl::MutexLock lock(&batcher_.mutex_);
  if (std::exchange(announced_, true)) return;
  ++batcher_.awaited_;
}

void RenderBatcher::Row::Withdraw() {
  absl::MutexLock lock(&batcher_.mutex_);
  if (std::exchange(announced_, false)) --batcher_.awaited_;
}

absl::StatusOr<RenderedImage> RenderBatcher::Row::Render(
    RenderJob job, RenderObserver observer, const StopSignal& stop) {
  absl::Mutex& mutex = batcher_.mutex_;
  const auto pending = std::make_shared<PendingRender>();
  pending->request = {
      std::move(job), std::move(observer), [&stop] { return stop.stopped(); },
      [pending = pending.get(), &mutex](absl::StatusOr<RenderedImage> result) {
        absl::MutexLock lock(&mutex);
        pending->result = std::move(result);
      }};
  absl::MutexLock lock(&mutex);
  if (std::exchange(announced_, false)) --batcher_.awaited_;
  batcher_.pending_.push_back(pending);
  const auto done = [&pending] { return pending->result.has_value(); };
  while (!mutex.AwaitWithTimeout(absl::Condition(&done), kStopCheck)) {
    if (stop.stopped() && batcher_.Cancel(pending)) {
      return absl::CancelledError("stopped before it began");
    }
  }
  return *std::move(pending->result);
}

bool RenderBatcher::Cancel(const std::shared_ptr<PendingRender>& pending) {
  const auto found = std::find(pending_.begin(), pending_.end(), pending);
  if (found == pending_.end()) return false;
  pending_.erase(found);
  return true;
}

RenderBatcher::RenderBatcher(Renderer& renderer, int rows,
                             absl::Duration patience)
    : renderer_(renderer), patience_(patience) {
  for (int i = 0; i < rows; ++i) {
    rows_.push_back(std::make_unique<Row>(*this));
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
    return !pending_.empty() || ending_;
  };
  const auto all = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return awaited_ == 0 || ending_;
  };
  while (true) {
    PendingRenders renders;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&any));
      if (ending_) return;
      mutex_.AwaitWithTimeout(absl::Condition(&all), patience_);
      renders = std::exchange(pending_, {});
    }
    if (!renders.empty()) RenderAll(renders);
  }
}

void RenderBatcher::RenderAll(const PendingRenders& renders) {
  std::vector<RenderRequest> requests;
  for (const auto& pending : renders) {
    requests.push_back(std::move(pending->request));
  }
  absl::Status status = absl::InternalError("the renderer gave no answer");
  try {
    renderer_.RenderAll(std::move(requests));
  } catch (const std::bad_alloc&) {
    status = absl::ResourceExhaustedError("no memory for the pictures");
  }
  absl::MutexLock lock(&mutex_);
  for (const auto& pending : renders) {
    if (!pending->result.has_value()) pending->result = status;
  }
}

}  // namespace atelier
