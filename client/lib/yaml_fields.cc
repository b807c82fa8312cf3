#include "client/lib/yaml_fields.h"

#include <set>

#include "absl/strings/numbers.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {

absl::Status YamlFields::ForEachField(const YAML::Node& map,
                                      absl::string_view what,
                                      const ReadField& read) const {
  if (!map.IsMap()) {
    return ErrorAt(map, what, map.IsNull() ? ": is empty; it" : ":",
                   " must be a map of fields");
  }
  std::set<std::string> seen;
  for (const auto& field : map) {
    if (field.first.IsNull()) {
      return ErrorAtLine(field.first.Mark().line + 1, what,
                         ": a field has no name");
    }
    ASSIGN_OR_RETURN(const std::string key, Text(field.first, "key"));
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
    return ErrorAt(node, field, node.IsNull() ? ": is empty; it" : ":",
                   " must be a single value");
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
  int64_t value = 0;
  if (absl::SimpleAtoi(text, &value) && value >= least && value <= most) {
    return value;
  }
  return ErrorAt(node, field, ": '", text, "' is not a whole number from ",
                 least, " to ", most);
}

absl::Status YamlFields::UnknownKey(
    const YAML::Node& at, const std::string& key,
    const std::vector<absl::string_view>& known) const {
  return ErrorAt(at, Quoted(key), " is unknown", Suggest(key, known));
}

}  // namespace atelier
