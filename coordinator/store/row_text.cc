#include "coordinator/store/row_text.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/shortest_text.h"

namespace atelier {

int64_t ToSql(absl::Time time) { return absl::ToUnixMicros(time); }

absl::Time TimeFromSql(int64_t microseconds) {
  return absl::FromUnixMicros(microseconds);
}

absl::Duration DurationFromSql(int64_t microseconds) {
  // What the disk has damaged must not keep the row from being shown.
  constexpr int64_t kMost = int64_t{100} * 366 * 24 * 3600 * 1'000'000;
  return absl::Microseconds(std::clamp<int64_t>(microseconds, 0, kMost));
}

int64_t BoundToSql(absl::Time time) {
  return ToSql(std::clamp(time, absl::UnixEpoch(),
                          absl::FromUnixSeconds(int64_t{1} << 40)));
}

std::string ToSql(const Terms& terms) {
  std::string text;
  for (const auto& [name, value] : terms) {
    absl::StrAppend(&text, name, " ", ShortestText(value), "\n");
  }
  return text;
}

Terms TermsFromSql(absl::string_view text) {
  Terms terms;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> entry =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    double value = 0;
    const auto read =
        std::from_chars(entry.second.begin(), entry.second.end(), value);
    // What the disk has damaged is no number.
    if (read.ec == std::errc()) terms[std::string(entry.first)] = value;
  }
  return terms;
}

std::string ToSql(const std::vector<PicturePreview>& previews) {
  std::string text;
  for (const PicturePreview& one : previews) {
    absl::StrAppend(&text, one.iteration, " ", one.digest, "\n");
  }
  return text;
}

std::vector<PicturePreview> PreviewsFromSql(absl::string_view text) {
  std::vector<PicturePreview> previews;
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> entry =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    PicturePreview one;
    // What the disk has damaged is none.
    if (!absl::SimpleAtoi(entry.first, &one.iteration)) continue;
    one.digest = std::string(entry.second);
    previews.push_back(std::move(one));
  }
  return previews;
}

std::string ToSql(const AttemptTimings& timings) {
  return absl::StrJoin(
      kTimedPhases, " ", [&](std::string* out, const TimedPhase& phase) {
        absl::StrAppend(out, absl::ToInt64Microseconds(timings.*phase.time));
      });
}

AttemptTimings TimingsFromSql(absl::string_view text) {
  AttemptTimings timings;
  const std::vector<absl::string_view> numbers = absl::StrSplit(text, ' ');
  size_t i = 0;
  for (const TimedPhase& phase : kTimedPhases) {
    int64_t microseconds = 0;
    // What the disk has damaged, or an earlier version did not know, is none.
    if (i < numbers.size() && absl::SimpleAtoi(numbers[i], &microseconds)) {
      timings.*phase.time = DurationFromSql(microseconds);
    }
    ++i;
  }
  return timings;
}

}  // namespace atelier
