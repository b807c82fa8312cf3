#include "coordinator/api/views/task_pictures.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/file_names.h"
#include "common/status_macros.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/api/views/task_ranges.h"

namespace atelier {
namespace {

constexpr int64_t kTasksAtOnce = 500;

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
    for (int64_t next = range.first; next < range.end;) {
      const int64_t limit = std::min(kTasksAtOnce, range.end - next);
      ASSIGN_OR_RETURN(const TaskPage page,
                       control.ListTasks(caller, id, next,
                                         static_cast<int>(limit)));
      for (const TaskView& task : page.tasks) {
        if (task.state != TaskState::kSucceeded || !task.result) continue;
        pictures.files.push_back(
            {namer.Name(task.index, task.labels), task.result->image_digest});
      }
      next += limit;
    }
  }
  if (!pictures.files.empty()) return pictures;
  return absl::NotFoundError(
      absl::StrCat("job ", job_id, ": none of these tasks has a picture yet"));
}

}  // namespace atelier
