// One input shape through the oneDNN backend: its buffers and primitives.
#ifndef ATELIER_WORKER_ENGINE_ONEDNN_PASS_H_
#define ATELIER_WORKER_ENGINE_ONEDNN_PASS_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <vector>

#include "worker/engine/network_plan.h"
#include "worker/engine/onednn_convolution.h"

namespace atelier::engine {

/// The numbers of one layer, kept by the network.
struct LayerWeights {
  std::vector<float> kernel;  ///< [out][in][3][3]
  std::vector<float> bias;    ///< [out]
};

/// All memory is taken by the constructor. Activations stay for Backward, which
/// needs their signs; gradients go to and fro between two buffers.
/// Lifetime: `plan` must outlive it.
/// Thread-compatible. May throw dnnl::error and what Torch throws.
class OnednnPass {
 public:
  /// REQUIRES: plan.CheckInput(shape) is OK.
  OnednnPass(const NetworkPlan& plan, const std::vector<LayerWeights>& weights,
             at::IntArrayRef shape);

  at::IntArrayRef shape() const { return shape_; }
  /// The tensors are the pass's own and change with the next Forward.
  Features Forward(const at::Tensor& input, const Regions& regions);
  at::Tensor Backward(const TapGradients& at);

 private:
  struct Pool {
    dnnl::primitive forward;
    dnnl::primitive backward;
    dnnl::memory::desc output_desc;
    at::Tensor output;
    dnnl::memory::desc workspace_desc;
    at::Tensor workspace;  // Which pixel was the maximum.
  };
  // A convolution and what follows it.
  struct Stage {
    std::unique_ptr<OnednnConvolution> convolution;
    at::Tensor before_relu;  // Only where a tap reads it.
    at::Tensor output;       // After the ReLU, where there is one.
    std::optional<Pool> pool;
  };
  // Where a tap is read: blocked inside, plain outside.
  struct TapPort {
    dnnl::memory::desc blocked_desc;
    dnnl::memory::desc plain_desc;
    at::Tensor blocked;
    at::Tensor plain;
    dnnl::reorder read;
    dnnl::reorder set_gradient;
    dnnl::reorder add_gradient;
  };

  void AddStage(size_t k, const LayerWeights& weights, int64_t& height,
                int64_t& width);
  Pool MakePool(const dnnl::memory::desc& input) const;
  TapPort MakeTapPort(const Tap& tap) const;
  void MakeGradientBuffers();
  bool HasTap(TapKind kind, size_t convolution) const;

  float* ConvolutionInput(const Stage& stage, float* x);
  void RunPool(const Pool& pool, const dnnl::memory::desc& input_desc,
               float* input);
  void AddTapGradients(const TapGradients& at, TapKind kind,
                       size_t convolution);
  void PullThroughPool(const Stage& stage);
  void PullThroughConvolution(const Stage& stage);
  at::Tensor InputGradient();
  dnnl::memory Memory(const dnnl::memory::desc& desc, const at::Tensor& at);

  const NetworkPlan& plan_;
  const std::vector<int64_t> shape_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  std::vector<Stage> stages_;
  std::vector<Tap> places_;
  std::vector<TapPort> taps_;  // plan_.taps, then plan_.grams.
  std::vector<at::Tensor> regions_;
  at::Tensor scratch_;
  at::Tensor padded_;  // Under reflect padding: a convolution's input.
  at::Tensor gradient_;
  at::Tensor next_gradient_;
  bool has_gradient_ = false;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ONEDNN_PASS_H_
