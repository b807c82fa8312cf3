#include "worker/engine/render_scene.h"

#include <ATen/ATen.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "worker/engine/noise.h"
#include "worker/engine/scales.h"
#include "worker/engine/stepper_state.h"

namespace atelier::engine {
namespace {

at::Tensor Noise(at::IntArrayRef shape, uint64_t seed, at::Device device) {
  std::vector<float> values =
      UniformNoiseValues(seed, c10::multiply_integers(shape));
  return at::from_blob(values.data(), shape, at::kFloat)
      .to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

// The pictures that a scale `factor` times smaller is rendered from. Masks are
// of any size.
Pictures Shrunk(const Pictures& pictures, int64_t factor) {
  Pictures shrunk = pictures;
  shrunk.content = Shrink(pictures.content, factor);
  for (Style& style : shrunk.styles) {
    style.picture = Shrink(style.picture, factor);
  }
  return shrunk;
}

}  // namespace

absl::Status RenderScene::Plan() {
  ASSIGN_OR_RETURN(
      plan_, PlanScales(pictures_.content.size(2), pictures_.content.size(3),
                        params_.scales, params_.iterations,
                        params_.init == Initialisation::kNoise));
  return absl::OkStatus();
}

absl::StatusOr<at::Tensor> RenderScene::InitialPicture(
    const at::Tensor& init) const {
  if (params_.init == Initialisation::kNoise) return at::Tensor();
  if (params_.init == Initialisation::kContent) return pictures_.content;
  if (!init.defined()) {
    return absl::InvalidArgumentError("init: missing; needed with init image");
  }
  if (init.sizes() != pictures_.content.sizes()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "init: image of shape [", absl::StrJoin(init.sizes(), ", "),
        "] does not have the content's, [",
        absl::StrJoin(pictures_.content.sizes(), ", "), "]"));
  }
  return init;
}

at::Tensor RenderScene::StartImage(const at::Tensor& initial,
                                   uint64_t seed) const {
  const Scale& first = plan_[0];
  if (initial.defined()) return Shrink(initial, first.factor);
  return Noise({1, 3, first.height, first.width}, seed,
               pictures_.content.device());
}

absl::Status RenderScene::Resume(const Checkpoint& from, at::Tensor* image,
                                 at::Tensor* best) {
  RETURN_IF_ERROR(from.progress.Check());
  RETURN_IF_ERROR(CheckPosition(from));
  scale_ = from.scale_ends.size();
  const std::vector<int64_t> shape = {1, 3, scale().height, scale().width};
  const std::vector<NamedTensor> images = {{"image", from.image},
                                           {"best", from.best}};
  StateReader reader(images);
  RETURN_IF_ERROR(reader.Take("image", at::kFloat, shape, image));
  return reader.Take("best", at::kFloat, shape, best);
}

absl::Status RenderScene::CheckPosition(const Checkpoint& checkpoint) const {
  const std::vector<int>& ends = checkpoint.scale_ends;
  bool fits = ends.size() < plan_.size();
  for (size_t i = 0; fits && i < ends.size(); ++i) {
    fits = ends[i] == plan_[i].end;
  }
  const int begin = ends.empty() ? 0 : ends.back();
  if (fits && checkpoint.iteration >= begin &&
      checkpoint.iteration <= plan_[ends.size()].end) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "checkpoint: iteration ", checkpoint.iteration,
      " after scales that ended at [", absl::StrJoin(ends, ", "),
      "] is not on the way of ", params_.iterations, " iterations over ",
      params_.scales, " scales, which end at [",
      absl::StrJoin(plan_, ", ",
                    [](std::string* out, const Scale& scale) {
                      absl::StrAppend(out, scale.end);
                    }),
      "]"));
}

absl::Status RenderScene::SetTargets() {
  objective_.reset();  // Two scales' targets need not fit side by side.
  const int64_t factor = scale().factor;
  const Pictures pictures = Shrunk(pictures_, factor);
  const Stopwatch watch;
  auto objective = Objective::Make(network_, params_, pictures.content,
                                   pictures.styles, targets_.Shrunk(factor));
  target_seconds_ += watch.seconds();
  if (objective.ok()) {
    objective_ = *std::move(objective);
    if (at_last_scale()) pictures_ = {};
    return absl::OkStatus();
  }
  if (factor == 1) return objective.status();
  return Annotate(objective.status(),
                  absl::StrCat("scales: at 1/", factor, " of the size"));
}

absl::Status RenderScene::NextScale() {
  held_.reset();
  ++scale_;
  return SetTargets();
}

at::Tensor RenderScene::Enlarged(const at::Tensor& image,
                                 const at::Tensor& initial,
                                 const Scale& to) const {
  if (to.factor == scale().factor) return image;
  if (!initial.defined()) return Enlarge(image, to.height, to.width);
  // What this scale did to the initial picture, done to a larger one of it.
  return Enlarge(image - Shrink(initial, scale().factor), to.height, to.width) +
         Shrink(initial, to.factor);
}

Checkpoint RenderScene::CheckpointAt(int iteration) const {
  Checkpoint checkpoint;
  checkpoint.iteration = iteration;
  for (size_t i = 0; i < scale_; ++i) {
    checkpoint.scale_ends.push_back(plan_[i].end);
  }
  return checkpoint;
}

}  // namespace atelier::engine
