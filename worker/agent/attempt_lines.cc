#include "worker/agent/attempt_lines.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace atelier {
namespace {

constexpr absl::Duration kLossesEvery = absl::Seconds(30);
constexpr int kLossesOfIterations = 10;  // One in so many parts of them.

}  // namespace

std::string AssignmentText(const v1::Assignment& assignment) {
  const v1::AttemptToken& token = assignment.token();
  std::string text =
      absl::StrCat("attempt ", token.number(), " (epoch ", token.epoch(),
                   ") of render ", token.render_key(), ", for task ",
                   assignment.task_index(), " of job ", assignment.job_id());
  if (assignment.has_resume_from()) {
    absl::StrAppend(&text, "; a checkpoint of iteration ",
                    assignment.resume_from().iteration(), " is there");
  }
  return text;
}

std::string WorkerText(const v1::WorkerDescription& self) {
  return absl::StrCat("worker ", self.name(), ": ", self.device(), " (",
                      self.device_model(), "), ", self.threads(),
                      " threads, engine version ", self.engine_version(),
                      ", profile ", self.profile().substr(0, 12));
}

std::string JobText(const RenderJob& job) {
  return absl::StrCat(job.content.width_px, " x ", job.content.height_px,
                      " px, ", job.styles.size(),
                      job.styles.size() == 1 ? " style, " : " styles, ",
                      job.params.iterations, " iterations, ", job.params.scales,
                      job.params.scales == 1 ? " scale" : " scales");
}

std::string LossText(const LossAt& at, int iterations) {
  std::string text = absl::StrCat("iteration ", at.iteration, " of ",
                                  iterations, ": total loss ", at.losses.total);
  for (const auto& [name, loss] : at.losses.terms) {
    absl::StrAppend(&text, ", ", name, " ", loss);
  }
  return text;
}

std::string TimingsText(const AttemptTimings& timings) {
  std::string text;
  for (const TimedPhase& phase : kTimedPhases) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", phase.name, " ",
                    SecondsText(timings.*phase.time));
  }
  return text;
}

std::string BytesText(int64_t bytes) {
  const double mebibytes = static_cast<double>(bytes) / (1 << 20);
  return absl::StrFormat("%.*f MiB", mebibytes < 10 ? 1 : 0, mebibytes);
}

std::string SecondsText(absl::Duration time) {
  return absl::StrFormat("%.3fs", absl::ToDoubleSeconds(time));
}

bool LossLinePace::Due(int iteration, absl::Time now) {
  if (last_ > absl::InfinitePast() &&
      (iteration - last_iteration_ <
           std::max(1, iterations_ / kLossesOfIterations) ||
       now - last_ < kLossesEvery)) {
    return false;
  }
  last_iteration_ = iteration;
  last_ = now;
  return true;
}

}  // namespace atelier
