// Which engine version's results and attempts tasks may take (docs/adr/0029).
#ifndef ATELIER_COORDINATOR_STATE_ENGINE_VERSIONS_H_
#define ATELIER_COORDINATOR_STATE_ENGINE_VERSIONS_H_

#include <optional>

#include "absl/time/time.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/worker_registry.h"

namespace atelier {

/// Thread-compatible.
class EngineVersions {
 public:
  /// What Store::LastEngineVersion says.
  void Restore(int version) { newest_ = version; }
  /// Until then the workers that announce the newest may not have called.
  void AwaitWorkers(absl::Time until) { all_have_called_at_ = until; }

  /// Takes note of what live workers announce. Returns the newest version when
  /// that is another than it was, to be made durable.
  std::optional<int> Update(const WorkerRegistry& workers, absl::Time now);

  /// The newest that a live worker which fits and takes work announces, else
  /// the last one seen.
  int Reusable(const WorkerRegistry& workers, const WorkerNeeds& needs) const;

 private:
  int newest_ = 0;         // Of those that were live last.
  bool is_mixed_ = false;  // Live workers announce several.
  absl::Time all_have_called_at_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_ENGINE_VERSIONS_H_
