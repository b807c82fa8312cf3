// Sums of features and of their products, and their gradients, by Torch's
// operators: how the reference backend reads Gram matrices. Gatys et al.,
// arXiv:1505.07376, equation 1; with weights of pixels, arXiv:1611.07865,
// section 3.
#ifndef ATELIER_WORKER_ENGINE_GRAM_H_
#define ATELIER_WORKER_ENGINE_GRAM_H_

#include <ATen/core/Tensor.h>

namespace atelier::engine {

/// The sum over pixels p of w_p F_p F_pᵀ, for each region.
/// Shapes: features [n, c, h, w], region [r, h, w] or undefined (every pixel
///         counts 1): [n, r, c, c].
at::Tensor GramSums(const at::Tensor& features, const at::Tensor& region);

/// The sum over pixels p of w_p F_p: [n, r, c], of the same shapes.
at::Tensor FeatureSums(const at::Tensor& features, const at::Tensor& region);

/// The gradient of a scalar with respect to features, from its gradient with
/// respect to GramSums: [n, c, h, w].
/// REQUIRES: sums_gradient [n, r, c, c], symmetric.
at::Tensor GramSumsGradient(const at::Tensor& features,
                            const at::Tensor& region,
                            const at::Tensor& sums_gradient);

/// The same from its gradient with respect to FeatureSums, [n, r, c].
at::Tensor FeatureSumsGradient(const at::Tensor& features,
                               const at::Tensor& region,
                               const at::Tensor& sums_gradient);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_GRAM_H_
