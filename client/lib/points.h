// The points of a job, as the coordinator will make tasks of them.
#ifndef ATELIER_CLIENT_LIB_POINTS_H_
#define ATELIER_CLIENT_LIB_POINTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "client/lib/spec.h"
#include "common/sweep/sweep.h"

namespace atelier {

/// One point: the value of each axis, and the render they make of the base.
struct Point {
  std::vector<const AxisValueDraft*> values;
  RenderDraft render;
};

/// Its points, but for a sample: that is of the grid's.
SweepShape ShapeOf(const JobDraft& job);

/// Points of the grid, or of the zipped axes; the most int64_t can say where
/// there are more. A random sample is of the grid's. What rules leave out does
/// not count.
int64_t CountPoints(const JobDraft& job);

/// REQUIRES: 0 <= index < CountPoints(job). Lifetime: of `job`.
Point PointAt(const JobDraft& job, int64_t index);

/// Points that use the values of every axis at least once: all points where
/// there are at most `most` or the axes are zipped, else those of
/// VisitEachValue.
std::vector<Point> PointsToCheck(const JobDraft& job, int64_t most);

/// "convention=gatys, style_weight=3500"; empty for a job without axes.
std::string DescribePoint(const JobDraft& job, const Point& point);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_POINTS_H_
