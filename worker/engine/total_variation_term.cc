#include "worker/engine/total_variation_term.h"

#include <ATen/ATen.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "common/render/convention.h"

namespace atelier::engine {
namespace {

// The network's gradient, its own, the neighbours' differences with their signs
// or factors, and the product of those.
constexpr int64_t kImages = 5;

// Adds the sum of absolute differences along `dimension` to `loss`.
void AddVariation(const at::Tensor& image, int64_t dimension,
                  LossAndGradient& loss) {
  const int64_t steps = image.size(dimension) - 1;
  const at::Tensor step =
      image.narrow(dimension, 1, steps) - image.narrow(dimension, 0, steps);
  loss.value += step.abs().sum({1, 2, 3});
  if (!loss.gradient.defined()) return;
  const at::Tensor sign = step.sign();
  loss.gradient.narrow(dimension, 1, steps).add_(sign);
  loss.gradient.narrow(dimension, 0, steps).sub_(sign);
}

// Adds the sum of the squared differences of pixels and those `step` rows lower
// and columns to the right, times `factors` [1, c, 1, 1].
void AddSquares(const at::Tensor& image, const at::Tensor& factors,
                std::array<int64_t, 2> step, LossAndGradient& loss) {
  // Of a dimension: the part that differences begin in, or end in.
  const auto part = [&](const at::Tensor& whole, bool end) {
    at::Tensor view = whole;
    for (int64_t d = 0; d < 2; ++d) {
      const int64_t by = std::abs(step[d]);
      const bool later = (step[d] < 0) != end;
      view = view.narrow(d + 2, later ? by : 0, whole.size(d + 2) - by);
    }
    return view;
  };
  const at::Tensor difference = part(image, true) - part(image, false);
  const at::Tensor weighted = difference * factors;
  loss.value += (difference * weighted).sum({1, 2, 3});
  if (!loss.gradient.defined()) return;
  part(loss.gradient, true).add_(weighted, 2);
  part(loss.gradient, false).sub_(weighted, 2);
}

// The same value, and the gradient of one row or column.
LossAndGradient Narrowed(const LossAndGradient& loss, int64_t dimension,
                         int64_t at) {
  LossAndGradient part{loss.value, {}};
  if (loss.gradient.defined()) {
    part.gradient = loss.gradient.narrow(dimension, at, 1);
  }
  return part;
}

// What one unit of each channel of a network's input is in RGB [0,1]: [c].
at::Tensor UnitsOf(const Preprocessing& preprocessing) {
  std::vector<double> units;
  for (const float deviation : preprocessing.deviation) {
    units.push_back(deviation / preprocessing.scale);
  }
  return at::tensor(units, at::kDouble);
}

class VariationTerm : public Term {
 public:
  explicit VariationTerm(const ConventionSpec& convention)
      : variation_(convention.variation),
        units_(UnitsOf(convention.preprocessing)) {}

  absl::Status SetTargets(const TargetSource& from) override {
    units_ = units_.to(from.content.options());
    return absl::OkStatus();
  }

  at::Tensor EvaluatePixels(const at::Tensor& input, const ImageFactor& weight,
                            at::Tensor& gradient) override {
    const LossAndGradient loss =
        variation_ == Variation::kAbsolute
            ? TotalVariation(input, !weight.IsZero())
            : SquaredVariation(input, units_, !weight.IsZero());
    if (loss.gradient.defined()) {
      gradient = gradient + weight.Multiply(loss.gradient);
    }
    return loss.value;
  }

 private:
  const Variation variation_;
  at::Tensor units_;
};

}  // namespace

const TermKind kTotalVariationTerm = {
    "total_variation",
    "total variation",
    [](const RenderParams& params) { return params.tv_weight; },
    [](const RenderParams&, NetworkOptions&) {},
    [](const RenderParams&, const TermShape& shape) {
      return TermBytes{0, kImages * shape.image_bytes};
    },
    [](const RenderParams& params,
       const NetworkOptions&) -> std::unique_ptr<Term> {
      return std::make_unique<VariationTerm>(Spec(params.convention));
    }};

LossAndGradient TotalVariation(const at::Tensor& image, bool with_gradient) {
  LossAndGradient loss;
  loss.value = at::zeros({image.size(0)}, image.options());
  if (with_gradient) loss.gradient = at::zeros_like(image);
  AddVariation(image, 2, loss);
  AddVariation(image, 3, loss);
  return loss;
}

LossAndGradient SquaredVariation(const at::Tensor& image,
                                 const at::Tensor& units, bool with_gradient) {
  LossAndGradient loss;
  loss.value = at::zeros({image.size(0)}, image.options());
  if (with_gradient) loss.gradient = at::zeros_like(image);
  const int64_t height = image.size(2);
  const int64_t width = image.size(3);
  const auto values = static_cast<double>(image[0].numel());
  const at::Tensor squares = units.square().view({1, -1, 1, 1});
  // Twice the mean: an edge's difference from its own replica is 0.
  const at::Tensor straight = squares * (2.0 / 3 / values);
  AddSquares(image, straight, {0, 1}, loss);
  AddSquares(image, straight, {1, 0}, loss);
  // Diagonals begin one pixel before the first edge and end one after the last.
  const auto padded_values =
      static_cast<double>(image.size(1) * (height + 1) * (width + 1));
  const at::Tensor diagonal = squares * (2.0 / 12 / padded_values);
  AddSquares(image, diagonal, {1, 1}, loss);
  AddSquares(image, diagonal, {1, -1}, loss);
  // Between an edge and its replica they go along the edge, both diagonals at
  // all four.
  for (const int64_t row : {int64_t{0}, height - 1}) {
    LossAndGradient edge = Narrowed(loss, 2, row);
    AddSquares(image.narrow(2, row, 1), diagonal * 2, {0, 1}, edge);
  }
  for (const int64_t column : {int64_t{0}, width - 1}) {
    LossAndGradient edge = Narrowed(loss, 3, column);
    AddSquares(image.narrow(3, column, 1), diagonal * 2, {1, 0}, edge);
  }
  return loss;
}

}  // namespace atelier::engine
