// Who may read and bring which artifact: knowing a digest is not enough.
//
//   RETURN_IF_ERROR(access.CheckDownload(caller, use, kind, digest));
#ifndef ATELIER_COORDINATOR_CONTROL_ARTIFACT_ACCESS_H_
#define ATELIER_COORDINATOR_CONTROL_ARTIFACT_ACCESS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/artifact_kind.h"
#include "common/lru_map.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/state/ids.h"

namespace atelier {

/// What the caller says that an artifact is for.
struct ArtifactUse {
  JobId job = {};  ///< That names it; empty: none.
  /// Whose picture it is; absent: it is one of the job's inputs.
  std::optional<int64_t> task_index = {};
  std::optional<AttemptToken> attempt = {};  ///< That a worker needs it for.
};

/// Thread-safe.
class ArtifactAccess {
 public:
  /// Whose upload is whose is remembered for so many, where jobs are private;
  /// who is forgotten uploads again. Which attempt has made what, for as many.
  static constexpr size_t kMostBrought = 100'000;

  /// Lifetime: the control plane outlives it.
  explicit ArtifactAccess(ControlPlane& control,
                          size_t most_brought = kMostBrought)
      : control_(control), most_brought_(most_brought) {}

  /// An admin may read what it wants; who sees jobs what a job that it names
  /// has as an input or as the picture, a preview or a log of a task; a worker
  /// what its attempt reads. May wait for the store. REQUIRES: no negative
  /// task_index. Errors: PermissionDenied (access.h), InvalidArgument (nothing
  /// is named),
  ///         NotFound (the job or attempt does not name it), Unavailable, the
  ///         store's.
  absl::Status CheckDownload(const Caller& caller, const ArtifactUse& use,
                             ArtifactKind kind, const std::string& digest);

  /// Whether it is what an attempt has made, which a worker may bring alone;
  /// all else are inputs that the caller asks to have stored. Errors:
  /// PermissionDenied (access.h), InvalidArgument (a worker names no
  ///         attempt; a preview or a log is of none), FailedPrecondition (it
  ///         does not run), Unavailable.
  absl::StatusOr<bool> CheckUpload(const Caller& caller, const ArtifactUse& use,
                                   ArtifactKind kind);

  /// The attempt has brought all of the picture's bytes.
  void NoteMade(const AttemptToken& attempt, const std::string& digest);
  /// Whether the attempt may say what the thumbnail of this picture is: it
  /// reads it or has brought it. Errors: InvalidArgument (neither),
  ///         Unavailable.
  absl::Status CheckThumbnail(const AttemptToken& attempt,
                              const std::string& of_digest);

  // Where jobs are private nobody learns that another has brought an artifact:
  // it is there for those who have brought all of its bytes themselves.

  /// Whether the caller may be told, and use, that it is there.
  bool MayKnow(const Caller& caller, const std::string& digest);
  /// Of these, those that it may know of.
  std::set<std::string> KnownTo(const Caller& caller,
                                const std::set<std::string>& present);
  /// The caller has brought all of its bytes.
  void NoteBrought(const Caller& caller, const std::string& digest);

 private:
  using Brought = std::pair<std::string, std::string>;  // Caller and digest.

  absl::Status CheckNamedByJob(const Caller& caller, const ArtifactUse& use,
                               const std::string& digest);

  absl::Status CheckNamedByTask(const Caller& caller, const ArtifactUse& use,
                                ArtifactKind kind, const std::string& digest);

  ControlPlane& control_;
  const size_t most_brought_;
  absl::Mutex mutex_;
  // By the attempt's token and digest.
  LruMap<std::monostate> made_ ABSL_GUARDED_BY(mutex_);
  // By age; and where each stands.
  std::list<Brought> brought_ ABSL_GUARDED_BY(mutex_);
  std::map<Brought, std::list<Brought>::iterator> places_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_ARTIFACT_ACCESS_H_
