// A renderer without arithmetic, for tests of the agent.
#ifndef ATELIER_WORKER_AGENT_FAKE_RENDERER_H_
#define ATELIER_WORKER_AGENT_FAKE_RENDERER_H_

#include <algorithm>
#include <cstddef>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/status_macros.h"
#include "worker/agent/renderer.h"

namespace atelier {

/// Iterates until told how to end, or stopped; then gives back the content. Its
/// checkpoints are the iteration as text; any other text is a damaged one.
/// Thread-safe.
class FakeRenderer : public Renderer {
 public:
  /// What its iterations took, by its own account.
  static constexpr absl::Duration kIterationTime = absl::Nanoseconds(1234);

  /// How renders end from now on, those that run included.
  void EndWith(RenderEnd end) {
    absl::MutexLock lock(&mutex_);
    end_ = end;
    may_end_ = true;
  }
  /// Renders from now on run until told otherwise, as at first.
  void GoOn() {
    absl::MutexLock lock(&mutex_);
    may_end_ = false;
  }
  void FailWith(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
    may_end_ = true;
  }
  /// What renders give back from now on, in place of the content.
  void DrawInstead(Image picture) {
    absl::MutexLock lock(&mutex_);
    picture_ = std::move(picture);
  }
  /// Ignores that it is told to stop: an iteration that takes for ever.
  void TurnDeaf() {
    absl::MutexLock lock(&mutex_);
    deaf_ = true;
  }
  int renders() const {
    absl::MutexLock lock(&mutex_);
    return renders_;
  }
  /// Returns once so many renders have begun.
  void AwaitRender(int renders) const {
    const auto begun = [this, renders]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return renders_ >= renders;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&begun));
  }
  /// The most renders of one call.
  size_t most_at_once() const {
    absl::MutexLock lock(&mutex_);
    return most_at_once_;
  }
  RenderJob last_job() const {
    absl::MutexLock lock(&mutex_);
    return last_job_;
  }
  /// Returns once so many iterations of some render are done.
  void AwaitIteration(int iteration) const {
    const auto done = [this, iteration]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(
                          mutex_) { return iteration_ >= iteration; };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done));
  }

  void RenderAll(std::vector<RenderRequest> requests) override {
    {
      absl::MutexLock lock(&mutex_);
      most_at_once_ = std::max(most_at_once_, requests.size());
    }
    std::vector<std::thread> threads;
    for (RenderRequest& request : requests) {
      threads.emplace_back([this, &request] {
        request.done(RenderOne(std::move(request.job), request.observer));
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

 private:
  absl::StatusOr<RenderedImage> RenderOne(RenderJob job,
                                          const RenderObserver& observer) {
    RenderedImage rendered;
    {
      absl::MutexLock lock(&mutex_);
      ++renders_;
      last_job_ = job;
      iteration_ = 0;
      rendered.image = picture_.rgb.empty() ? job.content : picture_;
      rendered.timings.iterations = kIterationTime;
    }
    const Resumption& resumption = job.resumption;
    int done = 0;
    if (resumption.from) {
      ASSIGN_OR_RETURN(const std::unique_ptr<std::istream> from,
                       resumption.from());
      if (from != nullptr && !(*from >> done)) {
        return absl::DataLossError("checkpoint: not a number");
      }
    }
    for (int i = done + 1;; ++i) {
      const LossAt at = {i,
                         {{{"content", 1.0 / i}, {"style", 2.0 / i}}, 3.0 / i}};
      rendered.best = at;
      rendered.curve = {at};
      rendered.iterations = i;
      const bool go_on = observer(at);
      const Previews& previews = job.previews;
      if (go_on && previews.wanted && previews.wanted()) {
        previews.take(i, rendered.image);
      }
      const bool wanted = resumption.wanted && resumption.wanted();
      const auto end = EndAt(go_on);
      const bool diverged = end.has_value() && *end == RenderEnd::kDiverged;
      if (resumption.keep && !diverged && (wanted || !go_on || end)) {
        resumption.keep({i, 1, [i](std::ostream& out) { out << i; }});
      }
      absl::MutexLock lock(&mutex_);
      iteration_ = i;
      if (!end.has_value()) continue;
      if (!failure_.ok()) return failure_;
      rendered.end = *end;
      if (diverged) rendered.message = "loss is NaN";
      return rendered;
    }
  }

  std::optional<RenderEnd> EndAt(bool go_on) const {
    absl::MutexLock lock(&mutex_);
    if (!go_on && !deaf_) return RenderEnd::kStopped;
    if (may_end_) return end_;
    return std::nullopt;
  }

  mutable absl::Mutex mutex_;
  bool may_end_ ABSL_GUARDED_BY(mutex_) = false;
  bool deaf_ ABSL_GUARDED_BY(mutex_) = false;
  RenderEnd end_ ABSL_GUARDED_BY(mutex_) = RenderEnd::kCompleted;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int renders_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t most_at_once_ ABSL_GUARDED_BY(mutex_) = 0;
  int iteration_ ABSL_GUARDED_BY(mutex_) = 0;
  Image picture_ ABSL_GUARDED_BY(mutex_);
  RenderJob last_job_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_FAKE_RENDERER_H_
