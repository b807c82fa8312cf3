#include "client/lib/prepare.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/lib/input_reader.h"
#include "client/lib/points.h"
#include "common/render/convention.h"
#include "common/render/size.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

v1::SweepMode ToProto(Sweep sweep) {
  switch (sweep) {
    case Sweep::kGrid:
      return v1::SWEEP_MODE_GRID;
    case Sweep::kZip:
      return v1::SWEEP_MODE_ZIP;
    case Sweep::kRandom:
      return v1::SWEEP_MODE_RANDOM;
  }
  return v1::SWEEP_MODE_UNSPECIFIED;
}

// What a person who does not say it means: the preset fast, and the built-in
// network where some point would be left without one.
RenderDraft WithDefaults(const JobDraft& draft) {
  RenderDraft base = draft.base;
  const bool chosen = std::any_of(
      draft.axes.begin(), draft.axes.end(), [](const AxisDraft& axis) {
        return std::all_of(axis.values.begin(), axis.values.end(),
                           [](const AxisValueDraft& value) {
                             return value.set.patch.weights_digest.has_value();
                           });
      });
  if (!base.patch.weights_digest.has_value() && !chosen) {
    base.patch.weights_digest = std::string(kBuiltinNetwork);
  }
  if (!base.patch.preset.has_value()) base.patch.preset = Preset::kFast;
  return base;
}

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

absl::Status CheckRender(const Render& render,
                         const NetworkDescription& network,
                         const InputReader& inputs) {
  ASSIGN_OR_RETURN(const int smallest_px, SmallestSide(network, render.params));
  const RenderParams& params = render.params;
  const v1::ImageDescription& content =
      inputs.images().at(render.inputs.content);
  RETURN_IF_ERROR(CheckReach(
      absl::StrCat("the content ", content.name()),
      FitSize(content.width_px(), content.height_px(), params.size_px),
      smallest_px, params));
  for (const StyleInput& style : render.inputs.styles) {
    const v1::ImageDescription& picture = inputs.images().at(style.picture);
    RETURN_IF_ERROR(CheckReach(absl::StrCat("the style ", picture.name()),
                               FitStyle(picture.width_px(), picture.height_px(),
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

absl::Status CheckPoints(const JobDraft& job, const PrepareLimits& limits,
                         InputReader& inputs, PreparedJob& prepared) {
  std::set<std::string> warnings;
  PictureSizes sizes;
  for (const auto& [digest, image] : inputs.images()) {
    sizes[digest] = {image.width_px(), image.height_px()};
  }
  for (const Point& point : PointsToCheck(job, limits.max_points_checked)) {
    const auto check = [&]() -> absl::Status {
      ASSIGN_OR_RETURN(const RenderPatch patch, inputs.Read(point.render));
      const NetworkDescription& network =
          inputs.networks().at(patch.weights_digest.value());
      ASSIGN_OR_RETURN(const Render render,
                       Resolve(patch, network, limits.renders, sizes));
      WarnOfPreprocessing(render, network, warnings);
      return CheckRender(render, network, inputs);
    };
    const absl::Status checked = check();
    if (checked.ok()) continue;
    const std::string where = DescribePoint(job, point);
    return InvalidArgument(checked.message(), where.empty() ? "" : " (at ",
                           where, where.empty() ? "" : ")");
  }
  warnings.insert(inputs.warnings().begin(), inputs.warnings().end());
  prepared.warnings.assign(warnings.begin(), warnings.end());
  return absl::OkStatus();
}

absl::Status FillSpec(const JobDraft& job, InputReader& inputs,
                      v1::JobSpec& spec) {
  spec.set_name(job.name);
  spec.set_study(job.study);
  spec.set_mode(ToProto(job.sweep));
  spec.set_sample_count(job.sample_count);
  spec.set_sample_seed(job.sample_seed);
  spec.set_sheet_columns(job.sheet_columns);
  spec.set_user(job.user);
  spec.set_priority(job.priority);
  spec.set_max_running(job.max_running);
  for (const std::string& tag : job.worker_tags) spec.add_worker_tags(tag);
  spec.set_worker_memory_bytes(job.worker_memory_bytes);
  spec.set_no_cache(job.no_cache);
  spec.set_profile(job.profile);
  ASSIGN_OR_RETURN(const RenderPatch base, inputs.Read(job.base));
  *spec.mutable_base() = ToProto(base);
  for (v1::InputName& name : inputs.OwnNames(job.base)) {
    *spec.add_base_input_names() = std::move(name);
  }
  for (const AxisDraft& axis : job.axes) {
    v1::Axis& out = *spec.add_axes();
    out.set_name(axis.name);
    for (const AxisValueDraft& value : axis.values) {
      ASSIGN_OR_RETURN(const RenderPatch set, inputs.Read(value.set));
      v1::AxisValue& out_value = *out.add_values();
      out_value.set_label(value.label);
      *out_value.mutable_set() = ToProto(set);
      for (v1::InputName& name : inputs.OwnNames(value.set)) {
        *out_value.add_input_names() = std::move(name);
      }
    }
  }
  for (const LeaveOut& rule : job.exclude) {
    v1::Exclusion& out = *spec.add_exclude();
    for (size_t i = 0; i < rule.size(); ++i) {
      if (rule[i] == kAnyValue) continue;
      v1::AxisLabel& label = *out.add_labels();
      label.set_axis(job.axes[i].name);
      label.set_label(job.axes[i].values[rule[i]].label);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PreparedJob> Prepare(const JobDraft& draft,
                                    const PrepareLimits& limits) {
  InputFiles files;
  return Prepare(draft, files, limits);
}

absl::StatusOr<PreparedJob> Prepare(const JobDraft& draft, InputFiles& files,
                                    const PrepareLimits& limits) {
  JobDraft job = draft;
  job.base = WithDefaults(draft);
  // Numbers before files: a wrong flag is told at once, whatever the pictures.
  RETURN_IF_ERROR(ValidatePatch(job.base.patch, limits.renders));
  PreparedJob prepared;
  InputReader inputs(limits, files);
  RETURN_IF_ERROR(FillSpec(job, inputs, prepared.spec));
  RETURN_IF_ERROR(CheckPoints(job, limits, inputs, prepared));
  for (const auto& [digest, image] : inputs.images()) {
    *prepared.spec.add_images() = image;
  }
  for (const auto& [digest, network] : inputs.networks()) {
    *prepared.spec.add_networks() = ToProto(network);
  }
  for (const auto& [digest, input] : inputs.inputs()) {
    prepared.inputs.push_back(input);
  }
  return prepared;
}

}  // namespace atelier
