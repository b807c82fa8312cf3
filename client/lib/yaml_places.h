// Where things stand in a YAML text, as a reader counts.
#ifndef ATELIER_CLIENT_LIB_YAML_PLACES_H_
#define ATELIER_CLIENT_LIB_YAML_PLACES_H_

#include "absl/strings/string_view.h"
#include "yaml-cpp/yaml.h"

namespace atelier {

/// A line and a column, in characters; both from 1.
struct TextPlace {
  int line = 1;
  int column = 1;
};

/// Of a mark of `text`. The first place for a mark that says none.
TextPlace PlaceOfMark(absl::string_view text, const YAML::Mark& mark);

/// Of a node of `text`. yaml-cpp takes what is left empty ("-", "seed:") to be
/// where the next token is; this is right behind what it was left out after.
TextPlace PlaceOfNode(absl::string_view text, const YAML::Node& node);

/// A line of a text, by its number from 0; empty past the end.
absl::string_view LineAt(absl::string_view text, int line);

/// What ends a word: spaces, and what makes lists and maps in one line.
inline constexpr absl::string_view kEndsOfWords = " \t\r,[]{}";

/// The word that begins at the mark; may be empty.
absl::string_view WordAtMark(absl::string_view text, const YAML::Mark& mark);

/// The word of a null that is written out: "~", "null". Else empty.
absl::string_view WrittenNull(absl::string_view text, const YAML::Node& node);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_YAML_PLACES_H_
