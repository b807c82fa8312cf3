#include "client/lib/nearest.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace atelier {
namespace {

// Levenshtein's, one row at a time.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

absl::string_view Nearest(absl::string_view word,
                          const std::vector<absl::string_view>& candidates) {
  constexpr size_t kLongestWord = 64;
  if (word.size() > kLongestWord) return {};
  absl::string_view nearest;
  // A third of the letters wrong is a typing mistake, more is another word.
  size_t least = std::max<size_t>(word.size() / 3, 1) + 1;
  for (absl::string_view candidate : candidates) {
    const size_t distance = EditDistance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string Suggest(absl::string_view word,
                    const std::vector<absl::string_view>& candidates) {
  const absl::string_view nearest = Nearest(word, candidates);
  return nearest.empty()
             ? absl::StrCat("; allowed: ", absl::StrJoin(candidates, ", "))
             : absl::StrCat("; did you mean '", nearest, "'?");
}

}  // namespace atelier
