#include "worker/agent/input_loader.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/image/colors.h"
#include "common/log/log.h"
#include "common/render/network.h"
#include "common/render/size.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Full-width VGG-19 is 80 MB without its classifier; what is larger is better
// read again than kept twice.
constexpr int64_t kKeepWeightsBytes = 96 << 20;

int64_t BytesOf(const Image& picture) {
  return static_cast<int64_t>(picture.rgb.size() * sizeof(float));
}

int64_t BytesOf(const WeightFile& weights) {
  size_t values = 0;
  for (const ConvolutionWeights& convolution : weights.convolutions) {
    values += convolution.kernel.size() + convolution.bias.size();
  }
  return static_cast<int64_t>(values * sizeof(float));
}

// The job was checked by what it says of its pictures.
absl::Status CheckDescribed(const DescribedSizes& described,
                            const std::string& digest, int width_px,
                            int height_px) {
  const auto found = described.find(digest);
  if (found == described.end() ||
      found->second == std::pair{width_px, height_px}) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("picture is ", width_px, " x ", height_px,
                   " px; the job describes it as ", found->second.first, " x ",
                   found->second.second, " px"));
}

// What a kept picture was made of and, as it may have been wrong, described as.
std::string KeyOf(const std::string& digest, const std::string& treatment,
                  const DescribedSizes& described) {
  const auto found = described.find(digest);
  return absl::StrCat(digest, " ", treatment,
                      found == described.end()
                          ? ""
                          : absl::StrCat(" of ", found->second.first, "x",
                                         found->second.second));
}

// Whether a picture of this digest, resized, was not stretched.
bool HasItsShape(const Image& resized, const std::string& digest,
                 const DescribedSizes& described) {
  const auto own = described.find(digest);
  if (own == described.end()) return false;
  const auto [width_px, height_px] =
      FitSize(own->second.first, own->second.second,
              std::max(resized.width_px, resized.height_px));
  return std::abs(width_px - resized.width_px) <= 1 &&
         std::abs(height_px - resized.height_px) <= 1;
}

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
                                               const Loading& loading) {
  const absl::Time start = Clock::Steady().Now();
  if (auto cached = cache_.Get(digest)) return *std::move(cached);
  auto bytes = artifacts_.Download(digest, &loading.stop, loading.attempt);
  if (!bytes.ok()) {
    if (absl::IsCancelled(bytes.status())) return bytes.status();
    const bool is_lost =
        absl::IsNotFound(bytes.status()) || absl::IsDataLoss(bytes.status());
    // Whatever the store's code, it says nothing about the render itself.
    return absl::InternalError(
        absl::StrCat("cannot fetch the ", what, ": ", bytes.status().message(),
                     is_lost ? "; submit the same file again, which brings it "
                               "back, then retry this job"
                             : ""));
  }
  const auto say = [&loading](absl::string_view line) {
    if (loading.listener.said) loading.listener.said(line);
  };
  say(absl::StrCat("fetched the ", what, ": ", bytes->size(), " bytes in ",
                   absl::FormatDuration(absl::Trunc(
                       Clock::Steady().Now() - start, absl::Milliseconds(1)))));
  if (const absl::Status kept = cache_.Put(digest, *bytes); !kept.ok()) {
    const std::string line =
        absl::StrCat("the ", what, " is not cached: ", kept.ToString());
    LogWarning(line);
    say(absl::StrCat("warning: ", line));
  }
  return bytes;
}

absl::StatusOr<WeightFile> InputLoader::ReadWeights(const std::string& digest,
                                                    const Loading& loading) {
  if (auto builtin = BuiltinWeights(digest); builtin.ok()) {
    return ParseWeights(*builtin);
  }
  WeightBytes weights;
  weights.name = absl::StrCat("weights ", digest.substr(0, 12));
  weights.digest = digest;
  ASSIGN_OR_RETURN(std::string bytes, Fetch("weight file", digest, loading));
  weights.bytes = std::make_shared<const std::string>(std::move(bytes));
  return readers_.weights(weights);
}

absl::StatusOr<std::shared_ptr<const WeightFile>> InputLoader::FetchWeights(
    const std::string& digest, const Loading& loading) {
  // A second slot waits for what the first one fetches.
  absl::MutexLock one_at_a_time(&fetching_weights_);
  {
    absl::MutexLock lock(&mutex_);
    std::shared_ptr<const WeightFile> known;
    if (weights_digest_ == digest) known = weights_in_use_.lock();
    if (known != nullptr) return known;
    kept_weights_ = nullptr;
  }
  ASSIGN_OR_RETURN(WeightFile file, ReadWeights(digest, loading));
  auto weights = std::make_shared<const WeightFile>(std::move(file));
  absl::MutexLock lock(&mutex_);
  weights_digest_ = digest;
  weights_in_use_ = weights;
  if (BytesOf(*weights) <= kKeepWeightsBytes) kept_weights_ = weights;
  return weights;
}

absl::StatusOr<Image> InputLoader::FetchPicture(const Input& input,
                                                const std::string& treatment,
                                                FitFn fit, Loading& loading) {
  const auto checked_fit =
      [&](int width_px, int height_px) -> absl::StatusOr<std::pair<int, int>> {
    RETURN_IF_ERROR(
        CheckDescribed(loading.described, input.digest, width_px, height_px));
    return fit(width_px, height_px);
  };
  const auto make = [&]() -> absl::StatusOr<Image> {
    ASSIGN_OR_RETURN(const std::string bytes,
                     Fetch(input.what, input.digest, loading));
    // Once here and once where they are read.
    const int64_t twice = 2 * static_cast<int64_t>(bytes.size());
    absl::StatusOr<Image> picture =
        DecodeWithin(bytes, checked_fit, loading.held_bytes + twice);
    if (!picture.ok()) {
      return Annotate(picture.status(), absl::StrCat("the ", input.what));
    }
    return picture;
  };
  ASSIGN_OR_RETURN(
      const std::shared_ptr<const Image> picture,
      pictures_.GetOrMake(KeyOf(input.digest, treatment, loading.described),
                          make));
  loading.held_bytes += BytesOf(*picture);
  return *picture;
}

absl::StatusOr<Image> InputLoader::DecodeWithin(absl::string_view bytes,
                                                FitFn fit, int64_t held_bytes) {
  // Two slots' pictures at once would each have what only one can.
  absl::MutexLock one_at_a_time(&decoding_);
  DecodeLimits limits;
  const int64_t room = std::max<int64_t>(0, memory_.room_bytes() - held_bytes);
  limits.max_memory_bytes = std::min(room, memory_.free_bytes());
  absl::StatusOr<Image> picture = readers_.picture(bytes, fit, limits);
  if (!absl::IsResourceExhausted(picture.status()) ||
      limits.max_memory_bytes >= room) {
    return picture;
  }
  memory_.drop_kept();
  Forget();
  limits.max_memory_bytes = room;
  return readers_.picture(bytes, fit, limits);
}

absl::StatusOr<Image> InputLoader::FetchResized(const Input& input,
                                                const Image& like,
                                                Loading& loading) {
  return FetchPicture(
      input, SizeText(like),
      [&](int, int) {
        return std::pair{like.width_px, like.height_px};
      },
      loading);
}

absl::StatusOr<Mask> InputLoader::FetchMask(const Input& input,
                                            const Image& over,
                                            Loading& loading) {
  if (input.digest.empty()) return Mask();
  ASSIGN_OR_RETURN(const Image picture, FetchResized(input, over, loading));
  absl::StatusOr<Mask> mask = ToMask(picture);
  if (!mask.ok()) {
    return Annotate(mask.status(), absl::StrCat("the ", input.what));
  }
  return mask;
}

absl::StatusOr<RenderStyle> InputLoader::LoadStyle(const Render& render,
                                                   size_t index,
                                                   const Image& content,
                                                   Loading& loading) {
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
          [&](int width_px, int height_px) {
            return FitStyle(width_px, height_px, params.size_px,
                            params.style_scale);
          },
          loading));
  Show(input.picture, style.picture, loading);
  if (params.colors == Colors::kMatch) {
    ASSIGN_OR_RETURN(style.picture, MatchColors(style.picture, content));
  }
  ASSIGN_OR_RETURN(style.mask,
                   FetchMask({absl::StrCat("mask of ", name), input.mask},
                             content, loading));
  ASSIGN_OR_RETURN(style.region,
                   FetchMask({absl::StrCat("region of ", name), input.region},
                             style.picture, loading));
  return style;
}

int64_t InputLoader::kept_bytes() const {
  absl::MutexLock lock(&mutex_);
  return pictures_.size_bytes() +
         (kept_weights_ == nullptr ? 0 : BytesOf(*kept_weights_));
}

void InputLoader::Forget() {
  absl::MutexLock lock(&mutex_);
  kept_weights_ = nullptr;
  pictures_.Clear();
}

absl::StatusOr<Image> InputLoader::LoadContent(const Render& render,
                                               Loading& loading) {
  const int size_px = render.params.size_px;
  return FetchPicture(
      {"content", render.inputs.content}, absl::StrCat("fit ", size_px),
      [&](int width_px, int height_px) {
        return FitSize(width_px, height_px, size_px);
      },
      loading);
}

absl::StatusOr<RenderJob> InputLoader::Load(const Render& render,
                                            StopSignal& stop,
                                            const DescribedSizes& described,
                                            const ArtifactScope& attempt,
                                            const LoadListener& listener) {
  RenderJob job;
  job.params = render.params;
  Loading loading{stop, described, attempt, listener};
  ASSIGN_OR_RETURN(job.weights, FetchWeights(render.inputs.weights, loading));
  ASSIGN_OR_RETURN(const int least_px,
                   SmallestSide(job.weights->network, job.params));

  loading.held_bytes = BytesOf(*job.weights);
  ASSIGN_OR_RETURN(job.content, LoadContent(render, loading));
  Show(render.inputs.content, job.content, loading);
  RETURN_IF_ERROR(CheckSize("content", job.content, least_px));
  for (size_t i = 0; i < render.inputs.styles.size(); ++i) {
    ASSIGN_OR_RETURN(RenderStyle style,
                     LoadStyle(render, i, job.content, loading));
    RETURN_IF_ERROR(CheckSize("style", style.picture, least_px));
    job.styles.push_back(std::move(style));
  }
  if (!render.inputs.init.empty()) {
    ASSIGN_OR_RETURN(job.init,
                     FetchResized({"initial picture", render.inputs.init},
                                  job.content, loading));
    if (HasItsShape(job.init, render.inputs.init, described)) {
      Show(render.inputs.init, job.init, loading);
    }
  }
  return job;
}

absl::StatusOr<MeasureRequest> InputLoader::LoadToMeasure(
    const Render& render, const MeasureChoice& by,
    std::pair<int, int> result_size, StopSignal& stop,
    const ArtifactScope& attempt) {
  static const DescribedSizes& nothing_described = *new DescribedSizes;
  static const LoadListener& nobody = *new LoadListener;
  Loading loading{stop, nothing_described, attempt, nobody};
  MeasureRequest request;
  request.by = by;
  if (request.by.weights_digest.empty()) {
    ASSIGN_OR_RETURN(const WeightBytes builtin,
                     LoadWeights(std::string(kBuiltinNetwork)));
    request.by.weights_digest = builtin.digest;
  }
  request.weights = [this, digest = request.by.weights_digest, &stop,
                     &attempt] {
    return ReadWeights(digest,
                       Loading{stop, nothing_described, attempt, nobody});
  };
  const auto [width_px, height_px] =
      FitSize(result_size.first, result_size.second, by.size_px);
  Image content_size;
  content_size.width_px = width_px;
  content_size.height_px = height_px;
  ASSIGN_OR_RETURN(
      request.content.picture,
      FetchResized({"content", render.inputs.content}, content_size, loading));
  for (const StyleInput& input : render.inputs.styles) {
    MeasureInput& style = request.styles.emplace_back();
    style.share = input.blend;
    style.key = absl::StrCat(input.picture, " fit ", by.size_px);
    ASSIGN_OR_RETURN(
        style.picture,
        FetchPicture(
            {"style", input.picture}, absl::StrCat("fit ", by.size_px),
            [&by](int own_width_px, int own_height_px) {
              return FitSize(own_width_px, own_height_px, by.size_px);
            },
            loading));
  }
  return request;
}

}  // namespace atelier
