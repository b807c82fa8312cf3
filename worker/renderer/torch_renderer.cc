#include "worker/renderer/torch_renderer.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/engine/render.h"
#include "worker/engine/runtime.h"
#include "worker/engine/stopwatch.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/device.h"
#include "worker/renderer/experimental/batch_renderer.h"
#include "worker/renderer/gpu.h"
#include "worker/renderer/render_resources.h"
#include "worker/renderer/request_calls.h"

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

class TorchRenderer : public Renderer {
 public:
  explicit TorchRenderer(std::unique_ptr<RenderResources> resources)
      : resources_(std::move(resources)) {}

  void RenderAll(std::vector<RenderRequest> requests) override {
    absl::MutexLock one_at_a_time(&resources_->mutex());
    engine::ConfigureTorch(resources_->threads());
    for (RenderRequest& request : requests) {
      request.done(RenderOne(request));
    }
  }

 private:
  absl::StatusOr<RenderedImage> RenderOne(RenderRequest& request) {
    if (IsStopped(request)) return StoppedStatus();
    const engine::Stopwatch watch;
    RenderJob& job = request.job;
    ASSIGN_OR_RETURN(engine::Network* const network,
                     engine::CallTorch("rendering", [&] {
                       return resources_->FindRoom(job, 1, 1);
                     }));
    ASSIGN_OR_RETURN(RenderMaterial material,
                     resources_->TakePictures(job, network));
    ASSIGN_OR_RETURN(
        RenderStart start,
        resources_->TakeStart(material.pictures.content.sizes(), job));
    material.pictures.init = std::move(start.init);
    if (IsStopped(request)) return StoppedStatus();
    const double planning_seconds = watch.seconds();

    engine::RenderHooks hooks;
    hooks.observe = [&request](const engine::CurvePoint& at) {
      return Observe(request, at);
    };
    if (job.resumption.keep) {
      hooks.keep = [&job](const engine::Checkpoint& checkpoint) {
        KeepCheckpoint(job, checkpoint);
      };
    }
    if (job.previews.wanted) {
      hooks.show = [&job](int iteration, const at::Tensor& image) {
        ShowPreview(job, iteration, image);
      };
    }
    hooks.resume = start.from.has_value() ? &*start.from : nullptr;
    hooks.targets = std::move(material.targets);
    ASSIGN_OR_RETURN(const engine::RenderResult result,
                     engine::Render(*network, job.params,
                                    std::move(material.pictures), hooks));
    return ToRenderedImage(result, planning_seconds);
  }

  const std::unique_ptr<RenderResources> resources_;
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
  auto resources =
      std::make_unique<RenderResources>(choice, device, threads, options);
  setup.memory = resources->memory();
  setup.memory_in_use = [device] {
    return device.is_cpu() ? ResidentBytes()
                           : GpuHeldBytes(device.index()).value_or(0);
  };
  if (options.batch > 1) {
    setup.renderer = experimental::MakeBatchRenderer(
        std::move(resources), options.batch, batch_bytes);
  } else {
    setup.renderer = std::make_unique<TorchRenderer>(std::move(resources));
  }
  return setup;
}

}  // namespace atelier
