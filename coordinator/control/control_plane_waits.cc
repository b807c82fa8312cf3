// Why jobs wait, as the control's picture of them says.
#include <optional>
#include <utility>
#include <vector>

#include "coordinator/control/control_plane.h"
#include "coordinator/scheduler/wait_reason.h"

namespace atelier {

WaitLimits ControlPlane::CurrentWaitLimits() const {
  return {policy_.max_running_per_user(),
          options_.storage_is_full && options_.storage_is_full()};
}

std::vector<Wait> ControlPlane::WaitsOf(const std::vector<JobId>& ids) {
  std::vector<Wait> waits(ids.size());
  const WaitLimits limits = CurrentWaitLimits();
  std::vector<std::pair<size_t, WaitQuestion>> questions;
  std::optional<WaitExplainer> explainer;
  {
    absl::MutexLock lock(&state_mu_);
    const JobTable& queue = state_.jobs();
    for (size_t i = 0; i < ids.size(); ++i) {
      const Job* const job = queue.Find(ids[i]);
      if (job == nullptr || !job->leased().empty()) continue;
      questions.emplace_back(i, QuestionOf(*job, queue));
    }
    if (questions.empty()) return waits;  // Nothing is counted for them.
    explainer.emplace(state_.registry().workers(), limits);
  }
  for (const auto& [i, question] : questions) {
    waits[i] = explainer->Explain(question);
  }
  return waits;
}

void ControlPlane::CountWaits(ControlPlaneCounts& counts) {
  const WaitLimits limits = CurrentWaitLimits();
  std::vector<WaitQuestion> questions;
  std::optional<WaitExplainer> explainer;
  {
    absl::MutexLock lock(&state_mu_);
    const JobTable& queue = state_.jobs();
    for (const auto& [sequence, job] : queue.by_sequence()) {
      questions.push_back(QuestionOf(job, queue));
    }
    explainer.emplace(state_.registry().workers(), limits);
  }
  for (const WaitQuestion& question : questions) {
    ++counts.jobs_by_wait[static_cast<int>(explainer->ReasonOf(question))];
  }
}

}  // namespace atelier
