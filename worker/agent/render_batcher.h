// Renders the attempts of a worker's slots, those which start together as one
// batch.
//
//   RenderBatcher batcher(renderer, slots);
//   batcher.row(0).Announce();    // before the attempt may come,
//   batcher.row(0).Render(job, observer, stop);  // on its slot's thread,
//   batcher.row(0).Withdraw();    // when it has ended, rendered or not.
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

/// One thread renders the attempts present once every announced attempt has
/// arrived or withdrawn, then those that arrived meanwhile, and so on.
class RenderBatcher {
 public:
  /// A slot's row of the batch. Thread-safe; one render at a time.
  class Row {
   public:
    explicit Row(RenderBatcher& batcher) : batcher_(batcher) {}
    Row(const Row&) = delete;
    Row& operator=(const Row&) = delete;

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

  /// Attempts wait for `patience` for one that is announced, whose inputs may
  /// be slow to fetch. Lifetime: the renderer outlives the batcher.
  RenderBatcher(Renderer& renderer, int rows,
                absl::Duration patience = absl::Seconds(10));
  /// REQUIRES: no call of a row runs.
  ~RenderBatcher();
  RenderBatcher(const RenderBatcher&) = delete;
  RenderBatcher& operator=(const RenderBatcher&) = delete;

  Row& row(int index) { return *rows_[index]; }
  int rows() const { return static_cast<int>(rows_.size()); }

 private:
  struct PendingRender {
    RenderRequest request;
    std::optional<absl::StatusOr<RenderedImage>> result;
  };
  using PendingRenders = std::vector<std::shared_ptr<PendingRender>>;

  void Run();
  void RenderAll(const PendingRenders& renders);
  // Returns false when it is being rendered.
  bool Cancel(const std::shared_ptr<PendingRender>& pending)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Renderer& renderer_;
  const absl::Duration patience_;
  std::vector<std::unique_ptr<Row>> rows_;

  absl::Mutex mutex_;
  int awaited_ ABSL_GUARDED_BY(mutex_) = 0;         // Announced, not arrived.
  PendingRenders pending_ ABSL_GUARDED_BY(mutex_);  // Waiting to be rendered.
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_RENDER_BATCHER_H_
