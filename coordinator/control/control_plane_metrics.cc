#include "coordinator/control/control_plane_metrics.h"

#include <string>

#include "coordinator/state/task_state.h"

namespace atelier {

ControlPlaneSample SampleOf(const ControlPlaneCounts& counts) {
  ControlPlaneSample sample;
  sample.tasks_by_state = {
      {std::string(Name(TaskState::kQueued)), counts.tasks_queued},
      {std::string(Name(TaskState::kLeased)), counts.tasks_leased}};
  for (int reason = 1; reason <= kWaitReasonCount; ++reason) {
    sample.jobs_waiting_by_reason.emplace_back(
        std::string(Name(static_cast<WaitReason>(reason))),
        counts.jobs_by_wait[reason]);
  }
  for (int outcome = 1; outcome <= kOutcomeCount; ++outcome) {
    sample.attempts_ended_by_outcome.emplace_back(
        std::string(Name(static_cast<Outcome>(outcome))),
        counts.decisions.outcomes[outcome]);
  }
  sample.leases_granted = counts.decisions.leases_granted;
  sample.leases_expired = counts.decisions.leases_expired;
  sample.reports_ignored = counts.decisions.late_reports;
  sample.workers = counts.live_workers;
  sample.quarantined_workers = counts.quarantined_workers;
  sample.stopping_attempts = counts.stopping_attempts;
  sample.parked_calls = counts.parked_calls;
  sample.checkpoints_kept = counts.decisions.checkpoints_kept;
  sample.attempts_resumed = counts.decisions.attempts_resumed;
  sample.checkpoint_bytes = counts.checkpoint_bytes;
  return sample;
}

}  // namespace atelier
