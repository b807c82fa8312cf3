// Renders: from pictures and parameters to optimized pictures.
#ifndef ATELIER_WORKER_ENGINE_RENDER_H_
#define ATELIER_WORKER_ENGINE_RENDER_H_

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/render/params.h"
#include "worker/engine/checkpoint.h"
#include "worker/engine/network.h"
#include "worker/engine/progress.h"
#include "worker/engine/style.h"
#include "worker/engine/target_cache.h"

namespace atelier::engine {

/// RGB [0,1], float32, [1, 3, h, w], on the network's device. `styles` is empty
/// and `init` undefined where the render has no use for them.
struct Pictures {
  at::Tensor content;
  std::vector<Style> styles;
  at::Tensor init;
};

enum class Outcome {
  kCompleted,
  kStopped,   ///< The observer asked for it.
  kDiverged,  ///< Losses not finite or exploding, kMaxRestarts restarts past.
};

/// Seconds by the wall clock.
struct RenderSeconds {
  double targets = 0;
  double iterations = 0;
};

struct RenderResult {
  Outcome outcome = Outcome::kCompleted;
  /// With kCompleted: before the budget's end, by params.least_progress.
  bool stopped_early = false;
  int iterations = 0;  ///< Done, those before a resume included.
  /// Of the images evaluated at the last scale reached, the one of least total
  /// loss; always finite and of the content's size.
  at::Tensor image;
  CurvePoint best;  ///< Where `image` was evaluated; iteration 0 if no loss was
                    ///< finite.
  std::vector<CurvePoint> curve;  ///< Of a resumed render, what came after.
  std::string message;            ///< With kDiverged: iteration and losses.
  RenderSeconds spent = {};       ///< Since the resumption.
};

/// What an observer asks for.
enum class Order { kGoOn, kCheckpoint, kStop };

struct RenderHooks {
  /// Called after every iteration, also with losses that are not finite.
  std::function<Order(const CurvePoint&)> observe;
  /// Where checkpoints go, if anywhere: those asked for, and the last state of
  /// every render that did not diverge.
  /// Lifetime: of the tensors' values, until it returns.
  std::function<void(const Checkpoint&)> keep;
  /// Looks on, if there: called after every iteration that is not the last,
  /// with the image that the render would end with by then, of its scale: [1,
  /// 3, h, w] on the network's device.
  /// Lifetime: of the tensor's values, until it returns.
  std::function<void(int iteration, const at::Tensor& image)> show;
  /// Where the render goes on from, if not from its beginning: on any device,
  /// and taken over, so that its tensors are not there twice.
  Checkpoint* resume = nullptr;
  /// Targets of renders before; the result is the same without.
  KeptTargets targets = {};
};

/// Optimizes the image for `params.iterations` evaluations of loss and
/// gradient, those before `resume` included. The device is read once per
/// iteration, for the curve.
///
/// The same arguments give the same bytes within one profile (profile.h), and
/// so does a render that was interrupted and resumed, however often.
///
/// Where a loss is not finite, or explodes (progress.h), the render goes back
/// to its best image, forgets what the optimizer learned, and goes on with
/// steps a tenth as long: kMaxRestarts times.
/// Lets go of `pictures` once their targets are made: a caller that has no more
/// use for them saves their memory.
/// REQUIRES: the network was made with OptionsFor(params).
/// Errors: InvalidArgument (pictures too small for the taps or scales; `init`
///         of another size than the content; names what was given and what is
///         allowed), FailedPrecondition (only for a checkpoint: of another
///         render, another split into scales, or past the budget; names the
///         field), ResourceExhausted (memory, with bytes).
absl::StatusOr<RenderResult> Render(Network& network,
                                    const RenderParams& params,
                                    Pictures pictures,
                                    const RenderHooks& hooks);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_RENDER_H_
