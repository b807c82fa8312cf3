#include "worker/agent/input_loader.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/render/network.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace atelier {
namespace {

// Full-width VGG-19 to conv5_1 is 52 MB; files with a classifier are 550 MB and
// better read again than kept twice.
constexpr size_t kKeepWeightsBytes = 64 << 20;

absl::StatusOr<Image> FitTo(const Image& picture, int longer_side_px) {
  const auto [width_px, height_px] =
      FitSize(picture.width_px, picture.height_px, longer_side_px);
  return Resize(picture, width_px, height_px);
}

absl::Status CheckSize(const char* what, const Image& picture, int least_px) {
  if (std::min(picture.width_px, picture.height_px) >= least_px) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the ", what, " is ", picture.width_px, " x ", picture.height_px,
      " px once resized; these layers need at least ", least_px,
      " px on the shorter side"));
}

}  // namespace

absl::StatusOr<std::string> InputLoader::Fetch(const char* what,
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
  if (last_weights_.digest == digest) return last_weights_;
  last_weights_ = {};
  ASSIGN_OR_RETURN(std::string bytes, Fetch("weight file", digest, stop));
  WeightBytes weights;
  weights.name = absl::StrCat("weights ", digest.substr(0, 12));
  weights.digest = digest;
  weights.bytes = std::make_shared<const std::string>(std::move(bytes));
  if (weights.bytes->size() <= kKeepWeightsBytes) last_weights_ = weights;
  return weights;
}

absl::StatusOr<Image> InputLoader::FetchPicture(const char* what,
                                                const std::string& digest,
                                                StopSignal& stop) {
  ASSIGN_OR_RETURN(const std::string bytes, Fetch(what, digest, stop));
  auto picture = Decode(bytes, limits_);
  if (!picture.ok()) {
    return Annotate(picture.status(), absl::StrCat("the ", what));
  }
  return picture;
}

absl::StatusOr<RenderJob> InputLoader::Load(const Render& render,
                                            StopSignal& stop) {
  RenderJob job;
  job.params = render.params;
  ASSIGN_OR_RETURN(job.weights, FetchWeights(render.inputs.weights, stop));
  ASSIGN_OR_RETURN(const NetworkDescription network,
                   DescribeWeights(job.weights));
  ASSIGN_OR_RETURN(const int least_px, SmallestSide(network, job.params));

  ASSIGN_OR_RETURN(const Image content,
                   FetchPicture("content", render.inputs.content, stop));
  ASSIGN_OR_RETURN(job.content, FitTo(content, job.params.size_px));
  RETURN_IF_ERROR(CheckSize("content", job.content, least_px));
  if (!render.inputs.style.empty()) {
    ASSIGN_OR_RETURN(const Image style,
                     FetchPicture("style", render.inputs.style, stop));
    ASSIGN_OR_RETURN(job.style, FitTo(style, job.params.size_px));
    RETURN_IF_ERROR(CheckSize("style", job.style, least_px));
  }
  if (!render.inputs.init.empty()) {
    ASSIGN_OR_RETURN(const Image init,
                     FetchPicture("initial picture", render.inputs.init, stop));
    ASSIGN_OR_RETURN(job.init,
                     Resize(init, job.content.width_px, job.content.height_px));
  }
  return job;
}

}  // namespace atelier
