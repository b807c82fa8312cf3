// How restless a picture is: the anisotropic total variation.
#ifndef ATELIER_WORKER_ENGINE_TOTAL_VARIATION_TERM_H_
#define ATELIER_WORKER_ENGINE_TOTAL_VARIATION_TERM_H_

#include "worker/engine/term.h"

namespace atelier::engine {

extern const TermKind kTotalVariationTerm;

/// Sum of the absolute differences of horizontal and of vertical neighbours in
/// `image` [n, c, h, w]: what a network is given.
LossAndGradient TotalVariation(const at::Tensor& image, bool with_gradient);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TOTAL_VARIATION_TERM_H_
