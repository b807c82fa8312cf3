#include "client/lib/draft_of_job.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/lib/points.h"
#include "common/quoted_text.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "common/sweep/sweep.h"

namespace atelier {
namespace {

absl::StatusOr<Sweep> SweepOf(v1::SweepMode mode) {
  switch (mode) {
    case v1::SWEEP_MODE_UNSPECIFIED:
    case v1::SWEEP_MODE_GRID:
      return Sweep::kGrid;
    case v1::SWEEP_MODE_ZIP:
      return Sweep::kZip;
    case v1::SWEEP_MODE_RANDOM:
      return Sweep::kRandom;
    default:
      return InvalidArgument("mode: ", static_cast<int>(mode),
                             " is unknown to this version of atelier");
  }
}

absl::StatusOr<AxisDraft> DraftOfAxis(const v1::Axis& axis) {
  AxisDraft draft;
  draft.name = axis.name();
  if (axis.values().empty()) {
    return InvalidArgument("axis ", Quoted(axis.name()), ": has no values");
  }
  for (const v1::AxisValue& value : axis.values()) {
    absl::StatusOr<RenderPatch> set = FromProto(value.set());
    if (!set.ok()) {
      return Annotate(set.status(), absl::StrCat("axis ", Quoted(axis.name())));
    }
    draft.values.push_back({value.label(), {*std::move(set)}});
  }
  return draft;
}

absl::StatusOr<LeaveOut> RuleOf(const v1::Exclusion& rule,
                                const std::vector<AxisDraft>& axes) {
  LeaveOut places(axes.size(), kAnyValue);
  for (const v1::AxisLabel& given : rule.labels()) {
    const auto axis = std::find_if(
        axes.begin(), axes.end(),
        [&](const AxisDraft& one) { return one.name == given.axis(); });
    if (axis == axes.end()) {
      return InvalidArgument("exclude: ", Quoted(given.axis()),
                             " is no axis of the job");
    }
    const auto value = std::find_if(
        axis->values.begin(), axis->values.end(),
        [&](const AxisValueDraft& one) { return one.label == given.label(); });
    if (value == axis->values.end()) {
      return InvalidArgument("exclude: ", Quoted(given.label()),
                             " is no value of ", axis->name);
    }
    places[axis - axes.begin()] = value - axis->values.begin();
  }
  return places;
}

}  // namespace

absl::StatusOr<JobDraft> DraftOfJob(const v1::JobSpec& spec) {
  JobDraft job;
  ASSIGN_OR_RETURN(job.base.patch, FromProto(spec.base()));
  for (const v1::Axis& axis : spec.axes()) {
    ASSIGN_OR_RETURN(job.axes.emplace_back(), DraftOfAxis(axis));
  }
  ASSIGN_OR_RETURN(job.sweep, SweepOf(spec.mode()));
  job.sample_count = spec.sample_count();
  job.sample_seed = spec.sample_seed();
  for (const v1::Exclusion& rule : spec.exclude()) {
    ASSIGN_OR_RETURN(job.exclude.emplace_back(), RuleOf(rule, job.axes));
  }
  SweepShape shape = ShapeOf(job);
  RETURN_IF_ERROR(LeavePointsOut(job.exclude, shape));
  return job;
}

}  // namespace atelier
