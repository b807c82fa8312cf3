// `atelier-worker measure`, run as a child of this process.
//
//   ASSIGN_OR_RETURN(const std::vector<std::string> lines,
//                    RunWorkerMeasure(request, 3, {.folder = scratch.path()}));
#ifndef ATELIER_CLIENT_LIB_WORKER_MEASURE_H_
#define ATELIER_CLIENT_LIB_WORKER_MEASURE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace atelier {

struct WorkerMeasureOptions {
  /// Private, and there: for what is said to the worker and by it.
  std::string folder;
  /// Where the worker is; empty: beside this program.
  std::string programs;
  /// Asked now and then: true ends it.
  std::function<bool()> is_stopped;
  /// Called with the number of pictures that are done, when it grows.
  std::function<void(int)> on_progress;
};

/// The lines of the answer to a request, one for each of its `pictures`.
/// Errors: NotFound (there is no worker; says where), Internal (it ended early,
///         with the end of its log), Cancelled.
absl::StatusOr<std::vector<std::string>> RunWorkerMeasure(
    const std::string& request, int pictures,
    const WorkerMeasureOptions& options);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_WORKER_MEASURE_H_
