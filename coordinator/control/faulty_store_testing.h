// A store whose transactions fail when they are told to.
#ifndef ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_
#define ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_

#include <atomic>

#include "absl/status/status.h"
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
  absl::Status Apply(const RowChanges& changes) override {
    const Fault fault = fault_.exchange(Fault::kNone);
    const absl::Status failed = absl::UnavailableError("disk full");
    if (fault == Fault::kLost) return failed;
    const absl::Status status = InMemoryStore::Apply(changes);
    return fault == Fault::kUnconfirmed ? failed : status;
  }

 private:
  std::atomic<Fault> fault_{Fault::kNone};
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_FAULTY_STORE_TESTING_H_
