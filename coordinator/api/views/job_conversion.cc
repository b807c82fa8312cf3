#include "coordinator/api/views/job_conversion.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "common/rpc/measure_conversion.h"
#include "common/rpc/render_conversion.h"
#include "common/rpc/timings_conversion.h"
#include "common/status_macros.h"
#include "coordinator/api/views/exclusions.h"
#include "coordinator/api/views/time_conversion.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace atelier {
namespace {

// Beside the overloads below, which would hide them.
using atelier::FromProto;

absl::Status Under(const absl::Status& status, const std::string& path) {
  return absl::Status(status.code(), absl::StrCat(path, status.message()));
}

absl::StatusOr<SweepMode> FromProto(v1::SweepMode mode) {
  switch (mode) {
    case v1::SWEEP_MODE_UNSPECIFIED:
    case v1::SWEEP_MODE_GRID:
      return SweepMode::kGrid;
    case v1::SWEEP_MODE_ZIP:
      return SweepMode::kZip;
    case v1::SWEEP_MODE_RANDOM:
      return SweepMode::kRandom;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("spec.mode: value ", static_cast<int>(mode),
                       " is unknown; allowed: 0 to 3"));
  }
}

// What may still be made. Thread-compatible.
class MemoryBudget {
 public:
  explicit MemoryBudget(int64_t bytes) : bytes_(bytes), left_(bytes) {}

  absl::Status Take(int64_t bytes, const std::string& path) {
    left_ -= bytes;
    if (left_ >= 0) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": the spec takes more than ", bytes_,
                     " bytes of memory up to here (--max-spec-bytes)"));
  }

 private:
  const int64_t bytes_;
  int64_t left_;
};

absl::StatusOr<RenderPatch> FromProto(const v1::RenderSpec& proto,
                                      const std::string& path,
                                      MemoryBudget& budget) {
  const int64_t list_bytes = ListBytes(proto);  // Before they are made.
  RETURN_IF_ERROR(budget.Take(list_bytes, path));
  absl::StatusOr<RenderPatch> patch = FromProto(proto);
  if (!patch.ok()) return Under(patch.status(), absl::StrCat(path, "."));
  RETURN_IF_ERROR(budget.Take(MemoryBytes(*patch) - list_bytes, path));
  return patch;
}

absl::StatusOr<Axis> FromProto(const v1::Axis& proto, int index,
                               MemoryBudget& budget) {
  Axis axis;
  axis.name = proto.name();
  axis.values.reserve(proto.values_size());
  for (int v = 0; v < proto.values_size(); ++v) {
    const std::string path =
        absl::StrCat("spec.axes[", index, "].values[", v, "].set");
    ASSIGN_OR_RETURN(RenderPatch patch,
                     FromProto(proto.values(v).set(), path, budget));
    RETURN_IF_ERROR(budget.Take(
        static_cast<int64_t>(sizeof(AxisValue) - sizeof(RenderPatch) +
                             proto.values(v).label().size()),
        path));
    axis.values.push_back({proto.values(v).label(), std::move(patch)});
  }
  return axis;
}

v1::TaskCounts ToProto(const TaskCounts& counts) {
  v1::TaskCounts proto;
  proto.set_queued(counts.queued);
  proto.set_leased(counts.leased);
  proto.set_succeeded(counts.succeeded);
  proto.set_failed(counts.failed);
  proto.set_cancelled(counts.cancelled);
  return proto;
}

void AddPreview(const PicturePreview& from, v1::PicturePreview& to) {
  to.set_iteration(from.iteration);
  to.set_digest(from.digest);
}

}  // namespace

absl::StatusOr<JobSpec> FromProto(const v1::JobSpec& proto, int64_t max_bytes) {
  MemoryBudget budget(max_bytes);
  JobSpec spec;
  spec.name = proto.name();
  spec.study = proto.study();
  ASSIGN_OR_RETURN(spec.base, FromProto(proto.base(), "spec.base", budget));
  for (int a = 0; a < proto.axes_size(); ++a) {
    ASSIGN_OR_RETURN(Axis axis, FromProto(proto.axes(a), a, budget));
    spec.axes.push_back(std::move(axis));
  }
  ASSIGN_OR_RETURN(spec.mode, FromProto(proto.mode()));
  spec.sample_count = proto.sample_count();
  spec.sample_seed = proto.sample_seed();
  RETURN_IF_ERROR(ReadExclusions(proto, spec));
  if (spec.kept != nullptr) {
    RETURN_IF_ERROR(budget.Take(spec.kept->MemoryBytes(), "spec.exclude"));
  }
  spec.user = proto.user();
  spec.priority = proto.priority();
  spec.max_running = proto.max_running();
  spec.needs.tags.assign(proto.worker_tags().begin(),
                         proto.worker_tags().end());
  std::sort(spec.needs.tags.begin(), spec.needs.tags.end());
  spec.needs.memory_bytes = proto.worker_memory_bytes();
  spec.needs.profile = proto.profile();
  spec.no_cache = proto.no_cache();
  absl::StatusOr<MeasureChoice> measure = FromProto(proto.measure());
  if (!measure.ok()) return Under(measure.status(), "spec.");
  spec.measure = *std::move(measure);
  constexpr int64_t kPictureBytes = 160;  // As MemoryBytes counts one.
  RETURN_IF_ERROR(
      budget.Take(proto.images_size() * kPictureBytes, "spec.images"));
  for (const v1::ImageDescription& image : proto.images()) {
    spec.picture_sizes[image.digest()] = {image.width_px(), image.height_px()};
  }
  for (int n = 0; n < proto.networks_size(); ++n) {
    absl::StatusOr<NetworkDescription> network = FromProto(proto.networks(n));
    if (!network.ok()) {
      return Under(network.status(), absl::StrCat("spec.networks[", n, "]."));
    }
    spec.networks.push_back(*std::move(network));
  }
  return spec;
}

std::string EncodeSpec(const v1::JobSpec& spec) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    spec.SerializeToCodedStream(&coded);
  }
  return bytes;
}

absl::StatusOr<v1::JobSpec> ParseSpec(absl::string_view spec_bytes) {
  v1::JobSpec spec;
  if (!spec.ParseFromArray(spec_bytes.data(),
                           static_cast<int>(spec_bytes.size()))) {
    return absl::DataLossError("the stored job spec can't be read");
  }
  return spec;
}

absl::StatusOr<JobSpec> DecodeSpec(absl::string_view spec_bytes) {
  ASSIGN_OR_RETURN(const v1::JobSpec spec, ParseSpec(spec_bytes));
  return FromProto(spec);
}

v1::TaskResult ToProto(const TaskResult& result) {
  v1::TaskResult proto;
  proto.set_image_digest(result.image_digest);
  *proto.mutable_losses() = ToProto(result.losses);
  proto.set_iterations(result.iterations);
  *proto.mutable_elapsed() = ToProto(result.elapsed);
  proto.set_worker(result.worker.value());
  proto.set_profile(result.arithmetic.profile);
  proto.set_engine_version(result.arithmetic.engine_version);
  proto.set_width_px(result.width_px);
  proto.set_height_px(result.height_px);
  if (result.timings.has_value()) {
    *proto.mutable_timings() = ToProto(*result.timings);
  }
  if (!result.measures.empty() &&
      !proto.mutable_measures()->ParseFromString(result.measures)) {
    proto.clear_measures();  // Damaged: as if it had not been measured.
  }
  for (const PicturePreview& one : result.previews) {
    AddPreview(one, *proto.add_previews());
  }
  return proto;
}

v1::Task ToProto(const TaskView& task) {
  v1::Task proto;
  proto.set_index(task.index);
  proto.set_state(static_cast<v1::TaskState>(task.state));
  for (const std::string& label : task.labels) proto.add_labels(label);
  *proto.mutable_render() = ToProto(task.render);
  proto.set_render_key(task.key.value());
  proto.set_attempts(task.attempts);
  if (task.state == TaskState::kLeased) {
    proto.set_worker(task.worker.value());
    proto.set_iteration(task.iteration);
    *proto.mutable_losses() = ToProto(task.losses);
    for (const PicturePreview& one : task.previews) {
      AddPreview(one, *proto.add_previews());
    }
    proto.set_log_digest(task.log_digest);
  }
  if (task.result) *proto.mutable_result() = ToProto(*task.result);
  if (task.outcome) {
    proto.set_outcome(static_cast<v1::Outcome>(*task.outcome));
  }
  proto.set_message(task.message);
  return proto;
}

v1::TaskPreview ToProto(const TaskPreview& task) {
  v1::TaskPreview proto;
  proto.set_index(task.index);
  for (const std::string& label : task.labels) proto.add_labels(label);
  proto.set_has_result(task.has_result);
  if (task.device_time.has_value()) {
    *proto.mutable_device_time() = ToProto(*task.device_time);
  }
  return proto;
}

v1::Attempt ToProto(const AttemptRecord& attempt) {
  v1::Attempt proto;
  proto.set_number(attempt.number);
  proto.set_worker(attempt.worker.value());
  if (attempt.began_at) *proto.mutable_began_at() = ToProto(*attempt.began_at);
  *proto.mutable_ended_at() = ToProto(attempt.ended_at);
  proto.set_outcome(static_cast<v1::Outcome>(attempt.outcome));
  proto.set_message(attempt.message);
  *proto.mutable_device_time() = ToProto(attempt.device_time);
  proto.set_log_digest(attempt.log_digest);
  return proto;
}

bool IsQueued(const JobRecord& job, const Wait& wait) {
  // The row and the picture are of different moments: both must say that
  // nobody holds a task.
  return job.state == JobState::kRunning && job.counts.leased == 0 &&
         wait.reason != WaitReason::kNone;
}

absl::StatusOr<v1::Job> ToProto(const JobRecord& job,
                                const JobOutlook& outlook) {
  v1::Job proto;
  proto.set_job_id(job.id.value());
  absl::StatusOr<v1::JobSpec> spec = ParseSpec(job.spec_bytes);
  if (!spec.ok()) {
    return Annotate(spec.status(), absl::StrCat("job ", job.id.value()));
  }
  *proto.mutable_spec() = *std::move(spec);
  proto.set_state(static_cast<v1::JobState>(job.state));
  proto.set_task_count(job.task_count);
  *proto.mutable_tasks() = ToProto(job.counts);
  *proto.mutable_submitted_at() = ToProto(job.submitted_at);
  if (job.ended_at) *proto.mutable_ended_at() = ToProto(*job.ended_at);
  proto.set_message(job.message);
  proto.set_paused(job.paused);
  proto.set_priority(job.priority);
  if (IsQueued(job, outlook.wait)) {
    proto.set_state(v1::JOB_STATE_QUEUED);
    proto.set_wait_reason(static_cast<v1::WaitReason>(outlook.wait.reason));
    proto.set_wait_message(outlook.wait.message);
  } else if (job.state == JobState::kRunning && outlook.time_left.has_value()) {
    *proto.mutable_time_left() = ToProto(*outlook.time_left);
  }
  return proto;
}

v1::Task RunningTask(const RunningAttempt& attempt, const JobSpec& spec,
                     const RenderLimits& limits) {
  const Point point = PointAt(spec, attempt.task.index);
  TaskView task;
  task.index = attempt.task.index;
  task.state = TaskState::kLeased;
  task.labels = point.labels;
  task.key = attempt.token.render_key;
  task.worker = attempt.worker;
  task.iteration = attempt.iteration;
  task.losses = attempt.losses;
  if (attempt.preview.has_value()) task.previews = {*attempt.preview};
  task.log_digest = attempt.log_digest;
  // A leased task has resolved before.
  if (absl::StatusOr<TaskRender> made = MakeTask(spec, point, limits);
      made.ok()) {
    task.render = std::move(made->render);
  }
  return ToProto(task);
}

}  // namespace atelier
