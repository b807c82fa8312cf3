#include "worker/renderer/torch_renderer.h"

#include <ATen/core/Tensor.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/engine/render.h"
#include "worker/engine/runtime.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/device.h"
#include "worker/renderer/picture_tensor.h"
#include "worker/weights/network_cache.h"

namespace atelier {
namespace {

LossAt ToLossAt(const engine::CurvePoint& at) {
  return {at.iteration, {at.content, at.style, at.total_variation, at.total}};
}

RenderEnd ToRenderEnd(engine::Outcome outcome) {
  switch (outcome) {
    case engine::Outcome::kStopped:
      return RenderEnd::kStopped;
    case engine::Outcome::kDiverged:
      return RenderEnd::kDiverged;
    case engine::Outcome::kCompleted:
      break;
  }
  return RenderEnd::kCompleted;
}

class TorchRenderer : public Renderer {
 public:
  TorchRenderer(engine::Backend backend, at::Device device, int threads)
      : device_(device), threads_(threads), networks_(backend, device) {}

  absl::StatusOr<RenderedImage> Render(
      const RenderJob& job, const RenderObserver& observer) override {
    engine::ConfigureTorch(threads_);
    ASSIGN_OR_RETURN(engine::Network* const network,
                     networks_.Get(job.weights, job.params));
    engine::Pictures pictures;
    ASSIGN_OR_RETURN(pictures.content,
                     ToTensor("content", job.content, device_));
    if (!pictures.content.defined()) {
      return absl::InvalidArgumentError(
          "content: missing; it gives the result its size");
    }
    for (const RenderStyle& given : job.styles) {
      ASSIGN_OR_RETURN(engine::Style style, ToStyle(given));
      pictures.styles.push_back(std::move(style));
    }
    ASSIGN_OR_RETURN(pictures.init, ToTensor("init", job.init, device_));
    ASSIGN_OR_RETURN(const engine::RenderResult result,
                     engine::Render(*network, job.params, pictures,
                                    [&observer](const engine::CurvePoint& at) {
                                      return observer(ToLossAt(at));
                                    }));
    return ToRenderedImage(result);
  }

 private:
  absl::StatusOr<engine::Style> ToStyle(const RenderStyle& given) const {
    engine::Style style;
    style.blend = given.blend;
    ASSIGN_OR_RETURN(style.picture, ToTensor("style", given.picture, device_));
    ASSIGN_OR_RETURN(style.mask, ToTensor("style mask", given.mask, device_));
    ASSIGN_OR_RETURN(style.region,
                     ToTensor("style region", given.region, device_));
    if (!style.picture.defined()) {
      return absl::InvalidArgumentError("style: has no pixels");
    }
    return style;
  }

  static absl::StatusOr<RenderedImage> ToRenderedImage(
      const engine::RenderResult& result) {
    RenderedImage rendered;
    rendered.end = ToRenderEnd(result.outcome);
    rendered.message = result.message;
    rendered.best = ToLossAt(result.best);
    for (const engine::CurvePoint& at : result.curve) {
      rendered.curve.push_back(ToLossAt(at));
    }
    return engine::CallTorch("reading the result",
                             [&]() -> absl::StatusOr<RenderedImage> {
                               rendered.image = ToImage(result.image);
                               return std::move(rendered);
                             });
  }

  const at::Device device_;
  const int threads_;
  NetworkCache networks_;
};

}  // namespace

absl::StatusOr<TorchRendererSetup> MakeTorchRenderer(
    const TorchRendererOptions& options) {
  if (options.threads < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads: ", options.threads,
                     " is not allowed; at least 1, or 0 for all cores"));
  }
  const int threads = options.threads == 0 ? UsableCores() : options.threads;
  engine::ConfigureTorch(threads);
  ASSIGN_OR_RETURN(const c10::Device device, FindDevice(options.device));
  ASSIGN_OR_RETURN(const engine::BackendChoice choice,
                   engine::ChooseBackend(options.backend, device));
  TorchRendererSetup setup;
  ASSIGN_OR_RETURN(setup.device, DescribeDevice(device, threads, choice));
  setup.renderer =
      std::make_unique<TorchRenderer>(choice.backend, device, threads);
  return setup;
}

}  // namespace atelier
