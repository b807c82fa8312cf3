#include "client/lib/spec_reader.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/lib/axis_labels.h"
#include "client/lib/yaml_subset.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/render/resolve.h"
#include "common/status_macros.h"
#include "common/unicode.h"

namespace atelier {
namespace {

constexpr size_t kMaxAxisName = 64;

bool IsAxisName(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxAxisName &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_islower(c) || absl::ascii_isdigit(c) ||
                  c == '_' || c == '-';
         });
}

}  // namespace

bool TakesFiles(const Parameter& parameter) {
  return absl::StrContains(parameter.value_name, "FILE");
}

std::vector<absl::string_view> ParameterNames() {
  std::vector<absl::string_view> names;
  for (const Parameter& parameter : AllParameters()) {
    names.push_back(parameter.name);
  }
  return names;
}

void UnlabelledFiles::Label(AxisDraft& axis) const {
  const std::vector<std::string> labels = LabelsOfFiles(paths);
  for (size_t i = 0; i < positions.size(); ++i) {
    axis.values[positions[i]].label = labels[i];
  }
}

absl::StatusOr<JobDraft> SpecReader::Read() {
  try {
    if (const auto problem = FindYamlProblem(text()); problem.has_value()) {
      return ErrorAtPlace(problem->place, problem->message);
    }
    return Read(YAML::Load(text()));
  } catch (const YAML::Exception& error) {
    const YamlProblem problem = SyntaxProblem(text(), error);
    return ErrorAtPlace(problem.place, problem.message);
  }
}

absl::StatusOr<JobDraft> SpecReader::Read(const YAML::Node& root) {
  JobDraft job;
  RETURN_IF_ERROR(ReadJob(root, job));
  RETURN_IF_ERROR(CheckJob(root, job));
  if (root["exclude"].IsDefined()) {
    RETURN_IF_ERROR(ReadExclude(root["exclude"], job));
  }
  RETURN_IF_ERROR(ReadNotes(root, job));
  return job;
}

absl::Status SpecReader::ReadJob(const YAML::Node& root, JobDraft& job) {
  return ForEachField(root, "a job",
                      [&](const std::string& key, const YAML::Node& at,
                          const YAML::Node& value) {
                        return ReadJobField(key, at, value, job);
                      });
}

absl::Status SpecReader::ReadJobField(const std::string& key,
                                      const YAML::Node& at,
                                      const YAML::Node& value, JobDraft& job) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  if (key == "base") return ReadBase(value, job.base);
  if (key == "axes") return ReadAxes(value, job.axes);
  if (key == "name") {
    ASSIGN_OR_RETURN(job.name, Text(value, key));
    if (job.name.empty() ||
        ShortenedText(job.name, kMaxJobNameCharacters) != job.name) {
      return ErrorAt(value, "name: ", Quoted(job.name), " is not 1 to ",
                     kMaxJobNameCharacters, " printable characters");
    }
    return absl::OkStatus();
  }
  if (key == "expand") return ReadExpand(value, job);
  if (key == "mode") return ReadMode(value, key, job);
  for (const char* later : {"exclude", "shows", "chosen", "chosen_by"}) {
    if (key == later) return absl::OkStatus();  // Once there are axes.
  }
  if (key == "sample_count") {
    ASSIGN_OR_RETURN(job.sample_count, WholeNumber(value, key, 1, kMost));
    return absl::OkStatus();
  }
  if (key == "sample_seed") {
    ASSIGN_OR_RETURN(job.sample_seed, WholeNumber(value, key, 0, kMost));
    return absl::OkStatus();
  }
  if (key == "sheet_columns") {
    ASSIGN_OR_RETURN(job.sheet_columns, WholeNumber(value, key, 0, 1000));
    return absl::OkStatus();
  }
  return ReadSchedulingField(key, at, value, job);
}

absl::Status SpecReader::ReadMode(const YAML::Node& node,
                                  absl::string_view field, JobDraft& job) {
  ASSIGN_OR_RETURN(const std::string mode, Text(node, field));
  constexpr std::pair<absl::string_view, Sweep> kModes[] = {
      {"grid", Sweep::kGrid}, {"zip", Sweep::kZip}, {"random", Sweep::kRandom}};
  const bool is_random_named = field == "mode";
  for (const auto& [name, sweep] : kModes) {
    if (sweep == Sweep::kRandom && !is_random_named) continue;
    if (mode == name) return job.sweep = sweep, absl::OkStatus();
  }
  return ErrorAt(
      node, field, ": ", Quoted(mode), " is unknown",
      Suggest(mode, {"grid", "zip",
                     is_random_named ? "random" : "{sample: COUNT, seed: N}"}));
}

// `mode`, `sample_count` and `sample_seed` in one.
absl::Status SpecReader::ReadExpand(const YAML::Node& node, JobDraft& job) {
  if (!node.IsMap()) return ReadMode(node, "expand", job);
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  job.sweep = Sweep::kRandom;
  RETURN_IF_ERROR(ForEachField(
      node, "expand",
      [&](const std::string& key, const YAML::Node& at,
          const YAML::Node& value) -> absl::Status {
        if (key == "sample") {
          ASSIGN_OR_RETURN(job.sample_count, WholeNumber(value, key, 1, kMost));
        } else if (key == "seed") {
          ASSIGN_OR_RETURN(job.sample_seed, WholeNumber(value, key, 0, kMost));
        } else {
          return UnknownKey(at, key, {"sample", "seed"});
        }
        return absl::OkStatus();
      }));
  if (job.sample_count > 0) return absl::OkStatus();
  return ErrorAt(node, "expand: needs 'sample', how many points there are");
}

absl::Status SpecReader::ReadSchedulingField(const std::string& key,
                                             const YAML::Node& at,
                                             const YAML::Node& value,
                                             JobDraft& job) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  if (key == "measure") return ReadMeasure(value, job.measure);
  if (key == "user") {
    ASSIGN_OR_RETURN(job.user, Text(value, key));
  } else if (key == "priority") {
    ASSIGN_OR_RETURN(job.priority, WholeNumber(value, key, -1000, 1000));
  } else if (key == "max_running") {
    ASSIGN_OR_RETURN(
        job.max_running,
        WholeNumber(value, key, 0, std::numeric_limits<int32_t>::max()));
  } else if (key == "profile") {
    ASSIGN_OR_RETURN(job.profile, Text(value, key));
  } else if (key == "no_cache") {
    ASSIGN_OR_RETURN(job.no_cache, Bool(value, key));
  } else if (key == "worker_memory_bytes") {
    ASSIGN_OR_RETURN(job.worker_memory_bytes,
                     WholeNumber(value, key, 0, kMost));
  } else if (key == "worker_tags") {
    if (!value.IsSequence()) {
      return ErrorAt(value, "worker_tags: must be a list of names");
    }
    for (const YAML::Node& tag : value) {
      ASSIGN_OR_RETURN(job.worker_tags.emplace_back(), Text(tag, key));
    }
  } else {
    return UnknownKey(at, key,
                      {"name",          "base",        "measure",
                       "axes",          "expand",      "mode",
                       "sample_count",  "sample_seed", "exclude",
                       "shows",         "chosen",      "chosen_by",
                       "sheet_columns", "user",        "priority",
                       "max_running",   "worker_tags", "worker_memory_bytes",
                       "no_cache",      "profile"});
  }
  return absl::OkStatus();
}

absl::Status SpecReader::ReadMeasure(const YAML::Node& node,
                                     MeasureChoice& measure) {
  return ForEachField(
      node, "measure",
      [&](const std::string& key, const YAML::Node& at,
          const YAML::Node& value) -> absl::Status {
        const std::string field = absl::StrCat("measure.", key);
        if (key == "size") {
          ASSIGN_OR_RETURN(
              measure.size_px,
              WholeNumber(value, field, kMinMeasureSizePx, kMaxMeasureSizePx));
        } else if (key == "weights") {
          ASSIGN_OR_RETURN(measure.weights_digest, Text(value, field));
        } else if (key == "pooling" || key == "preprocessing") {
          ASSIGN_OR_RETURN(const std::string name, Text(value, field));
          const absl::Status chosen = ChooseMeasure(key, name, measure);
          if (!chosen.ok()) return ErrorAt(value, chosen.message());
        } else {
          return UnknownKey(at, key,
                            {"weights", "size", "pooling", "preprocessing"});
        }
        return absl::OkStatus();
      });
}

absl::Status SpecReader::ReadBase(const YAML::Node& node, RenderDraft& base) {
  return ForEachField(node, "base",
                      [&](const std::string& key, const YAML::Node& at,
                          const YAML::Node& value) {
                        return ReadParameter(key, at, value, base);
                      });
}

absl::Status SpecReader::ReadAxes(const YAML::Node& node,
                                  std::vector<AxisDraft>& axes) {
  if (!node.IsSequence() && !node.IsMap()) {
    return ErrorAt(node,
                   "axes: must be a map of parameters and their values, "
                   "or a list of axes");
  }
  if (static_cast<int>(node.size()) > limits_.max_axes) {
    return ErrorAt(node, "axes: ", node.size(), " given; at most ",
                   limits_.max_axes);
  }
  if (node.IsMap()) {
    return ForEachField(node, "axes",
                        [&](const std::string& key, const YAML::Node& at,
                            const YAML::Node& values) -> absl::Status {
                          ASSIGN_OR_RETURN(AxisDraft axis,
                                           ReadMapAxis(key, at, values));
                          RETURN_IF_ERROR(CheckAxis(at, axis));
                          axes.push_back(std::move(axis));
                          return absl::OkStatus();
                        });
  }
  for (const YAML::Node& item : node) {
    ASSIGN_OR_RETURN(AxisDraft axis, ReadAxis(item));
    RETURN_IF_ERROR(CheckAxis(item, axis));
    axes.push_back(std::move(axis));
  }
  return absl::OkStatus();
}

absl::StatusOr<AxisDraft> SpecReader::ReadAxis(const YAML::Node& node) {
  AxisDraft axis;
  YAML::Node parameter(YAML::NodeType::Undefined);
  YAML::Node values(YAML::NodeType::Undefined);
  RETURN_IF_ERROR(ForEachField(
      node, "an axis",
      [&](const std::string& key, const YAML::Node& at,
          const YAML::Node& value) -> absl::Status {
        if (key == "name") {
          ASSIGN_OR_RETURN(axis.name, Text(value, "axis name"));
        } else if (key == "parameter") {
          parameter.reset(value);
        } else if (key == "values") {
          values.reset(value);
        } else {
          return UnknownKey(at, key, {"name", "parameter", "values"});
        }
        return absl::OkStatus();
      }));
  if (!values.IsDefined() || !values.IsSequence() || values.size() == 0) {
    return ErrorAt(node, "axis: needs 'values', a list of at least one value");
  }
  if (static_cast<int64_t>(values.size()) > limits_.max_axis_values) {
    return ErrorAt(values, "values: ", values.size(), " given; at most ",
                   limits_.max_axis_values);
  }
  RETURN_IF_ERROR(parameter.IsDefined()
                      ? ReadParameterValues(parameter, values, axis)
                      : ReadNamedValues(values, axis));
  return axis;
}

absl::Status SpecReader::ReadParameterValues(const YAML::Node& parameter,
                                             const YAML::Node& values,
                                             AxisDraft& axis) {
  ASSIGN_OR_RETURN(const std::string name, Text(parameter, "parameter"));
  const Parameter* row = FindParameter(name);
  if (row == nullptr) return UnknownKey(parameter, name, ParameterNames());
  if (axis.name.empty()) axis.name = name;
  UnlabelledFiles files;
  for (const YAML::Node& item : values) {
    if (item.IsMap()) {
      ASSIGN_OR_RETURN(AxisValueDraft value, ReadNamedValue(item));
      if (!IsGiven(*row, value.set.patch)) {
        return ErrorAt(item, "values: ", Quoted(value.label), " does not set ",
                       name);
      }
      axis.values.push_back(std::move(value));
    } else {
      ASSIGN_OR_RETURN(std::vector<std::string> texts, Texts(item, *row));
      RETURN_IF_ERROR(AddUnlabelled(item, *row, std::move(texts), axis, files));
      RETURN_IF_ERROR(
          CheckOwnLabel(item, *row, axis.values.back().label,
                        absl::StrCat("{label: NAME, ", row->name, ": VALUE}")));
    }
  }
  if (TakesFiles(*row)) files.Label(axis);
  return absl::OkStatus();
}

absl::Status SpecReader::ReadNamedValues(const YAML::Node& values,
                                         AxisDraft& axis) {
  for (const YAML::Node& item : values) {
    if (!item.IsMap()) {
      return ErrorAt(item,
                     "values: without 'parameter', each value is a map with a "
                     "'label' and the parameters it sets");
    }
    ASSIGN_OR_RETURN(AxisValueDraft value, ReadNamedValue(item));
    axis.values.push_back(std::move(value));
  }
  return absl::OkStatus();
}

absl::StatusOr<AxisValueDraft> SpecReader::ReadNamedValue(
    const YAML::Node& node) {
  AxisValueDraft named;
  RETURN_IF_ERROR(
      ForEachField(node, "a value",
                   [&](const std::string& key, const YAML::Node& at,
                       const YAML::Node& value) -> absl::Status {
                     if (key != "label") {
                       return ReadParameter(key, at, value, named.set);
                     }
                     ASSIGN_OR_RETURN(named.label, Text(value, key));
                     return CheckLabel(value, named.label);
                   }));
  if (named.label.empty()) return ErrorAt(node, "label: is missing");
  return named;
}

absl::Status SpecReader::ReadParameter(const std::string& key,
                                       const YAML::Node& at,
                                       const YAML::Node& value,
                                       RenderDraft& into) {
  const Parameter* row = FindParameter(key);
  if (row == nullptr) return UnknownKey(at, key, ParameterNames());
  ASSIGN_OR_RETURN(const auto texts, Texts(value, *row));
  ASSIGN_OR_RETURN(const RenderDraft draft, DraftOf(value, *row, texts));
  into = Merge(std::move(into), draft);
  return absl::OkStatus();
}

absl::StatusOr<RenderDraft> SpecReader::DraftOf(
    const YAML::Node& at, const Parameter& parameter,
    const std::vector<std::string>& texts) const {
  RenderDraft draft;
  absl::Status status;
  for (const std::string& text : texts) {
    status.Update(ParseParameter(parameter, text, draft.patch));
  }
  if (status.ok()) status = ValidatePatch(draft.patch);
  if (!status.ok()) return ErrorAt(at, status.message());
  return draft;
}

absl::Status SpecReader::CheckAxis(const YAML::Node& node,
                                   const AxisDraft& axis) const {
  if (!IsAxisName(axis.name)) {
    return ErrorAt(node, "axis name: '", axis.name,
                   "' is not 1 to 64 of a-z, 0-9, _ and -");
  }
  std::set<absl::string_view> labels;
  for (const AxisValueDraft& value : axis.values) {
    if (!labels.insert(value.label).second) {
      return ErrorAt(node, "axis ", axis.name, ": '", value.label,
                     "' is given twice");
    }
  }
  return absl::OkStatus();
}

absl::Status SpecReader::CheckJob(const YAML::Node& root,
                                  const JobDraft& job) const {
  for (const char* field : {"mode", "sample_count", "sample_seed"}) {
    if (!root["expand"].IsDefined() || !root[field].IsDefined()) continue;
    return ErrorAt(root[field], field, ": is said by 'expand'; leave one out");
  }
  std::set<absl::string_view> names;
  for (const AxisDraft& axis : job.axes) {
    if (!names.insert(axis.name).second) {
      return ErrorAt(root, "axes: two are called '", axis.name,
                     "'; give one another 'name'");
    }
    if (job.sweep == Sweep::kZip &&
        axis.values.size() != job.axes[0].values.size()) {
      return ErrorAt(root, "axes: mode zip needs axes of one length; ",
                     job.axes[0].name, " has ", job.axes[0].values.size(),
                     " values, ", axis.name, " has ", axis.values.size());
    }
  }
  if ((job.sweep == Sweep::kRandom) != (job.sample_count > 0)) {
    return ErrorAt(root,
                   "sample_count: is needed with mode random, and only there");
  }
  return CheckVariedOnce(root, job);
}

absl::Status SpecReader::CheckVariedOnce(const YAML::Node& root,
                                         const JobDraft& job) const {
  // The wire lets the later axis win, but then the earlier one's labels lie.
  for (const Parameter& parameter : AllParameters()) {
    const AxisDraft* varies = nullptr;
    for (const AxisDraft& axis : job.axes) {
      if (std::none_of(axis.values.begin(), axis.values.end(),
                       [&](const AxisValueDraft& value) {
                         return IsGiven(parameter, value.set.patch);
                       })) {
        continue;
      }
      if (varies != nullptr) {
        return ErrorAt(root, "axes: both ", varies->name, " and ", axis.name,
                       " set ", parameter.name, "; let one of them");
      }
      varies = &axis;
    }
  }
  return absl::OkStatus();
}

// The name of a file may be any bytes.
absl::StatusOr<std::string> SpecReader::ParameterText(
    const YAML::Node& node, const Parameter& parameter) const {
  if (node.IsScalar() && TakesFiles(parameter)) return node.Scalar();
  return Text(node, parameter.name);
}

absl::StatusOr<std::vector<std::string>> SpecReader::Texts(
    const YAML::Node& node, const Parameter& parameter) const {
  if (node.IsScalar()) {
    ASSIGN_OR_RETURN(std::string text, ParameterText(node, parameter));
    return std::vector<std::string>{std::move(text)};
  }
  const bool takes_each = TakesOf(parameter) == Takes::kEach;
  if (TakesOf(parameter) == Takes::kOne || !node.IsSequence() ||
      (takes_each && node.size() == 0)) {
    return ErrorAt(
        node, parameter.name, EmptyOr(node), " must be a single value",
        TakesOf(parameter) == Takes::kOne ? "" : " or a list of them");
  }
  std::vector<std::string> texts;
  for (const YAML::Node& item : node) {
    ASSIGN_OR_RETURN(std::string text, ParameterText(item, parameter));
    // Each alone, so that an error is at the one that is wrong.
    RETURN_IF_ERROR(DraftOf(item, parameter, {text}).status());
    texts.push_back(std::move(text));
  }
  if (takes_each) return texts;
  return std::vector<std::string>{texts.empty() ? "none"
                                                : absl::StrJoin(texts, ",")};
}

absl::Status SpecReader::CheckLabel(const YAML::Node& node,
                                    absl::string_view label) const {
  if (IsLabel(label)) return absl::OkStatus();
  return ErrorAt(node, "label: ", Quoted(label),
                 " is not 1 to 64 printable characters");
}

absl::Status SpecReader::CheckOwnLabel(const YAML::Node& node,
                                       const Parameter& parameter,
                                       absl::string_view label,
                                       absl::string_view labelled) const {
  if (TakesFiles(parameter) || IsLabel(label)) return absl::OkStatus();
  return ErrorAt(node, "values: ", Quoted(label),
                 " is no label, which is 1 to 64 printable characters; "
                 "write the value as ",
                 labelled);
}

}  // namespace atelier
