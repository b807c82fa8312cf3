#include "worker/engine/term.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"

namespace atelier::engine {

void Term::Redraw(uint64_t) {}

absl::Status Term::SetTargets(const TargetSource&) { return absl::OkStatus(); }

at::Tensor Term::EvaluateFeatures(const Pass&, const ImageFactor&,
                                  TapGradients&) {
  return {};
}

at::Tensor Term::EvaluatePixels(const at::Tensor&, const ImageFactor&,
                                at::Tensor&) {
  return {};
}

absl::Status CheckStyles(const TargetSource& from) {
  if (!from.styles.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "style: missing; needed where there are style layers");
}

absl::Status OfStyle(const TargetSource& from, size_t i,
                     const absl::Status& error) {
  return Annotate(
      error, from.styles.size() == 1 ? "style" : absl::StrCat("style ", i + 1));
}

std::string TargetKey(absl::string_view what, absl::string_view convention,
                      const std::vector<TermLayer>& layers,
                      absl::string_view picture) {
  const std::string places =
      absl::StrJoin(layers, ",", [](std::string* out, const TermLayer& layer) {
        absl::StrAppend(out, layer.tap);
      });
  return absl::StrCat(what, " of ", convention, " at ", places, " of ",
                      picture);
}

void AddNames(const std::vector<LayerWeight>& layers,
              std::vector<std::string>& names) {
  for (const LayerWeight& layer : layers) {
    if (std::find(names.begin(), names.end(), layer.tap) == names.end()) {
      names.push_back(layer.tap);
    }
  }
}

std::vector<TermLayer> FindLayers(const std::vector<LayerWeight>& layers,
                                  const std::vector<std::string>& names) {
  std::vector<TermLayer> found;
  for (const LayerWeight& layer : layers) {
    const auto at = std::find(names.begin(), names.end(), layer.tap);
    found.push_back(
        {static_cast<size_t>(at - names.begin()), layer.weight, {}});
  }
  return found;
}

int64_t FeatureBytes(const std::vector<LayerWeight>& layers,
                     const NetworkOptions& options, const PassBytes& pass) {
  int64_t sum = 0;
  for (const TermLayer& layer : FindLayers(layers, options.taps)) {
    sum += pass.taps[layer.tap];
  }
  return sum;
}

void AddLayer(const LossAndGradient& loss, double layer_weight,
              const ImageFactor& term_weight, at::Tensor& sum,
              at::Tensor& at_tap) {
  sum += loss.value * layer_weight;
  if (!loss.gradient.defined()) return;
  Accumulate(term_weight.Multiply(loss.gradient, layer_weight), at_tap);
}

void Accumulate(const at::Tensor& tensor, at::Tensor& sum) {
  if (!tensor.defined()) return;
  sum = sum.defined() ? sum.add_(tensor) : tensor;
}

}  // namespace atelier::engine
