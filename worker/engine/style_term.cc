#include "worker/engine/style_term.h"

#include <algorithm>

#include "worker/engine/feature_loss.h"
#include "worker/engine/feature_style_term.h"
#include "worker/engine/gram_loss.h"
#include "worker/engine/gram_moments_loss.h"
#include "worker/engine/moment_loss.h"
#include "worker/engine/moment_style_term.h"
#include "worker/engine/nearest_loss.h"
#include "worker/engine/sliced_wasserstein_loss.h"
#include "worker/engine/wasserstein_loss.h"

namespace atelier::engine {
namespace {

void AddReads(const RenderParams& params, NetworkOptions& options) {
  const auto moments = MakeMomentLoss(params);
  if (moments == nullptr) return AddNames(params.style_layers, options.taps);
  AddNames(params.style_layers, options.grams);
  options.sums = moments->ReadsMeans() && !params.style_layers.empty();
}

TermBytes BytesOf(const RenderParams& params, const TermShape& shape) {
  const auto loss = MakeFeatureLoss(params);
  // Matrices of channels are small beside features.
  if (loss == nullptr) return {};
  const auto styles = static_cast<int64_t>(shape.styles.size());
  // The gradients; and what is drawn, and kept of the styles.
  TermBytes bytes;
  int64_t largest = 0;
  for (const LayerWeight& layer : params.style_layers) {
    const int64_t gradient = FeatureBytes({layer}, shape.options, shape.pass);
    largest = std::max(largest, gradient);
    bytes.held += gradient + styles * loss->DrawnBytes(gradient / shape.images);
  }
  for (const PassBytes& style : shape.styles) {
    bytes.held += FeatureBytes(params.style_layers, shape.options, style);
  }
  bytes.work = shape.images * loss->WorkBytes(largest / shape.images);
  // The gradient of each style after the first, until it is added.
  if (styles > 1) bytes.work += largest;
  return bytes;
}

std::unique_ptr<Term> Make(const RenderParams& params,
                           const NetworkOptions& options) {
  if (auto loss = MakeMomentLoss(params); loss != nullptr) {
    return MakeMomentStyleTerm(std::move(loss), params, options);
  }
  return MakeFeatureStyleTerm(MakeFeatureLoss(params), params, options);
}

}  // namespace

const TermKind kStyleTerm = {
    "style",
    "style loss",
    [](const RenderParams& params) { return params.style_weight; },
    AddReads,
    BytesOf,
    Make};

double LayerFactor(const StyleReduction& how, int layers) {
  return how.mean_over_layers ? 1.0 / layers : 1.0;
}

std::unique_ptr<MomentLoss> MakeMomentLoss(const RenderParams& params) {
  const ConventionSpec& convention = Spec(params.convention);
  switch (params.style_loss) {
    case StyleLoss::kGram:
      return MakeGramLoss(convention.style);
    case StyleLoss::kGramMoments:
      return MakeGramMomentsLoss(convention.moments);
    case StyleLoss::kWasserstein:
      return MakeWassersteinLoss();
    case StyleLoss::kSlicedWasserstein:
    case StyleLoss::kNearest:
      break;
  }
  return nullptr;
}

std::unique_ptr<FeatureLoss> MakeFeatureLoss(const RenderParams& params) {
  switch (params.style_loss) {
    case StyleLoss::kSlicedWasserstein:
      return MakeSlicedWassersteinLoss();
    case StyleLoss::kNearest:
      return MakeNearestLoss();
    case StyleLoss::kGram:
    case StyleLoss::kGramMoments:
    case StyleLoss::kWasserstein:
      break;
  }
  return nullptr;
}

}  // namespace atelier::engine
