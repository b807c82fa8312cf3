#include "worker/engine/render.h"

#include <ATen/ATen.h>

#include <cmath>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "worker/engine/noise.h"
#include "worker/engine/objective.h"
#include "worker/engine/stepper.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

at::Tensor NoiseLike(const at::Tensor& content, uint64_t seed) {
  std::vector<float> values = UniformNoiseValues(seed, content.numel());
  return at::from_blob(values.data(), content.sizes(), at::kFloat)
      .to(content.device(), at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

absl::StatusOr<at::Tensor> InitialImage(const RenderParams& params,
                                        const Pictures& pictures) {
  if (params.init == Initialisation::kNoise) {
    return NoiseLike(pictures.content, params.seed);
  }
  if (params.init == Initialisation::kContent) return pictures.content;
  if (!pictures.init.defined()) {
    return absl::InvalidArgumentError("init: missing; needed with init image");
  }
  if (pictures.init.sizes() != pictures.content.sizes()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "init: image of shape [", absl::StrJoin(pictures.init.sizes(), ", "),
        "] does not have the content's, [",
        absl::StrJoin(pictures.content.sizes(), ", "), "]"));
  }
  return pictures.init;
}

// The image of least total loss so far. NaN is never less.
class Best {
 public:
  explicit Best(const at::Tensor& image)
      : image_(image),
        total_(at::full({image.size(0)}, INFINITY, image.options())) {}

  void Offer(const at::Tensor& image, const at::Tensor& total) {
    const at::Tensor better = total < total_;
    image_ = at::where(better.view({-1, 1, 1, 1}), image, image_);
    total_ = at::where(better, total, total_);
  }

  const at::Tensor& image() const { return image_; }

 private:
  at::Tensor image_;
  at::Tensor total_;
};

// The render's one wait for the device.
CurvePoint ReadLosses(int iteration, const Losses& losses) {
  const at::Tensor values = at::stack({losses.content, losses.style,
                                       losses.total_variation, losses.total})
                                .to(at::kCPU, at::kDouble);
  const double* const at = values.data_ptr<double>();
  return {iteration, at[0], at[1], at[2], at[3]};
}

bool IsFinite(const CurvePoint& at) {
  return std::isfinite(at.content) && std::isfinite(at.style) &&
         std::isfinite(at.total_variation) && std::isfinite(at.total);
}

std::string DivergenceMessage(const CurvePoint& at, int iterations) {
  return absl::StrCat("diverged at iteration ", at.iteration, " of ",
                      iterations, ": content loss ", at.content,
                      ", style loss ", at.style, ", total variation ",
                      at.total_variation, ", total ", at.total,
                      "; try a smaller learning rate");
}

absl::StatusOr<RenderResult> RenderOrThrow(Network& network,
                                           const RenderParams& params,
                                           const Pictures& pictures,
                                           const Observer& observer) {
  ASSIGN_OR_RETURN(at::Tensor image, InitialImage(params, pictures));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Objective> objective,
      Objective::Make(network, params, pictures.content, pictures.styles));
  const std::unique_ptr<Stepper> stepper = MakeStepper(params);
  Best best(image);
  RenderResult result;
  for (int iteration = 1; iteration <= params.iterations; ++iteration) {
    ASSIGN_OR_RETURN(const Evaluation at, objective->Evaluate(image));
    best.Offer(image, at.losses.total);
    // Before the losses are read, so that the device has work meanwhile.
    if (iteration < params.iterations)
      image = stepper->Step(image, at.losses.total, at.gradient);
    const CurvePoint point = ReadLosses(iteration, at.losses);
    result.curve.push_back(point);
    if (!IsFinite(point)) {
      result.outcome = Outcome::kDiverged;
      result.message = DivergenceMessage(point, params.iterations);
      break;
    }
    // As Best does: the first of the least.
    if (result.best.iteration == 0 || point.total < result.best.total) {
      result.best = point;
    }
    if (!observer(point)) {
      result.outcome = Outcome::kStopped;
      break;
    }
  }
  result.image = best.image();
  return result;
}

}  // namespace

absl::StatusOr<RenderResult> Render(Network& network,
                                    const RenderParams& params,
                                    const Pictures& pictures,
                                    const Observer& observer) {
  return CallTorch("rendering", [&] {
    return RenderOrThrow(network, params, pictures, observer);
  });
}

}  // namespace atelier::engine
