#include "coordinator/api/views/job_snapshot.h"

#include <memory>
#include <vector>

#include "common/digest.h"
#include "common/status_macros.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/control/caller.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace atelier {
namespace {

constexpr int kMaxRunning = 1000;

std::string DigestOf(const v1::JobSnapshot& view) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    view.SerializeToCodedStream(&coded);
  }
  return HexDigest(bytes);
}

absl::Status AddRunning(ControlPlane& control, const JobId& job,
                        const RenderLimits& limits, v1::JobSnapshot& view) {
  const std::shared_ptr<const JobSpec> spec = control.FindSpec(job);
  if (spec == nullptr) return absl::OkStatus();  // It ends: news of that comes.
  ASSIGN_OR_RETURN(const std::vector<RunningAttempt> running,
                   control.ListRunning(CoordinatorItself(), job, kMaxRunning));
  for (const RunningAttempt& attempt : running) {
    *view.add_running() = RunningTask(attempt, *spec, limits);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<JobSnapshot> ReadJobSnapshot(ControlPlane& control,
                                            const JobId& job,
                                            const RenderLimits& limits) {
  ASSIGN_OR_RETURN(const JobRecord record,
                   control.GetJob(CoordinatorItself(), job));
  JobSnapshot snapshot;
  ASSIGN_OR_RETURN(const std::vector<JobOutlook> outlooks,
                   control.OutlooksOf(CoordinatorItself(), {job}));
  snapshot.wait = outlooks.front().wait;
  ASSIGN_OR_RETURN(*snapshot.view.mutable_job(),
                   ToProto(record, outlooks.front()));
  snapshot.ended = record.state != JobState::kRunning;
  if (!snapshot.ended) {
    RETURN_IF_ERROR(AddRunning(control, job, limits, snapshot.view));
  }
  // Specs are large: it stays where it is.
  v1::Job& job_view = *snapshot.view.mutable_job();
  v1::JobSpec* const spec = job_view.release_spec();
  snapshot.news = snapshot.view;
  job_view.set_allocated_spec(spec);
  // That time goes by is no news.
  v1::JobSnapshot timeless = snapshot.news;
  timeless.mutable_job()->clear_time_left();
  snapshot.digest = DigestOf(timeless);
  return snapshot;
}

}  // namespace atelier
