#include "worker/renderer/torch_renderer.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/digest.h"
#include "common/log/log.h"
#include "common/status_macros.h"
#include "worker/engine/memory.h"
#include "worker/engine/render.h"
#include "worker/engine/runtime.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/device.h"
#include "worker/renderer/memory_room.h"
#include "worker/renderer/picture_tensor.h"
#include "worker/renderer/render_group.h"
#include "worker/weights/network_cache.h"

namespace atelier {
namespace {

// Of a GPU's memory, what a batch may take at most; the rest is the context's,
// and others'. A rule of the device alone, so that renders of one profile have
// batches of one width, and are rounded alike.
constexpr double kBatchShare = 0.9;

int64_t BatchBytes(int64_t device_bytes, const TorchRendererOptions& options) {
  return MemoryRoom::Bounded(
      options.memory_limit_bytes,
      static_cast<int64_t>(kBatchShare * static_cast<double>(device_bytes)));
}

// A picture or mask by its pixels: they are what was decoded, resized and
// recoloured, so its file's digest would not do.
std::string NameOf(int width_px, int height_px,
                   const std::vector<float>& values) {
  const absl::string_view bytes(reinterpret_cast<const char*>(values.data()),
                                values.size() * sizeof(float));
  return absl::StrCat(width_px, "x", height_px, " ", HexDigest(bytes));
}

std::string NameOf(const RenderStyle& style) {
  const Image& picture = style.picture;
  const Mask& region = style.region;
  return absl::StrCat(
      NameOf(picture.width_px, picture.height_px, picture.rgb), " in ",
      NameOf(region.width_px, region.height_px, region.weights));
}

class TorchRenderer : public Renderer {
 public:
  TorchRenderer(const engine::BackendChoice& choice, at::Device device,
                int64_t batch_bytes, int threads,
                const TorchRendererOptions& options)
      : device_(device),
        batch_bytes_(batch_bytes),
        threads_(threads),
        batch_(options.batch),
        room_(device, options.memory_limit_bytes),
        networks_(choice.backend, device),
        spare_(options.spare),
        keeps_targets_(options.target_cache_bytes > 0),
        targets_(options.target_cache_bytes) {}

  void RenderAll(std::vector<RenderRequest> requests) override {
    absl::MutexLock one_at_a_time(&rendering_);
    engine::ConfigureTorch(threads_);
    Group all;
    for (RenderRequest& request : requests) all.push_back({std::move(request)});
    for (Group& group : Split(std::move(all), batch_, MayShareABatch)) {
      RenderGroup(std::move(group));
    }
  }

  PictureMemory memory() {
    return {[this] { return room_.HostBytes(); },
            [this] { return room_.FreeHostBytes(); }, [this] { DropIdle(); }};
  }

 private:
  // Networks with the memory of their last pass, too, where it is the host's.
  void DropIdle() {
    if (!device_.is_cpu() || !rendering_.TryLock()) return;
    targets_.Clear();
    networks_.Clear();
    rendering_.Unlock();
  }

  // What the renders of a group share.
  struct Scene {
    engine::Network* network = nullptr;
    int64_t width = 1;  // As engine::Batch.
    engine::KeptTargets targets;
    engine::Pictures pictures;
  };

  void RenderGroup(Group group) {
    group = WithoutStopped(std::move(group));
    if (group.empty()) return;
    Scene scene;
    const absl::Status fits =
        engine::CallTorch("rendering", [&] { return FindRoom(group, scene); });
    if (absl::IsResourceExhausted(fits) && group.size() > 1) {
      for (Group& alone : Split(std::move(group), 1, MayShareABatch)) {
        RenderGroup(std::move(alone));
      }
      return;
    }
    if (!fits.ok()) return AnswerAll(group, fits);
    const absl::Status taken = TakePictures(group, scene);
    if (!taken.ok()) return AnswerAll(group, taken);
    // Its size, not itself: pictures go once there are targets.
    const std::vector<int64_t> size = scene.pictures.content.sizes().vec();
    Group ready;
    for (Pending& one : group) {
      const absl::Status prepared = Prepare(size, one);
      if (prepared.ok()) {
        ready.push_back(std::move(one));
      } else {
        one.Answer(prepared);
      }
    }
    std::vector<Group> together =
        Split(std::move(ready), batch_, BeginAtTheSamePlace);
    for (size_t i = 0; i < together.size(); ++i) {
      engine::Pictures pictures = scene.pictures;
      if (i + 1 == together.size()) scene.pictures = {};
      RenderTogether(scene, std::move(pictures), std::move(together[i]));
    }
  }

  static void RenderTogether(const Scene& scene, engine::Pictures pictures,
                             Group group) {
    group = WithoutStopped(std::move(group));
    if (group.empty()) return;
    engine::Batch batch;
    batch.width = scene.width;
    for (Pending& one : group) {
      const RenderParams& params = one.job().params;
      batch.starts.push_back({params.seed, std::move(one.init),
                              engine::WeightsOf(params),
                              one.from.has_value() ? &*one.from : nullptr});
    }
    engine::BatchHooks hooks = ToHooks(group);
    hooks.targets = scene.targets;
    AnswerAll(group, engine::RenderBatch(*scene.network, group[0].job().params,
                                         std::move(pictures), std::move(batch),
                                         hooks));
  }

  // Finds the group's network, and how wide its batch is. Drops what is kept
  // between renders where that helps, and computes blocks again where not even
  // that does.
  absl::Status FindRoom(const Group& group, Scene& scene) {
    const RenderJob& job = group[0].job();
    if (job.content.rgb.empty()) {
      return absl::InvalidArgumentError(
          "content: missing; it gives the result its size");
    }
    ASSIGN_OR_RETURN(scene.width, WidthFor(job));
    int64_t images = static_cast<int64_t>(group.size());
    if (!device_.is_cpu()) {
      if (images > scene.width) {
        return absl::ResourceExhaustedError("memory: too large for a batch");
      }
      images = scene.width;
    }
    ASSIGN_OR_RETURN(int64_t room, room_.Bytes(targets_.size_bytes()));
    // The callers keep the content's colours for their results.
    if (device_.is_cpu() && job.params.colors == Colors::kOriginal) {
      room -= static_cast<int64_t>(group.size() * job.content.rgb.size() *
                                   sizeof(float));
    }
    ASSIGN_OR_RETURN(const Fit fit, FitWithin(room, job, images));
    if (fit.network == nullptr) return fit.error;
    scene.network = fit.network;
    if (fit.bytes > room - KeptBytes()) DropKept();
    LogInfo("rendering ", images == 1 ? "" : absl::StrCat(images, " of "),
            job.content.width_px, " x ", job.content.height_px, " px in ",
            ByteText(fit.bytes), " of ", ByteText(room),
            fit.recompute ? ", computing blocks again" : "");
    return absl::OkStatus();
  }

  // A batch's is the same whatever the budget of iterations is, which
  // checkpoints outlive. None has blocks computed again for the others' sake.
  absl::StatusOr<int64_t> WidthFor(const RenderJob& job) {
    if (device_.is_cpu() || batch_ == 1) return 1;
    RenderParams params = job.params;
    params.iterations = std::max(params.iterations, params.lbfgs_history);
    ASSIGN_OR_RETURN(engine::Network* const network,
                     networks_.Get(job.weights, params));
    ASSIGN_OR_RETURN(
        const int64_t bytes,
        engine::RenderBytes(*network, params, ShapeOf(job, batch_)));
    return bytes <= batch_bytes_ ? batch_ : 1;
  }

  static engine::RenderShape ShapeOf(const RenderJob& job, int64_t images) {
    engine::RenderShape shape;
    shape.content = {job.content.height_px, job.content.width_px};
    for (const RenderStyle& style : job.styles) {
      shape.styles.push_back({style.picture.height_px, style.picture.width_px});
    }
    shape.images = images;
    return shape;
  }

  // A network with which so many images of a job fit; none, and why not.
  struct Fit {
    engine::Network* network = nullptr;
    bool recompute = false;
    int64_t bytes = 0;
    absl::Status error;
  };

  absl::StatusOr<Fit> FitWithin(int64_t room, const RenderJob& job,
                                int64_t images) {
    const engine::RenderShape shape = ShapeOf(job, images);
    std::array<int64_t, 2> needs{};
    for (const bool recompute : {false, true}) {
      NetworkCache::Options options;
      options.recompute = recompute;
      ASSIGN_OR_RETURN(engine::Network* const network,
                       networks_.Get(job.weights, job.params, options));
      ASSIGN_OR_RETURN(needs[recompute],
                       engine::RenderBytes(*network, job.params, shape));
      if (needs[recompute] <= room) {
        return Fit{network, recompute, needs[recompute], absl::OkStatus()};
      }
    }
    return Fit{
        nullptr, true, needs[1],
        absl::ResourceExhaustedError(absl::StrCat(
            "memory: ", images == 1 ? "" : absl::StrCat(images, " of "),
            job.content.width_px, " x ", job.content.height_px, " px need ",
            ByteText(needs[0]), ", or ", ByteText(needs[1]),
            " with blocks computed again; ", ByteText(room), " may be used"))};
  }

  int64_t KeptBytes() const {
    return targets_.size_bytes() +
           (device_.is_cpu() && spare_.bytes ? spare_.bytes() : 0);
  }

  void DropKept() {
    targets_.Clear();
    if (device_.is_cpu() && spare_.drop) spare_.drop();
  }

  engine::KeptTargets TargetsOf(const RenderJob& job) {
    engine::KeptTargets kept;
    kept.cache = &targets_;
    kept.network = networks_.key();
    kept.content =
        NameOf(job.content.width_px, job.content.height_px, job.content.rgb);
    for (const RenderStyle& style : job.styles) {
      kept.styles.push_back(NameOf(style));
    }
    return kept;
  }

  // Leaves none in the jobs but what each starts from.
  absl::Status TakePictures(Group& group, Scene& scene) {
    return engine::CallTorch("rendering", [&]() -> absl::Status {
      RenderJob& first = group[0].job();
      if (keeps_targets_) scene.targets = TargetsOf(first);
      ASSIGN_OR_RETURN(scene.pictures.content,
                       ToTensor("content", std::move(first.content), device_));
      for (RenderStyle& given : first.styles) {
        ASSIGN_OR_RETURN(engine::Style style,
                         ToStyle(std::move(given), device_));
        scene.pictures.styles.push_back(std::move(style));
      }
      for (Pending& one : group) {
        one.job().weights = {};  // The network has its own.
        one.job().content = {};
        one.job().styles.clear();
      }
      return absl::OkStatus();
    });
  }

  absl::Status Prepare(at::IntArrayRef size, Pending& one) const {
    return engine::CallTorch("rendering", [&]() -> absl::Status {
      ASSIGN_OR_RETURN(one.init,
                       ToTensor("init", std::move(one.job().init), device_));
      // One that does not fit would be the error of all.
      if (one.init.defined() && one.init.sizes() != size) {
        return absl::InvalidArgumentError(absl::StrCat(
            "init: ", one.init.size(3), " x ", one.init.size(2),
            " px are not the content's ", size[3], " x ", size[2]));
      }
      ASSIGN_OR_RETURN(one.from, ReadCheckpointOf(one.job()));
      return absl::OkStatus();
    });
  }

  absl::Mutex rendering_;  // Held while anything below is in use.
  const at::Device device_;
  const int64_t batch_bytes_;  // Of a GPU's memory.
  const int threads_;
  const int batch_;
  const MemoryRoom room_;
  NetworkCache networks_;
  const SpareMemory spare_;
  const bool keeps_targets_;
  engine::TargetCache targets_;
};

}  // namespace

absl::StatusOr<TorchRendererSetup> MakeTorchRenderer(
    const TorchRendererOptions& options) {
  if (options.threads < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads: ", options.threads,
                     " is not allowed; at least 1, or 0 for all cores"));
  }
  if (options.batch < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("batch: ", options.batch, " is not allowed; at least 1"));
  }
  const int threads = options.threads == 0 ? UsableCores() : options.threads;
  engine::ConfigureTorch(threads);
  ASSIGN_OR_RETURN(const c10::Device device, FindDevice(options.device));
  ASSIGN_OR_RETURN(const engine::BackendChoice choice,
                   engine::ChooseBackend(options.backend, device));
  RETURN_IF_ERROR(MemoryRoom(device, options.memory_limit_bytes).Check());
  TorchRendererSetup setup;
  ASSIGN_OR_RETURN(setup.device, DescribeDevice(device, threads, choice));
  const int64_t batch_bytes = BatchBytes(setup.device.memory_bytes, options);
  if (!device.is_cpu() && options.batch > 1) {
    absl::StrAppend(&setup.device.profile_text, "batch: ", options.batch,
                    " in ", batch_bytes, " bytes\n");
  }
  // A render that does not fit goes to a worker that announces more.
  setup.device.memory_bytes = MemoryRoom::Bounded(options.memory_limit_bytes,
                                                  setup.device.memory_bytes);
  auto renderer = std::make_unique<TorchRenderer>(choice, device, batch_bytes,
                                                  threads, options);
  setup.memory = renderer->memory();
  setup.renderer = std::move(renderer);
  return setup;
}

}  // namespace atelier
