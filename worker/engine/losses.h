// The terms of a loss, each with its gradient written out. Definitions: the
// conventions of common/render/convention.h; Gatys et al., arXiv:1508.06576,
// equations 1 to 6.
//
// Values are per image: shape [n]. Everything stays on the device of its
// arguments. These functions may throw what Torch throws.
#ifndef ATELIER_WORKER_ENGINE_LOSSES_H_
#define ATELIER_WORKER_ENGINE_LOSSES_H_

#include <ATen/core/Tensor.h>

#include "common/render/convention.h"

namespace atelier::engine {

/// A term, and its gradient with respect to the tensor it was computed from;
/// the gradient is undefined where none was asked for.
struct Term {
  at::Tensor value;
  at::Tensor gradient;
};

/// What sums of products of features over `pixels` are divided by, to be Gram
/// matrices of `channels` as the convention defines them.
double GramDivisor(const StyleReduction& how, int64_t channels, double pixels);

/// Mean over a picture's features of their squared differences.
/// Shapes: both [n, c, h, w]; the target's n may be 1.
Term ContentTerm(const at::Tensor& features, const at::Tensor& target,
                 bool with_gradient);

/// One layer's squared Gram differences, reduced as the convention says. The
/// reduction over layers is LayerFactor's.
/// Shapes: gram [n, c, c], target [1 or n, c, c], both divided by GramDivisor.
Term StyleTerm(const at::Tensor& gram, const at::Tensor& target,
               const StyleReduction& how, bool with_gradient);

/// What a layer's StyleTerm is multiplied by before the layers are summed.
double LayerFactor(const StyleReduction& how, int layers);

/// Sum of the absolute differences of horizontal and of vertical neighbours in
/// `image` [n, c, h, w]: what a network is given.
Term TotalVariation(const at::Tensor& image, bool with_gradient);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_LOSSES_H_
