#include "common/task_ranges.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Digits alone: no sign, no space.
bool ParseIndex(absl::string_view text, int64_t& index) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &index);
}

absl::StatusOr<TaskRange> ParseRange(absl::string_view field,
                                     absl::string_view part,
                                     int64_t task_count) {
  const std::pair<absl::string_view, absl::string_view> ends =
      absl::StrSplit(part, absl::MaxSplits('-', 1));
  TaskRange range;
  int64_t last = 0;
  const bool is_one = part.find('-') == absl::string_view::npos;
  if (!ParseIndex(ends.first, range.first) ||
      !ParseIndex(is_one ? ends.first : ends.second, last)) {
    return InvalidArgument(field, ": ", Quoted(part),
                           " is not allowed; an index or a range of them, "
                           "with commas between, as 0-9,12");
  }
  if (last < range.first) {
    return InvalidArgument(field, ": ", part,
                           " is not allowed; the lower index first");
  }
  if (last >= task_count) {
    return InvalidArgument(field, ": ", last, " is not allowed; from 0 to ",
                           task_count - 1);
  }
  range.end = last + 1;
  return range;
}

}  // namespace

absl::StatusOr<std::vector<TaskRange>> ParseTaskRanges(absl::string_view field,
                                                       absl::string_view text,
                                                       int64_t task_count) {
  if (text.empty()) return std::vector<TaskRange>{{0, task_count}};
  std::vector<TaskRange> given;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    ASSIGN_OR_RETURN(given.emplace_back(), ParseRange(field, part, task_count));
  }
  std::sort(given.begin(), given.end(),
            [](const TaskRange& a, const TaskRange& b) {
              return std::tie(a.first, a.end) < std::tie(b.first, b.end);
            });
  std::vector<TaskRange> apart;
  for (const TaskRange& range : given) {
    if (!apart.empty() && range.first <= apart.back().end) {
      apart.back().end = std::max(apart.back().end, range.end);
    } else {
      apart.push_back(range);
    }
  }
  return apart;
}

int64_t CountOf(const std::vector<TaskRange>& ranges) {
  int64_t count = 0;
  for (const TaskRange& range : ranges) count += range.end - range.first;
  return count;
}

}  // namespace atelier
