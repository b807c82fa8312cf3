#include "common/render/convention.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/field_error.h"
#include "common/nearest.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr Preprocessing kImagenetUnitRgb = {"imagenet-unit-rgb",
                                            false,
                                            1,
                                            {.485f, .456f, .406f},
                                            {.229f, .224f, .225f}};
constexpr Preprocessing kImagenet255Rgb = {
    "imagenet-255-rgb", false, 255, {123.675f, 116.28f, 103.53f}, {1, 1, 1}};
constexpr Preprocessing kCaffe255Bgr = {
    "caffe-255-bgr", true, 255, {103.939f, 116.779f, 123.68f}, {1, 1, 1}};

constexpr StyleReduction kSumOfMeans = {};
constexpr StyleReduction kMeanOfSums = {true, true, true, 0};
constexpr StyleReduction kGatysReduction = {false, false, false, 1e3};

constexpr absl::string_view kConventions[] = {
    "pytorch-tutorial", "gordicaleksa", "neural-style", "gatys", "spst",
    "crowson"};

const std::array<ConventionSpec, 6>& Rows() {
  static const auto* const rows = [] {
    const std::vector<absl::string_view> first_relus = {
        "relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
    return new std::array<ConventionSpec, 6>{{
        {Convention::kPytorchTutorial,
         kConventions[0],
         kImagenetUnitRgb,
         kSumOfMeans,
         {"conv2_2"},
         {"conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"},
         1,
         1e6,
         0},
        {Convention::kGordicaleksa,
         kConventions[1],
         kImagenet255Rgb,
         kMeanOfSums,
         {"relu4_2"},
         first_relus,
         1e5,
         3e4,
         1},
        {Convention::kNeuralStyle,
         kConventions[2],
         kCaffe255Bgr,
         kSumOfMeans,
         {"relu4_2"},
         first_relus,
         5,
         100,
         1e-3},
        {Convention::kGatys,
         kConventions[3],
         kCaffe255Bgr,
         kGatysReduction,
         {"relu4_2"},
         first_relus,
         1,
         1,
         0},
        {Convention::kSpst,
         kConventions[4],
         kCaffe255Bgr,
         kGatysReduction,
         {"relu4_2"},
         first_relus,
         1,
         1,
         0,
         StyleLoss::kGramMoments,
         {1e3, true, 1e4, 1e4}},
        {Convention::kCrowson,
         kConventions[5],
         kImagenetUnitRgb,
         kSumOfMeans,
         {"relu4_2"},
         first_relus,
         .015,
         1,
         2,
         StyleLoss::kWasserstein,
         /*moments=*/{},
         /*style_layer_weights=*/
         {256. / 341, 64. / 341, 16. / 341, 4. / 341, 1. / 341},
         /*weights_by_loss=*/{1e4, 1, 1, 3, 3},
         Variation::kSquares,
         /*first_padding=*/Padding::kReplicate,
         /*pooling_scales=*/{1, 2, .78},
         /*blends_moments=*/true},
    }};
  }();
  return *rows;
}

constexpr absl::string_view kOptimizers[] = {"lbfgs", "adam"};
constexpr absl::string_view kPresets[] = {"published", "fast", "fine"};
constexpr absl::string_view kPoolings[] = {"max", "avg", "l2"};
constexpr absl::string_view kPaddings[] = {"zeros", "reflect", "replicate"};
constexpr absl::string_view kInitialisations[] = {"content", "noise", "image"};
constexpr absl::string_view kColors[] = {"style", "original", "match"};
constexpr absl::string_view kStyleLosses[] = {
    "gram", "gram-moments", "wasserstein", "sliced-wasserstein", "nearest"};

}  // namespace

double StyleWeight(const ConventionSpec& convention, StyleLoss loss) {
  if (loss == convention.style_loss) return convention.style_weight;
  if (!convention.weights_by_loss.empty()) {
    return convention.weights_by_loss[static_cast<size_t>(loss)];
  }
  if (loss == StyleLoss::kGram) return convention.style_weight;
  // The content term is of the second power of features, and so is a distance;
  // Gram matrices' is of the fourth, and a cosine of none.
  const Preprocessing& input = convention.preprocessing;
  const double unit = input.scale / input.deviation[0];
  double over_content = 0;
  switch (loss) {
    case StyleLoss::kGram:
      break;
    case StyleLoss::kGramMoments:
      over_content = 1300 / (unit * unit);
      break;
    case StyleLoss::kWasserstein:
      over_content = 2;
      break;
    case StyleLoss::kSlicedWasserstein:
      over_content = 6;
      break;
    case StyleLoss::kNearest:
      over_content = 0.03 * unit * unit;
      break;
  }
  const double layers =
      convention.style.mean_over_layers
          ? static_cast<double>(convention.style_layers.size())
          : 1;
  return convention.content_weight * over_content * layers;
}

const ConventionSpec& Spec(Convention convention) {
  return Rows()[static_cast<size_t>(convention)];
}

absl::Span<const ConventionSpec> AllConventions() { return Rows(); }

absl::Span<const absl::string_view> Names(Convention) { return kConventions; }
absl::Span<const absl::string_view> Names(Optimizer) { return kOptimizers; }
absl::Span<const absl::string_view> Names(Preset) { return kPresets; }
absl::Span<const absl::string_view> Names(Pooling) { return kPoolings; }
absl::Span<const absl::string_view> Names(Padding) { return kPaddings; }
absl::Span<const absl::string_view> Names(Initialisation) {
  return kInitialisations;
}
absl::Span<const absl::string_view> Names(Colors) { return kColors; }
absl::Span<const absl::string_view> Names(StyleLoss) { return kStyleLosses; }

absl::StatusOr<int> ParseName(absl::string_view field, absl::string_view text,
                              absl::Span<const absl::string_view> names) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<int>(found - names.begin());
  return FieldError(field,
                    absl::StrCat(Quoted(text), " is unknown",
                                 Suggest(text, {names.begin(), names.end()})));
}

}  // namespace atelier
