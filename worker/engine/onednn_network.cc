#include "worker/engine/onednn_network.h"

#include <ATen/ATen.h>

#include <new>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/engine/network_plan.h"
#include "worker/engine/onednn_pass.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

// As CallTorch; what oneDNN throws when it gets no memory is a bad_alloc too.
template <typename F>
auto CallOnednn(absl::string_view what, F&& call) {
  return CallTorch(what, [&] {
    try {
      return call();
    } catch (const dnnl::error& thrown) {
      if (thrown.status == dnnl_out_of_memory) throw std::bad_alloc();
      throw;
    }
  });
}

class OnednnNetwork : public Network {
 public:
  explicit OnednnNetwork(NetworkPlan plan) : plan_(std::move(plan)) {
    for (LayerPlan& layer : plan_.layers) {
      kernels_.emplace_back(layer.weights);
      // The views end with the constructor.
      layer.weights.kernel = {};
      layer.weights.bias = {};
    }
  }

  const NetworkOptions& options() const override { return plan_.options; }
  at::Device device() const override { return at::kCPU; }
  Grid GramGrid(size_t i, Grid input) const override {
    return NetworkPlan::GridAt(plan_.grams[i], input);
  }

  absl::StatusOr<PassBytes> BytesFor(at::IntArrayRef shape) override {
    RETURN_IF_ERROR(plan_.CheckInput(shape));
    return CallOnednn("planning a pass", [&]() -> absl::StatusOr<PassBytes> {
      const int64_t pass = pass_ != nullptr && pass_->shape() == shape
                               ? pass_->bytes()
                               : OnednnPass(plan_, kernels_, shape).bytes();
      // Kernels are kept in one layout for each direction.
      return PassBytes{pass + 2 * plan_.WeightBytes(), plan_.TapBytes(shape)};
    });
  }

  using Network::Forward;
  absl::StatusOr<Features> Forward(const at::Tensor& input,
                                   const Regions& regions) override {
    ready_ = false;
    RETURN_IF_ERROR(plan_.CheckInput(input.sizes()));
    RETURN_IF_ERROR(plan_.CheckRegions(regions, input.sizes()));
    return CallOnednn("forward pass", [&]() -> absl::StatusOr<Features> {
      if (pass_ == nullptr || pass_->shape() != input.sizes()) {
        // Freed before the next is made, so that both never share the memory.
        pass_.reset();
        pass_ = std::make_unique<OnednnPass>(plan_, kernels_, input.sizes());
        pass_->Allocate();
      }
      Features features = pass_->Forward(input, regions);
      ready_ = true;
      return features;
    });
  }

  absl::StatusOr<at::Tensor> Backward(const TapGradients& at) override {
    if (!std::exchange(ready_, false)) {
      return absl::FailedPreconditionError(
          "backward pass: needs a forward pass before it");
    }
    return CallOnednn("backward pass", [&]() -> absl::StatusOr<at::Tensor> {
      return pass_->Backward(at);
    });
  }

 private:
  NetworkPlan plan_;
  std::vector<LayerKernel> kernels_;
  std::unique_ptr<OnednnPass> pass_;
  bool ready_ = false;  // A Forward that no Backward has used.
};

absl::string_view InstructionSet() {
  if (Supports(dnnl::cpu_isa::avx512_core)) return "avx512_core";
  return Supports(dnnl::cpu_isa::avx2) ? "avx2" : "";
}

}  // namespace

std::string WhyNoOnednn() {
  if (!InstructionSet().empty()) return "";
  return "this processor has neither AVX2 nor AVX-512";
}

std::string OnednnBuild() {
  const dnnl_version_t* const version = dnnl_version();
  return absl::StrCat("oneDNN ", version->major, ".", version->minor, ".",
                      version->patch, ", ", InstructionSet());
}

absl::StatusOr<std::unique_ptr<Network>> MakeOnednnNetwork(
    const NetworkWeights& weights, const NetworkOptions& options) {
  if (const std::string why = WhyNoOnednn(); !why.empty()) {
    return absl::FailedPreconditionError(why);
  }
  ASSIGN_OR_RETURN(NetworkPlan plan, PlanNetwork(weights, options));
  return CallOnednn("copying weights",
                    [&]() -> absl::StatusOr<std::unique_ptr<Network>> {
                      return std::make_unique<OnednnNetwork>(std::move(plan));
                    });
}

}  // namespace atelier::engine
