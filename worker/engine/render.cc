#include "worker/engine/render.h"

#include <ATen/ATen.h>

#include <cmath>
#include <memory>
#include <utility>

#include "common/status_macros.h"
#include "worker/engine/render_scene.h"
#include "worker/engine/render_track.h"
#include "worker/engine/stepper.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

// The iterations of a render, scale after scale.
class RenderLoop {
 public:
  RenderLoop(Network& network, const RenderParams& params, Pictures pictures,
             const RenderHooks& hooks)
      : params_(params),
        hooks_(hooks),
        init_(pictures.init),
        scene_(network, params, std::move(pictures), hooks.targets),
        stepper_(MakeStepper(params, network.device())),
        track_(params),
        device_(network.device()) {}

  absl::StatusOr<RenderResult> Run() {
    RETURN_IF_ERROR(Begin());
    StepResult last;
    // What ended early does not go on for being given more iterations.
    last.ended = last.stopped_early =
        scene_.at_last_scale() && track_.Stalled();
    while (!last.ended && iteration_ < params_.iterations) {
      if (iteration_ == scene_.scale().end) {
        RETURN_IF_ERROR(NextScale());
      } else if (scene_.IsRedrawnAt(iteration_)) {
        Redraw();
      }
      ASSIGN_OR_RETURN(last, Iterate());
    }
    if (last.outcome != Outcome::kDiverged) Keep();
    RenderResult result = track_.Finish(
        last, iteration_, scene_.ForResult(best_.image(), track_.initial));
    result.spent = scene_.Spent();
    return result;
  }

 private:
  absl::Status Begin() {
    RETURN_IF_ERROR(scene_.Plan());
    ASSIGN_OR_RETURN(track_.initial,
                     scene_.InitialPicture(std::exchange(init_, {})));
    if (hooks_.resume != nullptr) {
      RETURN_IF_ERROR(Resume(*hooks_.resume));
    } else {
      image_ = scene_.StartImage(track_.initial, params_.seed);
      best_ = BestImages(image_);
    }
    RETURN_IF_ERROR(scene_.SetTargets());
    if (scene_.at_last_scale()) track_.initial = at::Tensor();
    return absl::OkStatus();
  }

  absl::Status Resume(Checkpoint& from) {
    at::Tensor best;
    RETURN_IF_ERROR(scene_.Resume(from, &image_, &best));
    image_ = image_.to(device_);
    iteration_ = from.iteration;
    const CurvePoint& at = from.progress.best;
    const double total = at.iteration == 0 ? INFINITY : at.total;
    best_ = BestImages(best.to(device_),
                       at::tensor({total}, at::kDouble).to(image_.options()));
    track_.Resume(std::move(from.progress));
    std::vector<NamedTensor> state = std::move(from.optimizer);
    from = {};
    for (NamedTensor& part : state) part.tensor = part.tensor.to(device_);
    return stepper_->SetState(std::move(state), image_);
  }

  absl::Status NextScale() {
    image_ = scene_.ForNextScale(best_.image(), track_.initial);
    best_ = BestImages(image_);
    stepper_->Forget();
    track_.BeginAnew();
    RETURN_IF_ERROR(scene_.NextScale());
    if (scene_.at_last_scale()) track_.initial = at::Tensor();
    return absl::OkStatus();
  }

  // The losses to come do not compare with those before.
  void Redraw() {
    image_ = best_.image();
    best_ = BestImages(image_);
    stepper_->Forget();
    track_.BeginAnew();
  }

  absl::StatusOr<StepResult> Iterate() {
    scene_.DrawFor(iteration_);
    ++iteration_;
    ASSIGN_OR_RETURN(const Evaluation at, scene_.objective().Evaluate(image_));
    scene_.HoldPages();
    best_.Offer(image_, at.losses.total);
    // Before the losses are read, so that the device has work meanwhile. The
    // last image of a scale is of use to a longer render only.
    if (iteration_ < scene_.scale().end || hooks_.keep) {
      image_ = stepper_->Step(image_, at.losses.total, at.gradient);
    }
    const StepResult step = track_.Judge(
        ReadLosses(iteration_, scene_.scale_number(), at.losses)[0],
        hooks_.observe);
    if (step.restart) {
      stepper_->Restart(at::ones({1}, image_.options().dtype(at::kBool)));
      image_ = best_.image();
    }
    if (step.checkpoint && !step.ended) Keep();
    if (hooks_.show && !step.ended && iteration_ < params_.iterations) {
      hooks_.show(iteration_, best_.image());
    }
    return step;
  }

  void Keep() const {
    if (!hooks_.keep) return;
    Checkpoint checkpoint = scene_.CheckpointAt(iteration_);
    checkpoint.progress = track_.progress().state();
    checkpoint.image = image_;
    checkpoint.best = best_.image();
    checkpoint.optimizer = stepper_->State();
    hooks_.keep(checkpoint);
  }

  const RenderParams& params_;
  const RenderHooks& hooks_;
  at::Tensor init_;  // Until it has begun.
  RenderScene scene_;
  const std::unique_ptr<Stepper> stepper_;
  RenderTrack track_;
  const at::Device device_;
  int iteration_ = 0;  // Done.
  at::Tensor image_;   // To evaluate next: [1, 3, h, w].
  BestImages best_;
};

}  // namespace

absl::StatusOr<RenderResult> Render(Network& network,
                                    const RenderParams& params,
                                    Pictures pictures,
                                    const RenderHooks& hooks) {
  return CallTorch("rendering", [&] {
    return RenderLoop(network, params, std::move(pictures), hooks).Run();
  });
}

}  // namespace atelier::engine
