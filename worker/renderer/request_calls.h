// What the engine tells of a render, told to the one that asked for it. Not for
// use outside worker/renderer.
#ifndef ATELIER_WORKER_RENDERER_REQUEST_CALLS_H_
#define ATELIER_WORKER_RENDERER_REQUEST_CALLS_H_

#include <ATen/core/Tensor.h>

#include "absl/status/statusor.h"
#include "worker/agent/renderer.h"
#include "worker/engine/checkpoint.h"
#include "worker/engine/render.h"

namespace atelier {

/// Whether it need not begin any more.
bool IsStopped(const RenderRequest& request);
absl::Status StoppedStatus();

/// Calls the observer; whether to go on, and with a checkpoint.
engine::Order Observe(const RenderRequest& request,
                      const engine::CurvePoint& at);

/// Gives what the job's previews want of the image: as RenderHooks::show.
void ShowPreview(const RenderJob& job, int iteration, const at::Tensor& image);

/// Offers a checkpoint to where the job's go. REQUIRES: job.resumption.keep.
void KeepCheckpoint(const RenderJob& job, const engine::Checkpoint& checkpoint);

/// Errors: ResourceExhausted, Internal.
absl::StatusOr<RenderedImage> ToRenderedImage(
    const engine::RenderResult& result, double planning_seconds);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_REQUEST_CALLS_H_
