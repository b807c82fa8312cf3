#include "common/render/convention.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
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

const std::array<ConventionSpec, 4>& Rows() {
  static const auto* const rows = [] {
    const std::vector<absl::string_view> first_relus = {
        "relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"};
    return new std::array<ConventionSpec, 4>{{
        {Convention::kPytorchTutorial,
         "pytorch-tutorial",
         kImagenetUnitRgb,
         kSumOfMeans,
         {"conv2_2"},
         {"conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"},
         1,
         1e6,
         0},
        {Convention::kGordicaleksa,
         "gordicaleksa",
         kImagenet255Rgb,
         kMeanOfSums,
         {"relu4_2"},
         first_relus,
         1e5,
         3e4,
         1},
        {Convention::kNeuralStyle,
         "neural-style",
         kCaffe255Bgr,
         kSumOfMeans,
         {"relu4_2"},
         first_relus,
         5,
         100,
         1e-3},
        {Convention::kGatys,
         "gatys",
         kCaffe255Bgr,
         kGatysReduction,
         {"relu4_2"},
         first_relus,
         1,
         1,
         0},
    }};
  }();
  return *rows;
}

// A named enum value, for tables that are searched both ways.
template <typename E>
struct Named {
  E value;
  absl::string_view name;
};

constexpr Named<Optimizer> kOptimizers[] = {{Optimizer::kLbfgs, "lbfgs"},
                                            {Optimizer::kAdam, "adam"}};
constexpr Named<Pooling> kPoolings[] = {{Pooling::kMax, "max"},
                                        {Pooling::kAverage, "avg"}};
constexpr Named<Padding> kPaddings[] = {{Padding::kZeros, "zeros"},
                                        {Padding::kReflect, "reflect"}};
constexpr Named<Initialisation> kInitialisations[] = {
    {Initialisation::kContent, "content"},
    {Initialisation::kNoise, "noise"},
    {Initialisation::kImage, "image"}};

constexpr Named<Colors> kColors[] = {{Colors::kStyle, "style"},
                                     {Colors::kOriginal, "original"},
                                     {Colors::kMatch, "match"}};

template <typename E, size_t n>
absl::string_view NameIn(const Named<E> (&table)[n], E value) {
  for (const Named<E>& row : table) {
    if (row.value == value) return row.name;
  }
  return "";
}

template <typename E, size_t n>
absl::StatusOr<E> ParseIn(const Named<E> (&table)[n], absl::string_view field,
                          absl::string_view text) {
  for (const Named<E>& row : table) {
    if (row.name == text) return row.value;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      field, ": ", Quoted(text), " is unknown; allowed: ",
      absl::StrJoin(table, ", ", [](std::string* out, const Named<E>& row) {
        absl::StrAppend(out, row.name);
      })));
}

}  // namespace

const ConventionSpec& Spec(Convention convention) {
  return Rows()[static_cast<size_t>(convention)];
}

absl::Span<const ConventionSpec> AllConventions() { return Rows(); }

absl::string_view Name(Convention value) { return Spec(value).name; }
absl::string_view Name(Optimizer value) { return NameIn(kOptimizers, value); }
absl::string_view Name(Pooling value) { return NameIn(kPoolings, value); }
absl::string_view Name(Padding value) { return NameIn(kPaddings, value); }
absl::string_view Name(Initialisation value) {
  return NameIn(kInitialisations, value);
}
absl::string_view Name(Colors value) { return NameIn(kColors, value); }

absl::StatusOr<Convention> ParseConvention(absl::string_view text) {
  for (const ConventionSpec& row : Rows()) {
    if (row.name == text) return row.id;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "convention: ", Quoted(text), " is unknown; allowed: ",
      absl::StrJoin(Rows(), ", ", [](std::string* out, const auto& row) {
        absl::StrAppend(out, row.name);
      })));
}

absl::StatusOr<Optimizer> ParseOptimizer(absl::string_view text) {
  return ParseIn(kOptimizers, "optimizer", text);
}

absl::StatusOr<Pooling> ParsePooling(absl::string_view text) {
  return ParseIn(kPoolings, "pooling", text);
}

absl::StatusOr<Padding> ParsePadding(absl::string_view text) {
  return ParseIn(kPaddings, "padding", text);
}

absl::StatusOr<Colors> ParseColors(absl::string_view text) {
  return ParseIn(kColors, "colors", text);
}

}  // namespace atelier
