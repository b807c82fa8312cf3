#include "client/lib/sweep_values.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/lib/spec_reader.h"
#include "client/lib/yaml_subset.h"
#include "common/quoted_text.h"
#include "common/render/parameter_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using Texts = std::vector<std::string>;

template <typename... Parts>
absl::Status FlagError(const Parameter& parameter, const Parts&... message) {
  return InvalidArgument(Flag(parameter), ": ", message...);
}

// A file's name may have any character in it.
bool IsNameOfFile(const Parameter& parameter, const std::string& text) {
  std::error_code unknown;
  return TakesFiles(parameter) && std::filesystem::exists(text, unknown);
}

bool IsYaml(const Parameter& parameter, const std::string& text) {
  const absl::string_view begin = absl::StripLeadingAsciiWhitespace(text);
  return (absl::StartsWith(begin, "{") || absl::StartsWith(begin, "[")) &&
         !IsNameOfFile(parameter, text);
}

absl::StatusOr<Texts> Split(const Parameter& parameter, const std::string& text,
                            char separator) {
  Texts parts;
  for (absl::string_view part : absl::StrSplit(text, separator)) {
    part = absl::StripAsciiWhitespace(part);
    if (part.empty()) {
      return FlagError(parameter, Quoted(text),
                       " has an empty value; write VALUE",
                       std::string(1, separator), "VALUE");
    }
    parts.emplace_back(part);
  }
  return parts;
}

// Commas belong to the values of parameters that are lists.
absl::StatusOr<Texts> SplitValues(const Parameter& parameter,
                                  const std::string& text) {
  if (IsNameOfFile(parameter, text)) return Texts{text};
  if (absl::StrContains(text, ';')) return Split(parameter, text, ';');
  if (TakesOf(parameter) == Takes::kOne) return Split(parameter, text, ',');
  if (TakesOf(parameter) == Takes::kEach && absl::StrContains(text, ',')) {
    return FlagError(parameter, Quoted(text),
                     " is one value that is a list, or several values; write "
                     "'VALUE;VALUE' for several, and give the flag once for "
                     "each entry of a list");
  }
  return Texts{text};
}

YAML::Node ListNode(const Texts& texts) {
  YAML::Node list(YAML::NodeType::Sequence);
  for (const std::string& text : texts) list.push_back(text);
  list.SetStyle(YAML::EmitterStyle::Flow);
  return list;
}

// One value of several; of a parameter that each file adds to, with the files
// between commas.
absl::StatusOr<YAML::Node> ValueNode(const Parameter& parameter,
                                     const std::string& text) {
  if (TakesOf(parameter) != Takes::kEach || !absl::StrContains(text, ',') ||
      IsNameOfFile(parameter, text)) {
    return YAML::Node(text);
  }
  ASSIGN_OR_RETURN(const Texts files, Split(parameter, text, ','));
  return ListNode(files);
}

// Errors are the spec's reader's to find.
bool IsOneValue(const Parameter& parameter, const std::string& text,
                const SpecLimits& limits) {
  const auto values =
      ValuesOf(parameter, text, /*folder=*/"", limits.max_axis_values);
  return values.ok() && *values == Texts{text};
}

absl::StatusOr<SweepValues> ReadYaml(const Parameter& parameter,
                                     const Texts& texts) {
  if (texts.size() > 1) {
    return FlagError(parameter, "is given ", texts.size(),
                     " times; a value that begins with { or [ is YAML and "
                     "holds all values, so give the flag once");
  }
  const std::string hint = absl::StrCat(
      " (a value that begins with { or [ is read as YAML, as under 'axes' of a "
      "spec",
      TakesFiles(parameter) ? "; write the name of a file as ./NAME)" : ")");
  const absl::StatusOr<YAML::Node> node = LoadYamlValue(texts[0]);
  if (!node.ok()) {
    return FlagError(parameter, Quoted(texts[0]), " ", node.status().message(),
                     hint);
  }
  return SweepValues{&parameter, *node, true};
}

// As in other commands, each time adds an entry to one list.
absl::StatusOr<SweepValues> ReadEntries(const Parameter& parameter,
                                        const Texts& texts,
                                        const SpecLimits& limits) {
  for (const std::string& text : texts) {
    const bool is_one = IsNameOfFile(parameter, text) ||
                        (text.find_first_of(",;") == std::string::npos &&
                         IsOneValue(parameter, text, limits));
    if (is_one) continue;
    return FlagError(
        parameter, "is given ", texts.size(),
        " times, each one entry of a list as in 'atelier render', but ",
        Quoted(text),
        " is no single file; give all values in one flag, as FILE,FILE;FILE "
        "with ';' between values and ',' within a list");
  }
  return SweepValues{&parameter, ListNode(texts), false};
}

}  // namespace

absl::StatusOr<SweepValues> ReadSweepValues(
    const Parameter& parameter, const std::vector<std::string>& texts,
    const SpecLimits& limits) {
  if (std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        return IsYaml(parameter, text);
      })) {
    return ReadYaml(parameter, texts);
  }
  if (TakesOf(parameter) == Takes::kEach && texts.size() > 1) {
    return ReadEntries(parameter, texts, limits);
  }
  Texts values;
  for (const std::string& text : texts) {
    ASSIGN_OR_RETURN(const Texts parts, SplitValues(parameter, text));
    values.insert(values.end(), parts.begin(), parts.end());
  }
  SweepValues read{&parameter, {}, true};
  if (values.size() == 1 && IsOneValue(parameter, values[0], limits)) {
    read.is_axis = false;
    ASSIGN_OR_RETURN(read.node, ValueNode(parameter, values[0]));
    return read;
  }
  read.node = ListNode({});
  for (const std::string& value : values) {
    ASSIGN_OR_RETURN(const YAML::Node node, ValueNode(parameter, value));
    read.node.push_back(node);
  }
  return read;
}

}  // namespace atelier
