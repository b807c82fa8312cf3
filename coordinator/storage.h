// What a coordinator keeps: artifacts, checkpoints, previews and logs under
// --data, and jobs there, too, or in the database that --store names.
#ifndef ATELIER_COORDINATOR_STORAGE_H_
#define ATELIER_COORDINATOR_STORAGE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/artifacts/aged_artifacts.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/artifacts/checkpoint_files.h"
#include "coordinator/artifacts/scrubber.h"
#include "coordinator/blobs/blob_store.h"
#include "coordinator/blobs/disk.h"
#include "coordinator/blobs/space_guard.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/shared_status.h"
#include "coordinator/store/data_lock.h"
#include "coordinator/store/open_store.h"
#include "coordinator/store/store.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {

struct StorageOptions {
  std::string folder;
  /// As OpenStore takes it; empty: SQLite's in the folder.
  std::string store;
  int64_t max_artifact_bytes = int64_t{4} << 30;
  absl::Duration verify_after = absl::Hours(24);
  ScrubOptions scrub;
  AgedArtifactsOptions aged;
  /// How long a worker may take to tell of a checkpoint that it has uploaded.
  absl::Duration checkpoint_grace = CheckpointFiles::kLeastGrace;
  bool adopt = false;  ///< Begins anew where the database is lost.
  /// Set aside for when the disk is full; less on a small one.
  int64_t reserve_bytes = int64_t{64} << 20;
};

/// Thread-safe, but for Tick and CareForArtifacts.
class Storage {
 public:
  /// Lifetime: clock and metrics outlive it.
  /// On a full disk the reserve is used and, should it not be enough,
  /// checkpoints are removed.
  /// Errors, which begin with the flag that names what fails: as OpenStore,
  ///         OpenBlobs, DataLock and CheckDatabaseIsThere; Unavailable (the
  ///         disk is full or read-only, the database does not answer: repeat
  ///         later).
  static absl::StatusOr<std::unique_ptr<Storage>> Open(
      const StorageOptions& options, Clock& clock, CoordinatorMetrics& metrics);

  Store& jobs() { return *jobs_; }
  /// Where they are, for messages.
  const std::string& jobs_name() const { return jobs_name_; }
  ArtifactCatalog& artifacts() { return *artifacts_; }

  /// From now on CareForArtifacts removes checkpoints that nothing names.
  void SweepCheckpoints(CheckpointFiles::IsNamed is_named);
  /// REQUIRES: SweepCheckpoints.
  CheckpointFiles& checkpoint_files() { return *checkpoint_files_; }

  /// Checkpoints give way through it, nothing is started while the disk is full
  /// and no previews are asked for while room is scarce. Lifetime: it outlives
  /// the last Tick.
  void Attach(ControlPlane& control);

  /// Unavailable while the disk is full: why, and what to do.
  absl::Status MayWrite() const { return guard_.MayWrite(); }
  /// Why the database takes or gives nothing, as of the last Tick.
  absl::Status database() const { return database_.Get(); }
  /// The disk, as of the last Tick.
  const SpaceGuard& guard() const { return guard_; }
  /// That were found so since the start, each time.
  int64_t damaged_artifacts() const { return damaged_artifacts_; }

  /// Has the artifacts' rows made where there are none; CareForArtifacts tries
  /// again where that fails. Waits. REQUIRES: the store has begun an epoch.
  void LoadArtifacts();

  /// Does some of what is to be done: call it about ten times a second, on one
  /// thread. Failures are logged, as those of the next.
  void Tick();
  /// Reads artifacts through, removes checkpoints, previews and logs, and waits
  /// for them: call it as often, on another thread, once the store has begun an
  /// epoch.
  void CareForArtifacts();

 private:
  Storage(const StorageOptions& options, Clock& clock,
          CoordinatorMetrics& metrics);
  bool JobsAreRemote() const { return IsRemoteStore(options_.store); }
  // What the state of the disk may explain.
  absl::Status OpenFolder();
  absl::Status OpenJobs();
  void OpenArtifacts();
  // Whether it did something.
  bool FreeRoomToOpen();
  void LookAtDatabase();
  // Whether there is something to log.
  bool LookAtDisk();
  void LogDisk() const;
  void HoldWorkWhileFull();
  // Previews and logs first, then checkpoints.
  int64_t ShedSpare(int64_t bytes);

  const StorageOptions options_;
  Clock& clock_;
  CoordinatorMetrics& metrics_;
  FolderDisk disk_;
  SpaceGuard guard_;
  // Of a folder without SQLite's database, whose store has its own.
  std::unique_ptr<DataLock> lock_;
  std::unique_ptr<Store> jobs_;
  std::string jobs_name_;
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<ArtifactCatalog> artifacts_;
  std::unique_ptr<CheckpointFiles> checkpoint_files_;
  std::unique_ptr<Scrubber> scrubber_;
  std::unique_ptr<AgedArtifacts> aged_;
  ControlPlane* control_ = nullptr;
  absl::Time next_look_ = absl::InfinitePast();
  bool artifacts_are_loaded_ = false;
  SharedStatus database_;
  bool holds_work_ = false, holds_previews_ = false;
  std::atomic<int64_t> damaged_artifacts_{0};
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORAGE_H_
