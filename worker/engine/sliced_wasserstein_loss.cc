#include "worker/engine/sliced_wasserstein_loss.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "worker/engine/noise.h"
#include "worker/engine/sorted_rows.h"

namespace atelier::engine {
namespace {

// Projections that are sorted at once.
constexpr int64_t kChunkFloats = int64_t{1} << 21;
// Projections, and what sorts them.
constexpr int64_t kChunkBytesPerFloat = 4 + kSortBytesPerFloat;

// Runs visit(first direction, directions) over chunks of whole directions.
template <typename Visit>
void ForEachChunk(int64_t directions, int64_t values_each, Visit visit) {
  const int64_t rows = std::max<int64_t>(1, kChunkFloats / values_each);
  for (int64_t first = 0; first < directions; first += rows) {
    visit(first, std::min(rows, directions - first));
  }
}

class SlicedWasserstein : public FeatureLoss {
 public:
  std::vector<at::Tensor> Draw(const at::Tensor& style, int64_t positions,
                               uint64_t seed) const override {
    const int64_t channels = style.size(0);
    const at::Tensor directions =
        DrawDirections(channels, channels, seed).to(style.device());
    return {directions, SortedProjections(style, directions, positions)};
  }

  LossAndGradient Evaluate(const at::Tensor& features,
                           const std::vector<at::Tensor>& drawn,
                           bool with_gradient) const override {
    return SlicedWassersteinLoss(features, drawn[0], drawn[1], with_gradient);
  }

  int64_t DrawnBytes(int64_t feature_bytes) const override {
    return feature_bytes;
  }
  int64_t WorkBytes(int64_t feature_bytes) const override {
    // One direction's, of features with few channels, may be more than a chunk.
    constexpr int64_t kFewChannels = 16;
    const int64_t floats = feature_bytes / 4;
    return kChunkBytesPerFloat *
           std::min(floats, std::max(kChunkFloats, floats / kFewChannels));
  }
};

}  // namespace

std::unique_ptr<FeatureLoss> MakeSlicedWassersteinLoss() {
  return std::make_unique<SlicedWasserstein>();
}

at::Tensor DrawDirections(int64_t count, int64_t channels, uint64_t seed) {
  // Box and Muller, "A note on the generation of random normal deviates", 1958.
  constexpr double kTwoPi = 6.283185307179586;
  const int64_t values = count * channels;
  std::vector<double> normal(values);
  for (int64_t i = 0; i < values; ++i) {
    const double radius = 1 - static_cast<double>(UniformNoise(seed, 2 * i));
    const double angle = UniformNoise(seed, 2 * i + 1);
    normal[i] = std::sqrt(-2 * std::log(radius)) * std::cos(kTwoPi * angle);
  }
  const at::Tensor rows =
      at::tensor(normal, at::kDouble).view({count, channels});
  const at::Tensor length = rows.square().sum(1, /*keepdim=*/true).sqrt();
  return (rows / at::clamp_min(length, 1e-12)).to(at::kFloat);
}

at::Tensor SortedProjections(const at::Tensor& style,
                             const at::Tensor& directions, int64_t positions) {
  const int64_t of_style = style.size(1);
  const at::Tensor places =
      ((at::arange(positions, at::kDouble) + 0.5) * of_style / positions)
          .floor()
          .to(at::kLong)
          .clamp_(0, of_style - 1)
          .to(style.device());
  at::Tensor sorted =
      at::empty({directions.size(0), positions}, style.options());
  ForEachChunk(directions.size(0), of_style, [&](int64_t first, int64_t rows) {
    const at::Tensor values =
        SortedRows(at::mm(directions.narrow(0, first, rows), style));
    at::Tensor part = sorted.narrow(0, first, rows);
    if (of_style == positions) {
      part.copy_(values);
    } else {
      at::index_select_out(part, values, 1, places);
    }
  });
  return sorted;
}

LossAndGradient SlicedWassersteinLoss(const at::Tensor& features,
                                      const at::Tensor& directions,
                                      const at::Tensor& target,
                                      bool with_gradient) {
  const int64_t images = features.size(0);
  const int64_t positions = features.size(2);
  const double mean = 1 / (static_cast<double>(directions.size(0)) * positions);
  at::Tensor sum = at::zeros({images}, features.options().dtype(at::kDouble));
  LossAndGradient loss;
  if (with_gradient) loss.gradient = at::zeros_like(features);
  ForEachChunk(
      directions.size(0), images * positions, [&](int64_t first, int64_t rows) {
        const at::Tensor along =
            directions.narrow(0, first, rows).expand({images, rows, -1});
        at::Tensor projections =
            at::matmul(along, features).view({-1, positions});
        sum += SubtractInOrder(projections, target.narrow(0, first, rows))
                   .view({images, rows})
                   .sum({1});
        if (!with_gradient) return;
        loss.gradient.baddbmm_(along.transpose(1, 2),
                               projections.view({images, rows, positions}), 1,
                               2 * mean);
      });
  loss.value = (sum * mean).to(features.scalar_type());
  return loss;
}

}  // namespace atelier::engine
