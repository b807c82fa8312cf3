// What a spec says of its results: what they show, and what was chosen.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/lib/measure_names.h"
#include "client/lib/spec_reader.h"
#include "client/lib/study_notes.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/unicode.h"

namespace atelier {
namespace {

constexpr char kShowsForm[] = "{measure: MEASURE, by: AXIS}";
constexpr size_t kMaxChosenByCharacters = 64;

std::vector<absl::string_view> AxisNames(const std::vector<AxisDraft>& axes) {
  std::vector<absl::string_view> names;
  for (const AxisDraft& axis : axes) names.push_back(axis.name);
  return names;
}

}  // namespace

absl::Status SpecReader::ReadNotes(const YAML::Node& root,
                                   JobDraft& job) const {
  if (root["shows"].IsDefined()) {
    RETURN_IF_ERROR(ReadShows(root["shows"], job));
  }
  if (root["chosen"].IsDefined()) {
    RETURN_IF_ERROR(ReadChosen(root["chosen"], job));
  }
  const YAML::Node chosen_by = root["chosen_by"];
  if (!chosen_by.IsDefined()) return absl::OkStatus();
  std::string& text = job.notes.chosen_by;
  ASSIGN_OR_RETURN(text, Text(chosen_by, "chosen_by"));
  if (text.empty() || ShortenedText(text, kMaxChosenByCharacters) != text) {
    return ErrorAt(chosen_by, "chosen_by: ", Quoted(text), " is not 1 to ",
                   kMaxChosenByCharacters, " printable characters");
  }
  if (!job.notes.chosen.empty()) return absl::OkStatus();
  return ErrorAt(chosen_by, "chosen_by: needs 'chosen', which says what");
}

absl::Status SpecReader::ReadShows(const YAML::Node& node,
                                   JobDraft& job) const {
  if (!node.IsSequence()) return ReadShown(node, job);
  if (node.size() > static_cast<size_t>(kMostShownMeasures)) {
    return ErrorAt(node, "shows: ", node.size(), " measures given; at most ",
                   kMostShownMeasures);
  }
  for (const YAML::Node& one : node) RETURN_IF_ERROR(ReadShown(one, job));
  return absl::OkStatus();
}

absl::Status SpecReader::ReadShown(const YAML::Node& node,
                                   JobDraft& job) const {
  if (!node.IsScalar() && !node.IsMap()) {
    return ErrorAt(node, "shows", EmptyOr(node), " must be a measure, ",
                   kShowsForm, " or a list of these");
  }
  ShownMeasure shown;
  YAML::Node measure;
  YAML::Node by;
  if (node.IsScalar()) {
    measure.reset(node);
  } else {
    RETURN_IF_ERROR(
        ForEachField(node, "shows",
                     [&](const std::string& key, const YAML::Node& at,
                         const YAML::Node& value) -> absl::Status {
                       if (key != "measure" && key != "by") {
                         return UnknownKey(at, key, {"measure", "by"});
                       }
                       (key == "by" ? by : measure).reset(value);
                       return absl::OkStatus();
                     }));
    if (measure.IsNull()) return ErrorAt(node, "shows: measure: is missing");
  }
  ASSIGN_OR_RETURN(shown.measure, ReadMeasureName(measure));
  ASSIGN_OR_RETURN(shown.by, ReadShownAxis(node, by, job.axes));
  job.notes.shows.push_back(std::move(shown));
  return absl::OkStatus();
}

absl::StatusOr<std::string> SpecReader::ReadMeasureName(
    const YAML::Node& node) const {
  ASSIGN_OR_RETURN(std::string name, Text(node, "shows"));
  std::vector<absl::string_view> names;
  for (const MeasureName& known : KnownMeasures()) names.push_back(known.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  return ErrorAt(node, "shows: ", Quoted(name), " is no measure",
                 Suggest(name, names));
}

// `by` is null where it is not given: of one axis there is no choice.
absl::StatusOr<std::string> SpecReader::ReadShownAxis(
    const YAML::Node& node, const YAML::Node& by,
    const std::vector<AxisDraft>& axes) const {
  const std::vector<absl::string_view> names = AxisNames(axes);
  if (names.empty()) {
    return ErrorAt(node, "shows: the job has no axes to show a measure by");
  }
  if (by.IsNull()) {
    if (names.size() == 1) return std::string(names[0]);
    return ErrorAt(node, "shows: by: is missing; name one of the axes ",
                   absl::StrJoin(names, ", "));
  }
  ASSIGN_OR_RETURN(std::string axis, Text(by, "by"));
  if (std::find(names.begin(), names.end(), axis) != names.end()) return axis;
  return ErrorAt(by, "shows: by: ", Quoted(axis), " is no axis",
                 Suggest(axis, names));
}

// Points as rules of `exclude` name them.
absl::Status SpecReader::ReadChosen(const YAML::Node& node,
                                    JobDraft& job) const {
  if (!node.IsMap() && !node.IsSequence()) {
    return ErrorAt(node, "chosen", EmptyOr(node),
                   " must be a map of axes and the value of each, or a list of "
                   "such: {AXIS: VALUE, ...}");
  }
  if (node.IsSequence() && node.size() > static_cast<size_t>(kMostChosen)) {
    return ErrorAt(node, "chosen: ", node.size(), " points given; at most ",
                   kMostChosen);
  }
  if (node.IsMap()) return ReadChosenPoint(node, job);
  for (const YAML::Node& point : node) {
    RETURN_IF_ERROR(ReadChosenPoint(point, job));
  }
  return absl::OkStatus();
}

absl::Status SpecReader::ReadChosenPoint(const YAML::Node& node,
                                         JobDraft& job) const {
  ASSIGN_OR_RETURN(const LeaveOut places, ReadPlaces(node, "chosen", job.axes));
  std::map<std::string, std::string> labels;
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] == kAnyValue) continue;
    labels[job.axes[i].name] = job.axes[i].values[places[i]].label;
  }
  if (labels.empty()) {
    return ErrorAt(node, "chosen: names no axis; at least one, and its value");
  }
  job.notes.chosen.push_back(std::move(labels));
  return absl::OkStatus();
}

}  // namespace atelier
