#include "worker/renderer/score.h"

#include <ATen/core/Tensor.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/engine/objective.h"
#include "worker/engine/runtime.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/device.h"
#include "worker/renderer/picture_tensor.h"
#include "worker/weights/network_cache.h"

namespace atelier {
namespace {

absl::Status CheckSizes(const Image& image, const Image& content) {
  if (image.width_px == content.width_px &&
      image.height_px == content.height_px) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("image: ", image.width_px, "x", image.height_px,
                   " px is not the content's size, ", content.width_px, "x",
                   content.height_px, " px"));
}

Score ToScore(const engine::Evaluation& at) {
  Score score;
  for (const auto& [name, value] : at.losses.terms) {
    score.losses.terms.emplace(name, value.item<double>());
  }
  score.losses.total = at.losses.total.item<double>();
  score.gradient_l2 =
      at.gradient.to(at::kDouble).square().sum().sqrt().item<double>();
  score.gradient = ToImage(at.gradient);
  return score;
}

}  // namespace

absl::StatusOr<Score> ScorePicture(ScoreRequest request) {
  RETURN_IF_ERROR(CheckSizes(request.image, request.content));
  engine::ConfigureTorch(request.threads > 0 ? request.threads : UsableCores());
  ASSIGN_OR_RETURN(const c10::Device device, FindDevice(request.device));
  ASSIGN_OR_RETURN(const at::Tensor image,
                   ToTensor("image", std::move(request.image), device));
  ASSIGN_OR_RETURN(const at::Tensor content,
                   ToTensor("content", std::move(request.content), device));
  std::vector<engine::Style> styles;
  for (RenderStyle& given : request.styles) {
    ASSIGN_OR_RETURN(engine::Style style, ToStyle(std::move(given), device));
    styles.push_back(std::move(style));
  }
  ASSIGN_OR_RETURN(const engine::BackendChoice choice,
                   engine::ChooseBackend(request.backend, device));
  NetworkCache networks(choice.backend, device);
  ASSIGN_OR_RETURN(engine::Network* const network,
                   networks.Get(request.weights, request.params,
                                {request.padding, /*recompute=*/false}));
  ASSIGN_OR_RETURN(
      const std::unique_ptr<engine::Objective> objective,
      engine::Objective::Make(*network, request.params, content, styles));
  ASSIGN_OR_RETURN(const engine::Evaluation at, objective->Evaluate(image));
  return engine::CallTorch(
      "reading the losses",
      [&]() -> absl::StatusOr<Score> { return ToScore(at); });
}

}  // namespace atelier
