#include "client/cli/progress.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/state_names.h"
#include "common/cell_width.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr absl::Duration kLineInterval = absl::Seconds(10);
// Less than this says nothing of the time that is left.
constexpr double kLeastFraction = 0.005;
constexpr int kMinBar = 5;
constexpr int kMaxBar = 40;

int64_t Ended(const v1::TaskCounts& tasks) {
  return tasks.succeeded() + tasks.failed() + tasks.cancelled();
}

}  // namespace

double FractionDone(const v1::JobSnapshot& snapshot) {
  const v1::Job& job = snapshot.job();
  if (job.task_count() <= 0) return 0;
  double done = Ended(job.tasks());
  for (const v1::Task& task : snapshot.running()) {
    const int iterations = task.render().iterations();
    if (iterations > 0) {
      done += std::min(1.0, static_cast<double>(task.iteration()) / iterations);
    }
  }
  return std::min(1.0, done / job.task_count());
}

std::string ProgressText(const v1::JobSnapshot& snapshot,
                         std::optional<absl::Duration> left,
                         const std::string& state) {
  const v1::Job& job = snapshot.job();
  std::string text =
      absl::StrCat(state, state.empty() ? "" : "; ", Ended(job.tasks()), "/",
                   job.task_count(), " tasks");
  if (job.tasks().leased() > 0) {
    absl::StrAppend(&text, ", ", job.tasks().leased(), " running");
  }
  if (job.tasks().failed() > 0) {
    absl::StrAppend(&text, ", ", job.tasks().failed(), " failed");
  }
  absl::StrAppend(&text, ", ", static_cast<int>(100 * FractionDone(snapshot)),
                  "%");
  if (left.has_value()) {
    absl::StrAppend(&text, ", ", absl::FormatDuration(*left), " left");
  }
  return text;
}

std::string ProgressBar(const std::string& name, double fraction,
                        const std::string& text, int columns) {
  // Name, space, brackets, space and text.
  constexpr int kLeastName = 8;
  const int room = columns - 1;
  const int text_cells = CellWidth(text);
  // A name gives way to the bar, and the bar to the text.
  const std::string shown = FittedText(
      EscapedText(name), std::max(room - text_cells - kMinBar - 4, kLeastName));
  const int bar = std::min(kMaxBar, room - CellWidth(shown) - text_cells - 4);
  if (bar < kMinBar) return FittedText(absl::StrCat(shown, " ", text), room);
  const int full = static_cast<int>(std::lround(fraction * bar));
  return absl::StrCat(shown, " [", std::string(full, '#'),
                      std::string(bar - full, '-'), "] ", text);
}

std::optional<absl::Duration> TimeLeft::At(double fraction, absl::Time now) {
  if (!first_at_.has_value()) {
    first_at_ = now;
    first_fraction_ = fraction;
  }
  const double gained = fraction - first_fraction_;
  if (gained < kLeastFraction) return std::nullopt;
  return absl::Trunc((now - *first_at_) * ((1 - fraction) / gained),
                     absl::Seconds(1));
}

std::string WaitText(const v1::Job& job, bool own_workers) {
  if (job.state() != v1::JOB_STATE_QUEUED) return "";
  const bool starts =
      own_workers && job.wait_reason() == v1::WAIT_REASON_NO_WORKER;
  if (starts) return "";
  const std::string wait = ShownWait(job);
  return absl::StrCat(ShownState(job), wait.empty() ? "" : ": ", wait);
}

bool Progress::IsWorthALine(const v1::JobSnapshot& snapshot,
                            const std::string& state) {
  const int64_t ended = Ended(snapshot.job().tasks());
  const absl::Time now = clock_.Now();
  if (ended == last_ended_ && state == last_state_ &&
      now - last_line_at_ < kLineInterval) {
    return false;
  }
  last_state_ = state;
  last_ended_ = ended;
  last_line_at_ = now;
  return true;
}

void Progress::Show(const v1::JobSnapshot& snapshot) {
  if (options_.quiet) return;
  const std::string state = WaitText(snapshot.job(), options_.own_workers);
  const std::optional<absl::Duration> left =
      time_left_.At(FractionDone(snapshot), clock_.Now());
  if (!IsWorthALine(snapshot, state)) return;
  err_ << ClippedText(snapshot.job().spec().name(), kMaxQuotedBytes) << ": "
       << ProgressText(snapshot, left, state) << std::endl;
}

}  // namespace atelier
