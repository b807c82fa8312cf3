// Why jobs wait, as the dispatcher's picture of them says.
#include <utility>

#include "coordinator/rpc/dispatcher.h"
#include "coordinator/scheduler/wait_reason.h"

namespace atelier {

WaitLimits Dispatcher::CurrentWaitLimits() const {
  return {policy_.max_running_per_user(),
          options_.storage_is_full && options_.storage_is_full()};
}

std::vector<Wait> Dispatcher::WaitsOf(const std::vector<JobId>& ids) {
  std::vector<Wait> waits(ids.size());
  const WaitLimits limits = CurrentWaitLimits();
  absl::MutexLock lock(&foreman_mu_);
  const JobQueue& queue = foreman_.queue();
  std::optional<WaitExplainer> explainer;  // Not made for jobs that run.
  for (size_t i = 0; i < ids.size(); ++i) {
    const Job* const job = queue.Find(ids[i]);
    if (job == nullptr || !job->leased().empty()) continue;
    if (!explainer.has_value()) {
      explainer.emplace(foreman_.roster().workers(), queue, limits);
    }
    waits[i] = explainer->Explain(*job);
  }
  return waits;
}

void Dispatcher::CountWaits(const WaitLimits& limits,
                            DispatcherCounts& counts) {
  const JobQueue& queue = foreman_.queue();
  WaitExplainer explainer(foreman_.roster().workers(), queue, limits);
  for (const auto& [sequence, job] : queue.jobs()) {
    ++counts.jobs_by_wait[static_cast<int>(explainer.ReasonOf(job))];
  }
}

}  // namespace atelier
