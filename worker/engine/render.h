// One render: from pictures and parameters to the optimized picture.
#ifndef ATELIER_WORKER_ENGINE_RENDER_H_
#define ATELIER_WORKER_ENGINE_RENDER_H_

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/render/params.h"
#include "worker/engine/network.h"
#include "worker/engine/style.h"

namespace atelier::engine {

/// RGB [0,1], float32, [1, 3, h, w], on the network's device. `styles` is empty
/// and `init` undefined where the render has no use for them.
struct Pictures {
  at::Tensor content;
  std::vector<Style> styles;
  at::Tensor init;
};

/// One iteration's losses: terms before their weights, `total` after.
struct CurvePoint {
  int iteration = 0;  ///< From 1.
  double content = 0;
  double style = 0;
  double total_variation = 0;
  double total = 0;
};

enum class Outcome {
  kCompleted,
  kStopped,   ///< The observer asked for it.
  kDiverged,  ///< A loss became NaN or infinite.
};

struct RenderResult {
  Outcome outcome = Outcome::kCompleted;
  /// Of the images evaluated, the one of least total loss; always finite.
  at::Tensor image;
  CurvePoint best;  ///< Where `image` was evaluated; iteration 0 if no loss was
                    ///< finite.
  std::vector<CurvePoint> curve;
  std::string message;  ///< With kDiverged: iteration and losses.
};

/// Called after every iteration; false stops the render.
using Observer = std::function<bool(const CurvePoint&)>;

/// Optimizes the image for `params.iterations` evaluations of loss and
/// gradient. The device is read once per iteration, for the curve. The same
/// arguments give the same bytes within one profile (profile.h).
/// REQUIRES: the network was made with OptionsFor(params).
/// Errors: InvalidArgument (pictures too small for the taps; `init` of another
///         size than the content; names both), ResourceExhausted (memory, with
///         bytes).
absl::StatusOr<RenderResult> Render(Network& network,
                                    const RenderParams& params,
                                    const Pictures& pictures,
                                    const Observer& observer);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_RENDER_H_
