// Whether one point of a job makes a render, and if not, which field is wrong.
#ifndef ATELIER_COORDINATOR_API_VIEWS_POINT_CHECK_H_
#define ATELIER_COORDINATOR_API_VIEWS_POINT_CHECK_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "coordinator/state/job_spec.h"

namespace atelier {

struct JobLimits;

/// An error of a field as the wire calls it, "size_px", where it was called as
/// people do, "size".
absl::Status WithWireName(const absl::Status& status);

/// Thread-compatible. Lifetime: all arguments must outlive it.
class PointCheck {
 public:
  /// `wire` and `spec` are the same job.
  PointCheck(const v1::JobSpec& wire, const JobSpec& spec,
             const JobLimits& limits);

  /// Resolves the point at `values` (one index for each axis), holds its
  /// pictures' sizes against the layers it uses, and adds the digests it is
  /// made from.
  /// Errors: InvalidArgument, which begins with the path of the axis value, or
  ///         of the base, that sets the field.
  absl::Status Check(const std::vector<int64_t>& values,
                     std::set<std::string>& digests) const;

 private:
  RenderPatch PatchAt(const std::vector<int64_t>& values) const;
  // "spec.axes[1].values[3].set.": what sets `field` at this point.
  std::string PathOf(absl::string_view field,
                     const std::vector<int64_t>& values) const;
  absl::Status Located(const absl::Status& status,
                       const std::vector<int64_t>& values) const;
  absl::Status CheckSizes(const TaskRender& task) const;
  // `size` is what the field's value makes of the picture.
  absl::Status CheckSize(absl::string_view picture, absl::string_view field,
                         absl::string_view value,
                         const std::pair<int, int>& size,
                         const TaskRender& task) const;
  // Also pictures that are resized to another, whatever their own size.
  absl::Status CheckDescribed(const RenderInputs& inputs) const;
  absl::StatusOr<const v1::ImageDescription*> Described(
      absl::string_view field, const std::string& digest) const;

  const v1::JobSpec& wire_;
  const JobSpec& spec_;
  const JobLimits& limits_;
  std::map<absl::string_view, const v1::ImageDescription*> images_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_POINT_CHECK_H_
