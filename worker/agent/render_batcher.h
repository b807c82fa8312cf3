// Where the slots of a worker meet, so that attempts which start together are
// rendered together.
//
//   RenderBatcher batcher(renderer, slots);
//   batcher.seat(0).Announce();    // before the attempt may come,
//   batcher.seat(0).Render(job, observer, stop);  // on its slot's thread,
//   batcher.seat(0).Withdraw();    // when it has ended, rendered or not.
#ifndef ATELIER_WORKER_AGENT_RENDER_BATCHER_H_
#define ATELIER_WORKER_AGENT_RENDER_BATCHER_H_

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/rpc/stop_signal.h"
#include "worker/agent/renderer.h"

namespace atelier {

/// One thread renders: those that have come by the time that all that were
/// announced have come or withdrawn; then those that came meanwhile, and so on.
class RenderBatcher {
 public:
  /// A slot's place. Thread-safe; one render at a time.
  class Seat {
   public:
    explicit Seat(RenderBatcher& batcher) : batcher_(batcher) {}
    Seat(const Seat&) = delete;
    Seat& operator=(const Seat&) = delete;

    /// An attempt is on its way: renders wait for it.
    void Announce();
    /// Blocks until the render is done or, if it has not begun, stopped.
    /// Errors: as Renderer::RenderAll.
    absl::StatusOr<RenderedImage> Render(RenderJob job, RenderObserver observer,
                                         const StopSignal& stop);
    /// Nothing waits for the attempt any more.
    void Withdraw();

   private:
    RenderBatcher& batcher_;
    bool announced_ = false;  // Guarded by the batcher's mutex.
  };

  /// Those that have come wait so long for one that is announced, whose inputs
  /// may be slow to fetch. Lifetime: the renderer outlives the batcher.
  RenderBatcher(Renderer& renderer, int seats,
                absl::Duration patience = absl::Seconds(10));
  /// REQUIRES: no call of a seat runs.
  ~RenderBatcher();
  RenderBatcher(const RenderBatcher&) = delete;
  RenderBatcher& operator=(const RenderBatcher&) = delete;

  Seat& seat(int index) { return *seats_[index]; }
  int seats() const { return static_cast<int>(seats_.size()); }

 private:
  struct Visit {
    RenderRequest request;
    std::optional<absl::StatusOr<RenderedImage>> result;
  };
  using Visits = std::vector<std::shared_ptr<Visit>>;

  void Run();
  void RenderAll(const Visits& visits);
  // Takes it back, unless it is being rendered.
  bool Leave(const std::shared_ptr<Visit>& visit)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Renderer& renderer_;
  const absl::Duration patience_;
  std::vector<std::unique_ptr<Seat>> seats_;

  absl::Mutex mutex_;
  int awaited_ ABSL_GUARDED_BY(mutex_) = 0;  // Announced, and not come.
  Visits visits_ ABSL_GUARDED_BY(mutex_);    // Waiting to be rendered.
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_RENDER_BATCHER_H_
