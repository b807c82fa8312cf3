// What of YAML a spec may hold: one document, without anchors, aliases and
// tags, which tools read in different ways.
#ifndef ATELIER_CLIENT_LIB_YAML_SUBSET_H_
#define ATELIER_CLIENT_LIB_YAML_SUBSET_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/lib/yaml_places.h"
#include "yaml-cpp/yaml.h"

namespace atelier {

struct YamlProblem {
  TextPlace place;
  std::string message;  ///< What was given; what to write.
};

/// The first thing in a text that a spec may not hold, or that is no YAML;
/// nullopt where there is none.
std::optional<YamlProblem> FindYamlProblem(const std::string& text);

/// One value on a line of its own, of what a spec may hold.
/// Errors: InvalidArgument ("is not YAML: ...", without the text).
absl::StatusOr<YAML::Node> LoadYamlValue(const std::string& text);

/// What yaml-cpp says of a text that is no YAML.
YamlProblem SyntaxProblem(absl::string_view text, const YAML::Exception& error);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_YAML_SUBSET_H_
