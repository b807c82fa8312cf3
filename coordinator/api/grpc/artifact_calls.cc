#include "coordinator/api/grpc/artifact_calls.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "atelier/v1/artifacts.grpc.pb.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/grpc/artifact_requests.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/api/views/artifact_upload_session.h"
#include "coordinator/api/views/artifact_use.h"
#include "coordinator/artifacts/thumbnails.h"
#include "coordinator/control/artifact_access.h"

namespace atelier {
namespace {

constexpr size_t kDownloadChunkBytes = size_t{256} << 10;

constexpr UploadFields kUploadFields = {"size_bytes", "chunk"};

void Count(const std::shared_ptr<CallMeter>& meter, const std::string& chunk) {
  if (meter != nullptr) meter->AddBytes(static_cast<int64_t>(chunk.size()));
}

/// One upload. Owns itself. One step after another: a message is hashed on the
/// pool, and the next is read once the backend has taken it.
class UploadCall : public grpc::ServerReadReactor<v1::UploadRequest> {
 public:
  UploadCall(const UploadRooms& rooms, const CallSupport& support,
             Admission admitted, v1::UploadResponse* response)
      : support_(support), admitted_(std::move(admitted)), response_(response) {
    if (admitted_.caller.ok()) {
      session_.emplace(rooms, kUploadFields, *admitted_.caller);
    }
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
    if (!session_->is_open()) return Begin();
    RETURN_IF_ERROR(CheckLaterMessage(message_));
    Append();
    return absl::OkStatus();
  }

  absl::Status Begin() {
    ASSIGN_OR_RETURN(const ArtifactRequest request, CheckedRequest(message_));
    response_->set_digest(request.digest);
    response_->set_size_bytes(message_.size_bytes());
    session_->Begin(request, message_.size_bytes(),
                    [this](const absl::StatusOr<bool>& is_stored) {
                      if (!is_stored.ok() || *is_stored) {
                        Answer(is_stored.status());
                      } else {
                        Append();
                      }
                    });
    return absl::OkStatus();
  }

  void Append() {
    session_->Append(std::move(*message_.mutable_chunk()),
                     [this](const absl::Status& status) {
                       if (status.ok()) {
                         StartRead(&message_);
                       } else {
                         Answer(status);
                       }
                     });
  }

  // Also after a lost caller: what is incomplete is then refused, and removed.
  void End() {
    if (!session_->is_open()) {
      Answer(absl::InvalidArgumentError("digest: no message was sent"));
      return;
    }
    session_->Commit([this](const absl::Status& status) { Answer(status); });
  }

  void Answer(const absl::Status& status) {
    support_.Note(*admitted_.caller, status);
    Finish(ToGrpc(status));
  }

  const CallSupport& support_;
  const Admission admitted_;
  v1::UploadResponse* const response_;
  v1::UploadRequest message_;
  std::optional<ArtifactUploadSession> session_;  // Of who was admitted.
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
    const UploadRooms& rooms, const CallSupport& support, Admission admitted,
    v1::UploadResponse* response) {
  return new UploadCall(rooms, support, std::move(admitted), response);
}

grpc::ServerWriteReactor<v1::DownloadResponse>* NewDownloadCall(
    ArtifactCatalog& artifacts, ArtifactAccess& access,
    const CallSupport& support, CoordinatorMetrics& metrics, Admission admitted,
    const v1::DownloadRequest& request) {
  return new DownloadCall(artifacts, access, support, metrics,
                          std::move(admitted), request);
}

}  // namespace atelier
