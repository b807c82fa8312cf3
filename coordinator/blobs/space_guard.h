// Whether the disk has room for what callers bring, and what gives way if not.
#ifndef ATELIER_COORDINATOR_BLOBS_SPACE_GUARD_H_
#define ATELIER_COORDINATOR_BLOBS_SPACE_GUARD_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/blobs/disk.h"

namespace atelier {

/// Three states, by how much is free:
///   room    all is taken, and a reserve stands aside for hard times;
///   scarce  no more checkpoints, previews and logs are taken;
///   full    nothing is taken. The reserve is released, so that the database
///           goes on and garbage can be collected.
/// Before a disk counts as full, these give way. It has room again once
/// the reserve can be set aside, by itself.
class SpaceGuard {
 public:
  /// Has some of these of about so many bytes removed. Returns how many bytes
  /// will become free; 0 when there are none.
  using Shed = std::function<int64_t(int64_t bytes)>;

  /// `reserve_bytes`: at most; less on a small disk. Lifetime: the disk
  /// outlives it.
  SpaceGuard(Disk& disk, int64_t reserve_bytes)
      : disk_(disk), wanted_reserve_bytes_(reserve_bytes) {}

  /// Looks at the disk. Call it every second or so, on one thread.
  /// Returns whether MayWrite has changed between error and not.
  bool Tick(const Shed& shed);

  /// Something could not be written, perhaps for want of room: the next Tick
  /// tries for itself. Thread-safe.
  void WriteFailed() { write_failed_ = true; }

  /// Unavailable while the disk is full: path, sizes and what to do.
  /// Thread-safe, as all below.
  absl::Status MayWrite() const;
  /// The same, sooner, for what can be done without: checkpoints, previews and
  /// logs.
  absl::Status MayKeepSpare() const;
  int64_t free_bytes() const { return free_bytes_; }
  int64_t total_bytes() const { return total_bytes_; }

 private:
  // What callers may use: the reserve is spoken for, also where it is missing.
  int64_t AvailableBytes(const DiskState& state) const {
    return state.free_bytes - (reserve_bytes_ - disk_.reserved_bytes());
  }
  // With less available the disk is full, or room is scarce.
  int64_t LowBytes() const { return std::max(reserve_bytes_ / 2, kLeastBytes); }
  int64_t ScarceBytes() const { return 4 * LowBytes(); }
  // With so much available it has room again.
  int64_t EnoughBytes() const { return 2 * LowBytes(); }

  // Why the disk takes nothing.
  absl::Status ProblemOf(const absl::StatusOr<DiskState>& state, bool failed);
  absl::Status Full(const DiskState& state) const;
  void SetAside(const DiskState& state);
  bool Leave(const absl::StatusOr<DiskState>& state);
  void Set(absl::Status may_write, absl::Status may_keep_checkpoint);

  static constexpr int64_t kLeastBytes = int64_t{64} << 10;

  Disk& disk_;
  const int64_t wanted_reserve_bytes_;
  int64_t reserve_bytes_ = 0;  // Of this disk.
  int sheds_ = 0;              // Since there was room.
  std::atomic<bool> write_failed_{false};
  std::atomic<int64_t> free_bytes_{0};
  std::atomic<int64_t> total_bytes_{0};
  mutable absl::Mutex mutex_;
  absl::Status may_write_ ABSL_GUARDED_BY(mutex_);
  absl::Status may_keep_checkpoint_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_SPACE_GUARD_H_
