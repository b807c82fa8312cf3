#include "coordinator/api/views/point_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/render/patch.h"
#include "common/render/size.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "coordinator/api/views/job_validation.h"

namespace atelier {

absl::Status WithWireName(const absl::Status& status) {
  const Parameter* const row = FindParameter(FieldOf(status));
  return row == nullptr ? status : RenamedField(status, row->wire_name);
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
  ForEachInput(task->render.inputs,
               [&](const Parameter& /*input*/, int /*position*/,
                   const std::string& digest) { digests.insert(digest); });
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
  const Parameter* const row = FindWireField(field);
  for (int a = static_cast<int>(values.size()) - 1; row != nullptr && a >= 0;
       --a) {
    const int v = static_cast<int>(values[a]);
    if (CountGiven(wire_.axes(a).values(v).set(), *row) > 0) {
      return absl::StrCat("spec.axes[", a, "].values[", v, "].set.");
    }
  }
  return "spec.base.";
}

absl::Status PointCheck::Located(const absl::Status& status,
                                 const std::vector<int64_t>& values) const {
  if (status.ok()) return status;
  const absl::Status renamed = WithWireName(status);
  return absl::Status(
      status.code(),
      absl::StrCat(PathOf(FieldOf(renamed), values), renamed.message()));
}

absl::Status PointCheck::CheckSizes(const TaskRender& task) const {
  const RenderParams& params = task.render.params;
  const RenderInputs& inputs = task.render.inputs;
  ASSIGN_OR_RETURN(const v1::ImageDescription* const content,
                   Described("content_digest", inputs.content));
  RETURN_IF_ERROR(CheckSize(
      "content_digest", "size_px", absl::StrCat(params.size_px),
      FitSize(content->width_px(), content->height_px(), params.size_px),
      task));
  for (const StyleInput& style : inputs.styles) {
    ASSIGN_OR_RETURN(const v1::ImageDescription* const picture,
                     Described("style_digests", style.picture));
    const bool is_scaled = params.style_scale != 1;
    RETURN_IF_ERROR(
        CheckSize("style_digests", is_scaled ? "style_scale" : "size_px",
                  is_scaled ? absl::StrCat(params.style_scale)
                            : absl::StrCat(params.size_px),
                  FitStyle(picture->width_px(), picture->height_px(),
                           params.size_px, params.style_scale),
                  task));
  }
  return CheckDescribed(inputs);
}

absl::Status PointCheck::CheckDescribed(const RenderInputs& inputs) const {
  absl::Status status;
  ForEachInput(inputs, [&](const Parameter& input, int /*position*/,
                           const std::string& digest) {
    if (input.file == FileKind::kNetwork || !status.ok()) return;
    status = Described(input.wire_name, digest).status();
  });
  return status;
}

absl::StatusOr<const v1::ImageDescription*> PointCheck::Described(
    absl::string_view field, const std::string& digest) const {
  const auto image = images_.find(digest);
  if (image != images_.end()) return image->second;
  return FieldError(field,
                    absl::StrCat(digest, " has no entry in spec.images"));
}

absl::Status PointCheck::CheckSize(absl::string_view picture,
                                   absl::string_view field,
                                   absl::string_view value,
                                   const std::pair<int, int>& size,
                                   const TaskRender& task) const {
  const auto [width, height] = size;
  const std::string becomes = absl::StrCat(value, " makes ", picture, " ",
                                           width, " x ", height, " px; ");
  ASSIGN_OR_RETURN(const int least_px,
                   SmallestSide(*task.network, task.render.params));
  if (std::min(width, height) < least_px) {
    const int scales = task.render.params.scales;
    return FieldError(
        field, absl::StrCat(
                   becomes, "the layers used of ",
                   ClippedText(task.network->name, kMaxQuotedBytes),
                   scales > 1 ? absl::StrCat(", at ", scales, " scales,") : "",
                   " need at least ", least_px, " px on each side"));
  }
  if (std::max(width, height) > limits_.renders.max_size_px ||
      int64_t{width} * height > limits_.max_pixels) {
    return FieldError(
        field, absl::StrCat(becomes, "at most ", limits_.renders.max_size_px,
                            " px a side (--max-size) and ", limits_.max_pixels,
                            " pixels (--max-image-pixels)"));
  }
  return absl::OkStatus();
}

}  // namespace atelier
