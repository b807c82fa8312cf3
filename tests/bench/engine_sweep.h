// What a sweep costs besides its iterations.
#ifndef ATELIER_TESTS_BENCH_ENGINE_SWEEP_H_
#define ATELIER_TESTS_BENCH_ENGINE_SWEEP_H_

#include "absl/status/statusor.h"
#include "nlohmann/json.hpp"

namespace atelier {

/// 25 renders that differ in their style weight, as a worker does them, against
/// as many iterations alone: "sweep_seconds", "bare_seconds", "sweep_ratio".
absl::StatusOr<nlohmann::json> MeasureSweep(int iterations, int threads);

/// What measuring a result takes of a default render at 512 px, for the first
/// result of a worker and for the later ones: "render_seconds",
/// "first_measure_seconds", "measure_seconds", "first_measure_share",
/// "measure_share".
absl::StatusOr<nlohmann::json> MeasureMeasures(int threads);

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_ENGINE_SWEEP_H_
