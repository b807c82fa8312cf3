// A store whose transactions fail when they are told to.
#ifndef ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_
#define ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/status_macros.h"
#include "coordinator/store/memory/in_memory_store.h"

namespace atelier {

/// How the next transaction goes wrong.
enum class Fault {
  kNone,
  kLost,         ///< Nothing is written, and the caller hears so.
  kUnconfirmed,  ///< All is written, but the caller hears that it failed.
};

/// An in-memory store whose next transaction can fail. Thread-safe.
class FaultyStore : public InMemoryStore {
 public:
  using InMemoryStore::InMemoryStore;

  void FailNext(Fault fault) { fault_ = fault; }
  /// The next of these reads fails.
  void FailNextRead() { fail_read_ = true; }
  absl::StatusOr<JobRecord> GetJob(const JobId& id) override {
    RETURN_IF_ERROR(MayRead());
    return InMemoryStore::GetJob(id);
  }
  absl::StatusOr<std::vector<JobRecord>> ListJobs(
      int limit, std::optional<int64_t> before) override {
    RETURN_IF_ERROR(MayRead());
    return InMemoryStore::ListJobs(limit, before);
  }
  absl::StatusOr<std::vector<StoredResult>> FindResults(
      const std::set<RenderKey>& keys) override {
    RETURN_IF_ERROR(MayRead());
    return InMemoryStore::FindResults(keys);
  }
  absl::StatusOr<std::vector<JobRecord>> LoadJobs(JobState state,
                                                  int limit) override {
    RETURN_IF_ERROR(MayRead());
    return InMemoryStore::LoadJobs(state, limit);
  }
  /// Transactions wait, as on a disk that hangs, until they are let go on.
  void Hang(bool hangs) {
    absl::MutexLock lock(&hang_mu_);
    hangs_ = hangs;
  }
  /// These reads wait.
  void HangReads(bool hang) {
    absl::MutexLock lock(&hang_mu_);
    reads_hang_ = hang;
  }
  absl::Status Apply(const RowChanges& changes) override {
    AwaitFalse(hangs_);
    const Fault fault = fault_.exchange(Fault::kNone);
    const absl::Status failed = absl::UnavailableError("disk full");
    if (fault == Fault::kLost) return failed;
    const absl::Status status = InMemoryStore::Apply(changes);
    return fault == Fault::kUnconfirmed ? failed : status;
  }

 private:
  void AwaitFalse(const bool& hangs) {
    absl::MutexLock lock(&hang_mu_);
    const auto goes_on = [&hangs] { return !hangs; };
    hang_mu_.Await(absl::Condition(&goes_on));
  }
  absl::Status MayRead() {
    AwaitFalse(reads_hang_);
    if (fail_read_.exchange(false)) return absl::UnavailableError("disk busy");
    return absl::OkStatus();
  }

  absl::Mutex hang_mu_;
  bool hangs_ = false;       // Guarded by hang_mu_.
  bool reads_hang_ = false;  // Guarded by hang_mu_.
  std::atomic<Fault> fault_{Fault::kNone};
  std::atomic<bool> fail_read_{false};
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_
