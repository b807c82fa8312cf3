// The numbers of many tasks at once, as columns: what a page sorts, filters and
// colours a grid by, at a small part of the bytes of the tasks themselves.
//
//   ASSIGN_OR_RETURN(const TaskNumbers numbers, ReadNumbers(control, caller,
//   q)); numbers.states[3];             // 's': task first_index + 3 succeeded.
//   numbers.columns["ssim"][3];    // Its SSIM; NaN where it has none.
#ifndef ATELIER_COORDINATOR_API_VIEWS_TASK_NUMBERS_H_
#define ATELIER_COORDINATOR_API_VIEWS_TASK_NUMBERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"

namespace atelier {

/// Which tasks of which job. As they came: nothing is checked yet.
struct NumbersQuery {
  std::string job_id;
  int64_t first_index = 0;
  int page_size = 0;  ///< 1 to kMaxNumbersPage; 0 for the most.
};

inline constexpr int kMaxNumbersPage = 10'000;

struct TaskNumbers {
  int64_t first_index = 0;
  int64_t task_count = 0;  ///< The job's.
  /// A letter for each task: q(ueued), l(eased), s(ucceeded), f(ailed),
  /// c(ancelled).
  std::string states;
  /// By the names of results.csv: measures, losses by term ("content_loss"),
  /// "total_loss", "iterations_done", "seconds"; and "stars" (the mean) and
  /// "worst_share" (ratings.h). All as long as `states`; NaN
  /// where a task has no such number.
  std::map<std::string, std::vector<double>> columns;
  std::optional<int64_t> next_index;  ///< Absent on the last page.
};

/// Reads rows alone, a thousand at once: no render is made and no key
/// computed. A page ends early where its numbers would be too many.
/// Errors: InvalidArgument (names the field), NotFound, PermissionDenied,
///         Unavailable.
absl::StatusOr<TaskNumbers> ReadNumbers(ControlPlane& control,
                                        const Caller& caller,
                                        const NumbersQuery& query);

/// As JSON, numbers in nine digits and what is absent as null.
std::string ToJson(const TaskNumbers& numbers);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_TASK_NUMBERS_H_
