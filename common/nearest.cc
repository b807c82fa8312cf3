#include "common/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace atelier {
namespace {

// Of optimal string alignment: Levenshtein's, and two letters swapped count
// once. Row by row.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> before_last;
  std::vector<size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    std::vector<size_t> row(b.size() + 1, i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({replaced, last[j] + 1, row[j - 1] + 1});
      const bool is_swapped =
          i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::move(last);
    last = std::move(row);
  }
  return last.back();
}

// Of case, and of what stands between words, nobody is sure.
std::string Plain(absl::string_view word) {
  return absl::AsciiStrToLower(absl::StrReplaceAll(word, {{"_", "-"}}));
}

// The one that begins so, or that all which do begin with; else empty.
absl::string_view Completed(absl::string_view word,
                            const std::vector<absl::string_view>& candidates) {
  constexpr size_t kLeastLetters = 3;
  absl::string_view completed;
  if (word.size() - std::min(word.find_first_not_of('-'), word.size()) <
      kLeastLetters) {
    return completed;
  }
  for (absl::string_view candidate : candidates) {
    if (!absl::StartsWith(Plain(candidate), word)) continue;
    if (completed.empty() || absl::StartsWith(completed, candidate)) {
      completed = candidate;
    } else if (!absl::StartsWith(candidate, completed)) {
      return {};
    }
  }
  return completed;
}

}  // namespace

absl::string_view Nearest(absl::string_view word,
                          const std::vector<absl::string_view>& candidates) {
  constexpr size_t kLongestWord = 64;
  if (word.size() > kLongestWord) return {};
  const std::string plain = Plain(word);
  if (const auto completed = Completed(plain, candidates); !completed.empty()) {
    return completed;
  }
  absl::string_view nearest;
  // A third of the letters wrong is a typing mistake, more is another word.
  size_t least = std::max<size_t>(word.size() / 3, 1) + 1;
  for (absl::string_view candidate : candidates) {
    const size_t distance = EditDistance(plain, Plain(candidate));
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string Suggest(absl::string_view word,
                    const std::vector<absl::string_view>& candidates) {
  // The rest of a long list is no help.
  constexpr size_t kMostNamed = 40;
  if (candidates.empty()) return "; there are none";
  const absl::string_view nearest = Nearest(word, candidates);
  if (!nearest.empty()) return absl::StrCat("; did you mean '", nearest, "'?");
  const size_t named = std::min(candidates.size(), kMostNamed);
  const size_t more = candidates.size() - named;
  return absl::StrCat(
      "; allowed: ",
      absl::StrJoin(candidates.begin(), candidates.begin() + named, ", "),
      more == 0 ? "" : absl::StrCat(" and ", more, " more"));
}

}  // namespace atelier
