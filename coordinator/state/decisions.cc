#include "coordinator/state/decisions.h"

#include <cstddef>

namespace atelier {

DecisionCounts& DecisionCounts::operator+=(const DecisionCounts& other) {
  for (size_t i = 0; i < outcomes.size(); ++i) {
    outcomes[i] += other.outcomes[i];
    device_time[i] += other.device_time[i];
  }
  late_reports += other.late_reports;
  leases_granted += other.leases_granted;
  tasks_joined += other.tasks_joined;
  tasks_reused += other.tasks_reused;
  leases_expired += other.leases_expired;
  assignments_resent += other.assignments_resent;
  tasks_refused += other.tasks_refused;
  jobs_submitted += other.jobs_submitted;
  workers_quarantined += other.workers_quarantined;
  checkpoints_kept += other.checkpoints_kept;
  attempts_resumed += other.attempts_resumed;
  return *this;
}

}  // namespace atelier
