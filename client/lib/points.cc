#include "client/lib/points.h"

#include <limits>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/sweep/sweep.h"

namespace atelier {
namespace {

Point MakePoint(const JobDraft& job, const std::vector<int64_t>& values) {
  Point point{{}, job.base};
  for (size_t i = 0; i < values.size(); ++i) {
    const AxisValueDraft& value = job.axes[i].values[values[i]];
    point.values.push_back(&value);
    point.render = Merge(std::move(point.render), value.set);
  }
  return point;
}

}  // namespace

SweepShape ShapeOf(const JobDraft& job) {
  SweepShape shape;
  if (job.sweep == Sweep::kZip) shape.mode = SweepMode::kZip;
  for (const AxisDraft& axis : job.axes) {
    shape.axis_lengths.push_back(static_cast<int64_t>(axis.values.size()));
  }
  // What it would refuse, the coordinator does.
  LeavePointsOut(job.exclude, shape).IgnoreError();
  return shape;
}

int64_t CountPoints(const JobDraft& job) {
  return SweepSize(ShapeOf(job)).value_or(std::numeric_limits<int64_t>::max());
}

Point PointAt(const JobDraft& job, int64_t index) {
  return MakePoint(job, ValuesAt(ShapeOf(job), index));
}

std::vector<Point> PointsToCheck(const JobDraft& job, int64_t most) {
  std::vector<Point> points;
  const SweepShape shape = ShapeOf(job);
  const int64_t count =
      SweepSize(shape).value_or(std::numeric_limits<int64_t>::max());
  // Zipped axes have no other points, and no more than an axis has values.
  if (count <= most || job.sweep == Sweep::kZip) {
    for (int64_t i = 0; i < count; ++i) {
      points.push_back(MakePoint(job, ValuesAt(shape, i)));
    }
    return points;
  }
  VisitEachValue(shape, [&](const std::vector<int64_t>& values) {
    points.push_back(MakePoint(job, values));
    return absl::OkStatus();
  }).IgnoreError();
  return points;
}

std::string DescribePoint(const JobDraft& job, const Point& point) {
  std::string text;
  for (size_t i = 0; i < job.axes.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", job.axes[i].name, "=",
                    point.values[i]->label);
  }
  return text;
}

}  // namespace atelier
