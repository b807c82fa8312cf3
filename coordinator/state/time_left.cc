#include "coordinator/state/time_left.h"

#include <algorithm>
#include <cstdint>

#include "common/render/scale_plan.h"
#include "coordinator/state/attempt.h"
#include "coordinator/state/attempt_table.h"
#include "coordinator/state/job.h"
#include "coordinator/state/render_times.h"

namespace atelier {
namespace {

constexpr int kMostLookedAt = 256;

// By its own pace: later iterations of larger pictures take longer.
std::optional<absl::Duration> LeftByPace(const Attempt& attempt) {
  const absl::Duration usual = attempt.pace.Usual();
  if (usual <= absl::ZeroDuration() || !attempt.render.has_value()) {
    return std::nullopt;
  }
  const int iteration = attempt.progress.iteration;
  const double done = PixelIterations(attempt.render->plan, iteration);
  const double all =
      PixelIterations(attempt.render->plan, attempt.render->iterations);
  if (!(done > 0)) return std::nullopt;
  return usual * iteration * std::max(0.0, all / done - 1);
}

std::optional<absl::Duration> LeftOf(const Attempt& attempt,
                                     std::optional<absl::Duration> mean,
                                     absl::Time now) {
  // One that may end early is judged by those that did.
  const bool may_end_early =
      attempt.render.has_value() && !attempt.render->ends_early.empty();
  std::optional<absl::Duration> left;
  if (!may_end_early || !mean.has_value()) left = LeftByPace(attempt);
  if (left.has_value() || !mean.has_value()) return left;
  return std::max(*mean - (now - attempt.granted_at), absl::ZeroDuration());
}

}  // namespace

std::optional<absl::Duration> TimeLeft(const Job& job,
                                       const AttemptTable& attempts,
                                       absl::Time now) {
  const std::optional<absl::Duration> mean = job.mean_task_time();
  int looked_at = 0;
  int known = 0;
  absl::Duration wholes;
  absl::Duration lefts;
  absl::Duration longest;
  for (const auto& [index, task] : job.leased()) {
    if (++looked_at > kMostLookedAt) break;
    const Attempt& attempt = attempts.At(task.record().token);
    const std::optional<absl::Duration> left = LeftOf(attempt, mean, now);
    if (!left.has_value()) continue;
    ++known;
    lefts += *left;
    wholes += now - attempt.granted_at + *left;
    longest = std::max(longest, *left);
  }
  if (known == 0) return std::nullopt;
  const TaskCounts& counts = job.record().counts;
  const absl::Duration of_a_task = mean.value_or(wholes / known);
  // As doubles: a job has up to millions of tasks.
  const double shared =
      absl::ToDoubleSeconds(of_a_task) *
          static_cast<double>(job.record().paused ? 0 : counts.queued) /
          static_cast<double>(job.leased().size()) +
      absl::ToDoubleSeconds(lefts / known);
  return absl::Ceil(
      std::min(std::max(longest, absl::Seconds(shared)), RenderTimes::kLongest),
      absl::Seconds(1));
}

}  // namespace atelier
