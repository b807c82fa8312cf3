#include "worker/renderer/request_calls.h"

#include <ostream>
#include <utility>

#include "worker/engine/torch_call.h"
#include "worker/renderer/checkpoint_file.h"
#include "worker/renderer/picture_tensor.h"

namespace atelier {
namespace {

LossAt ToLossAt(const engine::CurvePoint& at) {
  return {
      at.iteration, {{at.terms.begin(), at.terms.end()}, at.total}, at.scale};
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

}  // namespace

bool IsStopped(const RenderRequest& request) {
  return request.stopped && request.stopped();
}

absl::Status StoppedStatus() {
  return absl::CancelledError("stopped before it began");
}

engine::Order Observe(const RenderRequest& request,
                      const engine::CurvePoint& at) {
  if (!request.observer(ToLossAt(at))) return engine::Order::kStop;
  const auto& wanted = request.job.resumption.wanted;
  return wanted && wanted() ? engine::Order::kCheckpoint : engine::Order::kGoOn;
}

void ShowPreview(const RenderJob& job, int iteration, const at::Tensor& image) {
  if (!job.previews.wanted || !job.previews.wanted()) return;
  job.previews.take(
      iteration, engine::CallTorch("preview", [&]() -> absl::StatusOr<Image> {
        return ToSmallImage(image, Previews::kLongerSidePx);
      }));
}

void KeepCheckpoint(const RenderJob& job,
                    const engine::Checkpoint& checkpoint) {
  job.resumption.keep({checkpoint.iteration, CheckpointBytes(checkpoint),
                       [&](std::ostream& out) {
                         WriteCheckpoint(checkpoint, job.resumption.key, out);
                       }});
}

absl::StatusOr<RenderedImage> ToRenderedImage(
    const engine::RenderResult& result, double planning_seconds) {
  RenderedImage rendered;
  rendered.end = ToRenderEnd(result.outcome);
  rendered.message = result.message;
  rendered.stopped_early = result.stopped_early;
  rendered.iterations = result.iterations;
  rendered.timings.planning = absl::Seconds(planning_seconds);
  rendered.timings.targets = absl::Seconds(result.spent.targets);
  rendered.timings.iterations = absl::Seconds(result.spent.iterations);
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

}  // namespace atelier
