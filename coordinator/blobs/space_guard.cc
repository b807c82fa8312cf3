#include "coordinator/blobs/space_guard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace atelier {
namespace {

// Of a small disk only so much is set aside.
constexpr int64_t kReserveOfDisk = 16;
// Checkpoints may take a moment to go.
constexpr int kMostSheds = 3;

std::string Megabytes(int64_t bytes) {
  return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

bool SpaceGuard::Tick(const Shed& shed) {
  const bool was_full = !MayWrite().ok();
  const bool failed = write_failed_.exchange(false);
  const absl::StatusOr<DiskState> state = disk_.Look();
  if (state.ok()) {
    free_bytes_ = state->free_bytes;
    total_bytes_ = state->total_bytes;
    reserve_bytes_ =
        std::min(wanted_reserve_bytes_, state->total_bytes / kReserveOfDisk);
  }
  if (was_full) {
    if (Leave(state)) return true;
    shed(ScarceBytes());
    return false;
  }
  const absl::Status problem = ProblemOf(state, failed);
  if (problem.ok()) {
    sheds_ = 0;
    SetAside(*state);
    return false;
  }
  const bool may_shed = state.ok() && !state->read_only && sheds_ < kMostSheds;
  if (may_shed && shed(ScarceBytes()) > 0) {
    ++sheds_;
    // Unless checkpoints helped, it was not forgotten.
    write_failed_ = write_failed_ || failed;
    Set(absl::OkStatus(), problem);
    return false;
  }
  disk_.Release();
  Set(problem, problem);
  return true;
}

absl::Status SpaceGuard::MayWrite() const {
  absl::MutexLock lock(&mutex_);
  return may_write_;
}

absl::Status SpaceGuard::MayKeepSpare() const {
  absl::MutexLock lock(&mutex_);
  return may_keep_checkpoint_;
}

absl::Status SpaceGuard::ProblemOf(const absl::StatusOr<DiskState>& state,
                                   bool failed) {
  if (!state.ok()) {
    return absl::UnavailableError(absl::StrCat(
        disk_.folder(), " can't be looked at: ", state.status().message()));
  }
  if (state->read_only) {
    return absl::UnavailableError(
        absl::StrCat(disk_.folder(),
                     " is on a file system that is read-only: mount it for "
                     "writing, or look in the kernel's log for why it became "
                     "so"));
  }
  if (AvailableBytes(*state) < LowBytes()) return Full(*state);
  if (!failed) return absl::OkStatus();
  const absl::Status tried = disk_.TryWriting();
  if (tried.ok()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("nothing can be written: ", tried.message(),
                   "; remove files from there, or run 'atelier gc'"));
}

absl::Status SpaceGuard::Full(const DiskState& state) const {
  return absl::UnavailableError(absl::StrCat(
      "the disk of ", disk_.folder(), " is full (", Megabytes(state.free_bytes),
      " of ", Megabytes(state.total_bytes),
      " free): remove files from it or run 'atelier gc'; work goes on once ",
      Megabytes(reserve_bytes_ + EnoughBytes()), " are free"));
}

void SpaceGuard::SetAside(const DiskState& state) {
  const int64_t available_bytes = AvailableBytes(state);
  if (available_bytes >= EnoughBytes()) {
    // Without it, a full disk is only harder to leave.
    disk_.Reserve(reserve_bytes_).IgnoreError();
  }
  Set(absl::OkStatus(),
      available_bytes < ScarceBytes() ? Full(state) : absl::OkStatus());
}

bool SpaceGuard::Leave(const absl::StatusOr<DiskState>& state) {
  if (!state.ok() || state->read_only) return false;
  if (AvailableBytes(*state) < EnoughBytes()) return false;
  if (!disk_.Reserve(reserve_bytes_).ok() || !disk_.TryWriting().ok()) {
    return false;
  }
  sheds_ = 0;
  Set(absl::OkStatus(), absl::OkStatus());
  return true;
}

void SpaceGuard::Set(absl::Status may_write, absl::Status may_keep_checkpoint) {
  absl::MutexLock lock(&mutex_);
  may_write_ = std::move(may_write);
  may_keep_checkpoint_ = std::move(may_keep_checkpoint);
}

}  // namespace atelier
