// Which task a worker gets: the seam behind which policies stand.
#ifndef ATELIER_COORDINATOR_STATE_SCHEDULING_POLICY_H_
#define ATELIER_COORDINATOR_STATE_SCHEDULING_POLICY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "coordinator/state/job_table.h"
#include "coordinator/state/user_quotas.h"
#include "coordinator/state/user_shares.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// What a choice is made from.
struct SchedulingView {
  const JobTable& queue;
  const UserShares& shares;
  const UserQuotas& quotas;
  /// The most that a live worker has.
  int64_t largest_memory_bytes = 0;
  /// Who goes first whatever the shares, if anybody: whose task a worker has
  /// just been given that renders more like it together.
  const std::string* first_user = nullptr;
};

/// Chooses; changes nothing. The same view and worker give the same choice.
/// Implementations stand in coordinator/scheduler, one a file.
/// Thread-compatible.
class SchedulingPolicy {
 public:
  virtual ~SchedulingPolicy() = default;

  /// A task that its job can give, or nothing when there is none for this
  /// worker.
  virtual std::optional<TaskId> Next(const SchedulingView& view,
                                     const WorkerDescription& worker) = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_SCHEDULING_POLICY_H_
