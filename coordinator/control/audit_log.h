// The audit log: which changes people and tokens asked for, and who was
// refused.
//
//   AuditRecord entry = AuditEntry(caller, Verb::kCancelJob, clock.Now());
//   entry.job = id;            // Goes with the change, in its transaction,
//   log.Append(entry, done);   // or by itself.
//   log.CountRefusal(caller, status);
//
// What workers do by themselves (heartbeats, leases, results) is not in it.
#ifndef ATELIER_COORDINATOR_CONTROL_AUDIT_LOG_H_
#define ATELIER_COORDINATOR_CONTROL_AUDIT_LOG_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/work_pool.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"
#include "coordinator/state/audit_record.h"
#include "coordinator/store/store.h"

namespace atelier {

/// What the caller asks for, without its outcome.
AuditRecord AuditEntry(const Caller& caller, Verb verb, absl::Time now);

/// Writes the outcome into the entry: its code, and its message for an error.
void SetOutcome(AuditRecord& entry, const absl::Status& status);

struct AuditLogOptions {
  absl::Duration keep = absl::Hours(24 * 90);
  int64_t max_rows = 1'000'000;
};

/// Thread-safe.
class AuditLog {
 public:
  using Options = AuditLogOptions;
  /// Refusals are summed by caller, address and action, so many kinds at once;
  /// what else comes within the minute is summed as one.
  static constexpr size_t kMaxRefusalKinds = 100;
  static constexpr absl::Duration kRefusalsSummedFor = absl::Minutes(1);
  static constexpr absl::Duration kTrimEvery = absl::Minutes(1);
  static constexpr int kMaxPage = 1000;
  static constexpr absl::Duration kSoonWritten = absl::Seconds(2);

  /// Lifetime: both outlive it.
  AuditLog(Store& store, Clock& clock, const Options& options);
  /// Writes what was summed until now.
  ~AuditLog();

  /// AuditEntry of now.
  AuditRecord Entry(const Caller& caller, Verb verb) const;

  /// Makes the entry durable, beside others that come at the same time, then
  /// runs `done`, which may be null. Errors: the store's.
  void Append(AuditRecord entry,
              std::function<void(const absl::Status&)> done = nullptr);

  /// Counts an Unauthenticated, a PermissionDenied, and a HiddenJob; no other
  /// status. Waits for nothing.
  void CountRefusal(const Caller& caller, const absl::Status& status);

  /// Writes the refusals of minutes that are over, and removes what is old.
  /// Call it every few seconds; waits for the store.
  void Tick();

  /// At most `limit` entries, newest first; waits kSoonWritten for those that
  /// were appended before, and refusals of the last minute may be missing.
  /// REQUIRES: `limit` is at most kMaxPage. Errors: PermissionDenied
  /// (access.h), the store's.
  absl::StatusOr<std::vector<AuditRecord>> List(const Caller& caller,
                                                const AuditQuery& query,
                                                int limit);

 private:
  struct Pending {
    AuditRecord entry;
    std::function<void(const absl::Status&)> done;
  };
  // Accessor, user, address, action, outcome.
  using RefusalKind = std::tuple<std::string, std::string, std::string,
                                 std::string, std::string>;

  static RefusalKind KindOf(const AuditRecord& entry);
  void Count(AuditRecord entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WritePending();
  // Those that began before `time`. What can't be written is counted on.
  void WriteRefusals(absl::Time began_before);
  void Trim(absl::Time now);

  Store& store_;
  Clock& clock_;
  const Options options_;
  absl::Mutex mutex_;
  std::vector<Pending> pending_ ABSL_GUARDED_BY(mutex_);
  bool is_writing_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<int64_t> appended_{0};
  std::atomic<int64_t> written_{0};  // Of these, or tried.
  std::map<RefusalKind, AuditRecord> refusals_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_trim_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  WorkPool writer_{1};  // Last: it uses the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_AUDIT_LOG_H_
