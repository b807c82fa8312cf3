// The published definitions of loss that Atelier knows, as data.
//
// Only the arithmetic that follows from these fields is code, in
// worker/engine/losses.cc. Sources: Gatys et al., arXiv:1508.06576 and
// arXiv:1505.07376; the PyTorch tutorial "Neural Transfer Using PyTorch";
// gordicaleksa/pytorch-neural-style-transfer; jcjohnson/neural-style;
// leongatys/PytorchNeuralStyleTransfer.
#ifndef ATELIER_COMMON_RENDER_CONVENTION_H_
#define ATELIER_COMMON_RENDER_CONVENTION_H_

#include <array>
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
};

/// Never fails: every Convention has a row.
const ConventionSpec& Spec(Convention convention);

/// All rows, in the order of the enum.
absl::Span<const ConventionSpec> AllConventions();

/// Names as flags, specs and canonical descriptions spell them.
absl::string_view Name(Convention value);
absl::string_view Name(Optimizer value);
absl::string_view Name(Pooling value);
absl::string_view Name(Padding value);
absl::string_view Name(Initialisation value);
absl::string_view Name(Colors value);

/// Errors: InvalidArgument (gives the text and the names that are allowed).
absl::StatusOr<Convention> ParseConvention(absl::string_view text);
absl::StatusOr<Optimizer> ParseOptimizer(absl::string_view text);
absl::StatusOr<Pooling> ParsePooling(absl::string_view text);
absl::StatusOr<Padding> ParsePadding(absl::string_view text);
absl::StatusOr<Colors> ParseColors(absl::string_view text);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_CONVENTION_H_
