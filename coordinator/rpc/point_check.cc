#include "coordinator/rpc/point_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "coordinator/rpc/validation.h"

namespace atelier {
namespace {

// Resolve speaks to people, who write "size"; the wire says "size_px".
std::string WireName(absl::string_view field) {
  if (field == "size") return "size_px";
  if (field == "content" || field == "style" || field == "weights") {
    return absl::StrCat(field, "_digest");
  }
  return std::string(field);
}

}  // namespace

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
  for (const std::string* digest :
       {&inputs.content, &inputs.style, &inputs.init, &inputs.weights}) {
    if (!digest->empty()) digests.insert(*digest);
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
    if (set.GetReflection()->HasField(set, descriptor)) {
      return absl::StrCat("spec.axes[", a, "].values[", v, "].set.");
    }
  }
  return "spec.base.";
}

absl::Status PointCheck::Located(const absl::Status& status,
                                 const std::vector<int64_t>& values) const {
  if (status.ok()) return status;
  const absl::string_view message = status.message();
  const size_t colon = std::min(message.find(':'), message.size());
  const std::string field = WireName(message.substr(0, colon));
  return absl::Status(status.code(), absl::StrCat(PathOf(field, values), field,
                                                  message.substr(colon)));
}

absl::Status PointCheck::CheckSizes(const TaskRender& task) const {
  const RenderParams& params = task.render.params;
  const RenderInputs& inputs = task.render.inputs;
  ASSIGN_OR_RETURN(const int least_px, SmallestSide(*task.network, params));
  const std::string& network = task.network->name;
  RETURN_IF_ERROR(CheckSize("content_digest", inputs.content, params.size_px,
                            least_px, network));
  if (!inputs.style.empty()) {
    RETURN_IF_ERROR(CheckSize("style_digest", inputs.style, params.size_px,
                              least_px, network));
  }
  // The initial picture is resized to the content's size, whatever its own.
  if (!inputs.init.empty() && images_.count(inputs.init) == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "init_digest: ", inputs.init, " has no entry in spec.images"));
  }
  return absl::OkStatus();
}

absl::Status PointCheck::CheckSize(absl::string_view field,
                                   const std::string& digest, int size_px,
                                   int least_px,
                                   const std::string& network) const {
  const auto image = images_.find(digest);
  if (image == images_.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": ", digest, " has no entry in spec.images"));
  }
  const auto [width, height] =
      FitSize(image->second->width_px(), image->second->height_px(), size_px);
  const std::string becomes =
      absl::StrCat("size_px: ", size_px, " makes ", field, " ", width, " x ",
                   height, " px; ");
  if (std::min(width, height) < least_px) {
    return absl::InvalidArgumentError(
        absl::StrCat(becomes, "the layers used of ", network, " need at least ",
                     least_px, " px on each side"));
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
