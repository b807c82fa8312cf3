// Renders that step as one batch: for GPUs, which one small picture leaves
// idle. Measured at 1.1 to 1.8 times as fast as one after the other, on an
// older form of L-BFGS; on a CPU no faster. docs/adr/0019, 0028.
#ifndef ATELIER_WORKER_ENGINE_EXPERIMENTAL_BATCH_RENDER_H_
#define ATELIER_WORKER_ENGINE_EXPERIMENTAL_BATCH_RENDER_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/render/params.h"
#include "worker/engine/checkpoint.h"
#include "worker/engine/network.h"
#include "worker/engine/objective.h"
#include "worker/engine/render.h"
#include "worker/engine/stepper.h"

namespace atelier::engine::experimental {

/// What is one image's own in a batch.
struct BatchRow {
  uint64_t seed = 0;     ///< With Initialisation::kNoise.
  at::Tensor init = {};  ///< With Initialisation::kImage: as Pictures::init.
  /// Unless given, those of the parameters.
  std::optional<TermWeights> weights = {};
  Checkpoint* resume = nullptr;  ///< As RenderHooks::resume.
};

struct Batch {
  std::vector<BatchRow> rows;
  /// With more than 1: as many images step, whatever ends. Missing ones are
  /// copies of the first; one that has ended steps on unread. So how a GPU
  /// rounds an image does not depend on how many are beside it. (A CPU has no
  /// use for it: it evaluates one by one.)
  int64_t width = 1;
};

/// As RenderHooks; `image` counts the batch's rows from 0. A checkpoint of one
/// image is kept of all, so that they can go on as a batch.
struct BatchHooks {
  std::function<Order(int image, const CurvePoint&)> observe;
  std::function<void(int image, const Checkpoint&)> keep;
  std::function<void(int image, int iteration, const at::Tensor&)> show;
  /// Called once for each image, when it ends.
  std::function<void(int image, RenderResult)> ended;
  KeptTargets targets = {};
};

/// Renders that differ in their rows only, stepping as one batch. Images do
/// not see each other: each ends on its own, with the result that Render has
/// for it alone; on a GPU, where Render is a batch of another width, up to
/// rounding. Its checkpoints are for Render, and Render's for it.
/// REQUIRES: at least one row; all resume from the same iteration and scale
///           ends, or none does.
/// Errors: as Render, with some images ended, maybe.
absl::Status RenderBatch(Network& network, const RenderParams& params,
                         Pictures pictures, Batch batch,
                         const BatchHooks& hooks);

/// The states of several images, each alone, as that of a batch.
/// REQUIRES: at least one.
/// Errors: FailedPrecondition for states that are not alike.
absl::StatusOr<std::vector<NamedTensor>> JoinRows(
    std::vector<std::vector<NamedTensor>> states);

/// Keeps only these images of the batch, in this order; one may be there twice.
/// Shapes: rows [m], int64; image [m, ...]: those that are kept.
void KeepRows(const at::Tensor& rows, const at::Tensor& image,
              Stepper& stepper);

}  // namespace atelier::engine::experimental

#endif  // ATELIER_WORKER_ENGINE_EXPERIMENTAL_BATCH_RENDER_H_
