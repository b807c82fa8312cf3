// Coarse to fine: the sizes that a render goes through, and how much there is
// to do at them.
//
//   ASSIGN_OR_RETURN(const std::vector<Scale> plan,
//                    PlanScales(384, 512, 2, 300, /*from_noise=*/false));
//   PixelIterations(plan, 300);
#ifndef ATELIER_COMMON_RENDER_SCALE_PLAN_H_
#define ATELIER_COMMON_RENDER_SCALE_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace atelier {

struct Scale {
  int64_t height = 0;
  int64_t width = 0;
  int64_t factor = 1;  ///< How many times smaller than the last one.
  int end = 0;         ///< Iterations of the render when this one is done.
};

/// Coarsest first; the last is height x width. Each scale has half the sides of
/// the next, rounded to nearest.
///
/// Each scale but the last takes an equal share of the iterations, at most
/// kMostCoarseFromNoise or kMostCoarseFromPicture. So budgets that are large
/// enough differ only in the last scale, and the longer render can go on from
/// the shorter one's end. Errors: InvalidArgument (scales less than 1, or more
///         than there are iterations or halvings of the longer side).
absl::StatusOr<std::vector<Scale>> PlanScales(int64_t height, int64_t width,
                                              int scales, int iterations,
                                              bool from_noise);

inline constexpr int kMostCoarseFromNoise = 100;
/// Fewer: what a picture gains at a coarse scale it gains soon, and keeps a
/// part of.
inline constexpr int kMostCoarseFromPicture = 30;

/// A side that many times smaller, rounded to nearest, at least 1.
int64_t ShrunkSide(int64_t side, int64_t factor);

/// The pixels of each of a render's first `iterations`, added up.
double PixelIterations(const std::vector<Scale>& plan, int iterations);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_SCALE_PLAN_H_
