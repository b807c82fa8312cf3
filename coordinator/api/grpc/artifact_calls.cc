#include "coordinator/api/grpc/artifact_calls.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "common/artifact_kind.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/grpc/artifact_requests.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/artifacts/thumbnails.h"
#include "coordinator/control/access.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/quota_control.h"

namespace atelier {
namespace {

constexpr size_t kDownloadChunkBytes = size_t{256} << 10;

// What the store refuses of the caller's, with the field that it came in.
absl::Status InField(absl::string_view field, const absl::Status& status) {
  if (!absl::IsInvalidArgument(status) && !absl::IsResourceExhausted(status)) {
    return status;
  }
  return absl::Status(status.code(),
                      absl::StrCat(field, ": ", status.message()));
}

void Count(const std::shared_ptr<CallMeter>& meter, const std::string& chunk) {
  if (meter != nullptr) meter->AddBytes(static_cast<int64_t>(chunk.size()));
}

/// One upload. Owns itself. One step after another: a message is hashed on the
/// pool, and the next is read once the backend has taken it.
class UploadCall : public grpc::ServerReadReactor<v1::UploadRequest> {
 public:
  UploadCall(ArtifactCatalog& artifacts, ArtifactAccess& access,
             QuotaControl& quotas, const CallSupport& support,
             CoordinatorMetrics& metrics, Admission admitted,
             v1::UploadResponse* response)
      : artifacts_(artifacts),
        access_(access),
        quotas_(quotas),
        support_(support),
        metrics_(metrics),
        admitted_(std::move(admitted)),
        response_(response) {
    StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    if (!admitted_.caller.ok()) {
      support_.Refuse(admitted_,
                      [this](const grpc::Status& status) { Finish(status); });
      return;
    }
    support_.pool.Schedule([this, ok] { ok ? Take() : End(); });
  }
  void OnDone() override { delete this; }

 private:
  void Take() {
    const absl::Status status = TakeMessage();
    if (!status.ok()) Answer(status);
  }

  absl::Status TakeMessage() {
    RETURN_IF_ERROR(CheckStillValid(*admitted_.caller));
    Count(admitted_.meter, message_.chunk());
    RETURN_IF_ERROR(CheckChunk(message_));
    if (upload_ == nullptr) return Begin();
    RETURN_IF_ERROR(CheckLaterMessage(message_));
    Append();
    return absl::OkStatus();
  }

  absl::Status Begin() {
    ASSIGN_OR_RETURN(first_, CheckedRequest(message_));
    const ArtifactRequest& first = first_;
    response_->set_digest(first.digest);
    response_->set_size_bytes(message_.size_bytes());
    ASSIGN_OR_RETURN(
        is_of_attempt_,
        access_.CheckUpload(*admitted_.caller, first.use, first.kind));
    if (!first.thumbnail_of.empty()) {
      RETURN_IF_ERROR(
          access_.CheckThumbnail(*first.use.attempt, first.thumbnail_of));
    }
    artifacts_.Upload(
        {first.kind, first.digest}, message_.size_bytes(),
        [this](absl::StatusOr<std::shared_ptr<ArtifactUpload>> upload) {
          if (!upload.ok()) {
            Answer(InField("size_bytes", upload.status()));
            return;
          }
          if (*upload == nullptr) return Stored();
          upload_ = *std::move(upload);
          Append();
        },
        OwnerOf(first.kind),
        /*anew=*/!access_.MayKnow(*admitted_.caller, first.digest));
    return absl::OkStatus();
  }

  // What a worker brings is refused to nobody, lest work is lost: it counts for
  // the job's user once the result is taken.
  ArtifactOwner OwnerOf(ArtifactKind kind) {
    if (kind != ArtifactKind::kArtifact || admitted_.caller->accessor.empty() ||
        is_of_attempt_) {
      return {};
    }
    return {admitted_.caller->name,
            quotas_.Of(admitted_.caller->name).max_artifact_bytes};
  }

  void Append() {
    upload_->Append(std::move(*message_.mutable_chunk()),
                    [this](const absl::Status& status) {
                      if (status.ok()) {
                        StartRead(&message_);
                      } else {
                        Answer(InField("chunk", status));
                      }
                    });
  }

  // Also after a lost caller: what is incomplete is then refused, and removed.
  void End() {
    if (upload_ == nullptr) {
      Answer(absl::InvalidArgumentError("digest: no message was sent"));
      return;
    }
    upload_->Commit(
        [this](const absl::Status& status) {
          if (!status.ok()) return Answer(InField("chunk", status));
          metrics_.CountUpload(response_->size_bytes());
          access_.NoteBrought(*admitted_.caller, response_->digest());
          if (is_of_attempt_ && first_.kind == ArtifactKind::kArtifact) {
            access_.NoteMade(*first_.use.attempt, first_.digest);
          }
          Stored();
        },
        Entry());
  }

  // It is durable; what it is the thumbnail of is to be, too.
  void Stored() {
    if (first_.thumbnail_of.empty()) return Answer(absl::OkStatus());
    RecordThumbnail(artifacts_,
                    {first_.thumbnail_of, first_.thumbnail_px, first_.digest},
                    [this](const absl::Status& status) { Answer(status); });
  }

  // Of an input that somebody brings; what attempts make is no entry.
  std::optional<AuditRecord> Entry() const {
    if (support_.audit == nullptr || is_of_attempt_) return std::nullopt;
    AuditRecord entry =
        support_.audit->Entry(*admitted_.caller, Verb::kUploadArtifact);
    entry.target = response_->digest();
    entry.message = absl::StrCat(response_->size_bytes(), " bytes");
    SetOutcome(entry, absl::OkStatus());
    return entry;
  }

  void Answer(const absl::Status& status) {
    support_.Note(*admitted_.caller, status);
    Finish(ToGrpc(status));
  }

  ArtifactCatalog& artifacts_;
  ArtifactAccess& access_;
  QuotaControl& quotas_;
  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
  const Admission admitted_;
  v1::UploadResponse* const response_;
  v1::UploadRequest message_;
  ArtifactRequest first_;
  bool is_of_attempt_ = false;
  std::shared_ptr<ArtifactUpload> upload_;
};

/// One download. Owns itself; holds no thread while the backend works.
class DownloadCall : public grpc::ServerWriteReactor<v1::DownloadResponse> {
 public:
  DownloadCall(ArtifactCatalog& artifacts, ArtifactAccess& access,
               const CallSupport& support, CoordinatorMetrics& metrics,
               Admission admitted, const v1::DownloadRequest& request)
      : support_(support), metrics_(metrics), admitted_(std::move(admitted)) {
    if (!admitted_.caller.ok()) {
      support.Refuse(admitted_,
                     [this](const grpc::Status& status) { Finish(status); });
      return;
    }
    support.pool.Schedule([this, &artifacts, &access, &request] {
      const absl::Status status = Begin(artifacts, access, request);
      if (!status.ok()) End(status);
    });
  }

  void OnWriteDone(bool ok) override {
    metrics_.CountDownloadedBytes(
        ok ? static_cast<int64_t>(message_.chunk().size()) : 0);
    if (!ok) {
      Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the caller is gone"));
      return;
    }
    message_.Clear();
    Send(/*even_if_empty=*/false);
  }
  void OnDone() override { delete this; }

 private:
  absl::Status Begin(ArtifactCatalog& artifacts, ArtifactAccess& access,
                     const v1::DownloadRequest& request) {
    ASSIGN_OR_RETURN(const ArtifactRequest wanted, CheckedRequest(request));
    RETURN_IF_ERROR(access.CheckDownload(*admitted_.caller, wanted.use,
                                         wanted.kind, wanted.digest));
    if (wanted.thumbnail_px != 0) {
      DownloadThumbnail(artifacts, wanted.digest, wanted.thumbnail_px,
                        [this](const absl::StatusOr<PictureDownload>& opened) {
                          if (!opened.ok()) return End(opened.status());
                          Open(opened->download);
                        });
      return absl::OkStatus();
    }
    artifacts.Download(
        {wanted.kind, wanted.digest}, request.offset_bytes(),
        [this](absl::StatusOr<std::shared_ptr<ArtifactDownload>> opened) {
          if (!opened.ok()) return End(opened.status());
          Open(*std::move(opened));
        });
    return absl::OkStatus();
  }

  void Open(std::shared_ptr<ArtifactDownload> download) {
    download_ = std::move(download);
    message_.set_size_bytes(download_->size_bytes());
    Send(/*even_if_empty=*/true);
  }

  void Send(bool even_if_empty) {
    if (const absl::Status status = CheckStillValid(*admitted_.caller);
        !status.ok()) {
      End(status);
      return;
    }
    download_->Next(kDownloadChunkBytes,
                    [this, even_if_empty](absl::StatusOr<std::string> chunk) {
                      if (!chunk.ok() || (chunk->empty() && !even_if_empty)) {
                        End(chunk.status());
                        return;
                      }
                      Count(admitted_.meter, *chunk);
                      message_.set_chunk(*std::move(chunk));
                      StartWrite(&message_);
                    });
  }

  void End(const absl::Status& status) {
    support_.Note(*admitted_.caller, status);
    Finish(ToGrpc(status));
  }

  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
  const Admission admitted_;
  v1::DownloadResponse message_;
  std::shared_ptr<ArtifactDownload> download_;
};

}  // namespace

grpc::ServerReadReactor<v1::UploadRequest>* NewUploadCall(
    ArtifactCatalog& artifacts, ArtifactAccess& access, QuotaControl& quotas,
    const CallSupport& support, CoordinatorMetrics& metrics, Admission admitted,
    v1::UploadResponse* response) {
  return new UploadCall(artifacts, access, quotas, support, metrics,
                        std::move(admitted), response);
}

grpc::ServerWriteReactor<v1::DownloadResponse>* NewDownloadCall(
    ArtifactCatalog& artifacts, ArtifactAccess& access,
    const CallSupport& support, CoordinatorMetrics& metrics, Admission admitted,
    const v1::DownloadRequest& request) {
  return new DownloadCall(artifacts, access, support, metrics,
                          std::move(admitted), request);
}

}  // namespace atelier
