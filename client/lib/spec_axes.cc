// Axes as a map: parameters and their values.
#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_join.h"
#include "client/lib/axis_ranges.h"
#include "client/lib/file_pattern.h"
#include "client/lib/spec_reader.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::string_view kRangeWords[] = {"log", "from", "to", "step",
                                             "count"};

bool IsWhole(const Parameter& parameter) {
  return std::holds_alternative<Member<int>>(parameter.member) ||
         std::holds_alternative<Member<uint64_t>>(parameter.member);
}

// Of words of ranges alone: labels that are all such words would be odd.
bool IsRange(const YAML::Node& node) {
  return node.IsMap() && node.size() > 0 &&
         std::all_of(node.begin(), node.end(), [](const auto& field) {
           return field.first.IsScalar() &&
                  std::find(std::begin(kRangeWords), std::end(kRangeWords),
                            field.first.Scalar()) != std::end(kRangeWords);
         });
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ValuesOf(const Parameter& parameter,
                                                  const std::string& text,
                                                  const std::string& folder,
                                                  int64_t most) {
  if (TakesFiles(parameter)) return FilesOf(folder, text);
  if (IsWhole(parameter)) {
    ASSIGN_OR_RETURN(auto range, WholeRange(text, most));
    if (range.has_value()) return *std::move(range);
  }
  return std::vector<std::string>{text};
}

absl::StatusOr<AxisDraft> SpecReader::ReadMapAxis(const std::string& key,
                                                  const YAML::Node& at,
                                                  const YAML::Node& values) {
  AxisDraft axis;
  axis.name = key;
  const Parameter* const parameter = FindParameter(key);
  if (parameter == nullptr) {
    if (!values.IsMap()) return UnknownKey(at, key, ParameterNames());
    RETURN_IF_ERROR(ReadNamedSets(key, at, values, axis));
  } else if (IsRange(values)) {
    RETURN_IF_ERROR(ReadRange(values, *parameter, axis));
  } else if (values.IsMap()) {
    RETURN_IF_ERROR(ReadLabelled(values, *parameter, axis));
  } else {
    UnlabelledFiles files;
    if (values.IsSequence()) {
      for (const YAML::Node& item : values) {
        RETURN_IF_ERROR(ReadItem(item, *parameter, axis, files));
      }
    } else {
      RETURN_IF_ERROR(ReadItem(values, *parameter, axis, files));
    }
    if (TakesFiles(*parameter)) files.Label(axis);
  }
  if (axis.values.empty()) {
    return ErrorAt(at, key, ": needs at least one value");
  }
  if (static_cast<int64_t>(axis.values.size()) > limits_.max_axis_values) {
    return ErrorAt(at, key, ": ", axis.values.size(), " values; at most ",
                   limits_.max_axis_values);
  }
  return axis;
}

absl::Status SpecReader::ReadNamedSets(const std::string& key,
                                       const YAML::Node& at,
                                       const YAML::Node& values,
                                       AxisDraft& axis) {
  return ForEachField(
      values, key,
      [&](const std::string& label, const YAML::Node& label_node,
          const YAML::Node& set) -> absl::Status {
        if (!set.IsMap()) return UnknownKey(at, key, ParameterNames());
        RETURN_IF_ERROR(CheckLabel(label_node, label));
        AxisValueDraft& value = axis.values.emplace_back();
        value.label = label;
        return ReadBase(set, value.set);
      });
}

absl::Status SpecReader::ReadRange(const YAML::Node& node,
                                   const Parameter& parameter,
                                   AxisDraft& axis) {
  if (!IsWhole(parameter) &&
      !std::holds_alternative<Member<double>>(parameter.member)) {
    return ErrorAt(node, parameter.name, ": is no number and has no ranges");
  }
  const auto has = [&node](const char* word) { return node[word].IsDefined(); };
  const bool is_log = node.size() == 2 && has("log") && has("count");
  const bool is_linear = node.size() == 3 && has("from") && has("to") &&
                         (has("step") || has("count"));
  if (!is_log && !is_linear) {
    return ErrorAt(node, parameter.name,
                   ": a range is {from, to, step}, {from, to, count} or "
                   "{log: [FIRST, LAST], count}");
  }
  RETURN_IF_ERROR(
      ForEachField(node, parameter.name,
                   [](const std::string&, const YAML::Node&,
                      const YAML::Node&) { return absl::OkStatus(); }));
  const int64_t most = limits_.max_axis_values;
  absl::StatusOr<std::vector<std::string>> texts;
  int64_t count = 0;
  if (has("count")) {
    ASSIGN_OR_RETURN(count, WholeNumber(node["count"], "count", 2, most));
  }
  if (is_log) {
    const YAML::Node ends = node["log"];
    if (!ends.IsSequence() || ends.size() != 2) {
      return ErrorAt(ends, "log: must be [FIRST, LAST]");
    }
    ASSIGN_OR_RETURN(const double first, Number(ends[0], "log"));
    ASSIGN_OR_RETURN(const double last, Number(ends[1], "log"));
    texts = LogRange(first, last, count, most);
  } else {
    ASSIGN_OR_RETURN(const double from, Number(node["from"], "from"));
    ASSIGN_OR_RETURN(const double to, Number(node["to"], "to"));
    if (count > 0) {
      texts = CountedRange(from, to, count, most);
    } else {
      ASSIGN_OR_RETURN(const double step, Number(node["step"], "step"));
      texts = SteppedRange(from, to, step, most);
    }
  }
  if (!texts.ok()) {
    return ErrorAt(node, parameter.name, ": ", texts.status().message());
  }
  for (const std::string& text : *texts) {
    RETURN_IF_ERROR(AddValue(node, parameter, {text}, text, axis));
  }
  return absl::OkStatus();
}

absl::Status SpecReader::ReadLabelled(const YAML::Node& node,
                                      const Parameter& parameter,
                                      AxisDraft& axis) {
  return ForEachField(node, parameter.name,
                      [&](const std::string& label, const YAML::Node& at,
                          const YAML::Node& value) -> absl::Status {
                        RETURN_IF_ERROR(CheckLabel(at, label));
                        ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                                         Texts(value, parameter));
                        return AddValue(value, parameter, texts, label, axis);
                      });
}

// One value, or those that a range of whole numbers or a pattern stands for.
absl::Status SpecReader::ReadItem(const YAML::Node& node,
                                  const Parameter& parameter, AxisDraft& axis,
                                  UnlabelledFiles& files) {
  if (node.IsMap()) {
    return ErrorAt(node, parameter.name,
                   ": a label and its value are an entry of a map, and not of "
                   "a list: {LABEL: VALUE, ...}");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> texts,
                   Texts(node, parameter));
  std::vector<std::vector<std::string>> values = {texts};
  if (node.IsScalar()) {
    absl::StatusOr<std::vector<std::string>> all =
        ValuesOf(parameter, texts[0], folder_, limits_.max_axis_values);
    if (!all.ok()) {
      return ErrorAt(node, parameter.name, ": ", all.status().message());
    }
    values.clear();
    for (std::string& text : *all) values.push_back({std::move(text)});
  }
  for (std::vector<std::string>& value : values) {
    RETURN_IF_ERROR(
        AddUnlabelled(node, parameter, std::move(value), axis, files));
    RETURN_IF_ERROR(CheckOwnLabel(node, parameter, axis.values.back().label,
                                  "an entry of a map: {NAME: VALUE, ...}"));
  }
  return absl::OkStatus();
}

// A value that has no label is called what it is.
absl::Status SpecReader::AddUnlabelled(const YAML::Node& at,
                                       const Parameter& parameter,
                                       std::vector<std::string> texts,
                                       AxisDraft& axis,
                                       UnlabelledFiles& files) const {
  const std::string label = absl::StrJoin(texts, ",");
  RETURN_IF_ERROR(AddValue(at, parameter, texts, label, axis));
  files.Add(axis.values.size() - 1, std::move(texts));
  return absl::OkStatus();
}

absl::Status SpecReader::AddValue(const YAML::Node& at,
                                  const Parameter& parameter,
                                  const std::vector<std::string>& texts,
                                  std::string label, AxisDraft& axis) const {
  AxisValueDraft value;
  value.label = std::move(label);
  ASSIGN_OR_RETURN(value.set, DraftOf(at, parameter, texts));
  axis.values.push_back(std::move(value));
  return absl::OkStatus();
}

}  // namespace atelier
