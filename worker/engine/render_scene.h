// What a render is optimized against: its pictures and, scale after scale, the
// objective.
#ifndef ATELIER_WORKER_ENGINE_RENDER_SCENE_H_
#define ATELIER_WORKER_ENGINE_RENDER_SCENE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/render/scale_plan.h"
#include "worker/engine/held_pages.h"
#include "worker/engine/objective.h"
#include "worker/engine/render.h"
#include "worker/engine/stopwatch.h"

namespace atelier::engine {

/// Images are [n, 3, h, w]. Thread-compatible. May throw what Torch throws.
/// Lifetime: what it is made with must outlive it.
class RenderScene {
 public:
  RenderScene(Network& network, const RenderParams& params, Pictures pictures,
              const KeptTargets& targets)
      : network_(network),
        params_(params),
        pictures_(std::move(pictures)),
        targets_(targets) {}

  /// To be called first. Errors: as PlanScales.
  absl::Status Plan();

  /// What a render starts from, at the result's size; undefined where it starts
  /// from noise, which each size has its own of.
  /// Errors: InvalidArgument (with Initialisation::kImage: `init` missing, or
  ///         not of the content's size).
  absl::StatusOr<at::Tensor> InitialPicture(const at::Tensor& init) const;
  /// The first image to evaluate.
  at::Tensor StartImage(const at::Tensor& initial, uint64_t seed) const;
  /// Goes to the scale of a checkpoint, and takes its images.
  /// Errors: FailedPrecondition (not one of this render; names the field).
  absl::Status Resume(const Checkpoint& from, at::Tensor* image,
                      at::Tensor* best);

  /// Makes the present scale's objective. Lets go of the pictures at the last.
  /// Errors: as Objective::Make.
  absl::Status SetTargets();
  /// Goes to the next scale and makes its objective.
  absl::Status NextScale();

  /// Whether what losses draw is drawn anew after `iteration` iterations.
  bool IsRedrawnAt(int iteration) const {
    return params_.resample_every > 0 && iteration > 0 &&
           iteration % params_.resample_every == 0;
  }
  /// Sets the objective's draw for the iteration after `done`.
  void DrawFor(int done) {
    if (params_.resample_every == 0) return;
    objective_->Redraw(done / params_.resample_every);
  }

  /// To be called once a scale has been evaluated: what its set-up took may go,
  /// and from now on it is the same memory each time, held until the scale's
  /// end.
  void HoldPages() {
    if (network_.device().is_cpu() && !held_.has_value()) held_.emplace();
  }

  /// Since it was made.
  RenderSeconds Spent() const {
    return {target_seconds_, watch_.seconds() - target_seconds_};
  }

  /// REQUIRES: SetTargets.
  Objective& objective() { return *objective_; }
  const Scale& scale() const { return plan_[scale_]; }
  int scale_number() const { return static_cast<int>(scale_) + 1; }
  bool at_last_scale() const { return scale_ + 1 == plan_.size(); }

  /// An image of the present scale, which began with `initial`, for the next
  /// one, and at the result's size.
  at::Tensor ForNextScale(const at::Tensor& image,
                          const at::Tensor& initial) const {
    return Enlarged(image, initial, plan_[scale_ + 1]);
  }
  at::Tensor ForResult(const at::Tensor& image,
                       const at::Tensor& initial) const {
    return Enlarged(image, initial, plan_.back());
  }
  /// A checkpoint that has its place and nothing else yet.
  Checkpoint CheckpointAt(int iteration) const;

 private:
  absl::Status CheckPosition(const Checkpoint& checkpoint) const;
  at::Tensor Enlarged(const at::Tensor& image, const at::Tensor& initial,
                      const Scale& to) const;

  std::optional<HeldPages> held_;  // First, so as to end when all is freed.
  Network& network_;
  const RenderParams& params_;
  Pictures pictures_;  // Until the last scale has its targets.
  const KeptTargets& targets_;
  std::vector<Scale> plan_;
  size_t scale_ = 0;
  std::unique_ptr<Objective> objective_;
  Stopwatch watch_;
  double target_seconds_ = 0;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_RENDER_SCENE_H_
