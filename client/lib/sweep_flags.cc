#include "client/lib/sweep_flags.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "client/lib/spec_reader.h"
#include "client/lib/sweep_values.h"
#include "client/lib/yaml_subset.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/render/measure.h"
#include "common/render/parameter_text.h"
#include "common/status_macros.h"
#include "common/unicode.h"
#include "yaml-cpp/yaml.h"

namespace atelier {
namespace {

using AllValues = std::vector<SweepValues>;
using Axes = std::vector<const SweepValues*>;

// What is not at its default.
void AddMeasure(const MeasureChoice& measure, YAML::Node& root) {
  if (measure == MeasureChoice()) return;
  YAML::Node node;
  if (!measure.weights_digest.empty()) node["weights"] = measure.weights_digest;
  node["size"] = measure.size_px;
  if (measure.pooling.has_value()) {
    node["pooling"] = std::string(Name(*measure.pooling));
  }
  if (!measure.preprocessing.empty()) {
    node["preprocessing"] = measure.preprocessing;
  }
  root["measure"] = node;
}

absl::StatusOr<JobDraft> ReadNode(const YAML::Node& root,
                                  const SpecLimits& limits) {
  try {
    return SpecReader(limits).Read(root);
  } catch (const YAML::Exception& error) {
    return InvalidArgument("is not YAML: ", error.msg);
  }
}

// The reader calls a parameter by its name, where people gave a flag.
absl::Status CheckAlone(const SweepValues& values, const SpecLimits& limits) {
  const std::string name(values.parameter->name);
  YAML::Node root;
  root[values.is_axis ? "axes" : "base"][name] = values.node;
  const absl::Status status = ReadNode(root, limits).status();
  if (status.ok()) return status;
  absl::string_view message = status.message();
  absl::ConsumePrefix(&message, "axis ");
  absl::ConsumePrefix(&message, "values: ");
  absl::ConsumePrefix(&message, absl::StrCat(name, ": "));
  return InvalidArgument(Flag(*values.parameter), ": ", message);
}

// The same where it is one value that would be part of the base.
SweepValues AsAxis(const SweepValues& values) {
  if (values.is_axis) return values;
  YAML::Node list(YAML::NodeType::Sequence);
  list.push_back(values.node);
  return {values.parameter, list, true};
}

// In the order in which the parameters are first given.
absl::StatusOr<AllValues> ReadAllValues(const SweepFlags& flags,
                                        const SpecLimits& limits) {
  AllValues all;
  for (const SweepParameter& first : flags.parameters) {
    const Parameter* const parameter = first.parameter;
    const auto is_it = [parameter](const auto& other) {
      return other.parameter == parameter;
    };
    if (std::any_of(all.begin(), all.end(), is_it)) continue;
    std::vector<std::string> texts;
    for (const SweepParameter& given : flags.parameters) {
      if (is_it(given)) texts.push_back(given.text);
    }
    ASSIGN_OR_RETURN(SweepValues values,
                     ReadSweepValues(*parameter, texts, limits));
    RETURN_IF_ERROR(CheckAlone(values, limits));
    all.push_back(std::move(values));
  }
  return all;
}

std::vector<std::string> NamesOf(const Axes& axes) {
  std::vector<std::string> names;
  for (const SweepValues* axis : axes) {
    names.emplace_back(axis->parameter->name);
  }
  return names;
}

absl::StatusOr<Axes::iterator> FindAxis(absl::string_view flag,
                                        const std::string& name, Axes& axes) {
  const std::string wanted = absl::StrReplaceAll(name, {{"-", "_"}});
  const auto found = std::find_if(
      axes.begin(), axes.end(),
      [&](const SweepValues* axis) { return axis->parameter->name == wanted; });
  if (found != axes.end()) return found;
  return InvalidArgument(
      flag, ": ", Quoted(name), " is no axis of this sweep; ",
      axes.empty() ? "it has none, as no flag gives several values"
                   : "its axes: ",
      absl::StrJoin(NamesOf(axes), ", "));
}

// On the sheet of a grid the last axis is across, and the others are down.
absl::Status PlaceAxes(const SweepFlags& flags, Axes& axes) {
  if (flags.rows.empty() && flags.columns.empty()) return absl::OkStatus();
  if (flags.zip || flags.sample_count.has_value()) {
    return InvalidArgument(
        flags.rows.empty() ? "--columns" : "--rows", ": with ",
        flags.zip ? "--zip" : "--sample",
        " the sheet has tasks in their order, and no axes; leave one out");
  }
  if (!flags.rows.empty()) {
    ASSIGN_OR_RETURN(const auto rows, FindAxis("--rows", flags.rows, axes));
    std::rotate(axes.begin(), rows, rows + 1);
  }
  if (!flags.columns.empty()) {
    ASSIGN_OR_RETURN(const auto columns,
                     FindAxis("--columns", flags.columns, axes));
    if (!flags.rows.empty() && columns == axes.begin()) {
      return InvalidArgument("--columns: ", Quoted(flags.columns),
                             " is what --rows names; leave one out");
    }
    std::rotate(columns, columns + 1, axes.end());
  }
  return absl::OkStatus();
}

std::string DefaultName(const std::vector<std::string>& axes) {
  if (axes.empty()) return "sweep";
  return ShortenedText(absl::StrCat("sweep of ", absl::StrJoin(axes, ", ")),
                       kMaxJobNameCharacters);
}

absl::Status CheckExpansion(const SweepFlags& flags) {
  if (flags.sample_count.value_or(1) < 1) {
    return InvalidArgument("--sample: ", *flags.sample_count,
                           " is not allowed; at least 1");
  }
  if (flags.sample_seed.value_or(0) < 0) {
    return InvalidArgument("--sample-seed: ", *flags.sample_seed,
                           " is not allowed; at least 0");
  }
  if (flags.sample_seed.has_value() && !flags.sample_count.has_value()) {
    return InvalidArgument("--sample-seed: needs --sample");
  }
  if (flags.zip && flags.sample_count.has_value()) {
    return InvalidArgument(
        "--sample: takes points of the grid, which --zip does not make; leave "
        "one out");
  }
  return absl::OkStatus();
}

absl::Status CheckName(const std::string& name, const SpecLimits& limits) {
  if (name.empty()) return absl::OkStatus();
  YAML::Node root;
  root["name"] = name;
  const absl::Status status = ReadNode(root, limits).status();
  if (status.ok()) return status;
  return InvalidArgument("--", status.message());
}

absl::StatusOr<YAML::Node> ExcludeNode(const std::vector<std::string>& rules) {
  YAML::Node list(YAML::NodeType::Sequence);
  for (const std::string& rule : rules) {
    const absl::StatusOr<YAML::Node> node = LoadYamlValue(rule);
    if (!node.ok()) {
      return InvalidArgument("--exclude: ", Quoted(rule), " ",
                             node.status().message());
    }
    if (!node->IsMap()) {
      return InvalidArgument("--exclude: ", Quoted(rule),
                             " is no rule; write '{AXIS: VALUE, ...}'");
    }
    list.push_back(*node);
  }
  return list;
}

// The whole sweep as a spec.
absl::StatusOr<YAML::Node> SpecNode(const SweepFlags& flags,
                                    const SpecLimits& limits) {
  RETURN_IF_ERROR(CheckExpansion(flags));
  RETURN_IF_ERROR(CheckName(flags.name, limits));
  ASSIGN_OR_RETURN(const AllValues all, ReadAllValues(flags, limits));
  YAML::Node root;
  Axes axes;
  root["name"] = flags.name;
  for (const SweepValues& values : all) {
    if (values.is_axis) {
      axes.push_back(&values);
    } else {
      root["base"][std::string(values.parameter->name)] = values.node;
    }
  }
  RETURN_IF_ERROR(PlaceAxes(flags, axes));
  for (const SweepValues* axis : axes) {
    root["axes"][std::string(axis->parameter->name)] = axis->node;
  }
  if (flags.name.empty()) root["name"] = DefaultName(NamesOf(axes));
  if (flags.zip) root["expand"] = "zip";
  if (flags.sample_count.has_value()) {
    root["expand"]["sample"] = *flags.sample_count;
    root["expand"]["seed"] = flags.sample_seed.value_or(0);
  }
  if (!flags.exclude.empty()) {
    ASSIGN_OR_RETURN(root["exclude"], ExcludeNode(flags.exclude));
  }
  // A sheet of one axis has it across, as many to a row as this.
  if (!flags.rows.empty() && axes.size() == 1) root["sheet_columns"] = 1;
  return root;
}

}  // namespace

absl::StatusOr<JobDraft> ReadSweep(const SweepFlags& flags,
                                   const SpecLimits& limits) {
  ASSIGN_OR_RETURN(const YAML::Node root, SpecNode(flags, limits));
  absl::StatusOr<JobDraft> job = ReadNode(root, limits);
  if (job.ok()) return job;
  // Values have been read alone: left are how axes fit together, and rules.
  if (!flags.exclude.empty()) {
    SweepFlags all = flags;
    all.exclude.clear();
    RETURN_IF_ERROR(ReadSweep(all, limits).status());
    absl::string_view message = job.status().message();
    absl::ConsumePrefix(&message, "exclude: ");
    return InvalidArgument("--exclude: ", message);
  }
  const bool is_of_zip = absl::StrContains(job.status().message(), "mode zip");
  return Annotate(job.status(), is_of_zip ? "--zip" : "sweep");
}

absl::StatusOr<std::vector<AxisDraft>> ReadSweepAxes(const SweepFlags& flags,
                                                     const SpecLimits& limits) {
  RETURN_IF_ERROR(CheckName(flags.name, limits));
  ASSIGN_OR_RETURN(const AllValues all, ReadAllValues(flags, limits));
  std::vector<AxisDraft> axes;
  for (const SweepValues& values : all) {
    const SweepValues axis = AsAxis(values);
    if (!values.is_axis) RETURN_IF_ERROR(CheckAlone(axis, limits));
    YAML::Node root;
    root["axes"][std::string(axis.parameter->name)] = axis.node;
    ASSIGN_OR_RETURN(JobDraft job, ReadNode(root, limits));
    axes.push_back(std::move(job.axes.at(0)));
  }
  return axes;
}

absl::StatusOr<std::string> PrintSweep(const SweepFlags& flags,
                                       const JobDraft& job,
                                       const SpecLimits& limits) {
  for (const SweepParameter& given : flags.parameters) {
    if (IsUtf8(given.text)) continue;
    return InvalidArgument(Flag(*given.parameter), ": ", Quoted(given.text),
                           " is not UTF-8, and cannot be printed in a spec");
  }
  ASSIGN_OR_RETURN(YAML::Node root, SpecNode(flags, limits));
  if (!job.user.empty()) root["user"] = job.user;
  if (job.priority != 0) root["priority"] = job.priority;
  if (!job.profile.empty()) root["profile"] = job.profile;
  if (job.no_cache) root["no_cache"] = true;
  AddMeasure(job.measure, root);
  YAML::Emitter emitter;
  emitter << root;
  return absl::StrCat(emitter.c_str(), "\n");
}

}  // namespace atelier
