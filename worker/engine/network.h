// Frozen networks, seen from outside: pictures in, features at named places
// out, gradients back. A backend is an implementation of `Network`.
#ifndef ATELIER_WORKER_ENGINE_NETWORK_H_
#define ATELIER_WORKER_ENGINE_NETWORK_H_

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/render/network.h"

namespace atelier::engine {

/// One 3x3 convolution in somebody else's memory. kernel is [out][in][3][3],
/// bias [out].
struct ConvolutionView {
  int in_channels = 0;
  int out_channels = 0;
  absl::Span<const float> kernel;
  absl::Span<const float> bias;
};

/// A network's shape and numbers, as a reader of files hands them over.
/// Lifetime: needed only while a backend makes its Network.
struct NetworkWeights {
  NetworkDescription description;
  std::vector<ConvolutionView> convolutions;  ///< All blocks', in order.
};

/// How one render reads a network.
struct NetworkOptions {
  std::vector<std::string> taps;  ///< Names as FindTap reads them; distinct.
  Padding padding = Padding::kZeros;
  Pooling pooling = Pooling::kMax;
};

/// Features read at the taps of one forward pass.
/// Shapes: taps[i] is [n, C_i, H_i, W_i], float32, on the network's device.
/// Lifetime: the values are good until the next Forward on the same network.
struct Features {
  std::vector<at::Tensor> taps;
};

/// Gradients at the taps. An undefined tensor is a gradient of zero.
struct TapGradients {
  std::vector<at::Tensor> taps;
};

/// A frozen VGG, cut at its deepest tap.
/// Thread-compatible: one network per device, one caller at a time.
class Network {
 public:
  virtual ~Network() = default;

  /// The names given in NetworkOptions, in their order.
  virtual const std::vector<std::string>& tap_names() const = 0;
  virtual at::Device device() const = 0;

  /// Shapes: input [n, 3, h, w], float32, pre-processed as a convention says; h
  ///         and w at least 2^pools (2^(pools+1) under reflect padding).
  /// Errors: InvalidArgument (names both shapes), ResourceExhausted (device
  ///         memory; the message gives the bytes asked for).
  virtual absl::StatusOr<Features> Forward(const at::Tensor& input) = 0;

  /// Pulls gradients at the taps back to the input: [n, 3, h, w].
  /// REQUIRES: one gradient per tap of the last Forward, same shapes. Once per
  ///           Forward.
  /// Errors: FailedPrecondition without a Forward, ResourceExhausted.
  virtual absl::StatusOr<at::Tensor> Backward(const TapGradients& at) = 0;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_NETWORK_H_
