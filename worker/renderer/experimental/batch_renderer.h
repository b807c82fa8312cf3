// A renderer that steps alike requests as one batch. docs/adr/0019, 0028.
#ifndef ATELIER_WORKER_RENDERER_EXPERIMENTAL_BATCH_RENDERER_H_
#define ATELIER_WORKER_RENDERER_EXPERIMENTAL_BATCH_RENDERER_H_

#include <cstdint>
#include <memory>

#include "worker/agent/renderer.h"
#include "worker/renderer/render_resources.h"

namespace atelier::experimental {

/// Requests whose jobs have one batch key are rendered together, at most
/// `batch` at a time; on a GPU in `batch_bytes` of its memory, or alone.
/// REQUIRES: batch over 1.
std::unique_ptr<Renderer> MakeBatchRenderer(
    std::unique_ptr<RenderResources> resources, int batch, int64_t batch_bytes);

}  // namespace atelier::experimental

#endif  // ATELIER_WORKER_RENDERER_EXPERIMENTAL_BATCH_RENDERER_H_
