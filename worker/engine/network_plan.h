// What every backend needs to know before it builds its layers: which taps,
// which convolutions, and what follows each of them.
#ifndef ATELIER_WORKER_ENGINE_NETWORK_PLAN_H_
#define ATELIER_WORKER_ENGINE_NETWORK_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/render/network.h"
#include "worker/engine/network.h"

namespace atelier::engine {

/// One convolution, up to the deepest tap.
struct LayerPlan {
  ConvolutionView weights;
  Padding padding = Padding::kZeros;
  bool relu_after = true;
  bool pool_after = false;
};

struct NetworkPlan {
  NetworkOptions options;
  std::vector<Tap> taps;   ///< One for each of options.taps.
  std::vector<Tap> grams;  ///< One for each of options.grams.
  std::vector<LayerPlan> layers;

  /// The shortest side, in pixels: 2^pools, 2^(pools+1) under reflect padding.
  int64_t SmallestSide() const;

  /// Pools halve, and drop an odd row or column.
  static Grid GridAt(const Tap& tap, Grid input);

  /// Of one float for each feature that is read there, for inputs of `shape`.
  static int64_t FeatureBytes(const std::vector<Tap>& taps,
                              at::IntArrayRef shape);
  /// For each of `taps`.
  std::vector<int64_t> TapBytes(at::IntArrayRef shape) const;
  /// Of the kernels and biases, once.
  int64_t WeightBytes() const;

  /// Errors: InvalidArgument (names both shapes) for an input that is not
  ///         [n, 3, h, w] or smaller than SmallestSide.
  absl::Status CheckInput(at::IntArrayRef shape) const;

  /// Errors: InvalidArgument (names the tap and both shapes) for regions that
  ///         do not have the size of their taps under an input of `shape`.
  absl::Status CheckRegions(const Regions& regions,
                            at::IntArrayRef shape) const;
};

/// Lifetime: views into what `weights` views.
/// Errors: InvalidArgument for an unknown tap, and for weights that do not fit
///         their description.
absl::StatusOr<NetworkPlan> PlanNetwork(const NetworkWeights& weights,
                                        const NetworkOptions& options);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_NETWORK_PLAN_H_
