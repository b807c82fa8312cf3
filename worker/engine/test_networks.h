// Small networks, parameters and pictures for the engine's tests.
#ifndef ATELIER_WORKER_ENGINE_TEST_NETWORKS_H_
#define ATELIER_WORKER_ENGINE_TEST_NETWORKS_H_

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>

#include "common/render/convention.h"
#include "common/render/params.h"
#include "worker/engine/network.h"

namespace atelier::engine {

/// Output channels, block by block.
using Blocks = std::vector<std::vector<int>>;

/// A VGG of the given blocks whose weights are drawn from `seed`.
class TestNetwork {
 public:
  explicit TestNetwork(Blocks blocks, uint64_t seed = 1);

  /// Views into this object.
  NetworkWeights weights() const;
  /// REQUIRES: options that the reference backend accepts.
  std::unique_ptr<Network> Make(const NetworkOptions& options) const;

  const std::vector<at::Tensor>& kernels() const { return kernels_; }
  const std::vector<at::Tensor>& biases() const { return biases_; }
  const NetworkDescription& description() const { return description_; }

 private:
  NetworkDescription description_;
  std::vector<at::Tensor> kernels_;
  std::vector<at::Tensor> biases_;
};

/// The convention's weights, on layers of a network of blocks {{a, b}, {c}}.
RenderParams ParamsOf(Convention convention);

/// [1, 3, h, w] of noise in [0,1).
at::Tensor NoisePicture(int64_t height, int64_t width, uint64_t seed);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TEST_NETWORKS_H_
