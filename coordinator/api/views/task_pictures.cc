#include "coordinator/api/views/task_pictures.h"

#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/file_names.h"
#include "common/status_macros.h"
#include "common/task_ranges.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/state/job_spec.h"

namespace atelier {
namespace {

std::vector<NamedAxis> AxesOf(const JobSpec& spec) {
  std::vector<NamedAxis> axes;
  for (const Axis& axis : spec.axes) {
    NamedAxis& named = axes.emplace_back();
    named.name = axis.name;
    for (const AxisValue& value : axis.values) {
      named.labels.push_back(value.label);
    }
  }
  return axes;
}

}  // namespace

absl::StatusOr<PictureFiles> ReadPictureFiles(ControlPlane& control,
                                              const Caller& caller,
                                              const std::string& job_id,
                                              const std::string& tasks) {
  RETURN_IF_ERROR(CheckJobId(job_id));
  const JobId id(job_id);
  ASSIGN_OR_RETURN(const JobRecord job, control.GetJob(caller, id));
  ASSIGN_OR_RETURN(const std::vector<TaskRange> ranges,
                   ParseTaskRanges("tasks", tasks, job.task_count));
  if (const int64_t count = CountOf(ranges); count > kMostPictureTasks) {
    return InvalidArgument("tasks: ", count, " given; at most ",
                           kMostPictureTasks,
                           " at once, as 0-9999; or use atelier fetch");
  }
  ASSIGN_OR_RETURN(const ControlPlane::SharedSpec spec,
                   control.GetSpec(caller, id));
  const FileNamer namer(AxesOf(*spec));
  PictureFiles pictures;
  pictures.job_name = spec->name;
  pictures.time = job.submitted_at;
  for (const TaskRange& range : ranges) {
    std::set<int64_t> indices;
    for (int64_t index = range.first; index < range.end; ++index) {
      indices.insert(indices.end(), index);
    }
    ASSIGN_OR_RETURN(const std::vector<TaskPicture> found,
                     control.FindPictures(caller, id, indices));
    for (const TaskPicture& picture : found) {
      pictures.files.push_back(
          {namer.Name(picture.index, PointAt(*spec, picture.index).labels),
           picture.digest});
    }
  }
  if (!pictures.files.empty()) return pictures;
  return absl::NotFoundError(
      absl::StrCat("job ", job_id, ": none of these tasks has a picture yet"));
}

}  // namespace atelier
