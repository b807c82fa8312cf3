#include "coordinator/api/grpc/artifacts_service.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "common/artifact_kind.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/time_conversion.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

constexpr int kMaxDigests = 1000;
constexpr size_t kMaxUploadChunkBytes = size_t{1} << 20;
constexpr size_t kDownloadChunkBytes = size_t{256} << 10;

// What the store refuses of the caller's, with the field that it came in.
absl::Status InField(absl::string_view field, const absl::Status& status) {
  if (!absl::IsInvalidArgument(status) && !absl::IsResourceExhausted(status)) {
    return status;
  }
  return absl::Status(status.code(),
                      absl::StrCat(field, ": ", status.message()));
}

absl::StatusOr<ArtifactKind> KindOf(v1::ArtifactKind kind) {
  switch (kind) {
    case v1::ARTIFACT_KIND_UNSPECIFIED:
      return ArtifactKind::kArtifact;
    case v1::ARTIFACT_KIND_CHECKPOINT:
      return ArtifactKind::kCheckpoint;
    default:
      return InvalidArgument("kind: value ", static_cast<int>(kind),
                             " is unknown; allowed: 0 and 1");
  }
}

absl::Status CheckMay(const Caller& caller, v1::ArtifactKind kind,
                      Verb with_artifact, Verb with_checkpoint) {
  return CheckAccess(caller, kind == v1::ARTIFACT_KIND_CHECKPOINT
                                 ? with_checkpoint
                                 : with_artifact);
}

void Count(const std::shared_ptr<CallMeter>& meter, const std::string& chunk) {
  if (meter != nullptr) meter->AddBytes(static_cast<int64_t>(chunk.size()));
}

/// One upload. Owns itself. One step after another: a message is hashed on the
/// pool, and the next is read once the backend has taken it.
class UploadCall : public grpc::ServerReadReactor<v1::UploadRequest> {
 public:
  UploadCall(ArtifactCatalog& artifacts, const CallSupport& support,
             CoordinatorMetrics& metrics, Admission admitted,
             v1::UploadResponse* response)
      : artifacts_(artifacts),
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
    if (message_.chunk().size() > kMaxUploadChunkBytes) {
      return InvalidArgument("chunk: ", message_.chunk().size(),
                             " bytes given; at most ", kMaxUploadChunkBytes);
    }
    if (upload_ == nullptr) return Begin();
    if (!message_.digest().empty() || message_.size_bytes() != 0 ||
        message_.kind() != v1::ARTIFACT_KIND_UNSPECIFIED) {
      return absl::InvalidArgumentError(
          "digest, size_bytes, kind: given again; only the first message has "
          "them");
    }
    Append();
    return absl::OkStatus();
  }

  absl::Status Begin() {
    RETURN_IF_ERROR(CheckMay(*admitted_.caller, message_.kind(),
                             Verb::kUploadArtifact, Verb::kUploadCheckpoint));
    RETURN_IF_ERROR(CheckDigest("digest", message_.digest()));
    response_->set_digest(message_.digest());
    response_->set_size_bytes(message_.size_bytes());
    ASSIGN_OR_RETURN(const ArtifactKind kind, KindOf(message_.kind()));
    artifacts_.Upload(
        {kind, message_.digest()}, message_.size_bytes(),
        [this](absl::StatusOr<std::shared_ptr<ArtifactUpload>> upload) {
          if (!upload.ok() || *upload == nullptr) {
            Answer(InField("size_bytes", upload.status()));
            return;
          }
          upload_ = *std::move(upload);
          Append();
        });
    return absl::OkStatus();
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
    upload_->Commit([this](const absl::Status& status) {
      if (status.ok()) metrics_.CountUpload(response_->size_bytes());
      Answer(InField("chunk", status));
    });
  }

  void Answer(const absl::Status& status) { Finish(ToGrpc(status)); }

  ArtifactCatalog& artifacts_;
  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
  const Admission admitted_;
  v1::UploadResponse* const response_;
  v1::UploadRequest message_;
  std::shared_ptr<ArtifactUpload> upload_;
};

/// One download. Owns itself; holds no thread while the backend works.
class DownloadCall : public grpc::ServerWriteReactor<v1::DownloadResponse> {
 public:
  DownloadCall(ArtifactCatalog& artifacts, const CallSupport& support,
               CoordinatorMetrics& metrics, Admission admitted,
               const v1::DownloadRequest& request)
      : metrics_(metrics), admitted_(std::move(admitted)) {
    if (!admitted_.caller.ok()) {
      support.Refuse(admitted_,
                     [this](const grpc::Status& status) { Finish(status); });
      return;
    }
    const absl::Status status = Begin(artifacts, request);
    if (!status.ok()) Finish(ToGrpc(status));
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
  absl::Status Begin(ArtifactCatalog& artifacts,
                     const v1::DownloadRequest& request) {
    RETURN_IF_ERROR(CheckMay(*admitted_.caller, request.kind(),
                             Verb::kDownloadArtifact,
                             Verb::kDownloadCheckpoint));
    ASSIGN_OR_RETURN(const ArtifactKind kind, KindOf(request.kind()));
    artifacts.Download(
        {kind, request.digest()}, request.offset_bytes(),
        [this](absl::StatusOr<std::shared_ptr<ArtifactDownload>> download) {
          if (!download.ok()) {
            Finish(ToGrpc(download.status()));
            return;
          }
          download_ = *std::move(download);
          message_.set_size_bytes(download_->size_bytes());
          Send(/*even_if_empty=*/true);
        });
    return absl::OkStatus();
  }

  void Send(bool even_if_empty) {
    if (const absl::Status status = CheckStillValid(*admitted_.caller);
        !status.ok()) {
      Finish(ToGrpc(status));
      return;
    }
    download_->Next(kDownloadChunkBytes,
                    [this, even_if_empty](absl::StatusOr<std::string> chunk) {
                      if (!chunk.ok() || (chunk->empty() && !even_if_empty)) {
                        Finish(ToGrpc(chunk.status()));
                        return;
                      }
                      Count(admitted_.meter, *chunk);
                      message_.set_chunk(*std::move(chunk));
                      StartWrite(&message_);
                    });
  }

  CoordinatorMetrics& metrics_;
  const Admission admitted_;
  v1::DownloadResponse message_;
  std::shared_ptr<ArtifactDownload> download_;
};

absl::StatusOr<GarbageOptions> OptionsOf(
    const v1::CollectGarbageRequest& request) {
  GarbageOptions options;
  options.dry_run = request.dry_run();
  if (request.has_keep()) {
    ASSIGN_OR_RETURN(options.keep, CheckedDuration("keep", request.keep()));
  }
  if (options.keep < absl::ZeroDuration()) {
    return InvalidArgument("keep: ", absl::FormatDuration(options.keep),
                           " is not allowed; at least 0s");
  }
  if (request.has_max_bytes()) options.max_bytes = request.max_bytes();
  if (options.max_bytes.value_or(0) < 0) {
    return InvalidArgument("max_bytes: ", *options.max_bytes,
                           " is not allowed; at least 0");
  }
  return options;
}

absl::StatusOr<std::set<std::string>> DigestsOf(
    const v1::FindMissingRequest& request) {
  if (request.digests_size() > kMaxDigests) {
    return InvalidArgument("digests: ", request.digests_size(),
                           " given; at most ", kMaxDigests);
  }
  for (int i = 0; i < request.digests_size(); ++i) {
    RETURN_IF_ERROR(
        CheckDigest(absl::StrCat("digests[", i, "]"), request.digests(i)));
  }
  return std::set<std::string>(request.digests().begin(),
                               request.digests().end());
}

class ArtifactsService : public v1::Artifacts::CallbackService {
 public:
  ArtifactsService(ArtifactCatalog& artifacts, GarbageCollector& garbage,
                   const CallSupport& support, CoordinatorMetrics& metrics)
      : artifacts_(artifacts),
        garbage_(garbage),
        support_(support),
        metrics_(metrics) {}

  grpc::ServerUnaryReactor* FindMissing(
      grpc::CallbackServerContext* context,
      const v1::FindMissingRequest* request,
      v1::FindMissingResponse* response) override {
    return AnswerLater(
        support_, context,
        [this, request, response](const Caller& caller,
                                  const Answer& answer) -> absl::Status {
          RETURN_IF_ERROR(CheckAccess(caller, Verb::kFindArtifacts));
          ASSIGN_OR_RETURN(const std::set<std::string> digests,
                           DigestsOf(*request));
          artifacts_.FindPresent(
              ArtifactKind::kArtifact, digests,
              [request, response,
               answer](const absl::StatusOr<std::set<std::string>>& present) {
                if (present.ok()) {
                  for (const std::string& digest : request->digests()) {
                    if (present->count(digest) == 0) {
                      response->add_missing(digest);
                    }
                  }
                }
                answer(present.status());
              });
          return absl::OkStatus();
        });
  }

  grpc::ServerReadReactor<v1::UploadRequest>* Upload(
      grpc::CallbackServerContext* context,
      v1::UploadResponse* response) override {
    return new UploadCall(artifacts_, support_, metrics_,
                          support_.Admit(*context, CallKind::kUpload),
                          response);
  }

  grpc::ServerWriteReactor<v1::DownloadResponse>* Download(
      grpc::CallbackServerContext* context,
      const v1::DownloadRequest* request) override {
    return new DownloadCall(artifacts_, support_, metrics_,
                            support_.Admit(*context, CallKind::kDownload),
                            *request);
  }

  grpc::ServerUnaryReactor* CollectGarbage(
      grpc::CallbackServerContext* context,
      const v1::CollectGarbageRequest* request,
      v1::CollectGarbageResponse* response) override {
    return AnswerLater(
        support_, context,
        [this, request, response](const Caller& caller,
                                  const Answer& answer) -> absl::Status {
          RETURN_IF_ERROR(CheckAccess(caller, Verb::kCollectGarbage));
          ASSIGN_OR_RETURN(const GarbageOptions options, OptionsOf(*request));
          garbage_.Collect(
              caller, options,
              [response, answer](const absl::StatusOr<GarbageReport>& report) {
                if (report.ok()) {
                  response->set_removed_artifacts(report->removed_artifacts);
                  response->set_removed_bytes(report->removed_bytes);
                  response->set_kept_artifacts(report->kept_artifacts);
                  response->set_kept_bytes(report->kept_bytes);
                }
                answer(report.status());
              });
          return absl::OkStatus();
        });
  }

 private:
  ArtifactCatalog& artifacts_;
  GarbageCollector& garbage_;
  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeArtifactsService(
    ArtifactCatalog& artifacts, GarbageCollector& garbage,
    const CallSupport& support, CoordinatorMetrics& metrics) {
  return std::make_unique<ArtifactsService>(artifacts, garbage, support,
                                            metrics);
}

}  // namespace atelier
