// The distance to the content's features: Gatys et al., arXiv:1508.06576,
// equations 1 and 2.
#ifndef ATELIER_WORKER_ENGINE_CONTENT_TERM_H_
#define ATELIER_WORKER_ENGINE_CONTENT_TERM_H_

#include "worker/engine/term.h"

namespace atelier::engine {

extern const TermKind kContentTerm;

/// Mean over a picture's features of their squared differences.
/// Shapes: both [n, c, h, w]; the target's n may be 1.
LossAndGradient ContentLoss(const at::Tensor& features,
                            const at::Tensor& target, bool with_gradient);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_CONTENT_TERM_H_
