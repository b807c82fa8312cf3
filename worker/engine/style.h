// What a style is, and where it applies.
//
// Guided Gram matrices, after Gatys et al., "Controlling Perceptual Factors in
// Neural Style Transfer", arXiv:1611.07865, section 4: features count by the
// weight of the pixel they stand for, G = sum_p w_p F_p F_pᵀ over sum_p w_p
// (their guidance channel is the square root of w). Weights are brought to a
// layer's size by area averaging; features see beyond the edge of a region, as
// far as their receptive field goes.
#ifndef ATELIER_WORKER_ENGINE_STYLE_H_
#define ATELIER_WORKER_ENGINE_STYLE_H_

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "worker/engine/network.h"

namespace atelier::engine {

/// Tensors are float32, on the network's device.
struct Style {
  at::Tensor picture;    ///< [1, 3, h, w], RGB [0,1].
  double blend = 1;      ///< Its share of the style term; all sum to 1.
  at::Tensor mask = {};  ///< [h', w'] over the content, weights of at least 0.
                         ///< Undefined: everywhere.
  at::Tensor region = {};  ///< The same over `picture`: what of it is used.
};

/// The weights of pixels in Gram matrices, for masks over one picture.
class StyleRegions {
 public:
  /// `masks` are [h, w], of any size, or undefined; equal ones share a region.
  /// `size` is the picture's. Waits for the device.
  /// Errors: InvalidArgument (a mask that lets nothing through).
  static absl::StatusOr<StyleRegions> Make(const Network& network,
                                           const std::vector<at::Tensor>& masks,
                                           Grid size);

  /// For Network::Forward.
  const Regions& weights() const { return weights_; }
  /// How many there are; at least 1.
  size_t count() const { return counts_.size(); }
  /// The region of masks[i].
  size_t Of(size_t i) const { return region_of_[i]; }
  /// Sum of the weights where options().grams[gram] is read: pixels, where no
  /// mask is.
  double PixelsAt(size_t gram, size_t region) const {
    return counts_[region][gram];
  }

 private:
  absl::Status Add(const Network& network, const at::Tensor& mask, Grid size);

  Regions weights_;
  std::vector<size_t> region_of_;
  std::vector<std::vector<double>> counts_;  // By region, then by Gram.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_STYLE_H_
