#include "worker/renderer/render_group.h"

#include <algorithm>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "common/status_macros.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/checkpoint_file.h"
#include "worker/renderer/picture_tensor.h"

namespace atelier {
namespace {

LossAt ToLossAt(const engine::CurvePoint& at) {
  const auto value = [&at](absl::string_view term) {
    const double* const found = at.terms.Find(term);
    return found == nullptr ? 0 : *found;
  };
  return {
      at.iteration,
      {value("content"), value("style"), value("total_variation"), at.total},
      at.scale};
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

absl::StatusOr<RenderedImage> ToRenderedImage(
    const engine::RenderResult& result) {
  RenderedImage rendered;
  rendered.end = ToRenderEnd(result.outcome);
  rendered.message = result.message;
  rendered.stopped_early = result.stopped_early;
  rendered.iterations = result.iterations;
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

}  // namespace

void Pending::Answer(absl::StatusOr<RenderedImage> result) {
  answered = true;
  request.done(std::move(result));
}

Group WithoutStopped(Group group) {
  Group wanted;
  for (Pending& one : group) {
    if (one.request.stopped && one.request.stopped()) {
      one.Answer(absl::CancelledError("stopped before it began"));
    } else {
      wanted.push_back(std::move(one));
    }
  }
  return wanted;
}

void AnswerAll(Group& group, const absl::Status& status) {
  for (Pending& one : group) {
    if (!one.answered) one.Answer(status);
  }
}

bool MayShareABatch(const Pending& a, const Pending& b) {
  return !a.job().batch_key.empty() && a.job().batch_key == b.job().batch_key;
}

bool BeginAtTheSamePlace(const Pending& a, const Pending& b) {
  if (!a.from.has_value() || !b.from.has_value()) {
    return a.from.has_value() == b.from.has_value();
  }
  return a.from->iteration == b.from->iteration &&
         a.from->scale_ends == b.from->scale_ends;
}

std::vector<Group> Split(Group all, size_t most, AreAlike are_alike) {
  std::vector<Group> groups;
  for (Pending& one : all) {
    const auto has_place = [&](const Group& group) {
      return group.size() < most && are_alike(group[0], one);
    };
    const auto found = std::find_if(groups.begin(), groups.end(), has_place);
    Group& group = found == groups.end() ? groups.emplace_back() : *found;
    group.push_back(std::move(one));
  }
  return groups;
}

absl::StatusOr<std::optional<engine::Checkpoint>> ReadCheckpointOf(
    const RenderJob& job) {
  using Result = absl::StatusOr<std::optional<engine::Checkpoint>>;
  const Resumption& resumption = job.resumption;
  if (!resumption.from) return Result(std::nullopt);
  ASSIGN_OR_RETURN(const std::unique_ptr<std::istream> from, resumption.from());
  if (from == nullptr) return Result(std::nullopt);
  return engine::CallTorch("reading the checkpoint", [&]() -> Result {
    return ReadCheckpoint(*from, resumption.key);
  });
}

engine::BatchHooks ToHooks(Group& group) {
  engine::BatchHooks hooks;
  hooks.observe = [&group](int image, const engine::CurvePoint& at) {
    const RenderRequest& request = group[image].request;
    if (!request.observer(ToLossAt(at))) return engine::Order::kStop;
    const auto& wanted = request.job.resumption.wanted;
    return wanted && wanted() ? engine::Order::kCheckpoint
                              : engine::Order::kGoOn;
  };
  hooks.ended = [&group](int image, const engine::RenderResult& result) {
    group[image].Answer(ToRenderedImage(result));
  };
  const bool any_kept = std::any_of(
      group.begin(), group.end(),
      [](const Pending& one) { return one.job().resumption.keep != nullptr; });
  if (!any_kept) return hooks;
  hooks.keep = [&group](int image, const engine::Checkpoint& checkpoint) {
    const Resumption& resumption = group[image].job().resumption;
    if (!resumption.keep) return;
    resumption.keep({checkpoint.iteration, CheckpointBytes(checkpoint),
                     [&](std::ostream& out) {
                       WriteCheckpoint(checkpoint, resumption.key, out);
                     }});
  };
  return hooks;
}

}  // namespace atelier
