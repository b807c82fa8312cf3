// One upload of an artifact, whichever door it comes by: who may bring it, for
// whom it counts, what is noted of it.
//
//   ArtifactUploadSession session(rooms, {"size_bytes", "chunk"}, caller);
//   session.Begin(request, size_bytes, [](absl::StatusOr<bool> is_stored) {});
//   session.Append(bytes, [](absl::Status status) {});  // And more of them.
//   session.Commit([](absl::Status status) {});
#ifndef ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_UPLOAD_SESSION_H_
#define ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_UPLOAD_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/api/views/artifact_use.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/quota_control.h"

namespace atelier {

/// Lifetime: all outlive the uploads.
struct UploadRooms {
  ArtifactCatalog& artifacts;
  ArtifactAccess& access;
  QuotaControl& quotas;
  AuditLog* audit = nullptr;  ///< Null: none is kept.
  /// Hears of each upload that is durable, in bytes. Called on any thread.
  std::function<void(int64_t bytes)> stored = {};
};

/// What the door calls what it is given: an error begins with it.
struct UploadFields {
  absl::string_view size;
  absl::string_view bytes;
};

/// Destroying it without Commit leaves no trace. One call at a time, each of
/// which returns at once; it outlives its calls' ends, and is not touched any
/// more once one has said how it ends. Callbacks run as a BlobCallback or, for
/// what is refused, within the call. After an error only destroy it.
class ArtifactUploadSession {
 public:
  using Done = BlobDone;

  ArtifactUploadSession(UploadRooms rooms, const UploadFields& fields,
                        Caller caller);

  /// True: it is there already, and there is nothing more to be done.
  /// Errors: PermissionDenied (access.h), InvalidArgument (as
  ///         ArtifactAccess::CheckUpload; the size), FailedPrecondition (its
  ///         attempt does not run), ResourceExhausted (the quota), Unavailable
  ///         (full).
  void Begin(const ArtifactRequest& request, int64_t size_bytes,
             ArtifactCatalog::Callback<bool> done);
  /// Whether it has begun, and is not there already.
  bool is_open() const { return upload_ != nullptr; }

  /// REQUIRES: is_open(). Errors: as ArtifactUpload::Append.
  void Append(std::string bytes, Done done);

  /// Ends once it is durable. REQUIRES: is_open(). Errors: as
  /// ArtifactUpload::Commit.
  void Commit(Done done);

 private:
  absl::Status CheckAllowed();
  ArtifactOwner Owner();
  void Stored(Done done);
  std::optional<AuditRecord> Entry() const;

  const UploadRooms rooms_;
  const UploadFields fields_;
  const Caller caller_;
  ArtifactRequest request_;
  int64_t size_bytes_ = 0;
  bool is_of_attempt_ = false;
  std::shared_ptr<ArtifactUpload> upload_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_ARTIFACT_UPLOAD_SESSION_H_
