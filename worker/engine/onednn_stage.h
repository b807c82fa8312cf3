// One convolution of the oneDNN backend, with the ReLU and the pool after it.
#ifndef ATELIER_WORKER_ENGINE_ONEDNN_STAGE_H_
#define ATELIER_WORKER_ENGINE_ONEDNN_STAGE_H_

#include <array>
#include <cstdint>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "common/render/network.h"
#include "common/render/params.h"
#include "worker/engine/layer_kernel.h"
#include "worker/engine/onednn_convolution.h"
#include "worker/engine/pass_memory.h"

namespace atelier::engine {

struct StageShape {
  int64_t images = 1;
  int in_channels = 0;
  int out_channels = 0;
  int64_t height = 0;
  int64_t width = 0;
  bool first = false;  ///< Reads the picture itself, which is not blocked.
  bool relu = true;
  bool pool = false;
  bool convolution_is_read = false;  ///< Before its ReLU.
  Padding padding = Padding::kZeros;
  Pooling pooling = Pooling::kMax;
  float pooling_scale = 1;
};

/// What all stages of a pass share.
struct StageWork {
  dnnl::stream& stream;
  Arena& arena;
  const Buffer& workspace;
  const Buffer& padded;  ///< Where there is a border: what is convolved.
};

/// Steps return where their result is: in the arena, where it may replace what
/// it was made from, or in a buffer that was planned to keep it.
/// Thread-compatible. May throw dnnl::error and what Torch throws.
class OnednnStage {
 public:
  OnednnStage(const dnnl::engine& engine, const StageShape& shape);

  /// The layout of what is read there.
  const dnnl::memory::desc& At(TapKind kind) const;
  /// Plans a buffer that keeps what is read there for Backward.
  void Keep(TapKind kind);
  Buffer& kept(TapKind kind) { return kept_[static_cast<size_t>(kind)]; }
  const Buffer& kept(TapKind kind) const {
    return kept_[static_cast<size_t>(kind)];
  }

  void ReserveShared(Arena& arena, Buffer& workspace, Buffer& padded) const;
  /// Reserves what Convolve and Rectify take of `arena`, of whose memory the
  /// input takes `held` bytes, 0 where it is elsewhere. Returns what the result
  /// takes of it. REQUIRES: all that is kept is planned.
  int64_t ReserveRun(Arena& arena, int64_t held) const;
  /// Of its own, kept features not counted.
  int64_t bytes() const;
  /// Takes those, and converts the kernel.
  void Allocate(LayerKernel& kernel);

  float* Convolve(float* x, const LayerKernel& kernel, const StageWork& work);
  /// Does nothing where the ReLU is fused.
  float* Rectify(float* x, const StageWork& work);
  /// Of a rectified x.
  void StoreSigns(const float* x);
  /// Pooling::kL2 needs the ReLU's output to be kept for Backward.
  bool PoolReadsFeatures() const {
    return shape_.pool && shape_.pooling == Pooling::kL2;
  }
  float* RunPool(float* x, const StageWork& work);

  float* PullThroughPool(float* gradient, const StageWork& work);
  void PullThroughRelu(float* gradient);
  float* PullThroughConvolution(float* gradient, const LayerKernel& kernel,
                                const StageWork& work);

 private:
  struct Pool {
    dnnl::memory::desc output;
    dnnl::primitive forward;  // Neither, for what oneDNN does not have.
    dnnl::primitive backward;
    dnnl::memory::desc workspace_desc;
    Buffer workspace;  // Which pixel was the maximum.
  };
  Pool MakePool() const;
  TapKind ConvolvedTo() const {
    return shape_.relu && !own_relu_ ? TapKind::kRelu : TapKind::kConvolution;
  }
  void RunPrimitivePool(float* x, float* to, const StageWork& work);
  float* Place(TapKind kind, float* x, bool may_replace, const StageWork& work);

  dnnl::engine engine_;
  const StageShape shape_;
  const bool own_relu_;  // Not fused.
  const bool bordered_;  // By other than zeros, before the convolution.
  OnednnConvolution forward_;
  OnednnConvolution backward_;
  dnnl::memory::desc input_gradient_;  // Of the stage, without a border.
  Buffer signs_;
  std::optional<Pool> pool_;
  std::array<Buffer, 3> kept_;  // By TapKind.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ONEDNN_STAGE_H_
