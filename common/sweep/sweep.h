// How axes make points: pure functions from a task's index, O(1) each, however
// many points there are.
//
//   SweepShape grid{SweepMode::kGrid, {2, 3}};
//   SweepSize(grid).value();   // 6
//   ValuesAt(grid, 4);         // {1, 1}: the last axis changes fastest
#ifndef ATELIER_COMMON_SWEEP_SWEEP_H_
#define ATELIER_COMMON_SWEEP_SWEEP_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/sweep/kept_points.h"

namespace atelier {

enum class SweepMode {
  kGrid,    ///< Every combination; the last axis changes fastest.
  kZip,     ///< The i-th values of all axes together.
  kRandom,  ///< Distinct points of the grid in a seeded order.
};

struct SweepShape {
  SweepMode mode = SweepMode::kGrid;
  std::vector<int64_t> axis_lengths;  ///< Each at least 1; may be empty.
  int64_t sample_count = 0;           ///< kRandom only.
  uint64_t sample_seed = 0;           ///< kRandom only.
  /// Null: all. In kZip the only axis is the place in all of them.
  std::shared_ptr<const KeptPoints> kept = {};
};

/// Leaves points out: those that have all the values of one of `rules`. They
/// get no index, and a sample is of the others.
/// REQUIRES: rules of an entry for each axis, its value or kAnyValue.
/// Errors: InvalidArgument (as SweepSize, but for sample_count; exclude: more
///         rules than kMostLeaveOuts, one that names no axis, one that leaves
///         nothing out, nothing is left).
absl::Status LeavePointsOut(const std::vector<LeaveOut>& rules,
                            SweepShape& shape);

/// How many points there are; 1 without axes.
/// Errors: InvalidArgument (axes: an empty one, zip of unequal lengths, more
///         than 2^62 combinations; sample_count: below 1 or more than the grid
///         has, or keeps, or given without random mode).
absl::StatusOr<int64_t> SweepSize(const SweepShape& shape);

/// The value that each axis takes at one point.
/// REQUIRES: SweepSize(shape) is OK and 0 <= index < its value.
std::vector<int64_t> ValuesAt(const SweepShape& shape, int64_t index);

/// Visits few points of a grid that have all values of each axis, but for those
/// that rules leave out of all points: each beside the first point's others, or
/// where a rule leaves that out at the first point that has it. Stops at an
/// error, and returns it. REQUIRES: SweepSize(shape) is OK, and the mode not
/// kZip.
absl::Status VisitEachValue(
    const SweepShape& shape,
    absl::FunctionRef<absl::Status(const std::vector<int64_t>&)> visit);

}  // namespace atelier

#endif  // ATELIER_COMMON_SWEEP_SWEEP_H_
