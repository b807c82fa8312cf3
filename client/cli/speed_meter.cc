#include "client/cli/speed_meter.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "atelier/v1/jobs.pb.h"

namespace atelier {
namespace {

constexpr absl::Duration kWindow = absl::Minutes(1);
// Of a shorter time a speed says nothing.
constexpr absl::Duration kLeast = absl::Seconds(2);

std::string Rate(double rate) {
  return rate < 100 ? absl::StrFormat("%.1f", rate)
                    : absl::StrFormat("%.0f", rate);
}

}  // namespace

int64_t SpeedMeter::IterationsSince(const v1::JobSnapshot& snapshot,
                                    int64_t succeeded) {
  const bool is_first = samples_.empty();
  int64_t done = 0;
  std::map<int64_t, Progress> running;
  for (const v1::Task& task : snapshot.running()) {
    const int now = std::max(task.iteration(), 0);
    running[task.index()] = {now, task.render().iterations()};
    const auto before = running_.find(task.index());
    if (before != running_.end()) {
      done += std::max(now - before->second.done, 0);
      running_.erase(before);
    } else if (!is_first && task.attempts() <= 1) {
      // A later attempt may go on where another one was.
      done += now;
    }
  }
  // Those that do not run any more: as many as succeeded did the rest.
  for (const auto& [index, before] : running_) {
    if (succeeded-- <= 0) break;
    done += std::max(before.all - before.done, 0);
  }
  running_ = std::move(running);
  return done;
}

void SpeedMeter::Apply(const v1::JobSnapshot& snapshot, absl::Time now) {
  const int64_t succeeded = snapshot.job().tasks().succeeded();
  const int64_t more =
      samples_.empty() ? 0 : std::max<int64_t>(succeeded - succeeded_, 0);
  iterations_ += IterationsSince(snapshot, more);
  succeeded_ = succeeded;
  const int64_t tasks = (samples_.empty() ? 0 : samples_.back().tasks) + more;
  samples_.push_back({now, iterations_, tasks});
  while (samples_.size() > 2 && now - samples_[1].at > kWindow) {
    samples_.pop_front();
  }
  std::set<std::string> workers;
  for (const v1::Task& task : snapshot.running()) workers.insert(task.worker());
  workers_ = static_cast<int>(workers.size());
}

std::string SpeedMeter::Text(absl::Time now) const {
  std::string text;
  if (!samples_.empty() && now - samples_.front().at >= kLeast) {
    const double seconds = absl::ToDoubleSeconds(now - samples_.front().at);
    const double iterations = static_cast<double>(samples_.back().iterations -
                                                  samples_.front().iterations);
    const double tasks =
        static_cast<double>(samples_.back().tasks - samples_.front().tasks);
    text = absl::StrCat(Rate(iterations / seconds), " iterations/s, ",
                        Rate(60 * tasks / seconds), " tasks/min");
  }
  if (workers_ == 0) return text;
  return absl::StrCat(text, text.empty() ? "" : ", ", workers_,
                      workers_ == 1 ? " worker" : " workers");
}

}  // namespace atelier
