#include "coordinator/api/views/job_validation.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/sweep/sweep.h"
#include "coordinator/api/views/input_names.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/point_check.h"
#include "coordinator/api/views/text_rules.h"

namespace atelier {
namespace {

constexpr int kMaxSheetColumns = 1000;
constexpr int kMaxNetworks = 256;
constexpr int kMaxFixedImages = 64;
constexpr int kMaxBlocks = 16;
constexpr int kMaxConvolutions = 64;

absl::Status Prefixed(const absl::Status& status, const std::string& path) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(path, status.message()));
}

absl::Status CheckAxis(const v1::Axis& axis, const std::string& path) {
  RETURN_IF_ERROR(CheckSlug(absl::StrCat(path, ".name"), axis.name(), 1));
  if (axis.values().empty()) {
    return InvalidArgument(path, ".values: empty; at least one value");
  }
  std::set<absl::string_view> labels;
  for (int v = 0; v < axis.values_size(); ++v) {
    const std::string& label = axis.values(v).label();
    const std::string label_path = absl::StrCat(path, ".values[", v, "].label");
    RETURN_IF_ERROR(CheckPrintable(label_path, label, 1, 64));
    if (!labels.insert(label).second) {
      return InvalidArgument(label_path, ": ", Quoted(label),
                             " is given twice; labels are unique");
    }
    RETURN_IF_ERROR(
        CheckInputNames(absl::StrCat(path, ".values[", v, "].input_names"),
                        axis.values(v).input_names(), axis.values(v).set()));
  }
  return absl::OkStatus();
}

// All axes together: each is held for as long as the job is open.
absl::Status CheckValueCount(const v1::JobSpec& spec, const JobLimits& limits) {
  int64_t values = 0;
  for (int a = 0; a < spec.axes_size(); ++a) {
    values += spec.axes(a).values_size();
    if (values <= limits.max_axis_values) continue;
    return absl::ResourceExhaustedError(absl::StrCat(
        "spec.axes[", a, "].values: ", values,
        a == 0 ? " values given" : " values given with the axes before it",
        "; at most ", limits.max_axis_values, " (--max-axis-values)"));
  }
  return absl::OkStatus();
}

absl::Status CheckAxes(const v1::JobSpec& spec, const JobLimits& limits) {
  if (spec.axes_size() > limits.max_axes) {
    return InvalidArgument("spec.axes: ", spec.axes_size(),
                           " axes given; at most ", limits.max_axes);
  }
  RETURN_IF_ERROR(CheckValueCount(spec, limits));
  std::set<absl::string_view> names;
  for (int a = 0; a < spec.axes_size(); ++a) {
    const std::string path = absl::StrCat("spec.axes[", a, "]");
    RETURN_IF_ERROR(CheckAxis(spec.axes(a), path));
    if (!names.insert(spec.axes(a).name()).second) {
      return InvalidArgument(path, ".name: ", Quoted(spec.axes(a).name()),
                             " is given twice; names are unique");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckCount(absl::string_view path, int64_t given, int64_t most) {
  if (given <= most) return absl::OkStatus();
  return InvalidArgument(path, ": ", given, " given; at most ", most);
}

absl::Status CheckNetworks(const v1::JobSpec& spec) {
  RETURN_IF_ERROR(
      CheckCount("spec.networks", spec.networks_size(), kMaxNetworks));
  std::set<absl::string_view> digests;
  for (int n = 0; n < spec.networks_size(); ++n) {
    const v1::NetworkDescription& network = spec.networks(n);
    const std::string path = absl::StrCat("spec.networks[", n, "]");
    const std::string digest_path = absl::StrCat(path, ".weights_digest");
    RETURN_IF_ERROR(CheckDigest(digest_path, network.weights_digest()));
    if (!digests.insert(network.weights_digest()).second) {
      return InvalidArgument(digest_path, ": is described twice");
    }
    for (const auto& [field, text] :
         {std::pair(".name", &network.name()),
          std::pair(".architecture", &network.architecture()),
          std::pair(".preprocessing", &network.preprocessing())}) {
      RETURN_IF_ERROR(CheckPrintable(absl::StrCat(path, field), *text, 0, 256));
    }
    int convolutions = 0;
    for (const auto& block : network.blocks()) {
      convolutions += block.channels_size();
    }
    if (network.blocks_size() > kMaxBlocks || convolutions > kMaxConvolutions) {
      return InvalidArgument(path, ".blocks: ", network.blocks_size(),
                             " blocks of ", convolutions,
                             " convolutions given; at most ", kMaxBlocks,
                             " of ", kMaxConvolutions);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckImages(const v1::JobSpec& spec, const JobLimits& limits) {
  RETURN_IF_ERROR(
      CheckCount("spec.images", spec.images_size(),
                 int64_t{limits.max_axis_values} + kMaxFixedImages));
  std::set<absl::string_view> digests;
  for (int i = 0; i < spec.images_size(); ++i) {
    const v1::ImageDescription& image = spec.images(i);
    const std::string path = absl::StrCat("spec.images[", i, "]");
    RETURN_IF_ERROR(CheckDigest(absl::StrCat(path, ".digest"), image.digest()));
    RETURN_IF_ERROR(
        CheckPrintable(absl::StrCat(path, ".name"), image.name(), 0, 256));
    if (!digests.insert(image.digest()).second) {
      return InvalidArgument(path, ".digest: is described twice");
    }
    const int64_t pixels = int64_t{image.width_px()} * image.height_px();
    if (image.width_px() < 1 || image.height_px() < 1 ||
        pixels > limits.max_pixels) {
      return InvalidArgument(path, ": ", image.width_px(), " x ",
                             image.height_px(),
                             " px is not allowed; at least 1 x 1, at most ",
                             limits.max_pixels, " pixels (--max-image-pixels)");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckScheduling(const v1::JobSpec& spec) {
  RETURN_IF_ERROR(CheckSlug("spec.user", spec.user(), 0));
  RETURN_IF_ERROR(CheckPriority("spec.priority", spec.priority()));
  RETURN_IF_ERROR(CheckTags("spec.worker_tags", spec.worker_tags()));
  RETURN_IF_ERROR(CheckPrintable("spec.profile", spec.profile(), 0, 128));
  if (spec.max_running() < 0) {
    return InvalidArgument("spec.max_running: ", spec.max_running(),
                           " is not allowed; at least 0, which is any number");
  }
  if (spec.worker_memory_bytes() < 0) {
    return InvalidArgument(
        "spec.worker_memory_bytes: ", spec.worker_memory_bytes(),
        " is not allowed; at least 0");
  }
  return absl::OkStatus();
}

absl::Status CheckHeader(const v1::JobSpec& spec) {
  RETURN_IF_ERROR(CheckPrintable("spec.name", spec.name(), 1, 128));
  RETURN_IF_ERROR(CheckSlug("spec.study", spec.study(), 0));
  if (spec.sheet_columns() < 0 || spec.sheet_columns() > kMaxSheetColumns) {
    return InvalidArgument("spec.sheet_columns: ", spec.sheet_columns(),
                           " is not allowed; from 0 to ", kMaxSheetColumns);
  }
  return CheckScheduling(spec);
}

absl::Status CheckDigests(const RenderPatch& patch, const std::string& path) {
  absl::Status status;
  ForEachInput(patch, [&](const Parameter& input, int position,
                          const std::string& digest) {
    const bool is_listed = TakesOf(input) == Takes::kEach;
    const std::string place = is_listed ? absl::StrCat("[", position, "]") : "";
    status.Update(
        CheckDigest(absl::StrCat(path, input.wire_name, place), digest));
  });
  return status;
}

absl::Status CheckPatch(const RenderPatch& patch, const std::string& path,
                        const RenderLimits& limits) {
  RETURN_IF_ERROR(CheckDigests(patch, path));
  return Prefixed(WithWireName(ValidatePatch(patch, limits)), path);
}

absl::Status CheckPatches(const JobSpec& spec, const RenderLimits& limits) {
  RETURN_IF_ERROR(CheckPatch(spec.base, "spec.base.", limits));
  for (size_t a = 0; a < spec.axes.size(); ++a) {
    const std::vector<AxisValue>& values = spec.axes[a].values;
    for (size_t v = 0; v < values.size(); ++v) {
      RETURN_IF_ERROR(CheckPatch(
          values[v].set,
          absl::StrCat("spec.axes[", a, "].values[", v, "].set."), limits));
    }
  }
  return absl::OkStatus();
}

/// Every digest that the patches name, for jobs whose tasks are not all
/// resolved.
void AddNamedDigests(const JobSpec& spec, std::set<std::string>& digests) {
  for (const std::string* digest : NamedInputs(spec)) digests.insert(*digest);
}

absl::Status CheckEachTask(const v1::JobSpec& wire, ValidJob& job,
                           const JobLimits& limits) {
  PointCheck check(wire, job.spec, limits);
  const SweepShape shape = ShapeOf(job.spec);
  for (int64_t index = 0; index < job.task_count; ++index) {
    RETURN_IF_ERROR(check.Check(ValuesAt(shape, index), job.digests));
  }
  return absl::OkStatus();
}

absl::Status CheckEachValue(const v1::JobSpec& wire, ValidJob& job,
                            const JobLimits& limits) {
  PointCheck check(wire, job.spec, limits);
  RETURN_IF_ERROR(VisitEachValue(ShapeOf(job.spec),
                                 [&](const std::vector<int64_t>& values) {
                                   return check.Check(values, job.digests);
                                 }));
  AddNamedDigests(job.spec, job.digests);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ValidJob> ValidateJob(const v1::JobSpec& wire,
                                     const JobLimits& limits) {
  RETURN_IF_ERROR(CheckHeader(wire));
  RETURN_IF_ERROR(CheckInputNames("spec.base_input_names",
                                  wire.base_input_names(), wire.base()));
  RETURN_IF_ERROR(CheckAxes(wire, limits));
  RETURN_IF_ERROR(CheckNetworks(wire));
  RETURN_IF_ERROR(CheckImages(wire, limits));
  ValidJob job;
  ASSIGN_OR_RETURN(job.spec, FromProto(wire, limits.max_spec_bytes));
  RETURN_IF_ERROR(CheckPatches(job.spec, limits.renders));
  const absl::StatusOr<int64_t> count = TaskCount(job.spec);
  if (!count.ok()) return Prefixed(count.status(), "spec.");
  job.task_count = *count;
  if (job.task_count > limits.max_tasks) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "spec.axes: the job has ", job.task_count, " tasks; at most ",
        limits.max_tasks, " (--max-tasks-per-job)"));
  }
  const bool each_task = job.spec.mode == SweepMode::kZip ||
                         job.task_count <= limits.max_tasks_resolved;
  RETURN_IF_ERROR(each_task ? CheckEachTask(wire, job, limits)
                            : CheckEachValue(wire, job, limits));
  if (!job.spec.measure.weights_digest.empty()) {
    job.digests.insert(job.spec.measure.weights_digest);
  }
  return job;
}

}  // namespace atelier
