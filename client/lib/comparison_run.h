// Has the pictures of a comparison measured, as workers measure results.
#ifndef ATELIER_CLIENT_LIB_COMPARISON_RUN_H_
#define ATELIER_CLIENT_LIB_COMPARISON_RUN_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lib/comparison.h"
#include "client/lib/input_files.h"
#include "client/lib/worker_measure.h"
#include "common/render/measure.h"

namespace atelier {

/// As RunWorkerMeasure.
using WorkerMeasureFn = std::function<absl::StatusOr<std::vector<std::string>>(
    const std::string& request, int pictures, const WorkerMeasureOptions&)>;

/// Fills `measures`, or `error`, of the pictures that have no error, and
/// `measured_by`. `by` has its weights by name or path. `options` has no folder
/// yet.
/// Errors: InvalidArgument (by what to measure; nowhere to write), those of
///         `run`, Internal (an answer that is not as agreed).
absl::Status MeasureAll(Comparison& comparison, const MeasureChoice& by,
                        InputFiles& files, const WorkerMeasureFn& run,
                        WorkerMeasureOptions options);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_COMPARISON_RUN_H_
