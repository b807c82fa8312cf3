// Words among an option's values, where CLI11 has no place for them: in the
// name of a check that checks nothing.
#ifndef ATELIER_COMMON_CLI_SUGGESTIONS_H_
#define ATELIER_COMMON_CLI_SUGGESTIONS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace atelier {

inline constexpr absl::string_view kSuggestions = "suggestions:";

/// REQUIRES: words without commas.
inline std::string SuggestionsName(const std::vector<std::string>& words) {
  return absl::StrCat(kSuggestions, absl::StrJoin(words, ","));
}

/// Empty for a check of another name.
inline std::vector<std::string> SuggestionsOf(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kSuggestions)) return {};
  return absl::StrSplit(name, ',');
}

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_SUGGESTIONS_H_
