// What each user may have at once.
#ifndef ATELIER_COORDINATOR_STATE_USER_QUOTAS_H_
#define ATELIER_COORDINATOR_STATE_USER_QUOTAS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/state/records.h"

namespace atelier {

/// The bounds that count for a user; 0 of each: any amount.
struct UserQuota {
  int64_t max_queued_tasks = 0;
  int64_t max_running_tasks = 0;
  int64_t max_artifact_bytes = 0;
};

/// A bound, as messages name it and as `atelier quota set` takes it.
struct QuotaName {
  const char* what;
  const char* option;
};
inline constexpr QuotaName kQueuedTasksQuota{"queued tasks", "--max-queued"};
inline constexpr QuotaName kArtifactBytesQuota{"artifact bytes", "--max-bytes"};

/// What a user has, asks for, and may have.
struct QuotaUse {
  int64_t has = 0;
  int64_t asked = 0;
  int64_t most = 0;
};

/// ResourceExhausted: who has and asks how much of what, and who can change it.
absl::Status QuotaExhausted(const std::string& user, const QuotaName& name,
                            const QuotaUse& use);

/// What admins have set, over the coordinator's defaults. Thread-compatible.
class UserQuotas {
 public:
  explicit UserQuotas(UserQuota defaults = {}) : defaults_(defaults) {}

  /// Forgets the others.
  void Restore(std::vector<QuotaRecord> stored);
  /// Takes the place of what was set for the user. Returns whether that is
  /// anything: false, only defaults count.
  bool Set(const QuotaRecord& quota);

  UserQuota Of(const std::string& user) const;
  /// By user: those for whom anything was set.
  const std::map<std::string, QuotaRecord>& set() const { return set_; }

 private:
  UserQuota defaults_;
  std::map<std::string, QuotaRecord> set_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_USER_QUOTAS_H_
