#include "client/lib/job_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/lib/points.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/render/resolve.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

// Whether a picture, of the size that the network will see, reaches the deepest
// layer.
absl::Status CheckReach(absl::string_view what, const std::pair<int, int>& size,
                        int smallest_px, const RenderParams& params) {
  const auto [width, height] = size;
  if (std::min(width, height) >= smallest_px) return absl::OkStatus();
  return InvalidArgument(
      "size: ", what, " would be ", width, " x ", height,
      " px; these layers need at least ", smallest_px, " px a side",
      params.scales == 1 ? "" : absl::StrCat(" at ", params.scales, " scales"));
}

absl::StatusOr<const v1::ImageDescription*> Described(
    const ImagesByDigest& images, const std::string& digest) {
  const auto found = images.find(digest);
  if (found != images.end()) return &found->second;
  return InvalidArgument("images: the picture ", Quoted(digest),
                         " is not described");
}

absl::Status CheckRender(const Render& render,
                         const NetworkDescription& network,
                         const ImagesByDigest& images) {
  ASSIGN_OR_RETURN(const int smallest_px, SmallestSide(network, render.params));
  const RenderParams& params = render.params;
  ASSIGN_OR_RETURN(const v1::ImageDescription* const content,
                   Described(images, render.inputs.content));
  RETURN_IF_ERROR(CheckReach(
      absl::StrCat("the content ", content->name()),
      FitSize(content->width_px(), content->height_px(), params.size_px),
      smallest_px, params));
  for (const StyleInput& style : render.inputs.styles) {
    ASSIGN_OR_RETURN(const v1::ImageDescription* const picture,
                     Described(images, style.picture));
    RETURN_IF_ERROR(
        CheckReach(absl::StrCat("the style ", picture->name()),
                   FitStyle(picture->width_px(), picture->height_px(),
                            params.size_px, params.style_scale),
                   smallest_px, params));
  }
  return absl::OkStatus();
}

// One line where a network meets another pre-processing than it was made for.
// The built-in network has no biases and works under all (its README).
void WarnOfPreprocessing(const Render& render,
                         const NetworkDescription& network,
                         std::set<std::string>& warnings) {
  const ConventionSpec& convention = Spec(render.params.convention);
  if (network.name == kBuiltinNetwork || network.preprocessing.empty() ||
      network.preprocessing == convention.preprocessing.name) {
    return;
  }
  warnings.insert(
      absl::StrCat("weights ", network.name, " were made for pre-processing ",
                   network.preprocessing, "; convention ", convention.name,
                   " uses ", convention.preprocessing.name));
}

}  // namespace

absl::StatusOr<const NetworkDescription*> NetworkOf(
    const RenderPatch& patch, const NetworksByDigest& networks) {
  const std::string digest = patch.weights_digest.value_or("");
  const auto found = networks.find(digest);
  if (found != networks.end()) return &found->second;
  return InvalidArgument("networks: the network ", Quoted(digest),
                         " is not described");
}

PictureSizes SizesOf(const ImagesByDigest& images) {
  PictureSizes sizes;
  for (const auto& [digest, image] : images) {
    sizes[digest] = {image.width_px(), image.height_px()};
  }
  return sizes;
}

absl::Status CheckJob(const JobDraft& job, const ImagesByDigest& images,
                      const NetworksByDigest& networks,
                      const PrepareLimits& limits,
                      std::set<std::string>& warnings) {
  const PictureSizes sizes = SizesOf(images);
  for (const Point& point : PointsToCheck(job, limits.max_points_checked)) {
    const auto check = [&]() -> absl::Status {
      const RenderPatch& patch = point.render.patch;
      ASSIGN_OR_RETURN(const NetworkDescription* const network,
                       NetworkOf(patch, networks));
      ASSIGN_OR_RETURN(const Render render,
                       Resolve(patch, *network, limits.renders, sizes));
      WarnOfPreprocessing(render, *network, warnings);
      return CheckRender(render, *network, images);
    };
    const absl::Status checked = check();
    if (checked.ok()) continue;
    const std::string where = DescribePoint(job, point);
    return InvalidArgument(checked.message(), where.empty() ? "" : " (at ",
                           where, where.empty() ? "" : ")");
  }
  return absl::OkStatus();
}

}  // namespace atelier
