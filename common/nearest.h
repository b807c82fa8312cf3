// "Did you mean ...?"
#ifndef ATELIER_COMMON_NEAREST_H_
#define ATELIER_COMMON_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace atelier {

/// The candidate that was meant by a word: the one that begins so, or else the
/// nearest by edit distance, whatever its case, and "_" or "-"; empty where
/// none is near enough to be worth a guess. The earlier of equals.
absl::string_view Nearest(absl::string_view word,
                          const std::vector<absl::string_view>& candidates);

/// "; did you mean 'style_weight'?", or the allowed words, of many the first,
/// where none is near.
std::string Suggest(absl::string_view word,
                    const std::vector<absl::string_view>& candidates);

}  // namespace atelier

#endif  // ATELIER_COMMON_NEAREST_H_
