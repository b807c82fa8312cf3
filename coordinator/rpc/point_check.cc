#include "coordinator/rpc/point_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "coordinator/rpc/validation.h"

namespace atelier {
namespace {

std::string WireName(absl::string_view field) {
  if (field == "size") return "size_px";
  if (field == "content" || field == "weights") {
    return absl::StrCat(field, "_digest");
  }
  if (field == "style" || field == "style_mask" || field == "style_region") {
    return absl::StrCat(field, "_digests");
  }
  return std::string(field);
}

}  // namespace

std::string WithWireName(absl::string_view message) {
  const size_t colon = std::min(message.find(':'), message.size());
  return absl::StrCat(WireName(message.substr(0, colon)),
                      message.substr(colon));
}

SweepShape ShapeOf(const JobSpec& spec) {
  SweepShape shape{spec.mode, {}, spec.sample_count, spec.sample_seed};
  for (const Axis& axis : spec.axes) {
    shape.axis_lengths.push_back(static_cast<int64_t>(axis.values.size()));
  }
  return shape;
}

PointCheck::PointCheck(const v1::JobSpec& wire, const JobSpec& spec,
                       const JobLimits& limits)
    : wire_(wire), spec_(spec), limits_(limits) {
  for (const v1::ImageDescription& image : wire.images()) {
    images_[image.digest()] = &image;
  }
}

absl::Status PointCheck::Check(const std::vector<int64_t>& values,
                               std::set<std::string>& digests) const {
  const absl::StatusOr<TaskRender> task =
      MakeTask(spec_, Point{{}, PatchAt(values)}, limits_.renders);
  if (!task.ok()) return Located(task.status(), values);
  RETURN_IF_ERROR(Located(CheckSizes(*task), values));
  const RenderInputs& inputs = task->render.inputs;
  std::vector<std::string> used = {inputs.content, inputs.init, inputs.weights};
  for (const StyleInput& style : inputs.styles) {
    used.insert(used.end(), {style.picture, style.mask, style.region});
  }
  for (std::string& digest : used) {
    if (!digest.empty()) digests.insert(std::move(digest));
  }
  return absl::OkStatus();
}

RenderPatch PointCheck::PatchAt(const std::vector<int64_t>& values) const {
  RenderPatch patch = spec_.base;
  for (size_t a = 0; a < values.size(); ++a) {
    patch = Merge(std::move(patch), spec_.axes[a].values[values[a]].set);
  }
  return patch;
}

std::string PointCheck::PathOf(absl::string_view field,
                               const std::vector<int64_t>& values) const {
  const auto* descriptor =
      v1::RenderSpec::descriptor()->FindFieldByName(std::string(field));
  for (int a = static_cast<int>(values.size()) - 1;
       descriptor != nullptr && a >= 0; --a) {
    const int v = static_cast<int>(values[a]);
    const v1::RenderSpec& set = wire_.axes(a).values(v).set();
    const auto& reflection = *set.GetReflection();
    if (descriptor->is_repeated() ? reflection.FieldSize(set, descriptor) > 0
                                  : reflection.HasField(set, descriptor)) {
      return absl::StrCat("spec.axes[", a, "].values[", v, "].set.");
    }
  }
  return "spec.base.";
}

absl::Status PointCheck::Located(const absl::Status& status,
                                 const std::vector<int64_t>& values) const {
  if (status.ok()) return status;
  const std::string message = WithWireName(status.message());
  const std::string field = message.substr(0, message.find(':'));
  return absl::Status(status.code(),
                      absl::StrCat(PathOf(field, values), message));
}

absl::Status PointCheck::CheckSizes(const TaskRender& task) const {
  const RenderParams& params = task.render.params;
  const RenderInputs& inputs = task.render.inputs;
  ASSIGN_OR_RETURN(const v1::ImageDescription* const content,
                   Described("content_digest", inputs.content));
  RETURN_IF_ERROR(CheckSize(
      "content_digest", absl::StrCat("size_px: ", params.size_px),
      FitSize(content->width_px(), content->height_px(), params.size_px),
      task));
  for (const StyleInput& style : inputs.styles) {
    ASSIGN_OR_RETURN(const v1::ImageDescription* const picture,
                     Described("style_digests", style.picture));
    RETURN_IF_ERROR(
        CheckSize("style_digests",
                  params.style_scale == 1
                      ? absl::StrCat("size_px: ", params.size_px)
                      : absl::StrCat("style_scale: ", params.style_scale),
                  FitStyle(picture->width_px(), picture->height_px(),
                           params.size_px, params.style_scale),
                  task));
  }
  return CheckDescribed(inputs);
}

absl::Status PointCheck::CheckDescribed(const RenderInputs& inputs) const {
  std::vector<std::pair<absl::string_view, const std::string*>> resized = {
      {"init_digest", &inputs.init}};
  for (const StyleInput& style : inputs.styles) {
    resized.emplace_back("style_mask_digests", &style.mask);
    resized.emplace_back("style_region_digests", &style.region);
  }
  for (const auto& [field, digest] : resized) {
    if (digest->empty()) continue;
    RETURN_IF_ERROR(Described(field, *digest).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<const v1::ImageDescription*> PointCheck::Described(
    absl::string_view field, const std::string& digest) const {
  const auto image = images_.find(digest);
  if (image != images_.end()) return image->second;
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", digest, " has no entry in spec.images"));
}

absl::Status PointCheck::CheckSize(absl::string_view field,
                                   absl::string_view cause,
                                   const std::pair<int, int>& size,
                                   const TaskRender& task) const {
  const auto [width, height] = size;
  const std::string becomes =
      absl::StrCat(cause, " makes ", field, " ", width, " x ", height, " px; ");
  ASSIGN_OR_RETURN(const int least_px,
                   SmallestSide(*task.network, task.render.params));
  if (std::min(width, height) < least_px) {
    const int scales = task.render.params.scales;
    return absl::InvalidArgumentError(absl::StrCat(
        becomes, "the layers used of ",
        ClippedText(task.network->name, kMaxQuotedBytes),
        scales > 1 ? absl::StrCat(", at ", scales, " scales,") : "",
        " need at least ", least_px, " px on each side"));
  }
  if (std::max(width, height) > limits_.renders.max_size_px ||
      int64_t{width} * height > limits_.max_pixels) {
    return absl::InvalidArgumentError(
        absl::StrCat(becomes, "at most ", limits_.renders.max_size_px,
                     " px a side (--max-size) and ", limits_.max_pixels,
                     " pixels (--max-image-pixels)"));
  }
  return absl::OkStatus();
}

}  // namespace atelier
