// Which points of its axes a spec leaves out.
#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "client/lib/points.h"
#include "client/lib/spec_reader.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/sweep/sweep.h"

namespace atelier {
namespace {

// Of drafts that set one parameter: a start from a file is two fields.
bool SetAlike(const RenderDraft& a, const RenderDraft& b) {
  const absl::Span<const Parameter> fields = AllFields();
  return std::all_of(fields.begin(), fields.end(), [&](const Parameter& field) {
    return std::visit(
        [&](const auto& member) {
          return a.patch.*member.given == b.patch.*member.given;
        },
        field.member);
  });
}

}  // namespace

absl::Status SpecReader::ReadExclude(const YAML::Node& node,
                                     JobDraft& job) const {
  if (!node.IsSequence()) {
    return ErrorAt(node,
                   "exclude: must be a list of rules, each a map of axes and "
                   "the value of each: [{AXIS: VALUE, ...}]");
  }
  if (node.size() > kMostLeaveOuts) {
    return ErrorAt(node, "exclude: ", node.size(), " rules given; at most ",
                   kMostLeaveOuts);
  }
  for (const YAML::Node& rule : node) {
    if (rule.IsMap() && rule.size() == 0) {
      return ErrorAt(rule,
                     "exclude: a rule names no axis; at least one, and "
                     "its value");
    }
    ASSIGN_OR_RETURN(job.exclude.emplace_back(),
                     ReadPlaces(rule, "exclude", job.axes));
  }
  SweepShape shape = ShapeOf(job);
  const absl::Status left_out = LeavePointsOut(job.exclude, shape);
  return left_out.ok() ? left_out : ErrorAt(node, left_out.message());
}

absl::StatusOr<LeaveOut> SpecReader::ReadPlaces(
    const YAML::Node& node, absl::string_view field,
    const std::vector<AxisDraft>& axes) const {
  LeaveOut rule(axes.size(), kAnyValue);
  RETURN_IF_ERROR(ForEachField(
      node, field,
      [&](const std::string& key, const YAML::Node& at,
          const YAML::Node& value) -> absl::Status {
        const auto axis =
            std::find_if(axes.begin(), axes.end(),
                         [&](const AxisDraft& one) { return one.name == key; });
        if (axis == axes.end()) {
          std::vector<absl::string_view> names;
          for (const AxisDraft& one : axes) names.push_back(one.name);
          return ErrorAt(at, field, ": ", Quoted(key), " is no axis",
                         Suggest(key, names));
        }
        ASSIGN_OR_RETURN(rule[axis - axes.begin()],
                         PlaceOf(value, field, *axis));
        return absl::OkStatus();
      }));
  return rule;
}

// By its label, or as what it sets: 1e3 is what is called 1000.
absl::StatusOr<int64_t> SpecReader::PlaceOf(const YAML::Node& node,
                                            absl::string_view field,
                                            const AxisDraft& axis) const {
  const auto place_if = [&axis](const auto& is_meant) -> int64_t {
    const auto found =
        std::find_if(axis.values.begin(), axis.values.end(), is_meant);
    return found == axis.values.end() ? -1 : found - axis.values.begin();
  };
  std::string text;
  if (node.IsScalar()) {
    ASSIGN_OR_RETURN(text, Text(node, axis.name));
    const int64_t place = place_if(
        [&](const AxisValueDraft& value) { return value.label == text; });
    if (place >= 0) return place;
  }
  if (const Parameter* const parameter = FindParameter(axis.name)) {
    ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                     Texts(node, *parameter));
    text = absl::StrJoin(texts, ",");
    const absl::StatusOr<RenderDraft> meant = DraftOf(node, *parameter, texts);
    const int64_t place = place_if([&](const AxisValueDraft& value) {
      return meant.ok() && SetAlike(value.set, *meant);
    });
    if (place >= 0) return place;
  } else if (!node.IsScalar()) {
    return ErrorAt(node, field, ": ", axis.name, ": must be a label");
  }
  std::vector<absl::string_view> labels;
  for (const AxisValueDraft& value : axis.values) {
    labels.push_back(value.label);
  }
  return ErrorAt(node, field, ": ", Quoted(text), " is not a value of ",
                 axis.name, Suggest(text, labels));
}

}  // namespace atelier
