// What users may have at once, and what they have: for admins, and for each its
// own.
#ifndef ATELIER_COORDINATOR_CONTROL_QUOTA_CONTROL_H_
#define ATELIER_COORDINATOR_CONTROL_QUOTA_CONTROL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/decision_loop.h"
#include "coordinator/state/records.h"
#include "coordinator/state/user_quotas.h"

namespace atelier {

/// Of each bound: absent, it stays; kByDefault, the coordinator's flag counts
/// again; 0, any amount.
struct QuotaUpdate {
  static constexpr int64_t kByDefault = -1;

  std::string user;
  std::optional<int64_t> max_queued_tasks;
  std::optional<int64_t> max_running_tasks;
  std::optional<int64_t> max_artifact_bytes;
};

struct QuotaView {
  std::string user;
  UserQuota bounds;  ///< Those that count.
  QuotaRecord set;   ///< What an admin has set of them.
  int64_t queued_tasks = 0;
  int64_t running_tasks = 0;
  int64_t artifact_bytes = 0;
};

/// Thread-safe. Errors common to all with a Caller: PermissionDenied
/// (access.h), Unavailable (repeat).
class QuotaControl {
 public:
  /// Of users with a quota of their own, and in one list.
  static constexpr size_t kMost = 10'000;
  /// Has it decided, and waits until it is durable.
  using Call = std::function<absl::Status(LoopCommand)>;

  /// Lifetime: both outlive it. `bytes` is null where no artifact counts.
  QuotaControl(DecisionLoop& loop, const OwnerBytes* bytes, Call call);

  /// Counts from now on: what the user has already stays, and goes on.
  /// Errors: ResourceExhausted (kMost).
  absl::StatusOr<QuotaView> Set(const Caller& caller,
                                const QuotaUpdate& update);
  /// Everybody with a quota, an unfinished job or an artifact, by name, at most
  /// kMost; to those who are no admins, what is the caller's own.
  absl::StatusOr<std::vector<QuotaView>> List(const Caller& caller);

  /// What counts for the user now.
  UserQuota Of(const std::string& user);

 private:
  std::vector<QuotaView> Views(const std::optional<std::string>& only);

  DecisionLoop& loop_;
  const OwnerBytes* const bytes_;
  const Call call_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_QUOTA_CONTROL_H_
