#include "worker/agent/input_loader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/image/colors.h"
#include "common/render/network.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace atelier {
namespace {

// Full-width VGG-19 to conv5_1 is 52 MB; files with a classifier are 550 MB and
// better read again than kept twice.
constexpr size_t kKeepWeightsBytes = 64 << 20;

std::string SizeText(const Image& picture) {
  return absl::StrCat(picture.width_px, "x", picture.height_px);
}

absl::Status CheckSize(const std::string& what, const Image& picture,
                       int least_px) {
  if (std::min(picture.width_px, picture.height_px) >= least_px) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the ", what, " is ", picture.width_px, " x ", picture.height_px,
      " px once resized; these layers need at least ", least_px,
      " px on the shorter side"));
}

}  // namespace

absl::StatusOr<std::string> InputLoader::Fetch(const std::string& what,
                                               const std::string& digest,
                                               StopSignal& stop) {
  if (auto cached = cache_.Get(digest)) return *std::move(cached);
  auto bytes = artifacts_.Download(digest, &stop);
  if (!bytes.ok()) {
    if (absl::IsCancelled(bytes.status())) return bytes.status();
    // Whatever the store's code, it says nothing about the render itself.
    return absl::InternalError(absl::StrCat("cannot fetch the ", what, ": ",
                                            bytes.status().message()));
  }
  if (const absl::Status kept = cache_.Put(digest, *bytes); !kept.ok()) {
    spdlog::warn("the {} is not cached: {}", what, kept.ToString());
  }
  return bytes;
}

absl::StatusOr<WeightBytes> InputLoader::FetchWeights(const std::string& digest,
                                                      StopSignal& stop) {
  if (auto builtin = BuiltinWeights(digest); builtin.ok()) return builtin;
  WeightBytes weights;
  weights.name = absl::StrCat("weights ", digest.substr(0, 12));
  weights.digest = digest;
  // A second slot waits for what the first one fetches.
  absl::MutexLock one_at_a_time(&fetching_weights_);
  {
    absl::MutexLock lock(&mutex_);
    if (weights_digest_ == digest) weights.bytes = weights_in_use_.lock();
    if (weights.bytes != nullptr) return weights;
    kept_weights_ = nullptr;
  }
  ASSIGN_OR_RETURN(std::string bytes, Fetch("weight file", digest, stop));
  weights.bytes = std::make_shared<const std::string>(std::move(bytes));
  absl::MutexLock lock(&mutex_);
  weights_digest_ = digest;
  weights_in_use_ = weights.bytes;
  if (weights.bytes->size() <= kKeepWeightsBytes) kept_weights_ = weights.bytes;
  return weights;
}

absl::StatusOr<Image> InputLoader::FetchPicture(const Input& input,
                                                const std::string& treatment,
                                                Fit fit, StopSignal& stop) {
  const auto make = [&]() -> absl::StatusOr<Image> {
    ASSIGN_OR_RETURN(const std::string bytes,
                     Fetch(input.what, input.digest, stop));
    absl::StatusOr<Image> picture = decode_(bytes);
    if (!picture.ok()) {
      return Annotate(picture.status(), absl::StrCat("the ", input.what));
    }
    const auto [width_px, height_px] = fit(*picture);
    return Resize(*picture, width_px, height_px);
  };
  ASSIGN_OR_RETURN(
      const std::shared_ptr<const Image> picture,
      pictures_.GetOrMake(absl::StrCat(input.digest, " ", treatment), make));
  return *picture;
}

absl::StatusOr<Image> InputLoader::FetchResized(const Input& input,
                                                const Image& like,
                                                StopSignal& stop) {
  return FetchPicture(
      input, SizeText(like),
      [&](const Image&) {
        return std::pair{like.width_px, like.height_px};
      },
      stop);
}

absl::StatusOr<Mask> InputLoader::FetchMask(const Input& input,
                                            const Image& over,
                                            StopSignal& stop) {
  if (input.digest.empty()) return Mask();
  ASSIGN_OR_RETURN(const Image picture, FetchResized(input, over, stop));
  absl::StatusOr<Mask> mask = ToMask(picture);
  if (!mask.ok()) {
    return Annotate(mask.status(), absl::StrCat("the ", input.what));
  }
  return mask;
}

absl::StatusOr<RenderStyle> InputLoader::LoadStyle(const Render& render,
                                                   size_t index,
                                                   const Image& content,
                                                   StopSignal& stop) {
  const RenderParams& params = render.params;
  const StyleInput& input = render.inputs.styles[index];
  const std::string name = render.inputs.styles.size() == 1
                               ? "style"
                               : absl::StrCat("style ", index + 1);
  RenderStyle style;
  style.blend = input.blend;
  ASSIGN_OR_RETURN(
      style.picture,
      FetchPicture(
          {name, input.picture},
          absl::StrCat("style ", params.size_px, "*", params.style_scale),
          [&](const Image& picture) {
            return FitStyle(picture.width_px, picture.height_px, params.size_px,
                            params.style_scale);
          },
          stop));
  if (params.colors == Colors::kMatch) {
    ASSIGN_OR_RETURN(style.picture, MatchColors(style.picture, content));
  }
  ASSIGN_OR_RETURN(
      style.mask,
      FetchMask({absl::StrCat("mask of ", name), input.mask}, content, stop));
  ASSIGN_OR_RETURN(style.region,
                   FetchMask({absl::StrCat("region of ", name), input.region},
                             style.picture, stop));
  return style;
}

int64_t InputLoader::kept_bytes() const {
  absl::MutexLock lock(&mutex_);
  return pictures_.size_bytes() +
         (kept_weights_ == nullptr
              ? 0
              : static_cast<int64_t>(kept_weights_->size()));
}

void InputLoader::Forget() {
  absl::MutexLock lock(&mutex_);
  kept_weights_ = nullptr;
  pictures_.Clear();
}

absl::StatusOr<Image> InputLoader::LoadContent(const Render& render,
                                               StopSignal& stop) {
  const int size_px = render.params.size_px;
  return FetchPicture(
      {"content", render.inputs.content}, absl::StrCat("fit ", size_px),
      [&](const Image& picture) {
        return FitSize(picture.width_px, picture.height_px, size_px);
      },
      stop);
}

absl::StatusOr<RenderJob> InputLoader::Load(const Render& render,
                                            StopSignal& stop) {
  RenderJob job;
  job.params = render.params;
  ASSIGN_OR_RETURN(job.weights, FetchWeights(render.inputs.weights, stop));
  ASSIGN_OR_RETURN(const NetworkDescription network,
                   DescribeWeights(job.weights));
  ASSIGN_OR_RETURN(const int least_px, SmallestSide(network, job.params));

  ASSIGN_OR_RETURN(job.content, LoadContent(render, stop));
  RETURN_IF_ERROR(CheckSize("content", job.content, least_px));
  for (size_t i = 0; i < render.inputs.styles.size(); ++i) {
    ASSIGN_OR_RETURN(RenderStyle style,
                     LoadStyle(render, i, job.content, stop));
    RETURN_IF_ERROR(CheckSize("style", style.picture, least_px));
    job.styles.push_back(std::move(style));
  }
  if (!render.inputs.init.empty()) {
    ASSIGN_OR_RETURN(job.init,
                     FetchResized({"initial picture", render.inputs.init},
                                  job.content, stop));
  }
  return job;
}

}  // namespace atelier
