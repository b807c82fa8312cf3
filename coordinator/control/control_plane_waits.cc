// Why jobs wait, as the control's picture of them says.
#include <optional>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/scheduler/wait_reason.h"

namespace atelier {
namespace {

WaitLimits LimitsNow(const ControlPlaneOptions& options) {
  return {options.storage_is_full && options.storage_is_full()};
}

}  // namespace

absl::StatusOr<std::vector<Wait>> ControlPlane::WaitsOf(
    const Caller& caller, const std::vector<JobId>& ids) {
  for (const JobId& id : ids) {
    RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  }
  std::vector<Wait> waits(ids.size());
  const WaitLimits limits = LimitsNow(options_);
  std::vector<std::pair<size_t, WaitQuestion>> questions;
  std::optional<WaitExplainer> explainer;
  {
    absl::MutexLock lock(&loop_.mu());
    const JobTable& queue = loop_.state().jobs();
    for (size_t i = 0; i < ids.size(); ++i) {
      const Job* const job = queue.Find(ids[i]);
      if (job == nullptr || !job->leased().empty()) continue;
      questions.emplace_back(i,
                             QuestionOf(*job, queue, loop_.state().quotas()));
    }
    if (questions.empty()) return waits;  // Nothing is counted for them.
    explainer.emplace(loop_.state().registry().workers(), limits);
  }
  for (const auto& [i, question] : questions) {
    waits[i] = explainer->Explain(question);
  }
  return waits;
}

// Takes the lock to look, and judges without it.
void ControlPlane::CountWaits(ControlPlaneCounts& counts) {
  const WaitLimits limits = LimitsNow(options_);
  std::vector<WaitQuestion> questions;
  std::optional<WaitExplainer> explainer;
  {
    absl::MutexLock lock(&loop_.mu());
    const JobTable& queue = loop_.state().jobs();
    for (const auto& [sequence, job] : queue.by_sequence()) {
      questions.push_back(QuestionOf(job, queue, loop_.state().quotas()));
    }
    explainer.emplace(loop_.state().registry().workers(), limits);
  }
  for (const WaitQuestion& question : questions) {
    ++counts.jobs_by_wait[static_cast<int>(explainer->ReasonOf(question))];
  }
}

}  // namespace atelier
