// How axes make points: pure functions from a task's index, O(1) each.
//
//   SweepShape grid{SweepMode::kGrid, {2, 3}};
//   SweepSize(grid).value();   // 6
//   ValuesAt(grid, 4);         // {1, 1}: the last axis changes fastest
#ifndef ATELIER_COORDINATOR_STATE_SWEEP_H_
#define ATELIER_COORDINATOR_STATE_SWEEP_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

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
};

/// How many points there are; 1 without axes.
/// Errors: InvalidArgument (axes: an empty one, zip of unequal lengths, more
///         than 2^62 combinations; sample_count: below 1 or more than the grid
///         has, or given without random mode).
absl::StatusOr<int64_t> SweepSize(const SweepShape& shape);

/// The value that each axis takes at one point.
/// REQUIRES: SweepSize(shape) is OK and 0 <= index < its value.
std::vector<int64_t> ValuesAt(const SweepShape& shape, int64_t index);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_SWEEP_H_
