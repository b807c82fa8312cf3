#include "coordinator/api/views/artifact_upload_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/artifact_kind.h"
#include "common/status_macros.h"
#include "coordinator/artifacts/thumbnails.h"
#include "coordinator/control/access.h"

namespace atelier {
namespace {

// What the store refuses of the caller's, with the field that it came in.
absl::Status InField(absl::string_view field, const absl::Status& status) {
  if (!absl::IsInvalidArgument(status) && !absl::IsResourceExhausted(status)) {
    return status;
  }
  return absl::Status(status.code(),
                      absl::StrCat(field, ": ", status.message()));
}

}  // namespace

ArtifactUploadSession::ArtifactUploadSession(UploadRooms rooms,
                                             const UploadFields& fields,
                                             Caller caller)
    : rooms_(std::move(rooms)), fields_(fields), caller_(std::move(caller)) {}

absl::Status ArtifactUploadSession::CheckAllowed() {
  ASSIGN_OR_RETURN(is_of_attempt_, rooms_.access.CheckUpload(
                                       caller_, request_.use, request_.kind));
  if (request_.thumbnail_of.empty()) return absl::OkStatus();
  return rooms_.access.CheckThumbnail(*request_.use.attempt,
                                      request_.thumbnail_of);
}

// What a worker brings is refused to nobody, lest work is lost: it counts for
// the job's user once the result is taken.
ArtifactOwner ArtifactUploadSession::Owner() {
  if (request_.kind != ArtifactKind::kArtifact || caller_.accessor.empty() ||
      is_of_attempt_) {
    return {};
  }
  return {caller_.name, rooms_.quotas.Of(caller_.name).max_artifact_bytes};
}

void ArtifactUploadSession::Begin(const ArtifactRequest& request,
                                  int64_t size_bytes,
                                  ArtifactCatalog::Callback<bool> done) {
  request_ = request;
  size_bytes_ = size_bytes;
  if (const absl::Status allowed = CheckAllowed(); !allowed.ok()) {
    done(allowed);
    return;
  }
  rooms_.artifacts.Upload(
      {request.kind, request.digest}, size_bytes,
      [this, done = std::move(done)](
          absl::StatusOr<std::shared_ptr<ArtifactUpload>> upload) {
        if (!upload.ok()) return done(InField(fields_.size, upload.status()));
        upload_ = *std::move(upload);
        if (upload_ != nullptr) return done(false);
        Stored([done](const absl::Status& status) {
          if (status.ok()) {
            done(true);
          } else {
            done(status);
          }
        });
      },
      Owner(),
      /*anew=*/!rooms_.access.MayKnow(caller_, request.digest));
}

void ArtifactUploadSession::Append(std::string bytes, Done done) {
  upload_->Append(std::move(bytes),
                  [this, done = std::move(done)](const absl::Status& status) {
                    done(InField(fields_.bytes, status));
                  });
}

void ArtifactUploadSession::Commit(Done done) {
  upload_->Commit(
      [this, done = std::move(done)](const absl::Status& status) {
        if (!status.ok()) return done(InField(fields_.bytes, status));
        if (rooms_.stored) rooms_.stored(size_bytes_);
        rooms_.access.NoteBrought(caller_, request_.digest);
        if (is_of_attempt_ && request_.kind == ArtifactKind::kArtifact) {
          rooms_.access.NoteMade(*request_.use.attempt, request_.digest);
        }
        Stored(done);
      },
      Entry());
}

// It is durable; what it is the thumbnail of is to be, too.
void ArtifactUploadSession::Stored(Done done) {
  if (request_.thumbnail_of.empty()) return done(absl::OkStatus());
  RecordThumbnail(
      rooms_.artifacts,
      {request_.thumbnail_of, request_.thumbnail_px, request_.digest},
      std::move(done));
}

// Of an input that somebody brings; what attempts make is no entry.
std::optional<AuditRecord> ArtifactUploadSession::Entry() const {
  if (rooms_.audit == nullptr || is_of_attempt_) return std::nullopt;
  AuditRecord entry = rooms_.audit->Entry(caller_, Verb::kUploadArtifact);
  entry.target = request_.digest;
  entry.message = absl::StrCat(size_bytes_, " bytes");
  SetOutcome(entry, absl::OkStatus());
  return entry;
}

}  // namespace atelier
