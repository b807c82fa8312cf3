#include "worker/engine/nearest_loss.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include "worker/engine/noise.h"

namespace atelier::engine {
namespace {

// Positions of an image whose products with the style's are there at once.
constexpr int64_t kChunkPositions = 256;
// What is no longer than this share of the features is rounding.
constexpr double kLeastLength = 1e-5;

// Where features have no direction, all are zero.
struct Directions {
  at::Tensor unit;         // [n, c, p]
  at::Tensor over_length;  // [n, 1, p]
};

at::Tensor LengthOf(const at::Tensor& features) {
  return features.square().sum(1, /*keepdim=*/true).sqrt();
}

Directions DirectionsOf(const at::Tensor& features) {
  const at::Tensor centred = features - features.mean(2, /*keepdim=*/true);
  const at::Tensor length = LengthOf(centred);
  const at::Tensor over_length =
      at::where(length > LengthOf(features) * kLeastLength, length.reciprocal(),
                at::zeros_like(length));
  return {centred * over_length, over_length};
}

// The nearest of `target` [c, m] to each of `unit` [n, c, p], and its cosine,
// [n, p].
std::tuple<at::Tensor, at::Tensor> FindNearest(const at::Tensor& unit,
                                               const at::Tensor& target) {
  std::vector<at::Tensor> nearest;
  std::vector<at::Tensor> cosines;
  for (int64_t first = 0; first < unit.size(2); first += kChunkPositions) {
    const int64_t count = std::min(kChunkPositions, unit.size(2) - first);
    // [n, p, m]: each row is read on its own.
    const auto [cosine, place] = at::max(
        at::matmul(unit.narrow(2, first, count).transpose(1, 2), target), 2);
    nearest.push_back(at::index_select(target, 1, place.flatten())
                          .view({unit.size(1), unit.size(0), count})
                          .transpose(0, 1));
    cosines.push_back(cosine);
  }
  return {at::cat(nearest, 2), at::cat(cosines, 1)};
}

at::Tensor PositionsTensor(const std::vector<int64_t>& positions,
                           const at::Tensor& like) {
  return at::tensor(positions, at::kLong).to(like.device());
}

class Nearest : public FeatureLoss {
 public:
  // The style's directions, and the image's positions, undefined where they are
  // all.
  std::vector<at::Tensor> Draw(const at::Tensor& style, int64_t positions,
                               uint64_t seed) const override {
    const int64_t of_style = style.size(1);
    at::Tensor some = style;
    if (of_style > kMostNearestPositions) {
      some = style.index_select(
          1, PositionsTensor(DrawPositions(kMostNearestPositions, of_style,
                                           DerivedSeed(seed, 1)),
                             style));
    }
    at::Tensor at_image;
    if (positions > kMostNearestPositions) {
      at_image = PositionsTensor(
          DrawPositions(kMostNearestPositions, positions, DerivedSeed(seed, 0)),
          style);
    }
    return {NearestTarget(some), at_image};
  }

  LossAndGradient Evaluate(const at::Tensor& features,
                           const std::vector<at::Tensor>& drawn,
                           bool with_gradient) const override {
    const at::Tensor& positions = drawn[1];
    if (!positions.defined()) {
      return NearestLoss(features, drawn[0], with_gradient);
    }
    LossAndGradient loss = NearestLoss(features.index_select(2, positions),
                                       drawn[0], with_gradient);
    if (with_gradient) {
      loss.gradient =
          at::zeros_like(features).index_copy_(2, positions, loss.gradient);
    }
    return loss;
  }

  int64_t DrawnBytes(int64_t feature_bytes) const override {
    return AtPositions(feature_bytes);
  }
  // Features, directions and their gradients at the positions, and a chunk of
  // products.
  int64_t WorkBytes(int64_t feature_bytes) const override {
    return 6 * AtPositions(feature_bytes) +
           kChunkPositions * kMostNearestPositions * 4;
  }

 private:
  // Of the widest layers.
  static int64_t AtPositions(int64_t feature_bytes) {
    constexpr int64_t kWidest = 512;
    return std::min(feature_bytes, kMostNearestPositions * kWidest * 4);
  }
};

}  // namespace

std::unique_ptr<FeatureLoss> MakeNearestLoss() {
  return std::make_unique<Nearest>();
}

std::vector<int64_t> DrawPositions(int64_t count, int64_t of, uint64_t seed) {
  std::vector<int64_t> positions(std::min(count, of));
  if (count >= of) {
    std::iota(positions.begin(), positions.end(), 0);
    return positions;
  }
  for (int64_t i = 0; i < count; ++i) {
    const int64_t first = i * of / count;
    const int64_t end = (i + 1) * of / count;
    const auto offset = static_cast<int64_t>(UniformNoise(seed, i) *
                                             static_cast<double>(end - first));
    positions[i] = first + offset;
  }
  return positions;
}

at::Tensor NearestTarget(const at::Tensor& style) {
  return DirectionsOf(style.unsqueeze(0)).unit.squeeze(0).contiguous();
}

LossAndGradient NearestLoss(const at::Tensor& features,
                            const at::Tensor& target, bool with_gradient) {
  const Directions of = DirectionsOf(features);
  const auto [nearest, cosine] = FindNearest(of.unit, target);
  LossAndGradient loss;
  loss.value =
      (1 - cosine).mean({1}, false, at::kDouble).to(features.scalar_type());
  if (!with_gradient) return loss;
  const auto positions = static_cast<double>(features.size(2));
  // Of the directions; then of what they were before they had length 1, and
  // before their mean was taken off.
  const at::Tensor centred =
      (of.unit * cosine.unsqueeze(1) - nearest) * (of.over_length / positions);
  loss.gradient = centred - centred.mean(2, /*keepdim=*/true);
  return loss;
}

}  // namespace atelier::engine
