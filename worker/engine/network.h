// Frozen networks, seen from outside: pictures in, features at named places
// out, gradients back. A backend is an implementation of `Network`.
#ifndef ATELIER_WORKER_ENGINE_NETWORK_H_
#define ATELIER_WORKER_ENGINE_NETWORK_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
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

/// How one render reads a network. Names are as FindTap reads them, distinct in
/// each list; a name may be in both. Both may be empty: then nothing is read,
/// and every gradient at the input is zero.
struct NetworkOptions {
  std::vector<std::string> taps;  ///< Whose features are read.
  Padding padding = Padding::kZeros;
  Pooling pooling = Pooling::kMax;
  std::vector<std::string> grams = {};  ///< Whose Gram matrices are read.
  bool sums = false;  ///< Where grams are, Features::sums are read, too.
  /// Keeps only each block's input for Backward, and computes the block again:
  /// less memory, more time, the same values.
  bool recompute = false;
  /// Of the first convolution, where it is another one.
  std::optional<Padding> first_padding = {};
  double pooling_scale = 1;  ///< What a pool's output is multiplied by.
};

/// How much each pixel counts in a Gram matrix: at options.grams[i], weights of
/// shape [r, H_i, W_i], at least 0, one matrix for each of the r regions.
/// Undefined, or past the end: one region, in which every pixel counts 1.
struct Regions {
  std::vector<at::Tensor> grams = {};
};

/// What one forward pass read; float32, on the network's device.
/// Shapes: taps[i] is [n, C_i, H_i, W_i]; grams[i] is [n, r, C_i, C_i], the sum
///         over pixels p of w_p F_p F_pᵀ, divided by nothing; sums[i], with
///         options.sums, is [n, r, C_i], that of w_p F_p.
/// Lifetime: the values are good until the next Forward on the same network.
struct Features {
  std::vector<at::Tensor> taps;
  std::vector<at::Tensor> grams = {};
  std::vector<at::Tensor> sums = {};
};

/// Gradients with respect to Features, in the same shapes; those of Gram
/// matrices are symmetric. Undefined, or past the end: a gradient of zero.
struct TapGradients {
  std::vector<at::Tensor> taps;
  std::vector<at::Tensor> grams = {};
  std::vector<at::Tensor> sums = {};
};

/// Height and width of features, in pixels.
struct Grid {
  int64_t height = 0;
  int64_t width = 0;
};

/// What a network takes to work on inputs of one shape.
struct PassBytes {
  int64_t all = 0;  ///< Weights, activations, features, workspace.
  std::vector<int64_t> taps = {};  ///< Of these, what each of Features::taps
                                   ///< holds.
};

/// A frozen VGG, cut at its deepest tap.
/// Thread-compatible: one network per device, one caller at a time.
class Network {
 public:
  virtual ~Network() = default;

  virtual const NetworkOptions& options() const = 0;
  virtual at::Device device() const = 0;
  /// Where options().grams[i] is read, for inputs of this size.
  virtual Grid GramGrid(size_t i, Grid input) const = 0;

  /// Takes no memory yet.
  /// Errors: InvalidArgument as Forward, for inputs of this shape.
  virtual absl::StatusOr<PassBytes> BytesFor(at::IntArrayRef shape) = 0;

  /// Shapes: input [n, 3, h, w], float32, pre-processed as a convention says; h
  ///         and w at least 2^pools (2^(pools+1) under reflect padding).
  /// Errors: InvalidArgument (names both shapes), ResourceExhausted (device
  ///         memory; the message gives the bytes asked for).
  virtual absl::StatusOr<Features> Forward(const at::Tensor& input,
                                           const Regions& regions) = 0;
  absl::StatusOr<Features> Forward(const at::Tensor& input) {
    return Forward(input, Regions());
  }

  /// Pulls gradients at the taps back to the input: [n, 3, h, w].
  /// REQUIRES: the shapes of the last Forward. Once per Forward.
  /// Errors: FailedPrecondition without a Forward, ResourceExhausted.
  virtual absl::StatusOr<at::Tensor> Backward(const TapGradients& at) = 0;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_NETWORK_H_
