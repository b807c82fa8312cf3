// The published definitions of loss that Atelier knows, as data.
//
// Only the arithmetic that follows from these fields is code, in
// worker/engine/style_term.cc. Sources: Gatys et al., arXiv:1508.06576 and
// arXiv:1505.07376; the PyTorch tutorial "Neural Transfer Using PyTorch";
// gordicaleksa/pytorch-neural-style-transfer; jcjohnson/neural-style;
// leongatys/PytorchNeuralStyleTransfer; Galerne, Raad, Lezama and Morel,
// "Scaling Painting Style Transfer", EGSR 2024 (spst);
// crowsonkb/style-transfer-pytorch (crowson). A convention is what is scored,
// not how the score is lowered.
#ifndef ATELIER_COMMON_RENDER_CONVENTION_H_
#define ATELIER_COMMON_RENDER_CONVENTION_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/render/params.h"

namespace atelier {

/// How RGB [0,1] becomes the network's input: channels in `bgr` or RGB order,
/// times `scale`, minus `mean`, over `deviation` (all in network order).
struct Preprocessing {
  absl::string_view name;  ///< As weight files' metadata spells it.
  bool bgr = false;
  float scale = 1;
  std::array<float, 3> mean{};
  std::array<float, 3> deviation{};
};

/// How one layer's squared Gram differences become its loss, and the layers'
/// losses the style term.
struct StyleReduction {
  bool divide_gram_by_channels = true;  ///< Gram/(C·H·W), else Gram/(H·W).
  bool sum_squares = false;             ///< Sum of squares, else their mean.
  bool mean_over_layers = false;        ///< Mean over layers, else sum.
  double per_channels_squared = 0;      ///< Non-zero: times this over C².
};

/// What the parts of gram-moments are multiplied by.
struct MomentWeights {
  double gram = 1;
  bool gram_per_channels_squared = false;  ///< Over C² once more.
  double mean = 1;
  double deviation = 1;
};

/// What the total variation is. Each channel counts in the units named.
enum class Variation {
  kAbsolute,  ///< The sum of absolute differences of neighbours in a row and
              ///< in a column: in the network's input.
  kSquares,   ///< Twice the mean of squared differences of neighbours, in a row
              ///< and in a column over 3 and on both diagonals over 12: in RGB
              ///< [0,1], edges replicated.
};

struct ConventionSpec {
  Convention id;
  absl::string_view name;
  Preprocessing preprocessing;
  StyleReduction style;
  std::vector<absl::string_view> content_layers;
  std::vector<absl::string_view> style_layers;
  double content_weight = 0;
  double style_weight = 0;
  double tv_weight = 0;
  StyleLoss style_loss = StyleLoss::kGram;
  MomentWeights moments = {};
  /// On the style layers; empty: 1 on each.
  std::vector<double> style_layer_weights = {};
  /// Default style weight of each StyleLoss, in its order; empty: see
  /// StyleWeight.
  std::vector<double> weights_by_loss = {};
  Variation variation = Variation::kAbsolute;
  /// Of the first convolution; the weight file's where it is missing.
  std::optional<Padding> first_padding = {};
  /// What a pool's output is multiplied by, by Pooling.
  std::array<double, 3> pooling_scales = {1, 1, 1};
  /// Several styles of one region are one, by the means of their moments, where
  /// the loss reads moments. Else each has a loss of its own.
  bool blends_moments = false;
};

/// Never fails: every Convention has a row.
const ConventionSpec& Spec(Convention convention);

/// The default weight of the style term under this loss. Where it is not the
/// convention's own, or Gram matrices: a multiple of the content's, found by
/// looking.
double StyleWeight(const ConventionSpec& convention, StyleLoss loss);

/// All rows, in the order of the enum.
absl::Span<const ConventionSpec> AllConventions();

/// The names of an enum's values as flags, specs and descriptions spell them,
/// in its order.
absl::Span<const absl::string_view> Names(Convention);
absl::Span<const absl::string_view> Names(Optimizer);
absl::Span<const absl::string_view> Names(Preset);
absl::Span<const absl::string_view> Names(Pooling);
absl::Span<const absl::string_view> Names(Padding);
absl::Span<const absl::string_view> Names(Initialisation);
absl::Span<const absl::string_view> Names(Colors);
absl::Span<const absl::string_view> Names(StyleLoss);

/// Empty for a value that the enum does not have.
template <typename Enum, typename = decltype(Names(Enum()))>
absl::string_view Name(Enum value) {
  const absl::Span<const absl::string_view> names = Names(value);
  const auto index = static_cast<size_t>(value);
  return index < names.size() ? names[index] : "";
}

/// The place of `text` among the names.
/// Errors: FieldError (gives the text, and the nearest name or all of them).
absl::StatusOr<int> ParseName(absl::string_view field, absl::string_view text,
                              absl::Span<const absl::string_view> names);

/// Errors: as ParseName.
template <typename Enum>
absl::StatusOr<Enum> ParseEnum(absl::string_view field,
                               absl::string_view text) {
  const absl::StatusOr<int> index = ParseName(field, text, Names(Enum()));
  if (!index.ok()) return index.status();
  return static_cast<Enum>(*index);
}
inline absl::StatusOr<Convention> ParseConvention(absl::string_view text) {
  return ParseEnum<Convention>("convention", text);
}
inline absl::StatusOr<Optimizer> ParseOptimizer(absl::string_view text) {
  return ParseEnum<Optimizer>("optimizer", text);
}
inline absl::StatusOr<Pooling> ParsePooling(absl::string_view text) {
  return ParseEnum<Pooling>("pooling", text);
}
inline absl::StatusOr<Padding> ParsePadding(absl::string_view text) {
  return ParseEnum<Padding>("padding", text);
}

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_CONVENTION_H_
