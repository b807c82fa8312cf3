#include "worker/renderer/experimental/batch_renderer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/status_macros.h"
#include "worker/engine/experimental/batch_render.h"
#include "worker/engine/runtime.h"
#include "worker/engine/stopwatch.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/request_calls.h"

namespace atelier::experimental {
namespace {

namespace batches = engine::experimental;

// A request until it is answered.
struct Pending {
  RenderRequest request;
  RenderStart start = {};
  double planning_seconds = 0;
  bool answered = false;

  RenderJob& job() { return request.job; }
  const RenderJob& job() const { return request.job; }
  void Answer(absl::StatusOr<RenderedImage> result) {
    answered = true;
    request.done(std::move(result));
  }
};
using Group = std::vector<Pending>;

// Answers those that need not begin any more. Returns the others.
Group WithoutStopped(Group group) {
  Group wanted;
  for (Pending& one : group) {
    if (IsStopped(one.request)) {
      one.Answer(StoppedStatus());
    } else {
      wanted.push_back(std::move(one));
    }
  }
  return wanted;
}

// Answers those that have no answer yet.
void AnswerAll(Group& group, const absl::Status& status) {
  for (Pending& one : group) {
    if (!one.answered) one.Answer(status);
  }
}

bool MayShareABatch(const Pending& a, const Pending& b) {
  return !a.job().batch_key.empty() && a.job().batch_key == b.job().batch_key;
}

bool BeginAtTheSamePlace(const Pending& a, const Pending& b) {
  const auto& from_a = a.start.from;
  const auto& from_b = b.start.from;
  if (!from_a.has_value() || !from_b.has_value()) {
    return from_a.has_value() == from_b.has_value();
  }
  return from_a->iteration == from_b->iteration &&
         from_a->scale_ends == from_b->scale_ends;
}

// Groups of at most `most` that are alike, in the order of their first ones.
template <typename AreAlike>
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

// For a batch of the group, which outlives the hooks.
batches::BatchHooks ToHooks(Group& group) {
  batches::BatchHooks hooks;
  hooks.observe = [&group](int image, const engine::CurvePoint& at) {
    return Observe(group[image].request, at);
  };
  hooks.ended = [&group](int image, const engine::RenderResult& result) {
    group[image].Answer(ToRenderedImage(result, group[image].planning_seconds));
  };
  const auto shows = [](const Pending& one) {
    return one.job().previews.wanted != nullptr;
  };
  if (std::any_of(group.begin(), group.end(), shows)) {
    hooks.show = [&group](int image, int iteration, const at::Tensor& picture) {
      ShowPreview(group[image].job(), iteration, picture);
    };
  }
  const auto keeps = [](const Pending& one) {
    return one.job().resumption.keep != nullptr;
  };
  if (!std::any_of(group.begin(), group.end(), keeps)) return hooks;
  hooks.keep = [&group, keeps](int image, const engine::Checkpoint& state) {
    if (keeps(group[image])) KeepCheckpoint(group[image].job(), state);
  };
  return hooks;
}

class BatchRenderer : public Renderer {
 public:
  BatchRenderer(std::unique_ptr<RenderResources> resources, int batch,
                int64_t batch_bytes)
      : resources_(std::move(resources)),
        batch_(batch),
        batch_bytes_(batch_bytes) {}

  void RenderAll(std::vector<RenderRequest> requests) override {
    absl::MutexLock one_at_a_time(&resources_->mutex());
    engine::ConfigureTorch(resources_->threads());
    Group all;
    for (RenderRequest& request : requests) all.push_back({std::move(request)});
    for (Group& group : Split(std::move(all), batch_, MayShareABatch)) {
      RenderGroup(std::move(group));
    }
  }

 private:
  bool on_cpu() const { return resources_->device().is_cpu(); }

  void RenderGroup(Group group) {
    group = WithoutStopped(std::move(group));
    if (group.empty()) return;
    const engine::Stopwatch watch;
    int64_t width = 1;  // As Batch.
    const absl::StatusOr<engine::Network*> network =
        engine::CallTorch("rendering", [&] { return FindRoom(group, width); });
    if (absl::IsResourceExhausted(network.status()) && group.size() > 1) {
      for (Group& alone : Split(std::move(group), 1, MayShareABatch)) {
        RenderGroup(std::move(alone));
      }
      return;
    }
    if (!network.ok()) return AnswerAll(group, network.status());
    absl::StatusOr<RenderMaterial> material =
        resources_->TakePictures(group[0].job(), *network);
    if (!material.ok()) return AnswerAll(group, material.status());
    group = Prepared(*material, std::move(group));
    for (Pending& one : group) one.planning_seconds = watch.seconds();
    std::vector<Group> together =
        Split(std::move(group), batch_, BeginAtTheSamePlace);
    for (size_t i = 0; i < together.size(); ++i) {
      engine::Pictures pictures = material->pictures;
      if (i + 1 == together.size()) material->pictures = {};
      RenderTogether(*material, width, std::move(pictures),
                     std::move(together[i]));
    }
  }

  // Answers those whose start will not do. Returns the others, with nothing of
  // their pictures left.
  Group Prepared(const RenderMaterial& material, Group group) {
    // Its size, not itself: pictures go once there are targets.
    const std::vector<int64_t> size = material.pictures.content.sizes().vec();
    Group ready;
    for (Pending& one : group) {
      one.job().weights = nullptr;
      one.job().content = {};
      one.job().styles.clear();
      absl::StatusOr<RenderStart> start =
          resources_->TakeStart(size, one.job());
      if (!start.ok()) {
        one.Answer(start.status());
        continue;
      }
      one.start = *std::move(start);
      ready.push_back(std::move(one));
    }
    return ready;
  }

  static void RenderTogether(const RenderMaterial& material, int64_t width,
                             engine::Pictures pictures, Group group) {
    group = WithoutStopped(std::move(group));
    if (group.empty()) return;
    batches::Batch batch;
    batch.width = width;
    for (Pending& one : group) {
      const RenderParams& params = one.job().params;
      auto& from = one.start.from;
      batch.rows.push_back({params.seed, std::move(one.start.init),
                            engine::WeightsOf(params),
                            from.has_value() ? &*from : nullptr});
    }
    batches::BatchHooks hooks = ToHooks(group);
    hooks.targets = material.targets;
    AnswerAll(group, batches::RenderBatch(
                         *material.network, group[0].job().params,
                         std::move(pictures), std::move(batch), hooks));
  }

  // The group's network, and how wide its batch is.
  absl::StatusOr<engine::Network*> FindRoom(const Group& group,
                                            int64_t& width) {
    const RenderJob& job = group[0].job();
    const auto jobs = static_cast<int64_t>(group.size());
    if (job.content.rgb.empty() || on_cpu()) {
      return resources_->FindRoom(job, jobs, jobs);
    }
    ASSIGN_OR_RETURN(width, WidthFor(job));
    if (jobs > width) {
      return absl::ResourceExhaustedError("memory: too large for a batch");
    }
    return resources_->FindRoom(job, jobs, width);
  }

  // A batch's is the same whatever the budget of iterations is, which
  // checkpoints outlive. None has blocks computed again for the others' sake.
  absl::StatusOr<int64_t> WidthFor(const RenderJob& job) {
    RenderParams params = job.params;
    params.iterations = std::max(params.iterations, params.lbfgs_history);
    ASSIGN_OR_RETURN(const int64_t bytes,
                     resources_->BytesFor(job, params, batch_));
    return bytes <= batch_bytes_ ? batch_ : 1;
  }

  const std::unique_ptr<RenderResources> resources_;
  const int batch_;
  const int64_t batch_bytes_;  // Of a GPU's memory.
};

}  // namespace

std::unique_ptr<Renderer> MakeBatchRenderer(
    std::unique_ptr<RenderResources> resources, int batch,
    int64_t batch_bytes) {
  return std::make_unique<BatchRenderer>(std::move(resources), batch,
                                         batch_bytes);
}

}  // namespace atelier::experimental
