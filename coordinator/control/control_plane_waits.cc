// Why jobs wait and how long they will run, as the control's picture of them
// says.
#include <optional>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/scheduler/wait_reason.h"
#include "coordinator/state/time_left.h"

namespace atelier {
namespace {

WaitLimits LimitsNow(const ControlPlaneOptions& options) {
  return {options.storage_is_full && options.storage_is_full()};
}

}  // namespace

absl::StatusOr<std::vector<JobOutlook>> ControlPlane::OutlooksOf(
    const Caller& caller, const std::vector<JobId>& ids) {
  for (const JobId& id : ids) {
    RETURN_IF_ERROR(CheckMay(caller, Verb::kReadJob, id));
  }
  const absl::Time now = clock_.Now();
  std::vector<JobOutlook> outlooks(ids.size());
  const WaitLimits limits = LimitsNow(options_);
  std::vector<std::pair<size_t, WaitQuestion>> questions;
  std::optional<WaitExplainer> explainer;
  {
    absl::MutexLock lock(&loop_.mu());
    const JobTable& queue = loop_.state().jobs();
    for (size_t i = 0; i < ids.size(); ++i) {
      const Job* const job = queue.Find(ids[i]);
      if (job == nullptr) continue;
      if (!job->leased().empty()) {
        outlooks[i].time_left = TimeLeft(*job, loop_.state().attempts(), now);
        continue;
      }
      questions.emplace_back(i,
                             QuestionOf(*job, queue, loop_.state().quotas()));
    }
    if (questions.empty()) return outlooks;  // Nothing is counted for them.
    explainer.emplace(loop_.state().registry().workers(), limits);
  }
  for (const auto& [i, question] : questions) {
    outlooks[i].wait = explainer->Explain(question);
  }
  return outlooks;
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
