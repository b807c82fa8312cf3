#include "worker/engine/test_networks.h"

#include <cmath>

#include "absl/status/statusor.h"
#include "worker/engine/noise.h"
#include "worker/engine/reference_network.h"

namespace atelier::engine {
namespace {

at::Tensor NoiseTensor(at::IntArrayRef shape, uint64_t seed) {
  const at::Tensor tensor = at::empty(shape, at::kFloat);
  const std::vector<float> values = UniformNoiseValues(seed, tensor.numel());
  std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
  return tensor;
}

absl::Span<const float> View(const at::Tensor& tensor) {
  return absl::MakeConstSpan(tensor.data_ptr<float>(), tensor.numel());
}

}  // namespace

TestNetwork::TestNetwork(Blocks blocks, uint64_t seed) {
  description_.name = "test";
  description_.blocks = std::move(blocks);
  int64_t in = 3;
  for (const auto& block : description_.blocks) {
    for (const int64_t out : block) {
      const double spread = std::sqrt(6.0 / (9.0 * in));
      kernels_.push_back((NoiseTensor({out, in, 3, 3}, seed++) * 2 - 1) *
                         spread);
      biases_.push_back((NoiseTensor({out}, seed++) - 0.5) * 0.1);
      in = out;
    }
  }
}

NetworkWeights TestNetwork::weights() const {
  NetworkWeights weights;
  weights.description = description_;
  for (size_t k = 0; k < kernels_.size(); ++k) {
    weights.convolutions.push_back({static_cast<int>(kernels_[k].size(1)),
                                    static_cast<int>(kernels_[k].size(0)),
                                    View(kernels_[k]), View(biases_[k])});
  }
  return weights;
}

std::unique_ptr<Network> TestNetwork::Make(
    const NetworkOptions& options) const {
  return MakeReferenceNetwork(weights(), options, at::kCPU).value();
}

RenderParams ParamsOf(Convention convention) {
  const ConventionSpec& spec = Spec(convention);
  RenderParams params;
  params.convention = convention;
  params.content_weight = spec.content_weight;
  params.style_weight = spec.style_weight;
  params.tv_weight = spec.tv_weight;
  params.content_layers = {{"relu2_1"}};
  params.style_layers = {{"conv1_1"}, {"relu1_2"}, {"pool1"}, {"relu2_1"}};
  return params;
}

at::Tensor NoisePicture(int64_t height, int64_t width, uint64_t seed) {
  return NoiseTensor({1, 3, height, width}, seed);
}

}  // namespace atelier::engine
