// What a ControlPlane is made with.
#ifndef ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_OPTIONS_H_
#define ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_OPTIONS_H_

#include <functional>
#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/control/listeners.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/job_spec.h"

namespace atelier {

struct ControlPlaneOptions {
  /// Reads a job's spec back from the bytes that Submit was given.
  using SpecDecoder =
      std::function<absl::StatusOr<JobSpec>(absl::string_view spec_bytes)>;

  StateOptions state;
  SpecDecoder decode_spec;  ///< Required.
  /// Runs once the epoch has begun, before what is unfinished is read: however
  /// long it takes, it costs no lease. Default: nothing.
  std::function<void()> epoch_has_begun;
  std::function<std::string()> make_id;  ///< Default: RandomId.
  /// Which of these pictures are still there, and whole; a result without is
  /// none. May wait, and read them. Default: all.
  std::function<std::set<std::string>(const std::set<std::string>& digests)>
      find_pictures;
  /// Hears which checkpoints' files nothing needs any more, unless
  /// NamesCheckpoint says otherwise by then. Runs as a callback.
  Listeners::Discard discard_checkpoints;
  /// Hears of each picture that was made for a user, before the worker that
  /// brought it has its answer; after a crash, perhaps not. Runs as a callback.
  Listeners::PictureMade picture_made;
  /// What users' artifacts have. Null: no artifact counts. Lifetime: outlives
  /// the control.
  const OwnerBytes* owner_bytes = nullptr;
  /// For the log. Runs as a callback.
  Listeners::Notice notice;
  /// Only its owner and admins see a job, and nothing is shared across owners:
  /// neither results nor checkpoints nor attempts.
  bool private_jobs = false;
  /// Whether nothing is started for want of room on the disk: what waiting jobs
  /// then say. Called in the callers' threads. Default: it never is.
  std::function<bool()> storage_is_full;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_OPTIONS_H_
