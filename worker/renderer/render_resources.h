// What the renders on one device use one after another: networks, targets and
// memory. Not for use outside worker/renderer.
#ifndef ATELIER_WORKER_RENDERER_RENDER_RESOURCES_H_
#define ATELIER_WORKER_RENDERER_RENDER_RESOURCES_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "worker/agent/renderer.h"
#include "worker/engine/backend.h"
#include "worker/engine/checkpoint.h"
#include "worker/engine/render.h"
#include "worker/engine/target_cache.h"
#include "worker/renderer/memory_room.h"
#include "worker/renderer/torch_renderer.h"
#include "worker/weights/network_cache.h"

namespace atelier {

/// What a render is made of besides its job's plain values.
struct RenderMaterial {
  engine::Network* network = nullptr;
  engine::KeptTargets targets;
  engine::Pictures pictures;
};

/// Where one render starts.
struct RenderStart {
  at::Tensor init = {};
  std::optional<engine::Checkpoint> from = {};  ///< Where it goes on from.
};

/// Thread-compatible, but for memory().
class RenderResources {
 public:
  RenderResources(const engine::BackendChoice& choice, at::Device device,
                  int threads, const TorchRendererOptions& options);

  /// To be held while anything else is in use.
  absl::Mutex& mutex() { return mutex_; }
  at::Device device() const { return device_; }
  int threads() const { return threads_; }
  /// Thread-safe. Lifetime: the resources outlive it.
  PictureMemory memory();

  /// Finds a network with which `images` of a job fit side by side, where
  /// `jobs` are alike. Drops what is kept between renders where that helps, and
  /// computes blocks again where not even that does.
  /// Errors: InvalidArgument (no content), ResourceExhausted (names both
  ///         needs and the room).
  absl::StatusOr<engine::Network*> FindRoom(const RenderJob& job, int64_t jobs,
                                            int64_t images);
  /// What so many images of a job take with these parameters.
  absl::StatusOr<int64_t> BytesFor(const RenderJob& job,
                                   const RenderParams& params, int64_t images);

  /// The job's pictures and weights go from it to tensors.
  absl::StatusOr<RenderMaterial> TakePictures(RenderJob& job,
                                              engine::Network* network);
  /// Errors: InvalidArgument (`init` is not of the content's `size`, [1, 3, h,
  ///         w]); those of the checkpoint: as Renderer::RenderAll.
  absl::StatusOr<RenderStart> TakeStart(at::IntArrayRef size, RenderJob& job);

 private:
  // A network with which so many images of a job fit; none, and why not.
  struct Fit {
    engine::Network* network = nullptr;
    bool recompute = false;
    int64_t bytes = 0;
    absl::Status error;
  };

  void DropIdle();
  absl::StatusOr<Fit> FitWithin(int64_t room, const RenderJob& job,
                                int64_t images);
  int64_t KeptBytes() const;
  void DropKept();
  engine::KeptTargets TargetsOf(const RenderJob& job);

  absl::Mutex mutex_;
  const at::Device device_;
  const int threads_;
  const MemoryRoom room_;
  NetworkCache networks_;
  const SpareMemory spare_;
  const bool keeps_targets_;
  engine::TargetCache targets_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_RENDER_RESOURCES_H_
