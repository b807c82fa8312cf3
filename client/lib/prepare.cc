#include "client/lib/prepare.h"

#include <algorithm>
#include <set>
#include <utility>

#include "client/lib/input_reader.h"
#include "client/lib/job_check.h"
#include "common/rpc/measure_conversion.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

v1::SweepMode ModeOf(Sweep sweep) {
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

// Leaves a digest in the place of the weight file's path.
absl::Status FillMeasure(MeasureChoice& measure, InputReader& inputs,
                         v1::JobSpec& spec) {
  if (measure == MeasureChoice()) return absl::OkStatus();
  if (!measure.weights_digest.empty()) {
    RenderDraft network;
    network.patch.weights_digest = measure.weights_digest;
    const absl::StatusOr<RenderPatch> read = inputs.Read(network);
    if (!read.ok()) return Annotate(read.status(), "measure");
    measure.weights_digest = *read->weights_digest;
  }
  *spec.mutable_measure() = ToProto(measure);
  return absl::OkStatus();
}

// Leaves digests in the place of the job's paths.
absl::Status FillSpec(JobDraft& job, InputReader& inputs, v1::JobSpec& spec) {
  spec.set_name(job.name);
  spec.set_study(job.study);
  spec.set_mode(ModeOf(job.sweep));
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
  RETURN_IF_ERROR(FillMeasure(job.measure, inputs, spec));
  ASSIGN_OR_RETURN(RenderPatch base, inputs.Read(job.base));
  *spec.mutable_base() = ToProto(base);
  for (v1::InputName& name : inputs.OwnNames(job.base)) {
    *spec.add_base_input_names() = std::move(name);
  }
  job.base.patch = std::move(base);
  for (AxisDraft& axis : job.axes) {
    v1::Axis& out = *spec.add_axes();
    out.set_name(axis.name);
    for (AxisValueDraft& value : axis.values) {
      ASSIGN_OR_RETURN(*out.add_values(), inputs.ReplaceFiles(value));
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
  std::set<std::string> warnings = inputs.warnings();
  RETURN_IF_ERROR(
      CheckJob(job, inputs.images(), inputs.networks(), limits, warnings));
  prepared.warnings.assign(warnings.begin(), warnings.end());
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
