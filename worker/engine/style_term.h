// The distance to the styles' Gram matrices: Gatys et al., arXiv:1508.06576,
// equations 3 to 5, reduced as a convention says
// (common/render/convention.h).
#ifndef ATELIER_WORKER_ENGINE_STYLE_TERM_H_
#define ATELIER_WORKER_ENGINE_STYLE_TERM_H_

#include <cstdint>

#include "common/render/convention.h"
#include "worker/engine/term.h"

namespace atelier::engine {

/// The sum over styles of blend times the term that the style alone would have:
/// one without masks, of blend 1, is the convention's own.
extern const TermKind kStyleTerm;

/// What sums of products of features over `pixels` are divided by, to be Gram
/// matrices of `channels` as the convention defines them.
double GramDivisor(const StyleReduction& how, int64_t channels, double pixels);

/// One layer's squared Gram differences, reduced as the convention says. The
/// reduction over layers is LayerFactor's.
/// Shapes: gram [n, c, c], target [1 or n, c, c], both divided by GramDivisor.
LossAndGradient StyleLoss(const at::Tensor& gram, const at::Tensor& target,
                          const StyleReduction& how, bool with_gradient);

/// What a layer's StyleLoss is multiplied by before the layers are summed.
double LayerFactor(const StyleReduction& how, int layers);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_STYLE_TERM_H_
