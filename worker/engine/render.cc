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
  BatchHooks batch_hooks;
  batch_hooks.observe = [&hooks](int, const CurvePoint& at) {
    return hooks.observe(at);
  };
  if (hooks.keep) {
    batch_hooks.keep = [&hooks](int, const Checkpoint& checkpoint) {
      hooks.keep(checkpoint);
    };
  }
  batch_hooks.targets = hooks.targets;
  return CallTorch("rendering", [&]() -> absl::StatusOr<RenderResult> {
    RenderLoop loop(network, params, pictures, batch_hooks);
    RETURN_IF_ERROR(hooks.resume != nullptr
                        ? loop.Resume(std::move(*hooks.resume))
                        : loop.Begin({{params.seed, pictures.init}}));
    pictures = {};  // The loop has its own.
    ASSIGN_OR_RETURN(std::vector<RenderResult> results, loop.Run());
    return std::move(results[0]);
  });
}

absl::StatusOr<std::vector<RenderResult>> RenderBatch(
    Network& network, const RenderParams& params, Pictures pictures,
    absl::Span<const Start> starts, const BatchHooks& hooks) {
  return CallTorch(
      "rendering", [&]() -> absl::StatusOr<std::vector<RenderResult>> {
        RenderLoop loop(network, params, std::move(pictures), hooks);
        RETURN_IF_ERROR(loop.Begin(starts));
        return loop.Run();
      });
}

}  // namespace atelier::engine
