// One input shape through the oneDNN backend: its stages and their memory.
#ifndef ATELIER_WORKER_ENGINE_ONEDNN_PASS_H_
#define ATELIER_WORKER_ENGINE_ONEDNN_PASS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "worker/engine/blocked_gram.h"
#include "worker/engine/layer_kernel.h"
#include "worker/engine/network_plan.h"
#include "worker/engine/onednn_stage.h"
#include "worker/engine/pass_memory.h"

namespace atelier::engine {

/// Activations live in an arena, where the next layer replaces them. What
/// Backward needs of them is a bit each for the ReLU, and the features of which
/// Gram matrices are read or roots of squares pooled: those are kept or, under
/// options.recompute, made again block by block from the last pool's output.
/// Lifetime: `plan` and `kernels` must outlive it.
/// Thread-compatible. May throw dnnl::error and what Torch throws.
class OnednnPass {
 public:
  /// Plans, and takes no memory yet. REQUIRES: plan.CheckInput(shape) is OK.
  OnednnPass(const NetworkPlan& plan, std::vector<LayerKernel>& kernels,
             at::IntArrayRef shape);

  at::IntArrayRef shape() const { return shape_; }
  /// What Allocate takes, kernels not counted.
  int64_t bytes() const;
  /// Once, before the first Forward. Converts the kernels too.
  void Allocate();

  /// The tensors are the pass's own and change with the next Forward.
  Features Forward(const at::Tensor& input, const Regions& regions);
  at::Tensor Backward(const TapGradients& gradients);

 private:
  // Stages [first, last], of which those up to `deepest` keep features that
  // `recompute` makes again; -1 where none does. No block is empty.
  struct Block {
    int first = 0;
    int last = 0;
    int deepest = -1;
  };

  void AddStages();
  void KeepWhatBackwardNeeds();
  int64_t PlanBlocks();
  void BorrowFeatures();

  StageWork WorkIn(Arena& arena) {
    return {stream_, arena, workspace_, padded_};
  }
  float* RunStage(size_t k, float* x, Arena& arena);
  void Read(TapKind kind, size_t k, float* x, Features& features);
  void MakeAgain(const Block& block);
  void AddGradients(TapKind kind, size_t k, const TapGradients& gradients);
  void AddFeatureGradient(size_t i, const at::Tensor& given);
  void EnsureGradient(const dnnl::memory::desc& desc);
  BlockedFeatures FeaturesAt(const Tap& tap, const float* values) const;
  at::Tensor InputGradient() const;

  const NetworkPlan& plan_;
  std::vector<LayerKernel>& kernels_;
  const std::vector<int64_t> shape_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<std::unique_ptr<OnednnStage>> stages_;
  std::vector<Block> blocks_;
  Arena arena_;
  Arena chain_;      // For MakeAgain, while the arena holds a gradient.
  Buffer features_;  // Of the block that is made again.
  Buffer workspace_;
  Buffer padded_;
  at::Tensor input_;                 // Of the last Forward, until Backward.
  std::vector<at::Tensor> plain_;    // At plan_.taps.
  std::vector<at::Tensor> regions_;  // At plan_.grams.
  float* gradient_ = nullptr;        // In the arena; null while it is zero.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ONEDNN_PASS_H_
