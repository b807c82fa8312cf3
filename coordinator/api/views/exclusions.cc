#include "coordinator/api/views/exclusions.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/sweep/sweep.h"

namespace atelier {
namespace {

// "spec.exclude[0].labels[1].axis: 'x' is not ...; did you mean 'y'?".
absl::Status Unknown(const std::string& path, absl::string_view given,
                     absl::string_view what,
                     const std::vector<absl::string_view>& known) {
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": ", Quoted(given), " is not ", what, Suggest(given, known)));
}

template <typename Named>
int64_t PlaceOf(const std::vector<Named>& list, const std::string& name,
                std::string Named::*member) {
  const auto found =
      std::find_if(list.begin(), list.end(),
                   [&](const Named& one) { return one.*member == name; });
  return found == list.end() ? -1 : found - list.begin();
}

template <typename Named>
std::vector<absl::string_view> NamesOf(const std::vector<Named>& list,
                                       std::string Named::*member) {
  std::vector<absl::string_view> names;
  for (const Named& one : list) names.push_back(one.*member);
  return names;
}

absl::StatusOr<LeaveOut> FromProto(const v1::Exclusion& proto,
                                   const std::string& path,
                                   const std::vector<Axis>& axes) {
  LeaveOut rule(axes.size(), kAnyValue);
  for (int i = 0; i < proto.labels_size(); ++i) {
    const v1::AxisLabel& label = proto.labels(i);
    const std::string at = absl::StrCat(path, ".labels[", i, "]");
    const int64_t a = PlaceOf(axes, label.axis(), &Axis::name);
    if (a < 0) {
      return Unknown(absl::StrCat(at, ".axis"), label.axis(),
                     "an axis of the job", NamesOf(axes, &Axis::name));
    }
    if (rule[a] != kAnyValue) {
      return absl::InvalidArgumentError(
          absl::StrCat(at, ".axis: ", Quoted(label.axis()),
                       " is given twice; write a rule for each value"));
    }
    rule[a] = PlaceOf(axes[a].values, label.label(), &AxisValue::label);
    if (rule[a] < 0) {
      return Unknown(absl::StrCat(at, ".label"), label.label(),
                     absl::StrCat("a value of ", label.axis()),
                     NamesOf(axes[a].values, &AxisValue::label));
    }
  }
  return rule;
}

}  // namespace

absl::Status ReadExclusions(const v1::JobSpec& proto, JobSpec& spec) {
  if (proto.exclude().empty()) return absl::OkStatus();
  // Before each is looked up.
  if (proto.exclude_size() > kMostLeaveOuts) {
    return absl::InvalidArgumentError(
        absl::StrCat("spec.exclude: ", proto.exclude_size(),
                     " rules given; at most ", kMostLeaveOuts));
  }
  std::vector<LeaveOut> rules;
  for (int r = 0; r < proto.exclude_size(); ++r) {
    ASSIGN_OR_RETURN(
        LeaveOut rule,
        FromProto(proto.exclude(r), absl::StrCat("spec.exclude[", r, "]"),
                  spec.axes));
    rules.push_back(std::move(rule));
  }
  SweepShape shape = ShapeOf(spec);
  const absl::Status status = LeavePointsOut(rules, shape);
  if (!status.ok()) {
    return absl::Status(status.code(), absl::StrCat("spec.", status.message()));
  }
  spec.kept = std::move(shape.kept);
  return absl::OkStatus();
}

}  // namespace atelier
