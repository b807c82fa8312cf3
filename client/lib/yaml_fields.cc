#include "client/lib/yaml_fields.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/nearest.h"
#include "common/number_text.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::string_view kMergeKey = "<<";

}  // namespace

absl::Status YamlFields::ForEachField(const YAML::Node& map,
                                      absl::string_view what,
                                      const ReadField& read) const {
  if (!map.IsMap()) {
    return ErrorAt(map, what, EmptyOr(map), " must be a map of fields");
  }
  std::set<std::string> seen;
  for (const auto& field : map) {
    if (field.first.IsNull()) {
      return ErrorAtPlace(PlaceOfMark(text_, field.first.Mark()), what,
                          ": a field has no name");
    }
    ASSIGN_OR_RETURN(const std::string key, Text(field.first, "key"));
    // A quoted one is text.
    if (key == kMergeKey && field.first.Tag() == "?") {
      return ErrorAt(field.first, what, ": '", kMergeKey,
                     "' merges maps, and specs have no such thing; write the "
                     "fields out");
    }
    if (!seen.insert(key).second) {
      return ErrorAt(field.first, key, ": is given twice");
    }
    RETURN_IF_ERROR(read(key, field.first, field.second));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> YamlFields::Text(const YAML::Node& node,
                                             absl::string_view field) const {
  if (!node.IsScalar()) {
    return ErrorAt(node, field, EmptyOr(node), " must be a single value");
  }
  if (!IsUtf8(node.Scalar())) {
    return ErrorAt(node, field, ": ", Quoted(node.Scalar()),
                   " is not text in UTF-8");
  }
  return node.Scalar();
}

absl::StatusOr<int64_t> YamlFields::WholeNumber(const YAML::Node& node,
                                                absl::string_view field,
                                                int64_t least,
                                                int64_t most) const {
  ASSIGN_OR_RETURN(const std::string text, Text(node, field));
  const auto is_allowed = [least, most](absl::string_view word) {
    int64_t value = 0;
    return ReadNumber(word, value) && value >= least && value <= most;
  };
  if (is_allowed(text)) {
    int64_t value = 0;
    ReadNumber(text, value);
    return value;
  }
  const std::string correction =
      NumberCorrection(text, NumberKind::kWhole, is_allowed);
  if (!correction.empty()) return ErrorAt(node, field, ": ", correction);
  return ErrorAt(node, field, ": ", Quoted(text),
                 " is not a whole number from ", least, " to ", most);
}

absl::StatusOr<double> YamlFields::Number(const YAML::Node& node,
                                          absl::string_view field) const {
  ASSIGN_OR_RETURN(const std::string text, Text(node, field));
  double value = 0;
  if (ReadNumber(text, value)) return value;
  const std::string correction = NumberCorrection(
      text, NumberKind::kAny, [](absl::string_view) { return true; });
  if (!correction.empty()) return ErrorAt(node, field, ": ", correction);
  return ErrorAt(node, field, ": ", Quoted(text), " is not a finite number");
}

absl::StatusOr<bool> YamlFields::Bool(const YAML::Node& node,
                                      absl::string_view field) const {
  ASSIGN_OR_RETURN(const std::string text, Text(node, field));
  if (text == "true" || text == "false") return text == "true";
  const std::string word = absl::AsciiStrToLower(text);
  absl::string_view meant = Nearest(text, {"true", "false"});
  for (const absl::string_view yes : {"y", "yes", "on", "t", "1"}) {
    if (word == yes) meant = "true";
  }
  for (const absl::string_view no : {"n", "no", "off", "f", "0"}) {
    if (word == no) meant = "false";
  }
  return ErrorAt(node, field, ": ", Quoted(text), " is not allowed; ",
                 meant.empty() ? "" : "write ",
                 meant.empty() ? "true or false" : meant);
}

std::string YamlFields::EmptyOr(const YAML::Node& node) const {
  if (!node.IsNull()) return ":";
  const absl::string_view word = WrittenNull(text_, node);
  return absl::StrCat(": ", word.empty() ? "" : Quoted(word),
                      word.empty() ? "" : " ", "is empty; it");
}

absl::Status YamlFields::UnknownKey(
    const YAML::Node& at, const std::string& key,
    const std::vector<absl::string_view>& known) const {
  return ErrorAt(at, Quoted(key), " is unknown", Suggest(key, known));
}

}  // namespace atelier
