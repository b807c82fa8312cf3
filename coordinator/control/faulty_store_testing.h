// A store whose transactions fail when they are told to.
#ifndef ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_
#define ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_

#include <atomic>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/store/in_memory_store.h"

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
  /// Transactions wait, as on a disk that hangs, until they are let go on.
  void Hang(bool hangs) {
    absl::MutexLock lock(&hang_mu_);
    hangs_ = hangs;
  }
  absl::Status Apply(const RowChanges& changes) override {
    {
      absl::MutexLock lock(&hang_mu_);
      const auto goes_on = [this] { return !hangs_; };
      hang_mu_.Await(absl::Condition(&goes_on));
    }
    const Fault fault = fault_.exchange(Fault::kNone);
    const absl::Status failed = absl::UnavailableError("disk full");
    if (fault == Fault::kLost) return failed;
    const absl::Status status = InMemoryStore::Apply(changes);
    return fault == Fault::kUnconfirmed ? failed : status;
  }

 private:
  absl::Mutex hang_mu_;
  bool hangs_ = false;  // Guarded by hang_mu_.
  std::atomic<Fault> fault_{Fault::kNone};
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_
