// Some of a job's tasks, as a short text names them.
#ifndef ATELIER_COMMON_TASK_RANGES_H_
#define ATELIER_COMMON_TASK_RANGES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Indices from `first` up to, and without, `end`.
struct TaskRange {
  int64_t first = 0;
  int64_t end = 0;
};

/// "0-9,12": indices and ranges of them, in any order, each perhaps several
/// times. Gives them by index, apart from each other; of an empty text, the one
/// of all tasks.
/// Errors: InvalidArgument (no such text, an index that the job has not), which
///         begins with `field`.
absl::StatusOr<std::vector<TaskRange>> ParseTaskRanges(absl::string_view field,
                                                       absl::string_view text,
                                                       int64_t task_count);

/// How many tasks they are.
int64_t CountOf(const std::vector<TaskRange>& ranges);

}  // namespace atelier

#endif  // ATELIER_COMMON_TASK_RANGES_H_
