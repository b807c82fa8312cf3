#include "worker/engine/render.h"

#include <ATen/ATen.h>

#include <utility>

#include "common/status_macros.h"
#include "worker/engine/render_loop.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {

absl::StatusOr<RenderResult> Render(Network& network,
                                    const RenderParams& params,
                                    Pictures pictures,
                                    const RenderHooks& hooks) {
  Batch batch;
  batch.starts = {{params.seed, pictures.init, std::nullopt, hooks.resume}};
  RenderResult result;
  BatchHooks batch_hooks;
  batch_hooks.observe = [&hooks](int, const CurvePoint& at) {
    return hooks.observe(at);
  };
  if (hooks.keep) {
    batch_hooks.keep = [&hooks](int, const Checkpoint& checkpoint) {
      hooks.keep(checkpoint);
    };
  }
  batch_hooks.ended = [&result](int, RenderResult ended) {
    result = std::move(ended);
  };
  batch_hooks.targets = hooks.targets;
  RETURN_IF_ERROR(RenderBatch(network, params, std::move(pictures),
                              std::move(batch), batch_hooks));
  return result;
}

absl::Status RenderBatch(Network& network, const RenderParams& params,
                         Pictures pictures, Batch batch,
                         const BatchHooks& hooks) {
  return CallTorch("rendering", [&]() -> absl::Status {
    RenderLoop loop(network, params, std::move(pictures), hooks);
    RETURN_IF_ERROR(loop.Begin(std::move(batch)));
    return loop.Run();
  });
}

}  // namespace atelier::engine
