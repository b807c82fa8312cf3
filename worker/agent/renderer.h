// The seam between the agent, which talks to the coordinator, and whatever
// optimizes pictures. Free of Torch, so that the agent and its tests are too.
#ifndef ATELIER_WORKER_AGENT_RENDERER_H_
#define ATELIER_WORKER_AGENT_RENDERER_H_

#include <cstdint>
#include <functional>
#include <istream>
#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/attempt_timings.h"
#include "common/image/image.h"
#include "common/image/mask.h"
#include "common/render/losses.h"
#include "common/render/params.h"
#include "common/weights/weight_file.h"

namespace atelier {

struct LossAt {
  int iteration = 0;  ///< From 1.
  Losses losses;
  int scale = 1;  ///< From 1, the coarsest.
};

/// A checkpoint that may be written, or not, until the call it came with ends.
struct CheckpointToKeep {
  int iteration = 0;  ///< Those done.
  int64_t bytes = 0;  ///< Of what `write` writes, about.
  /// What goes wrong is in the stream's state.
  std::function<void(std::ostream&)> write;
};

/// How a render outlives its process.
struct Resumption {
  /// What a checkpoint is of: equal for renders that differ in their iterations
  /// only.
  std::string key;
  /// Opens a checkpoint to go on from, or null to begin anew; absent: there is
  /// none. Called at most once, when all else is ready. Its error is the
  /// render's.
  std::function<absl::StatusOr<std::unique_ptr<std::istream>>()> from;
  /// Asked after every iteration, if there: whether to keep a checkpoint now.
  std::function<bool()> wanted;
  /// Gets the checkpoints, if there: those wanted, and the state in which a
  /// render that did not diverge stops or completes.
  std::function<void(const CheckpointToKeep&)> keep;
};

/// How a render is looked at as it goes on.
struct Previews {
  static constexpr int kLongerSidePx = 256;

  /// Asked after every iteration that is not the last, if there: whether to
  /// show the picture now.
  std::function<bool()> wanted;
  /// Gets the pictures wanted, of so many iterations: what the render would end
  /// with by then, of its scale, before colours are taken back; clamped, and
  /// shrunk to kLongerSidePx where it is larger. Or why there is none, which is
  /// no matter to the render. REQUIRED with `wanted`; called on its thread.
  std::function<void(int iteration, absl::StatusOr<Image>)> take;
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
  /// Jobs that differ in seed, weights of terms, `init`, `resumption` and
  /// `previews` at most have the same, and may be one batch. Empty: there is no
  /// other such job.
  std::string batch_key;
  RenderParams params;
  std::shared_ptr<const WeightFile> weights;
  Image content;
  std::vector<RenderStyle> styles;
  Image init;
  Resumption resumption;
  Previews previews;
};

enum class RenderEnd {
  kCompleted,
  kStopped,   ///< The observer asked for it.
  kDiverged,  ///< Losses not finite or exploding, again and again.
};

struct RenderedImage {
  RenderEnd end = RenderEnd::kCompleted;
  bool stopped_early = false;  ///< Completed, by params.least_progress.
  int iterations = 0;          ///< Done, those before a resumption included.
  Image image;                 ///< Unclamped; the content's size.
  LossAt best;                 ///< The point of the curve at which it was.
  std::vector<LossAt> curve;  ///< One point per iteration since the resumption.
  std::string message;        ///< With kDiverged: iteration and losses.
  /// Of these planning, targets and iterations.
  AttemptTimings timings = {};
};

/// Called after every iteration; false stops the render.
using RenderObserver = std::function<bool(const LossAt&)>;

struct RenderRequest {
  RenderJob job;
  RenderObserver observer;
  /// Whether it need not begin any more, if there: it is done as Cancelled.
  std::function<bool()> stopped;
  /// Called once, as soon as the render ends; the observer and what the job has
  /// to call are not called after.
  std::function<void(absl::StatusOr<RenderedImage>)> done;
};

/// The host's memory, which reading pictures shares with renders. All may be
/// called from any thread.
struct PictureMemory {
  static int64_t Unbounded() { return std::numeric_limits<int64_t>::max(); }

  /// What a job may take of the host's memory: its pictures while they are read
  /// and, later, its render.
  std::function<int64_t()> room_bytes = Unbounded;
  /// Of it, what nothing takes now.
  std::function<int64_t()> free_bytes = Unbounded;
  /// Drops what is kept between renders, unless one is using it.
  std::function<void()> drop_kept = [] {};
};

/// Thread-compatible: one call at a time.
class Renderer {
 public:
  virtual ~Renderer() = default;
  /// Renders all, as batches where it can, and returns when each is done. Each
  /// has the result that it has alone, to the byte. Lets go of the jobs'
  /// pictures and weights as soon as it can. Does not throw.
  /// Errors: Cancelled (stopped before it began), InvalidArgument (inputs that
  ///         can never be rendered),
  ///         ResourceExhausted (memory; the message gives bytes), Internal.
  ///         DataLoss and FailedPrecondition tell of resumption.from alone
  ///         (damaged, or not of this render): it can be done without.
  virtual void RenderAll(std::vector<RenderRequest> requests) = 0;

  /// One alone.
  absl::StatusOr<RenderedImage> Render(RenderJob job, RenderObserver observer) {
    absl::StatusOr<RenderedImage> result;
    std::vector<RenderRequest> requests(1);
    requests[0] = {std::move(job), std::move(observer), nullptr,
                   [&result](absl::StatusOr<RenderedImage> rendered) {
                     result = std::move(rendered);
                   }};
    RenderAll(std::move(requests));
    return result;
  }
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_RENDERER_H_
