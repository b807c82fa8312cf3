#include "client/cli/time_spent.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "common/rpc/timings_conversion.h"

namespace atelier {

void TimeSpent::Add(absl::string_view step) {
  steps_.emplace_back(step, Lap());
}

void TimeSpent::AddTask(const v1::Task& task) {
  const absl::Duration all = Lap();
  // A result that was there took its time then.
  if (task.attempts() == 0 || !task.result().has_timings()) {
    steps_.emplace_back("queued", all);
    return;
  }
  const AttemptTimings timings = FromProto(task.result().timings());
  // An attempt that another job began took longer than this one waited.
  absl::Duration left = all;
  std::vector<std::pair<std::string, absl::Duration>> phases;
  for (const TimedPhase& phase : kTimedPhases) {
    phases.emplace_back(phase.name, std::min(timings.*phase.time, left));
    left -= phases.back().second;
  }
  steps_.emplace_back("queued", left);
  steps_.insert(steps_.end(), phases.begin(), phases.end());
}

JsonObject TimeSpent::Json() const {
  JsonObject json;
  for (const auto& [step, time] : steps_) {
    json.Add(step, absl::ToDoubleSeconds(time));
  }
  return json;
}

std::string TimeSpent::Text() const {
  absl::Duration all;
  for (const auto& [step, time] : steps_) all += time;
  const double seconds = std::max(1e-9, absl::ToDoubleSeconds(all));
  std::string text;
  const auto append = [&](absl::string_view step, absl::Duration time) {
    const double own = absl::ToDoubleSeconds(time);
    absl::StrAppendFormat(&text, "%-10s %9.3f s %6.1f%%\n", step, own,
                          own / seconds * 100);
  };
  for (const auto& [step, time] : steps_) append(step, time);
  append("all", all);
  return text;
}

absl::Duration TimeSpent::Lap() {
  const absl::Time now = clock_.Now();
  const absl::Duration lap = now - last_;
  last_ = now;
  return lap;
}

}  // namespace atelier
