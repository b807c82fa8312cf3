// The pictures of a job's tasks, as files.
#ifndef ATELIER_COORDINATOR_API_VIEWS_TASK_PICTURES_H_
#define ATELIER_COORDINATOR_API_VIEWS_TASK_PICTURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"

namespace atelier {

/// What a job's pictures are as files: all that `atelier fetch` would bring of
/// them, under the same names.
struct PictureFiles {
  struct File {
    std::string name;    ///< FileNamer's.
    std::string digest;  ///< Of the store's bytes.
  };
  std::string job_name;
  absl::Time time;          ///< When the job was submitted.
  std::vector<File> files;  ///< By the task's index.
};

/// At most so many tasks are looked at for one caller.
inline constexpr int64_t kMostPictureTasks = 10'000;

/// Of those of `tasks` (task_ranges.h; empty: all) that have a picture. Waits
/// for the store, perhaps for seconds.
/// Errors: InvalidArgument (`job_id`, `tasks`, more than kMostPictureTasks),
///         NotFound (no such job, or no picture), PermissionDenied,
///         Unavailable.
absl::StatusOr<PictureFiles> ReadPictureFiles(ControlPlane& control,
                                              const Caller& caller,
                                              const std::string& job_id,
                                              const std::string& tasks);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_TASK_PICTURES_H_
