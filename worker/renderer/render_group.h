// Requests that are rendered as one batch, and what the engine tells of them.
// Not for use outside torch_renderer.cc.
#ifndef ATELIER_WORKER_RENDERER_RENDER_GROUP_H_
#define ATELIER_WORKER_RENDERER_RENDER_GROUP_H_

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/agent/renderer.h"
#include "worker/engine/checkpoint.h"
#include "worker/engine/render.h"

namespace atelier {

/// A request until it is answered.
struct Pending {
  RenderRequest request;
  at::Tensor init = {};
  std::optional<engine::Checkpoint> from = {};  ///< Where it goes on from.
  bool answered = false;

  RenderJob& job() { return request.job; }
  const RenderJob& job() const { return request.job; }
  void Answer(absl::StatusOr<RenderedImage> result);
};
using Group = std::vector<Pending>;

/// Answers those that need not begin any more. Returns the others.
Group WithoutStopped(Group group);
/// Answers those that have no answer yet.
void AnswerAll(Group& group, const absl::Status& status);

using AreAlike = bool (*)(const Pending&, const Pending&);
/// By the jobs' keys.
bool MayShareABatch(const Pending& a, const Pending& b);
/// By `from`.
bool BeginAtTheSamePlace(const Pending& a, const Pending& b);

/// Groups of at most `most` that are alike, in the order of their first ones.
std::vector<Group> Split(Group all, size_t most, AreAlike are_alike);

/// The checkpoint that its job goes on from, if any.
/// Errors: as Renderer::RenderAll.
absl::StatusOr<std::optional<engine::Checkpoint>> ReadCheckpointOf(
    const RenderJob& job);

/// For a batch of the group: observers are called, checkpoints kept, and
/// requests answered when they end. The group outlives the hooks.
engine::BatchHooks ToHooks(Group& group);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_RENDER_GROUP_H_
