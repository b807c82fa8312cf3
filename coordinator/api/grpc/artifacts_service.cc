#include "coordinator/api/grpc/artifacts_service.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "common/artifact_kind.h"
#include "common/digest.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/api/grpc/worker_conversion.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/time_conversion.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/control/access.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/quota_control.h"

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

absl::StatusOr<ArtifactUse> UseOf(const v1::UploadRequest& request) {
  ArtifactUse use;
  if (!request.has_attempt()) return use;
  ASSIGN_OR_RETURN(use.attempt,
                   AttemptTokenFromProto(request.attempt(), "attempt"));
  return use;
}

absl::StatusOr<ArtifactUse> UseOf(const v1::DownloadRequest& request) {
  ArtifactUse use;
  RETURN_IF_ERROR(CheckPrintable("job_id", request.job_id(), 0, 64));
  use.job = JobId(request.job_id());
  if (request.has_task_index()) use.task_index = request.task_index();
  if (!request.has_attempt()) return use;
  ASSIGN_OR_RETURN(use.attempt,
                   AttemptTokenFromProto(request.attempt(), "attempt"));
  return use;
}

/// One upload. Owns itself. One step after another: a message is hashed on the
/// pool, and the next is read once the backend has taken it.
class UploadCall : public grpc::ServerReadReactor<v1::UploadRequest> {
 public:
  UploadCall(ArtifactCatalog& artifacts, ArtifactAccess& access,
             QuotaControl& quotas, const CallSupport& support,
             CoordinatorMetrics& metrics, absl::StatusOr<Caller> caller,
             v1::UploadResponse* response)
      : artifacts_(artifacts),
        access_(access),
        quotas_(quotas),
        support_(support),
        metrics_(metrics),
        caller_(std::move(caller)),
        response_(response) {
    StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    support_.pool.Schedule([this, ok] { ok ? Take() : End(); });
  }
  void OnDone() override { delete this; }

 private:
  void Take() {
    const absl::Status status = TakeMessage();
    if (!status.ok()) Answer(status);
  }

  absl::Status TakeMessage() {
    RETURN_IF_ERROR(caller_.status());
    RETURN_IF_ERROR(CheckStillValid(*caller_));
    if (message_.chunk().size() > kMaxUploadChunkBytes) {
      return InvalidArgument("chunk: ", message_.chunk().size(),
                             " bytes given; at most ", kMaxUploadChunkBytes);
    }
    if (!has_begun_) return Begin();
    if (!message_.digest().empty() || message_.size_bytes() != 0 ||
        message_.kind() != v1::ARTIFACT_KIND_UNSPECIFIED ||
        message_.has_attempt()) {
      return absl::InvalidArgumentError(
          "digest, size_bytes, kind, attempt: given again; only the first "
          "message has them");
    }
    Append();
    return absl::OkStatus();
  }

  absl::Status Begin() {
    has_begun_ = true;
    RETURN_IF_ERROR(CheckDigest("digest", message_.digest()));
    response_->set_digest(message_.digest());
    response_->set_size_bytes(message_.size_bytes());
    ASSIGN_OR_RETURN(const ArtifactKind kind, KindOf(message_.kind()));
    ASSIGN_OR_RETURN(const ArtifactUse use, UseOf(message_));
    RETURN_IF_ERROR(access_.CheckUpload(*caller_, use, kind));
    is_asked_for_ = !use.attempt.has_value();
    artifacts_.Upload(
        {kind, message_.digest()}, message_.size_bytes(),
        [this](absl::StatusOr<std::shared_ptr<ArtifactUpload>> upload) {
          Begun(std::move(upload));
        },
        OwnerOf(kind));
    return absl::OkStatus();
  }

  // What a worker brings is refused to nobody, lest work is lost: it counts for
  // the job's user once the result is taken.
  ArtifactOwner OwnerOf(ArtifactKind kind) {
    if (kind != ArtifactKind::kArtifact || caller_->accessor.empty() ||
        !is_asked_for_) {
      return {};
    }
    return {caller_->name, quotas_.Of(caller_->name).max_artifact_bytes};
  }

  void Begun(absl::StatusOr<std::shared_ptr<ArtifactUpload>> upload) {
    if (upload.ok() && *upload != nullptr) {
      upload_ = *std::move(upload);
    } else if ((!upload.ok() && !absl::IsInvalidArgument(upload.status())) ||
               access_.MayKnow(*caller_, response_->digest())) {
      Answer(InField("size_bytes", upload.status()));
      return;
    }
    // Else it is there already, which this caller is not to know: it shows that
    // it has the bytes, too.
    Append();
  }

  void Append() {
    if (upload_ == nullptr) {
      hash_.Update(message_.chunk());
      hashed_bytes_ += static_cast<int64_t>(message_.chunk().size());
      StartRead(&message_);
      return;
    }
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
    if (!has_begun_) {
      Answer(absl::InvalidArgumentError("digest: no message was sent"));
      return;
    }
    if (upload_ == nullptr) {
      Brought(CheckHashed());
      return;
    }
    upload_->Commit(
        [this](const absl::Status& status) {
          if (status.ok()) metrics_.CountUpload(response_->size_bytes());
          Brought(status);
        },
        Entry());
  }

  void Brought(const absl::Status& status) {
    if (status.ok()) access_.NoteBrought(*caller_, response_->digest());
    Answer(InField("chunk", status));
  }

  absl::Status CheckHashed() {
    const std::string digest = hash_.HexDigest();
    if (hashed_bytes_ == response_->size_bytes() &&
        digest == response_->digest()) {
      return absl::OkStatus();
    }
    return InvalidArgument("artifact was announced with ",
                           response_->size_bytes(), " bytes and digest ",
                           response_->digest(), ", the ", hashed_bytes_,
                           " bytes sent have digest ", digest);
  }

  // Of an input that somebody brings; what attempts make is no entry.
  std::optional<AuditRecord> Entry() const {
    if (support_.audit == nullptr || !is_asked_for_) return std::nullopt;
    AuditRecord entry = support_.audit->Entry(*caller_, Verb::kUploadArtifact);
    entry.target = response_->digest();
    entry.message = absl::StrCat(response_->size_bytes(), " bytes");
    SetOutcome(entry, absl::OkStatus());
    return entry;
  }

  void Answer(const absl::Status& status) { Finish(ToGrpc(status)); }

  ArtifactCatalog& artifacts_;
  ArtifactAccess& access_;
  QuotaControl& quotas_;
  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
  const absl::StatusOr<Caller> caller_;
  v1::UploadResponse* const response_;
  v1::UploadRequest message_;
  bool has_begun_ = false;
  bool is_asked_for_ = true;
  std::shared_ptr<ArtifactUpload> upload_;  // Null: hash_ takes the bytes.
  Sha256 hash_;
  int64_t hashed_bytes_ = 0;
};

/// One download. Owns itself; holds no thread while the backend works.
class DownloadCall : public grpc::ServerWriteReactor<v1::DownloadResponse> {
 public:
  DownloadCall(ArtifactCatalog& artifacts, ArtifactAccess& access,
               const CallSupport& support, CoordinatorMetrics& metrics,
               const absl::StatusOr<Caller>& caller,
               const v1::DownloadRequest& request)
      : metrics_(metrics), caller_(caller.value_or(Caller())) {
    if (!caller.ok()) {
      Finish(ToGrpc(caller.status()));
      return;
    }
    support.pool.Schedule([this, &artifacts, &access, &request] {
      const absl::Status status = Begin(artifacts, access, request);
      if (!status.ok()) Finish(ToGrpc(status));
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
    ASSIGN_OR_RETURN(const ArtifactKind kind, KindOf(request.kind()));
    RETURN_IF_ERROR(CheckDigest("digest", request.digest()));
    ASSIGN_OR_RETURN(const ArtifactUse use, UseOf(request));
    RETURN_IF_ERROR(access.CheckDownload(caller_, use, kind, request.digest()));
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
    if (const absl::Status status = CheckStillValid(caller_); !status.ok()) {
      Finish(ToGrpc(status));
      return;
    }
    download_->Next(kDownloadChunkBytes,
                    [this, even_if_empty](absl::StatusOr<std::string> chunk) {
                      if (!chunk.ok() || (chunk->empty() && !even_if_empty)) {
                        Finish(ToGrpc(chunk.status()));
                        return;
                      }
                      message_.set_chunk(*std::move(chunk));
                      StartWrite(&message_);
                    });
  }

  CoordinatorMetrics& metrics_;
  const Caller caller_;
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
  ArtifactsService(ArtifactCatalog& artifacts, ArtifactAccess& access,
                   QuotaControl& quotas, GarbageCollector& garbage,
                   const CallSupport& support, CoordinatorMetrics& metrics)
      : artifacts_(artifacts),
        access_(access),
        quotas_(quotas),
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
              [this, caller, request, response,
               answer](const absl::StatusOr<std::set<std::string>>& present) {
                if (present.ok()) {
                  const std::set<std::string> known =
                      access_.KnownTo(caller, *present);
                  for (const std::string& digest : request->digests()) {
                    if (known.count(digest) == 0) {
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
    return new UploadCall(artifacts_, access_, quotas_, support_, metrics_,
                          support_.authenticate(*context), response);
  }

  grpc::ServerWriteReactor<v1::DownloadResponse>* Download(
      grpc::CallbackServerContext* context,
      const v1::DownloadRequest* request) override {
    return new DownloadCall(artifacts_, access_, support_, metrics_,
                            support_.authenticate(*context), *request);
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
          const auto collect = [this, caller, options, response, answer] {
            Collect(caller, options, *response, answer);
          };
          if (support_.audit == nullptr || options.dry_run) {
            collect();
            return absl::OkStatus();
          }
          // Known before anything is removed.
          support_.audit->Append(
              CollectionEntry(caller, options, absl::OkStatus()),
              [collect, answer](const absl::Status& written) {
                if (written.ok()) {
                  collect();
                } else {
                  answer(written);
                }
              });
          return absl::OkStatus();
        });
  }

 private:
  AuditRecord CollectionEntry(const Caller& caller,
                              const GarbageOptions& options,
                              const absl::Status& outcome) const {
    AuditRecord entry = support_.audit->Entry(caller, Verb::kCollectGarbage);
    entry.message = absl::StrCat(
        "keep ", absl::FormatDuration(options.keep),
        options.max_bytes.has_value()
            ? absl::StrCat(", down to ", *options.max_bytes, " bytes")
            : "");
    SetOutcome(entry, outcome);
    return entry;
  }

  void Collect(const Caller& caller, const GarbageOptions& options,
               v1::CollectGarbageResponse& response, const Answer& answer) {
    garbage_.Collect(
        caller, options,
        [this, caller, options, &response,
         answer](const absl::StatusOr<GarbageReport>& report) {
          if (report.ok()) {
            response.set_removed_artifacts(report->removed_artifacts);
            response.set_removed_bytes(report->removed_bytes);
            response.set_kept_artifacts(report->kept_artifacts);
            response.set_kept_bytes(report->kept_bytes);
          } else if (support_.audit != nullptr) {
            support_.audit->Append(
                CollectionEntry(caller, options, report.status()));
          }
          answer(report.status());
        });
  }

  ArtifactCatalog& artifacts_;
  ArtifactAccess& access_;
  QuotaControl& quotas_;
  GarbageCollector& garbage_;
  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeArtifactsService(
    ArtifactCatalog& artifacts, ArtifactAccess& access, QuotaControl& quotas,
    GarbageCollector& garbage, const CallSupport& support,
    CoordinatorMetrics& metrics) {
  return std::make_unique<ArtifactsService>(artifacts, access, quotas, garbage,
                                            support, metrics);
}

}  // namespace atelier
