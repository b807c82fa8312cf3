// How restless a picture is: its total variation, as the convention has it.
#ifndef ATELIER_WORKER_ENGINE_TOTAL_VARIATION_TERM_H_
#define ATELIER_WORKER_ENGINE_TOTAL_VARIATION_TERM_H_

#include "worker/engine/term.h"

namespace atelier::engine {

extern const TermKind kTotalVariationTerm;

/// Variation::kAbsolute of `image` [n, c, h, w], what a network is given.
LossAndGradient TotalVariation(const at::Tensor& image, bool with_gradient);

/// Variation::kSquares, where one unit of channel c counts as `units` [c],
/// of the image's type and on its device.
LossAndGradient SquaredVariation(const at::Tensor& image,
                                 const at::Tensor& units, bool with_gradient);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TOTAL_VARIATION_TERM_H_
