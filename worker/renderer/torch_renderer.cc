#include "worker/renderer/torch_renderer.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"
#include "worker/engine/memory.h"
#include "worker/engine/render.h"
#include "worker/engine/runtime.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/checkpoint_file.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/device.h"
#include "worker/renderer/memory_room.h"
#include "worker/renderer/picture_tensor.h"
#include "worker/weights/network_cache.h"

namespace atelier {
namespace {

LossAt ToLossAt(const engine::CurvePoint& at) {
  return {at.iteration,
          {at.content, at.style, at.total_variation, at.total},
          at.scale};
}

// `job` and `observer` outlive the hooks.
engine::RenderHooks ToHooks(const RenderJob& job,
                            const RenderObserver& observer) {
  const Resumption& resumption = job.resumption;
  engine::RenderHooks hooks;
  hooks.observe = [&](const engine::CurvePoint& at) {
    if (!observer(ToLossAt(at))) return engine::Order::kStop;
    return resumption.wanted && resumption.wanted() ? engine::Order::kCheckpoint
                                                    : engine::Order::kGoOn;
  };
  if (resumption.keep) {
    hooks.keep = [&](const engine::Checkpoint& checkpoint) {
      resumption.keep({checkpoint.iteration, CheckpointBytes(checkpoint),
                       [&](std::ostream& out) {
                         WriteCheckpoint(checkpoint, resumption.key, out);
                       }});
    };
  }
  return hooks;
}

absl::StatusOr<std::optional<engine::Checkpoint>> ReadResumption(
    const Resumption& resumption) {
  using Result = absl::StatusOr<std::optional<engine::Checkpoint>>;
  if (!resumption.from) return Result(std::nullopt);
  ASSIGN_OR_RETURN(const std::unique_ptr<std::istream> from, resumption.from());
  if (from == nullptr) return Result(std::nullopt);
  return engine::CallTorch("reading the checkpoint", [&]() -> Result {
    return ReadCheckpoint(*from, resumption.key);
  });
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
                int threads, const TorchRendererOptions& options)
      : device_(device),
        threads_(threads),
        room_(device, options.memory_limit_bytes),
        networks_(choice.backend, device),
        spare_(options.spare),
        keeps_targets_(options.target_cache_bytes > 0),
        targets_(options.target_cache_bytes) {}

  absl::StatusOr<RenderedImage> Render(
      RenderJob job, const RenderObserver& observer) override {
    engine::ConfigureTorch(threads_);
    if (job.content.rgb.empty()) {
      return absl::InvalidArgumentError(
          "content: missing; it gives the result its size");
    }
    ASSIGN_OR_RETURN(engine::Network* const network, NetworkThatFits(job));
    job.weights = {};  // The network has its own.
    engine::RenderHooks hooks = ToHooks(job, observer);
    if (keeps_targets_) hooks.targets = TargetsOf(job);
    ASSIGN_OR_RETURN(engine::Pictures pictures, TakePictures(job));
    ASSIGN_OR_RETURN(std::optional<engine::Checkpoint> from,
                     ReadResumption(job.resumption));
    if (from.has_value()) hooks.resume = &*from;
    ASSIGN_OR_RETURN(
        const engine::RenderResult result,
        engine::Render(*network, job.params, std::move(pictures), hooks));
    return ToRenderedImage(result);
  }

 private:
  // Drops what is kept between renders where only that helps, and computes
  // blocks again where not even that does.
  absl::StatusOr<engine::Network*> NetworkThatFits(const RenderJob& job) {
    engine::RenderShape shape;
    shape.content = {job.content.height_px, job.content.width_px};
    for (const RenderStyle& style : job.styles) {
      shape.styles.push_back({style.picture.height_px, style.picture.width_px});
    }
    ASSIGN_OR_RETURN(int64_t room, room_.Bytes());
    // The caller keeps the content's colours for the result.
    if (device_.is_cpu() && job.params.colors == Colors::kOriginal) {
      room -= static_cast<int64_t>(job.content.rgb.size() * sizeof(float));
    }
    std::array<int64_t, 2> needs{};
    for (const bool recompute : {false, true}) {
      NetworkCache::Options options;
      options.recompute = recompute;
      ASSIGN_OR_RETURN(engine::Network* const network,
                       networks_.Get(job.weights, job.params, options));
      ASSIGN_OR_RETURN(needs[recompute],
                       engine::RenderBytes(*network, job.params, shape));
      if (needs[recompute] > room) continue;
      if (needs[recompute] > room - KeptBytes()) DropKept();
      spdlog::info("rendering {} x {} px in {} of {}{}", job.content.width_px,
                   job.content.height_px, ByteText(needs[recompute]),
                   ByteText(room), recompute ? ", computing blocks again" : "");
      return network;
    }
    return absl::ResourceExhaustedError(absl::StrCat(
        "memory: ", job.content.width_px, " x ", job.content.height_px,
        " px need ", ByteText(needs[0]), ", or ", ByteText(needs[1]),
        " with blocks computed again; ", ByteText(room), " may be used"));
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

  // Leaves none in `job`.
  absl::StatusOr<engine::Pictures> TakePictures(RenderJob& job) const {
    engine::Pictures pictures;
    ASSIGN_OR_RETURN(pictures.content,
                     ToTensor("content", std::move(job.content), device_));
    for (RenderStyle& given : job.styles) {
      ASSIGN_OR_RETURN(engine::Style style, ToStyle(std::move(given), device_));
      pictures.styles.push_back(std::move(style));
    }
    ASSIGN_OR_RETURN(pictures.init,
                     ToTensor("init", std::move(job.init), device_));
    return pictures;
  }

  static absl::StatusOr<RenderedImage> ToRenderedImage(
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

  const at::Device device_;
  const int threads_;
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
  const int threads = options.threads == 0 ? UsableCores() : options.threads;
  engine::ConfigureTorch(threads);
  ASSIGN_OR_RETURN(const c10::Device device, FindDevice(options.device));
  ASSIGN_OR_RETURN(const engine::BackendChoice choice,
                   engine::ChooseBackend(options.backend, device));
  RETURN_IF_ERROR(MemoryRoom(device, options.memory_limit_bytes).Check());
  TorchRendererSetup setup;
  ASSIGN_OR_RETURN(setup.device, DescribeDevice(device, threads, choice));
  setup.renderer =
      std::make_unique<TorchRenderer>(choice, device, threads, options);
  return setup;
}

}  // namespace atelier
