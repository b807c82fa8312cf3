#include "worker/renderer/render_resources.h"

#include <array>
#include <istream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/log/log.h"
#include "common/status_macros.h"
#include "worker/engine/memory.h"
#include "worker/engine/torch_call.h"
#include "worker/renderer/checkpoint_file.h"
#include "worker/renderer/picture_tensor.h"

namespace atelier {
namespace {

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

engine::RenderShape ShapeOf(const RenderJob& job, int64_t images) {
  engine::RenderShape shape;
  shape.content = {job.content.height_px, job.content.width_px};
  for (const RenderStyle& style : job.styles) {
    shape.styles.push_back({style.picture.height_px, style.picture.width_px});
  }
  shape.images = images;
  return shape;
}

}  // namespace

RenderResources::RenderResources(const engine::BackendChoice& choice,
                                 at::Device device, int threads,
                                 const TorchRendererOptions& options)
    : device_(device),
      threads_(threads),
      room_(device, options.memory_limit_bytes),
      networks_(choice.backend, device),
      spare_(options.spare),
      keeps_targets_(options.target_cache_bytes > 0),
      targets_(options.target_cache_bytes) {}

PictureMemory RenderResources::memory() {
  return {[this] { return room_.HostBytes(); },
          [this] { return room_.FreeHostBytes(); }, [this] { DropIdle(); }};
}

// Networks with the memory of their last pass, too, where it is the host's.
void RenderResources::DropIdle() {
  if (!device_.is_cpu() || !mutex_.TryLock()) return;
  targets_.Clear();
  networks_.Clear();
  mutex_.Unlock();
}

absl::StatusOr<engine::Network*> RenderResources::FindRoom(const RenderJob& job,
                                                           int64_t jobs,
                                                           int64_t images) {
  if (job.content.rgb.empty()) {
    return absl::InvalidArgumentError(
        "content: missing; it gives the result its size");
  }
  ASSIGN_OR_RETURN(int64_t room, room_.Bytes(targets_.size_bytes()));
  // The callers keep the content's colours for their results.
  if (device_.is_cpu() && job.params.colors == Colors::kOriginal) {
    room -= jobs * static_cast<int64_t>(job.content.rgb.size() * sizeof(float));
  }
  ASSIGN_OR_RETURN(const Fit fit, FitWithin(room, job, images));
  if (fit.network == nullptr) return fit.error;
  if (fit.bytes > room - KeptBytes()) DropKept();
  LogInfo("rendering ", images == 1 ? "" : absl::StrCat(images, " of "),
          job.content.width_px, " x ", job.content.height_px, " px in ",
          ByteText(fit.bytes), " of ", ByteText(room),
          fit.recompute ? ", computing blocks again" : "");
  return fit.network;
}

absl::StatusOr<int64_t> RenderResources::BytesFor(const RenderJob& job,
                                                  const RenderParams& params,
                                                  int64_t images) {
  ASSIGN_OR_RETURN(engine::Network* const network,
                   networks_.Get(*job.weights, params));
  return engine::RenderBytes(*network, params, ShapeOf(job, images));
}

absl::StatusOr<RenderResources::Fit> RenderResources::FitWithin(
    int64_t room, const RenderJob& job, int64_t images) {
  const engine::RenderShape shape = ShapeOf(job, images);
  std::array<int64_t, 2> needs{};
  for (const bool recompute : {false, true}) {
    NetworkCache::Options options;
    options.recompute = recompute;
    ASSIGN_OR_RETURN(engine::Network* const network,
                     networks_.Get(*job.weights, job.params, options));
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

int64_t RenderResources::KeptBytes() const {
  return targets_.size_bytes() +
         (device_.is_cpu() && spare_.bytes ? spare_.bytes() : 0);
}

void RenderResources::DropKept() {
  targets_.Clear();
  if (device_.is_cpu() && spare_.drop) spare_.drop();
}

engine::KeptTargets RenderResources::TargetsOf(const RenderJob& job) {
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

absl::StatusOr<RenderMaterial> RenderResources::TakePictures(
    RenderJob& job, engine::Network* network) {
  return engine::CallTorch(
      "rendering", [&]() -> absl::StatusOr<RenderMaterial> {
        RenderMaterial material;
        material.network = network;
        if (keeps_targets_) material.targets = TargetsOf(job);
        ASSIGN_OR_RETURN(material.pictures.content,
                         ToTensor("content", std::move(job.content), device_));
        for (RenderStyle& given : job.styles) {
          ASSIGN_OR_RETURN(engine::Style style,
                           ToStyle(std::move(given), device_));
          material.pictures.styles.push_back(std::move(style));
        }
        job.weights = nullptr;  // The network has its own.
        job.content = {};
        job.styles.clear();
        return material;
      });
}

absl::StatusOr<RenderStart> RenderResources::TakeStart(at::IntArrayRef size,
                                                       RenderJob& job) {
  return engine::CallTorch("rendering", [&]() -> absl::StatusOr<RenderStart> {
    RenderStart start;
    ASSIGN_OR_RETURN(start.init,
                     ToTensor("init", std::move(job.init), device_));
    // In a batch, one that does not fit would be the error of all.
    if (start.init.defined() && start.init.sizes() != size) {
      return absl::InvalidArgumentError(
          absl::StrCat("init: ", start.init.size(3), " x ", start.init.size(2),
                       " px are not the content's ", size[3], " x ", size[2]));
    }
    if (!job.resumption.from) return start;
    ASSIGN_OR_RETURN(const std::unique_ptr<std::istream> from,
                     job.resumption.from());
    if (from == nullptr) return start;
    ASSIGN_OR_RETURN(start.from,
                     engine::CallTorch("reading the checkpoint", [&] {
                       return ReadCheckpoint(*from, job.resumption.key);
                     }));
    return start;
  });
}

}  // namespace atelier
