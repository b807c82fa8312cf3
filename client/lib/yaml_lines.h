// Lines of a YAML text, as a reader counts them.
#ifndef ATELIER_CLIENT_LIB_YAML_LINES_H_
#define ATELIER_CLIENT_LIB_YAML_LINES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "yaml-cpp/yaml.h"

namespace atelier {

/// The line, from 1, on which a second document begins; nullopt where there is
/// none. Throws YAML::Exception for what is no YAML.
std::optional<int> LineOfSecondDocument(const std::string& text);

/// The line, from 1, of a node of `text`. yaml-cpp takes an empty entry of a
/// list ("-") to be where the next token is; this is the line of its dash. 1
/// for a document without a token.
int LineOfNode(absl::string_view text, const YAML::Node& node);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_YAML_LINES_H_
