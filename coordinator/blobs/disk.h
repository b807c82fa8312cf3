// The file system under a folder: how much room it has, and some set aside.
#ifndef ATELIER_COORDINATOR_BLOBS_DISK_H_
#define ATELIER_COORDINATOR_BLOBS_DISK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atelier {

struct DiskState {
  int64_t free_bytes = 0;  ///< That this process may still use.
  int64_t total_bytes = 0;
  bool read_only = false;
};

/// The seam between the rules (SpaceGuard) and the system. Thread-compatible.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual const std::string& folder() const = 0;
  /// Errors: Internal, DataLoss.
  virtual absl::StatusOr<DiskState> Look() = 0;
  /// Writes a little and removes it again. Errors: why that can't be done.
  virtual absl::Status TryWriting() = 0;

  /// Sets `bytes` aside; what is set aside already counts.
  /// Errors: Unavailable (no room), ...
  virtual absl::Status Reserve(int64_t bytes) = 0;
  /// Lets everybody use what was set aside.
  virtual void Release() = 0;
  virtual int64_t reserved_bytes() const = 0;
};

/// Sets room aside as FOLDER/reserve, a file with blocks of its own.
class FolderDisk : public Disk {
 public:
  /// Takes over the reserve of an earlier process. The folder should exist.
  explicit FolderDisk(std::string folder);

  const std::string& folder() const override { return folder_; }
  absl::StatusOr<DiskState> Look() override;
  absl::Status TryWriting() override;
  absl::Status Reserve(int64_t bytes) override;
  void Release() override;
  int64_t reserved_bytes() const override { return reserved_bytes_; }

 private:
  const std::string folder_;
  const std::string reserve_path_;
  int64_t reserved_bytes_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_DISK_H_
