// One coordinator at a time in a data directory.
#ifndef ATELIER_COORDINATOR_STORE_DATA_LOCK_H_
#define ATELIER_COORDINATOR_STORE_DATA_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace atelier {

/// An exclusive lock on DATA/lock, held until it is destroyed. The system lets
/// go of it when the process dies, however it dies.
class DataLock {
 public:
  /// Makes the directory if need be.
  /// Errors: FailedPrecondition (another coordinator holds it; gives its pid),
  ///         PermissionDenied, Internal.
  static absl::StatusOr<std::unique_ptr<DataLock>> Acquire(
      const std::string& directory);
  ~DataLock();
  DataLock(const DataLock&) = delete;
  DataLock& operator=(const DataLock&) = delete;

 private:
  explicit DataLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_DATA_LOCK_H_
