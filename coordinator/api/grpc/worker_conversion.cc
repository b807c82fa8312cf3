#include "coordinator/api/grpc/worker_conversion.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"
#include "common/quoted_text.h"
#include "common/rpc/measure_conversion.h"
#include "common/rpc/render_conversion.h"
#include "common/rpc/timings_conversion.h"
#include "common/small_artifacts.h"
#include "common/status_macros.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/time_conversion.h"

namespace atelier {
namespace {

// Beside the overloads below, which would hide them.
using atelier::FromProto;
using atelier::ToProto;

constexpr int kMaxSlots = 1024;
constexpr int kMaxMessageChars = 4096;
constexpr int kMaxMetrics = 256;
constexpr int kMaxHeldInputs = 1024;
constexpr int kMaxTerms = 32;
constexpr int kMaxEngineVersion = 1'000'000;
constexpr int kUngivenEngineVersion = 7;
constexpr int64_t kMaxMemoryBytes = int64_t{1} << 50;
constexpr int kMaxThreads = 1 << 16;
constexpr int kMaxSidePx = 1 << 16;
constexpr absl::Duration kMaxElapsed = absl::Hours(24 * 365);

absl::Status CheckAtLeast(absl::string_view path, int64_t value,
                          int64_t least) {
  if (value >= least) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", value, " is not allowed; at least ", least));
}

absl::Status CheckBetween(absl::string_view path, int64_t value, int64_t least,
                          int64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      path, ": ", value, " is not allowed; from ", least, " to ", most));
}

absl::Status CheckCount(absl::string_view path, int given, int most) {
  if (given <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", given, " given; at most ", most));
}

// Sorted, each once. They only help to choose: what is no digest is left out.
std::vector<std::string> HeldInputs(const v1::WorkerDescription& proto) {
  std::vector<std::string> held;
  for (const std::string& digest : proto.held_inputs()) {
    if (IsHexDigest(digest)) held.push_back(digest);
  }
  std::sort(held.begin(), held.end());
  held.erase(std::unique(held.begin(), held.end()), held.end());
  return held;
}

// Of a worker, a checkpoint or a result.
template <typename Proto>
absl::StatusOr<Arithmetic> ArithmeticOf(const Proto& proto,
                                        const std::string& path) {
  RETURN_IF_ERROR(
      CheckPrintable(absl::StrCat(path, ".profile"), proto.profile(), 0, 128));
  RETURN_IF_ERROR(CheckBetween(absl::StrCat(path, ".engine_version"),
                               proto.engine_version(), 0, kMaxEngineVersion));
  const bool is_given = proto.engine_version() > 0;
  return Arithmetic{is_given ? proto.engine_version() : kUngivenEngineVersion,
                    proto.profile()};
}

absl::StatusOr<WorkerDescription> FromProto(
    const v1::WorkerDescription& proto) {
  RETURN_IF_ERROR(CheckWorkerName("worker.name", proto.name()));
  RETURN_IF_ERROR(CheckUniqueId("worker.instance_id", proto.instance_id()));
  RETURN_IF_ERROR(CheckPrintable("worker.device", proto.device(), 0, 64));
  RETURN_IF_ERROR(
      CheckPrintable("worker.device_model", proto.device_model(), 0, 256));
  ASSIGN_OR_RETURN(Arithmetic arithmetic, ArithmeticOf(proto, "worker"));
  RETURN_IF_ERROR(CheckBetween("worker.memory_bytes", proto.memory_bytes(), 0,
                               kMaxMemoryBytes));
  RETURN_IF_ERROR(
      CheckBetween("worker.threads", proto.threads(), 0, kMaxThreads));
  RETURN_IF_ERROR(CheckBetween("worker.slots", proto.slots(), 1, kMaxSlots));
  RETURN_IF_ERROR(CheckTags("worker.tags", proto.tags()));
  RETURN_IF_ERROR(CheckCount("worker.held_inputs", proto.held_inputs_size(),
                             kMaxHeldInputs));
  WorkerDescription worker;
  worker.name = WorkerName(proto.name());
  worker.instance = InstanceId(proto.instance_id());
  worker.device = proto.device();
  worker.device_model = proto.device_model();
  worker.memory_bytes = proto.memory_bytes();
  worker.threads = proto.threads();
  worker.arithmetic = std::move(arithmetic);
  worker.slots = proto.slots();
  worker.tags.assign(proto.tags().begin(), proto.tags().end());
  std::sort(worker.tags.begin(), worker.tags.end());
  worker.held_inputs = HeldInputs(proto);
  worker.batches = proto.batches();
  return worker;
}

// Without a word of what it says.
absl::Status CheckSecret(const std::string& path, absl::string_view secret) {
  constexpr size_t kDigits = 32;
  const bool is_hex = std::all_of(secret.begin(), secret.end(), [](char c) {
    return ('0' <= c && c <= '9') || ('a' <= c && c <= 'f');
  });
  if (secret.empty() || (secret.size() == kDigits && is_hex)) {
    return absl::OkStatus();
  }
  return InvalidArgument(path, ": ", secret.size(), " bytes given; none, or ",
                         kDigits, " lower-case hex digits");
}

absl::StatusOr<AttemptToken> FromProto(const v1::AttemptToken& proto,
                                       const std::string& path) {
  RETURN_IF_ERROR(
      CheckDigest(absl::StrCat(path, ".render_key"), proto.render_key()));
  RETURN_IF_ERROR(
      CheckAtLeast(absl::StrCat(path, ".number"), proto.number(), 1));
  RETURN_IF_ERROR(CheckAtLeast(absl::StrCat(path, ".epoch"), proto.epoch(), 1));
  RETURN_IF_ERROR(CheckSecret(absl::StrCat(path, ".secret"), proto.secret()));
  return AttemptToken{RenderKey(proto.render_key()), proto.number(),
                      proto.epoch(), proto.secret()};
}

v1::AttemptToken ToProto(const AttemptToken& token) {
  v1::AttemptToken proto;
  proto.set_render_key(token.render_key.value());
  proto.set_number(token.number);
  proto.set_epoch(token.epoch);
  proto.set_secret(token.secret);
  return proto;
}

absl::Status CheckTermNames(const v1::Losses& proto, const std::string& path) {
  RETURN_IF_ERROR(
      CheckCount(absl::StrCat(path, ".terms"), proto.terms_size(), kMaxTerms));
  for (const auto& [name, value] : proto.terms()) {
    RETURN_IF_ERROR(CheckTermName(absl::StrCat(path, ".terms"), name));
  }
  return absl::OkStatus();
}

absl::Status CheckFinite(const std::string& path, double value) {
  if (std::isfinite(value)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", value, " is not allowed; a finite number"));
}

// Of a result: a picture whose loss is no number is none.
absl::StatusOr<Losses> FiniteLosses(const v1::Losses& proto,
                                    const std::string& path) {
  RETURN_IF_ERROR(CheckTermNames(proto, path));
  Losses losses = FromProto(proto);
  for (const auto& [name, value] : losses.terms) {
    RETURN_IF_ERROR(CheckFinite(absl::StrCat(path, ".terms.", name), value));
  }
  RETURN_IF_ERROR(CheckFinite(absl::StrCat(path, ".total"), losses.total));
  return losses;
}

absl::StatusOr<Checkpoint> FromProto(const v1::Checkpoint& proto,
                                     const std::string& path) {
  RETURN_IF_ERROR(CheckDigest(absl::StrCat(path, ".digest"), proto.digest()));
  RETURN_IF_ERROR(
      CheckAtLeast(absl::StrCat(path, ".iteration"), proto.iteration(), 1));
  ASSIGN_OR_RETURN(Arithmetic arithmetic, ArithmeticOf(proto, path));
  return Checkpoint{proto.digest(), proto.iteration(), std::move(arithmetic)};
}

v1::Checkpoint ToProto(const Checkpoint& checkpoint) {
  v1::Checkpoint proto;
  proto.set_digest(checkpoint.digest);
  proto.set_iteration(checkpoint.iteration);
  proto.set_profile(checkpoint.arithmetic.profile);
  proto.set_engine_version(checkpoint.arithmetic.engine_version);
  return proto;
}

absl::StatusOr<TaskResult> FromProto(const v1::TaskResult& proto,
                                     const WorkerDescription& worker,
                                     const std::string& path) {
  RETURN_IF_ERROR(
      CheckDigest(absl::StrCat(path, ".image_digest"), proto.image_digest()));
  RETURN_IF_ERROR(
      CheckAtLeast(absl::StrCat(path, ".iterations"), proto.iterations(), 0));
  RETURN_IF_ERROR(CheckBetween(absl::StrCat(path, ".width_px"),
                               proto.width_px(), 1, kMaxSidePx));
  RETURN_IF_ERROR(CheckBetween(absl::StrCat(path, ".height_px"),
                               proto.height_px(), 1, kMaxSidePx));
  TaskResult result;
  ASSIGN_OR_RETURN(result.arithmetic, ArithmeticOf(proto, path));
  result.image_digest = proto.image_digest();
  ASSIGN_OR_RETURN(result.losses,
                   FiniteLosses(proto.losses(), absl::StrCat(path, ".losses")));
  result.iterations = proto.iterations();
  // A worker whose clock was set has rendered all the same.
  result.elapsed =
      std::clamp(FromProto(proto.elapsed()), absl::ZeroDuration(), kMaxElapsed);
  if (proto.has_timings()) {
    result.timings = FromProto(proto.timings(), kMaxElapsed);
  }
  result.worker = worker.name;  // Whatever it claims, it is who it is.
  result.width_px = proto.width_px();
  result.height_px = proto.height_px();
  return result;
}

absl::StatusOr<AttemptReport> FromProto(const v1::AttemptReport& proto,
                                        const WorkerDescription& worker,
                                        const std::string& path) {
  AttemptReport report;
  ASSIGN_OR_RETURN(report.token,
                   FromProto(proto.token(), absl::StrCat(path, ".token")));
  if (proto.outcome() < 1 || proto.outcome() > kOutcomeCount) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ".outcome: value ", static_cast<int>(proto.outcome()),
        " is unknown; allowed: 1 to ", kOutcomeCount));
  }
  report.outcome = static_cast<Outcome>(proto.outcome());
  report.message = ClippedText(proto.message(), kMaxMessageChars);
  if (report.outcome == Outcome::kSucceeded) {
    ASSIGN_OR_RETURN(report.result, FromProto(proto.result(), worker,
                                              absl::StrCat(path, ".result")));
  }
  return report;
}

// Any checkpoint can be done without.
template <typename Proto>
std::optional<Checkpoint> TakeCheckpoint(const Proto& proto,
                                         const std::string& path,
                                         ParsedSync& parsed) {
  if (!proto.has_checkpoint()) return std::nullopt;
  absl::StatusOr<Checkpoint> checkpoint =
      FromProto(proto.checkpoint(), absl::StrCat(path, ".checkpoint"));
  if (checkpoint.ok()) return *std::move(checkpoint);
  parsed.complaints.emplace_back(checkpoint.status().message());
  return std::nullopt;
}

// Measures can be done without, too: what is malformed counts as absent.
std::string TakeMeasures(const v1::TaskResult& proto, const std::string& path,
                         ParsedSync& parsed) {
  if (!proto.has_measures()) return "";
  const absl::Status status = CheckMeasures(proto.measures());
  if (status.ok()) return proto.measures().SerializeAsString();
  parsed.complaints.push_back(absl::StrCat(path, ".", status.message()));
  return "";
}

absl::Status CheckPreviews(
    const google::protobuf::RepeatedPtrField<v1::PicturePreview>& previews,
    const std::string& path) {
  RETURN_IF_ERROR(CheckCount(path, previews.size(), kMostPreviews));
  int last = 0;
  for (int i = 0; i < previews.size(); ++i) {
    const std::string at = absl::StrCat(path, "[", i, "].");
    RETURN_IF_ERROR(CheckAtLeast(absl::StrCat(at, "iteration"),
                                 previews[i].iteration(), int64_t{last} + 1));
    last = previews[i].iteration();
    RETURN_IF_ERROR(
        CheckDigest(absl::StrCat(at, "digest"), previews[i].digest()));
  }
  return absl::OkStatus();
}

// They are for looks: with one that is malformed all count as absent.
std::vector<PicturePreview> TakePreviews(
    const google::protobuf::RepeatedPtrField<v1::PicturePreview>& previews,
    const std::string& path, ParsedSync& parsed) {
  std::vector<PicturePreview> taken;
  const absl::Status status = CheckPreviews(previews, path);
  if (!status.ok()) {
    parsed.complaints.emplace_back(status.message());
    return taken;
  }
  for (const v1::PicturePreview& one : previews) {
    taken.push_back({one.iteration(), one.digest()});
  }
  return taken;
}

// Of progress or a report; so is a log.
template <typename Proto>
std::string TakeLog(const Proto& proto, const std::string& path,
                    ParsedSync& parsed) {
  if (proto.log_digest().empty()) return "";
  const absl::Status status =
      CheckDigest(absl::StrCat(path, ".log_digest"), proto.log_digest());
  if (status.ok()) return proto.log_digest();
  parsed.complaints.emplace_back(status.message());
  return "";
}

// The attempt is alive, whatever else is said of it.
void TakeProgress(const v1::AttemptProgress& proto, const std::string& path,
                  ParsedSync& parsed) {
  absl::StatusOr<AttemptToken> token =
      FromProto(proto.token(), absl::StrCat(path, ".token"));
  if (!token.ok()) {
    parsed.complaints.emplace_back(token.status().message());
    parsed.unreadable_running.push_back(proto.token());
    return;
  }
  AttemptProgress progress;
  progress.token = *std::move(token);
  if (const absl::Status status =
          CheckAtLeast(absl::StrCat(path, ".iteration"), proto.iteration(), 0);
      !status.ok()) {
    parsed.complaints.emplace_back(status.message());
  }
  progress.iteration = std::max(proto.iteration(), 0);
  if (const absl::Status status =
          CheckTermNames(proto.losses(), absl::StrCat(path, ".losses"));
      status.ok()) {
    progress.losses = FromProto(proto.losses());
  } else {
    parsed.complaints.emplace_back(status.message());
  }
  progress.checkpoint = TakeCheckpoint(proto, path, parsed);
  progress.previews =
      TakePreviews(proto.previews(), absl::StrCat(path, ".previews"), parsed);
  progress.log_digest = TakeLog(proto, path, parsed);
  parsed.request.running.push_back(std::move(progress));
}

void TakeReport(const v1::AttemptReport& proto, const std::string& path,
                ParsedSync& parsed) {
  absl::StatusOr<AttemptReport> report =
      FromProto(proto, parsed.request.worker, path);
  if (report.ok()) {
    report->checkpoint = TakeCheckpoint(proto, path, parsed);
    report->log_digest = TakeLog(proto, path, parsed);
    if (report->outcome == Outcome::kSucceeded) {
      report->result.measures =
          TakeMeasures(proto.result(), absl::StrCat(path, ".result"), parsed);
      report->result.previews =
          TakePreviews(proto.result().previews(),
                       absl::StrCat(path, ".result.previews"), parsed);
    }
    parsed.request.finished.push_back(*std::move(report));
    return;
  }
  parsed.complaints.emplace_back(report.status().message());
  absl::StatusOr<AttemptToken> token = FromProto(proto.token(), path);
  if (!token.ok()) {
    parsed.unreadable_finished.push_back(proto.token());
    return;
  }
  AttemptReport refused;
  refused.token = *std::move(token);
  refused.outcome = Outcome::kInternal;
  refused.message = absl::StrCat("the worker's report cannot be taken: ",
                                 report.status().message());
  refused.refused = true;
  parsed.request.finished.push_back(std::move(refused));
}

v1::Assignment ToProto(const Assignment& assignment) {
  v1::Assignment proto;
  *proto.mutable_token() = ToProto(assignment.token);
  *proto.mutable_render() = ToProto(assignment.render);
  proto.set_job_id(assignment.task.job.value());
  proto.set_task_index(assignment.task.index);
  *proto.mutable_network() = ToProto(assignment.network);
  *proto.mutable_measure() = ToProto(assignment.measure);
  if (assignment.resume_from.has_value()) {
    *proto.mutable_resume_from() = ToProto(*assignment.resume_from);
  }
  for (const auto& [digest, size] : assignment.picture_sizes) {
    v1::ImageDescription& image = *proto.add_images();
    image.set_digest(digest);
    image.set_width_px(size.first);
    image.set_height_px(size.second);
  }
  return proto;
}

}  // namespace

absl::StatusOr<ParsedSync> FromProto(const v1::SynchronizeRequest& proto) {
  RETURN_IF_ERROR(CheckCount("running", proto.running_size(), kMaxSlots));
  RETURN_IF_ERROR(CheckCount("metrics", proto.metrics_size(), kMaxMetrics));
  ParsedSync parsed;
  ASSIGN_OR_RETURN(parsed.request.worker, FromProto(proto.worker()));
  parsed.request.draining = proto.draining();
  for (int i = 0; i < proto.running_size(); ++i) {
    TakeProgress(proto.running(i), absl::StrCat("running[", i, "]"), parsed);
  }
  // The rest is not answered, and so comes again.
  const int reports = std::min(proto.finished_size(), kMaxSlots);
  for (int i = 0; i < reports; ++i) {
    TakeReport(proto.finished(i), absl::StrCat("finished[", i, "]"), parsed);
  }
  return parsed;
}

absl::StatusOr<AttemptToken> AttemptTokenFromProto(
    const v1::AttemptToken& proto, const std::string& path) {
  return FromProto(proto, path);
}

v1::SynchronizeResponse ToProto(const SyncResponse& response) {
  v1::SynchronizeResponse proto;
  for (const Assignment& assignment : response.start) {
    *proto.add_start() = ToProto(assignment);
  }
  for (const AttemptToken& token : response.stop) {
    *proto.add_stop() = ToProto(token);
  }
  for (const ReportAcknowledgement& known : response.acknowledged) {
    v1::ReportAcknowledgement* out = proto.add_acknowledged();
    *out->mutable_token() = ToProto(known.token);
    out->set_disposition(known.disposition == Disposition::kCommitted
                             ? v1::DISPOSITION_COMMITTED
                             : v1::DISPOSITION_IGNORED);
  }
  *proto.mutable_call_again_after() = ToProto(response.call_again_after);
  proto.set_epoch(response.epoch);
  proto.set_drain(response.drain);
  if (response.preview_every.has_value()) {
    *proto.mutable_preview_every() = ToProto(*response.preview_every);
  }
  return proto;
}

}  // namespace atelier
