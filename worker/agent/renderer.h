// The seam between the agent, which talks to the coordinator, and whatever
// optimizes pictures. Free of Torch, so that the agent and its tests are too.
#ifndef ATELIER_WORKER_AGENT_RENDERER_H_
#define ATELIER_WORKER_AGENT_RENDERER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"
#include "common/image/mask.h"
#include "common/render/params.h"
#include "common/weights/weight_file.h"

namespace atelier {

/// Terms before their weights; `total` after.
struct LossValues {
  double content = 0;
  double style = 0;
  double total_variation = 0;
  double total = 0;
};

struct LossAt {
  int iteration = 0;  ///< From 1.
  LossValues losses;
};

/// One style, decoded and resized.
struct RenderStyle {
  Image picture;
  double blend = 1;  ///< Its share of the style term.
  Mask mask;         ///< Of the content's size; empty: everywhere.
  Mask region;       ///< Of the picture's size; empty: all of it.
};

/// Decoded and resized inputs. `styles` and `init` are empty where the render
/// has no use for them.
struct RenderJob {
  RenderParams params;
  WeightBytes weights;
  Image content;
  std::vector<RenderStyle> styles;
  Image init;
};

enum class RenderEnd {
  kCompleted,
  kStopped,   ///< The observer asked for it.
  kDiverged,  ///< A loss became NaN or infinite.
};

struct RenderedImage {
  RenderEnd end = RenderEnd::kCompleted;
  Image image;                ///< Unclamped; the content's size.
  LossAt best;                ///< The point of the curve at which it was.
  std::vector<LossAt> curve;  ///< One point per iteration.
  std::string message;        ///< With kDiverged: iteration and losses.
};

/// Called after every iteration; false stops the render.
using RenderObserver = std::function<bool(const LossAt&)>;

/// Thread-compatible: one render at a time.
class Renderer {
 public:
  virtual ~Renderer() = default;
  /// Errors: InvalidArgument (inputs that can never be rendered),
  ///         ResourceExhausted (memory; the message gives bytes), Internal.
  virtual absl::StatusOr<RenderedImage> Render(
      const RenderJob& job, const RenderObserver& observer) = 0;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_RENDERER_H_
