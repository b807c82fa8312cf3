#include "client/lib/points.h"

#include <limits>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

Point MakePoint(const JobDraft& job,
                std::vector<const AxisValueDraft*> values) {
  Point point{std::move(values), job.base};
  for (const AxisValueDraft* value : point.values) {
    point.render = Merge(std::move(point.render), value->set);
  }
  return point;
}

}  // namespace

int64_t CountPoints(const JobDraft& job) {
  if (job.axes.empty()) return 1;
  if (job.sweep == Sweep::kZip) return job.axes[0].values.size();
  int64_t count = 1;
  for (const AxisDraft& axis : job.axes) {
    if (__builtin_mul_overflow(count, static_cast<int64_t>(axis.values.size()),
                               &count)) {
      return std::numeric_limits<int64_t>::max();
    }
  }
  return count;
}

Point PointAt(const JobDraft& job, int64_t index) {
  std::vector<const AxisValueDraft*> values(job.axes.size());
  for (size_t i = job.axes.size(); i-- > 0;) {
    const auto& axis = job.axes[i].values;
    const int64_t length = static_cast<int64_t>(axis.size());
    values[i] = &axis[index % length];
    if (job.sweep != Sweep::kZip) index /= length;
  }
  return MakePoint(job, std::move(values));
}

std::vector<Point> PointsToCheck(const JobDraft& job, int64_t most) {
  std::vector<Point> points;
  const int64_t count = CountPoints(job);
  // Zipped axes have no other points, and no more than an axis has values.
  if (count <= most || job.sweep == Sweep::kZip) {
    for (int64_t i = 0; i < count; ++i) points.push_back(PointAt(job, i));
    return points;
  }
  for (size_t i = 0; i < job.axes.size(); ++i) {
    for (const AxisValueDraft& value : job.axes[i].values) {
      std::vector<const AxisValueDraft*> values;
      for (const AxisDraft& axis : job.axes) {
        values.push_back(&axis.values.front());
      }
      values[i] = &value;
      points.push_back(MakePoint(job, std::move(values)));
    }
  }
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
