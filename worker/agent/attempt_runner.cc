#include "worker/agent/attempt_runner.h"

#include <algorithm>
#include <cmath>
#include <istream>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/image/colors.h"
#include "common/image/image.h"
#include "common/log/log.h"
#include "common/quoted_text.h"
#include "common/render/description.h"
#include "common/rpc/measure_conversion.h"
#include "common/rpc/render_conversion.h"
#include "common/rpc/timings_conversion.h"
#include "common/status_macros.h"
#include "google/protobuf/util/time_util.h"
#include "worker/agent/attempt_book.h"
#include "worker/agent/attempt_lines.h"
#include "worker/agent/checkpoint_pace.h"
#include "worker/agent/result_measures.h"

namespace atelier {
namespace {

constexpr size_t kMaxMessageLength = 4096;  // Of a report, by the contract.

v1::Outcome OutcomeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
      return v1::OUTCOME_PREEMPTED;
    case absl::StatusCode::kInvalidArgument:
      return v1::OUTCOME_INVALID_INPUT;
    case absl::StatusCode::kResourceExhausted:
      return v1::OUTCOME_OUT_OF_MEMORY;
    default:
      return v1::OUTCOME_INTERNAL;
  }
}

// The render without its iterations: what its checkpoints are of.
std::string ResumptionKey(Render render) {
  render.params.iterations = 0;
  return HexDigest(DescribeRender(render));
}

// What is fetched and brought for the attempt.
ArtifactScope ScopeOf(const v1::AttemptToken& token) {
  ArtifactScope scope;
  scope.attempt = std::make_shared<const v1::AttemptToken>(token);
  return scope;
}

bool TellsOfResumption(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsFailedPrecondition(status);
}

}  // namespace

struct AttemptRunner::Ended {
  v1::Outcome outcome = v1::OUTCOME_SUCCEEDED;
  std::string message;
  v1::TaskResult result;

  static Ended Because(const absl::Status& status) {
    return {OutcomeOf(status), std::string(status.message()), {}};
  }
};

AttemptRunner::AttemptRunner(const RunnerParts& parts,
                             const v1::WorkerDescription& self)
    : parts_(parts), self_(self) {
  SetPreviewEvery(absl::InfiniteDuration());
}

v1::AttemptReport AttemptRunner::Run(const v1::Assignment& assignment,
                                     Interruption& interruption,
                                     const ProgressCallback& progress) {
  const absl::Time start = parts_.clock.Now();
  peak_memory_bytes_ = 0;
  extras_ = AttemptExtras::Begin(parts_.extras, assignment.token(), progress);
  extras_->Write(AssignmentText(assignment));
  extras_->Write(WorkerText(self_));
  parts_.checkpoints.Begin(
      ScopeOf(assignment.token()),
      [extras = extras_](absl::string_view line) { extras->Write(line); });
  Ended ended;
  try {
    ended = Try(assignment, interruption);
  } catch (const std::bad_alloc&) {
    // Pictures are plain vectors; those of the renderer are its own to catch.
    ended = {v1::OUTCOME_OUT_OF_MEMORY, "no memory for the pictures", {}};
  }
  parts_.row.Withdraw();
  const absl::Duration elapsed = parts_.clock.Now() - start;
  parts_.metrics.CountRender(elapsed);
  v1::AttemptReport report =
      ToReport(assignment.token(), std::move(ended), elapsed);
  AwaitArrivals(interruption, &report);
  return report;
}

v1::AttemptReport AttemptRunner::ToReport(const v1::AttemptToken& token,
                                          Ended ended, absl::Duration elapsed) {
  v1::AttemptReport report;
  *report.mutable_token() = token;
  report.set_outcome(ended.outcome);
  report.set_message(ClippedText(ended.message, kMaxMessageLength));
  if (ended.outcome == v1::OUTCOME_SUCCEEDED) {
    *report.mutable_result() = std::move(ended.result);
    *report.mutable_result()->mutable_elapsed() =
        google::protobuf::util::TimeUtil::NanosecondsToDuration(
            absl::ToInt64Nanoseconds(elapsed));
  }
  extras_->Write(absl::StrCat("ended after ", SecondsText(elapsed), ": ",
                              v1::Outcome_Name(report.outcome()), " ",
                              report.message()));
  return report;
}

void AttemptRunner::AwaitArrivals(const Interruption& interruption,
                                  v1::AttemptReport* report) {
  const bool of_use = report->outcome() == v1::OUTCOME_SUCCEEDED ||
                      report->outcome() == v1::OUTCOME_PREEMPTED;
  if (of_use && !interruption.abandoned) {
    if (auto checkpoint = parts_.checkpoints.AwaitArrival()) {
      *report->mutable_checkpoint() = *std::move(checkpoint);
    }
  }
  // Nothing is reported of what is abandoned.
  const ExtrasParts& extras = parts_.extras;
  extras_->Finish(interruption.abandoned ? absl::ZeroDuration()
                  : interruption.stop.stopped()
                      ? extras.finish_within_when_stopped
                      : extras.finish_within,
                  report);
}

AttemptRunner::Ended AttemptRunner::Try(const v1::Assignment& assignment,
                                        Interruption& interruption) {
  StopSignal& stop = interruption.stop;
  const auto render = ResolvedFromProto(assignment.render());
  if (!render.ok()) return Ended::Because(render.status());
  auto rendered = RenderOrResume(assignment, *render, interruption);
  if (!rendered.ok()) return Ended::Because(rendered.status());
  extras_->Write(absl::StrCat("rendered; the best is ",
                              LossText(rendered->best, rendered->iterations),
                              "; ", TimingsText(rendered->timings)));
  switch (rendered->end) {
    case RenderEnd::kStopped:
      return {v1::OUTCOME_PREEMPTED, "the render was told to stop", {}};
    case RenderEnd::kDiverged:
      return {v1::OUTCOME_DIVERGED, rendered->message, {}};
    case RenderEnd::kCompleted:
      break;
  }
  return Deliver(assignment, *render, *rendered, stop);
}

absl::StatusOr<RenderedImage> AttemptRunner::RenderOrResume(
    const v1::Assignment& assignment, const Render& render,
    Interruption& interruption) {
  StopSignal& stop = interruption.stop;
  Resumption resumption;
  resumption.key = ResumptionKey(render);
  bool resumes = false;
  if (assignment.has_resume_from()) {
    resumption.from =
        [this, &assignment, &stop,
         &resumes]() -> absl::StatusOr<std::unique_ptr<std::istream>> {
      const v1::Checkpoint& from = assignment.resume_from();
      ASSIGN_OR_RETURN(
          std::unique_ptr<std::istream> stream,
          parts_.checkpoints.Fetch(from, stop, ScopeOf(assignment.token())));
      resumes = stream != nullptr;
      if (resumes) {
        LogInfo("attempt ", ShortName(assignment.token()),
                " goes on from iteration ", from.iteration());
        extras_->Write(absl::StrCat("goes on from the checkpoint of iteration ",
                                    from.iteration()));
      }
      return stream;
    };
  }
  if (parts_.checkpoint_every < absl::InfiniteDuration()) {
    KeepCheckpoints(assignment, interruption, resumption);
  }
  auto rendered = LoadAndRender(assignment, render, resumption, stop);
  if (!resumes || !TellsOfResumption(rendered.status())) return rendered;
  // What can't be resumed is done again: slower, but the same picture.
  extras_->Warn(absl::StrCat("beginning anew: ", rendered.status().message()));
  resumption.from = nullptr;
  Announce();  // Those of a batch fail together.
  return LoadAndRender(assignment, render, resumption, stop);
}

absl::StatusOr<RenderedImage> AttemptRunner::LoadAndRender(
    const v1::Assignment& assignment, const Render& render,
    const Resumption& resumption, StopSignal& stop) {
  const absl::Time start = parts_.clock.Now();
  ASSIGN_OR_RETURN(RenderJob job, Load(assignment, render, stop));
  job.batch_key = DescribeRender(CommonToBatch(render));
  job.resumption = resumption;
  const bool recolors = render.params.colors == Colors::kOriginal;
  const Image colors = recolors ? job.content : Image();
  job.previews = extras_->MakePreviews(
      [this] { return absl::Nanoseconds(preview_every_ns_.load()); }, colors);
  const absl::Time loaded = parts_.clock.Now();
  extras_->Write(absl::StrCat("inputs are there after ",
                              SecondsText(loaded - start), ": ", JobText(job)));
  ASSIGN_OR_RETURN(
      RenderedImage rendered,
      parts_.row.Render(
          std::move(job),
          Observe(assignment.token(), render.params.iterations, stop), stop));
  AttemptTimings& timings = rendered.timings;
  timings.inputs = loaded - start;
  timings.waiting = parts_.clock.Now() - loaded - timings.planning -
                    timings.targets - timings.iterations;
  if (recolors && rendered.end == RenderEnd::kCompleted) {
    ASSIGN_OR_RETURN(rendered.image, WithColorsOf(rendered.image, colors));
  }
  return rendered;
}

absl::StatusOr<RenderJob> AttemptRunner::Load(const v1::Assignment& assignment,
                                              const Render& render,
                                              StopSignal& stop) {
  DescribedSizes described;
  for (const v1::ImageDescription& image : assignment.images()) {
    described[image.digest()] = {image.width_px(), image.height_px()};
  }
  LoadListener listener;
  listener.said = [this](absl::string_view line) { extras_->Write(line); };
  listener.decoded = [this](const std::string& digest, const Image& picture) {
    extras_->SendThumbnailsOnce(digest, picture);
  };
  return parts_.inputs.Load(render, stop, described,
                            ScopeOf(assignment.token()), listener);
}

void AttemptRunner::KeepCheckpoints(const v1::Assignment& assignment,
                                    const Interruption& interruption,
                                    Resumption& resumption) {
  const auto pace = std::make_shared<CheckpointPace>(parts_.checkpoint_every,
                                                     parts_.clock.Now());
  resumption.wanted = [this, pace] {
    return parts_.checkpoints.idle() && pace->Due(parts_.clock.Now());
  };
  // The end of what was at its end already is no news.
  const int known = assignment.resume_from().iteration();
  resumption.keep = [this, pace, known,
                     &interruption](const CheckpointToKeep& checkpoint) {
    const int64_t bytes = checkpoint.bytes;
    if (interruption.abandoned || checkpoint.iteration == known) return;
    const absl::Time now = parts_.clock.Now();
    const bool send = interruption.stop.stopped() || pace->IsWorth(bytes, now);
    if (send) parts_.checkpoints.Send(checkpoint.iteration, checkpoint.write);
    pace->Made(bytes, send, now);
  };
}

RenderObserver AttemptRunner::Observe(const v1::AttemptToken& token,
                                      int iterations, StopSignal& stop) {
  return [this, &token, iterations, &stop, last = std::optional<absl::Time>(),
          shown = Losses(),
          lines = LossLinePace(iterations)](const LossAt& at) mutable {
    const absl::Time now = parts_.clock.Now();
    // Before the first, the render may have waited for others.
    parts_.metrics.CountIteration(now - last.value_or(now));
    const int64_t memory_bytes = parts_.memory_in_use();
    peak_memory_bytes_ = std::max(peak_memory_bytes_, memory_bytes);
    if (!last.has_value()) {
      extras_->Write(memory_bytes == 0
                         ? std::string("iterations begin")
                         : absl::StrCat("iterations begin; memory in use: ",
                                        BytesText(memory_bytes)));
    }
    last = now;
    if (lines.Due(at.iteration, now)) extras_->Write(LossText(at, iterations));
    v1::AttemptProgress message;
    *message.mutable_token() = token;
    message.set_iteration(at.iteration);
    // Those that the render goes back on are nothing to show.
    if (std::isfinite(at.losses.total)) shown = at.losses;
    *message.mutable_losses() = ToProto(shown);
    if (auto checkpoint = parts_.checkpoints.arrived()) {
      *message.mutable_checkpoint() = *std::move(checkpoint);
    }
    extras_->Tell(std::move(message));
    return !stop.stopped();
  };
}

std::optional<v1::Measures> AttemptRunner::Measure(
    const v1::Assignment& assignment, const Render& render,
    const RenderedImage& rendered, StopSignal& stop) {
  if (parts_.measurer == nullptr) return std::nullopt;
  const auto measure = [&]() -> absl::StatusOr<v1::Measures> {
    ASSIGN_OR_RETURN(const MeasureChoice by, FromProto(assignment.measure()));
    const Image& image = rendered.image;
    const ArtifactScope scope = ScopeOf(assignment.token());
    ASSIGN_OR_RETURN(
        MeasureRequest request,
        parts_.inputs.LoadToMeasure(
            render, by, {image.width_px, image.height_px}, stop, scope));
    const Image& content = request.content.picture;
    ASSIGN_OR_RETURN(request.image,
                     Resize(AsEncoded(image, render.params.bits),
                            content.width_px, content.height_px));
    ASSIGN_OR_RETURN(const Measured measured,
                     parts_.measurer->Measure(request));
    v1::Measures measures = ToMeasures(measured);
    *measures.mutable_curve() = ThinCurve(rendered.curve);
    if (!rendered.curve.empty()) {
      *measures.mutable_iteration_time() =
          google::protobuf::util::TimeUtil::NanosecondsToDuration(
              absl::ToInt64Nanoseconds(rendered.timings.iterations) /
              static_cast<int64_t>(rendered.curve.size()));
    }
    measures.set_peak_memory_bytes(peak_memory_bytes_);
    return measures;
  };
  absl::StatusOr<v1::Measures> measures = measure();
  if (measures.ok()) return *std::move(measures);
  extras_->Warn(
      absl::StrCat("it is not measured: ", measures.status().message()));
  return std::nullopt;
}

AttemptRunner::Ended AttemptRunner::Deliver(const v1::Assignment& assignment,
                                            const Render& render,
                                            const RenderedImage& rendered,
                                            StopSignal& stop) {
  if (rendered.iterations == 0) {
    return {v1::OUTCOME_INTERNAL, "the render did no iteration", {}};
  }
  AttemptTimings timings = rendered.timings;
  const absl::Time start = parts_.clock.Now();
  const auto png =
      Encode(rendered.image, "png", DescribeRender(render), render.params.bits);
  if (!png.ok()) return Ended::Because(png.status());
  timings.encoding = parts_.clock.Now() - start;
  std::optional<v1::Measures> measures =
      Measure(assignment, render, rendered, stop);
  const absl::Time measured = parts_.clock.Now();
  const auto digest =
      parts_.artifacts.Upload(*png, &stop, ScopeOf(assignment.token()));
  if (!digest.ok()) {
    if (absl::IsCancelled(digest.status())) {
      return Ended::Because(digest.status());
    }
    // A full disk over there is no lack of memory here.
    return {
        v1::OUTCOME_INTERNAL,
        absl::StrCat("cannot upload the result: ", digest.status().message()),
        {}};
  }
  timings.upload = parts_.clock.Now() - measured;
  extras_->Write(absl::StrCat(
      "uploaded the result: ", png->size(), " bytes; encoding ",
      SecondsText(timings.encoding), ", upload ", SecondsText(timings.upload)));
  extras_->SendThumbnails(*digest, rendered.image);
  Ended ended;
  *ended.result.mutable_timings() = ToProto(timings);
  if (measures.has_value()) {
    *ended.result.mutable_measures() = *std::move(measures);
  }
  ended.result.set_image_digest(*digest);
  *ended.result.mutable_losses() = ToProto(rendered.best.losses);
  ended.result.set_iterations(rendered.iterations);
  ended.result.set_worker(self_.name());
  ended.result.set_engine_version(self_.engine_version());
  ended.result.set_profile(self_.profile());
  ended.result.set_width_px(rendered.image.width_px);
  ended.result.set_height_px(rendered.image.height_px);
  return ended;
}

}  // namespace atelier
