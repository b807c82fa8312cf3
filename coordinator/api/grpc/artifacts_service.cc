#include "coordinator/api/grpc/artifacts_service.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/garbage.h"
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

absl::StatusOr<ArtifactStore*> StoreOf(const ArtifactStores& stores,
                                       v1::ArtifactKind kind) {
  switch (kind) {
    case v1::ARTIFACT_KIND_UNSPECIFIED:
      return &stores.kept;
    case v1::ARTIFACT_KIND_CHECKPOINT:
      return &stores.checkpoints;
    default:
      return InvalidArgument("kind: value ", static_cast<int>(kind),
                             " is unknown; allowed: 0 and 1");
  }
}

absl::Status CheckMay(const absl::StatusOr<Caller>& caller,
                      v1::ArtifactKind kind, Verb with_artifact,
                      Verb with_checkpoint) {
  RETURN_IF_ERROR(caller.status());
  return CheckAccess(*caller, kind == v1::ARTIFACT_KIND_CHECKPOINT
                                  ? with_checkpoint
                                  : with_artifact);
}

/// One upload. Owns itself; every step runs on the pool, one at a time.
class UploadCall : public grpc::ServerReadReactor<v1::UploadRequest> {
 public:
  UploadCall(const ArtifactStores& stores, WorkPool& pool,
             CoordinatorMetrics& metrics, absl::StatusOr<Caller> caller,
             v1::UploadResponse* response)
      : stores_(stores),
        pool_(pool),
        metrics_(metrics),
        caller_(std::move(caller)),
        response_(response) {
    StartRead(&message_);
  }

  void OnReadDone(bool ok) override {
    pool_.Schedule([this, ok] { ok ? Take() : End(); });
  }
  void OnDone() override { delete this; }

 private:
  void Take() {
    const absl::StatusOr<bool> complete = TakeMessage();
    if (!complete.ok() || *complete) {
      writer_.reset();
      Finish(ToGrpc(complete.status()));
    } else {
      StartRead(&message_);
    }
  }

  /// Whether the answer is known before the end of the stream.
  absl::StatusOr<bool> TakeMessage() {
    if (message_.chunk().size() > kMaxUploadChunkBytes) {
      return InvalidArgument("chunk: ", message_.chunk().size(),
                             " bytes given; at most ", kMaxUploadChunkBytes);
    }
    if (writer_ == nullptr) {
      ASSIGN_OR_RETURN(const bool known, Begin());
      if (known) return true;
    } else if (!message_.digest().empty() || message_.size_bytes() != 0 ||
               message_.kind() != v1::ARTIFACT_KIND_UNSPECIFIED) {
      return absl::InvalidArgumentError(
          "digest, size_bytes, kind: given again; only the first message has "
          "them");
    }
    RETURN_IF_ERROR(InField("chunk", writer_->Append(message_.chunk())));
    return false;
  }

  /// Whether the store has the artifact already.
  absl::StatusOr<bool> Begin() {
    RETURN_IF_ERROR(CheckMay(caller_, message_.kind(), Verb::kUploadArtifact,
                             Verb::kUploadCheckpoint));
    RETURN_IF_ERROR(CheckDigest("digest", message_.digest()));
    response_->set_digest(message_.digest());
    response_->set_size_bytes(message_.size_bytes());
    ASSIGN_OR_RETURN(ArtifactStore* const store,
                     StoreOf(stores_, message_.kind()));
    ASSIGN_OR_RETURN(const bool known, store->Has(message_.digest()));
    if (!known) {
      absl::StatusOr<std::unique_ptr<ArtifactWriter>> writer =
          store->NewWriter(message_.digest(), message_.size_bytes());
      if (!writer.ok()) return InField("size_bytes", writer.status());
      writer_ = *std::move(writer);
      return false;
    }
    ASSIGN_OR_RETURN(const StoredArtifact found,
                     store->Find(message_.digest()));
    if (found.size_bytes != message_.size_bytes()) {
      return InvalidArgument("size_bytes: ", message_.size_bytes(),
                             " given; artifact ", message_.digest(), " has ",
                             found.size_bytes);
    }
    return true;
  }

  // Also after a lost caller: what is incomplete is then refused, and removed.
  void End() {
    absl::Status status =
        writer_ == nullptr
            ? absl::InvalidArgumentError("digest: no message was sent")
            : InField("chunk", writer_->Commit());
    if (status.ok()) metrics_.CountUpload(response_->size_bytes());
    writer_.reset();
    Finish(ToGrpc(status));
  }

  const ArtifactStores stores_;
  WorkPool& pool_;
  CoordinatorMetrics& metrics_;
  const absl::StatusOr<Caller> caller_;
  v1::UploadResponse* const response_;
  v1::UploadRequest message_;
  std::unique_ptr<ArtifactWriter> writer_;
};

/// One download. Owns itself; every step runs on the pool, one at a time.
class DownloadCall : public grpc::ServerWriteReactor<v1::DownloadResponse> {
 public:
  DownloadCall(const ArtifactStores& stores, WorkPool& pool,
               CoordinatorMetrics& metrics, absl::StatusOr<Caller> caller,
               v1::DownloadRequest request)
      : stores_(stores),
        pool_(pool),
        metrics_(metrics),
        caller_(std::move(caller)),
        request_(std::move(request)) {
    pool_.Schedule([this] { Begin(); });
  }

  void OnWriteDone(bool ok) override {
    metrics_.CountDownloadedBytes(
        ok ? static_cast<int64_t>(message_.chunk().size()) : 0);
    pool_.Schedule([this, ok] {
      if (ok) {
        Continue();
      } else {
        Finish(grpc::Status(grpc::StatusCode::CANCELLED, "the caller is gone"));
      }
    });
  }
  void OnDone() override { delete this; }

 private:
  void Begin() {
    absl::StatusOr<std::unique_ptr<ArtifactReader>> reader = Open();
    if (!reader.ok()) {
      Finish(ToGrpc(reader.status()));
      return;
    }
    reader_ = *std::move(reader);
    message_.set_size_bytes(reader_->artifact().size_bytes);
    Send(/*even_if_empty=*/true);
  }

  absl::StatusOr<std::unique_ptr<ArtifactReader>> Open() const {
    RETURN_IF_ERROR(CheckMay(caller_, request_.kind(), Verb::kDownloadArtifact,
                             Verb::kDownloadCheckpoint));
    ASSIGN_OR_RETURN(ArtifactStore* const store,
                     StoreOf(stores_, request_.kind()));
    return store->Open(request_.digest(), request_.offset_bytes());
  }

  void Continue() {
    message_.Clear();
    Send(/*even_if_empty=*/false);
  }

  void Send(bool even_if_empty) {
    absl::StatusOr<std::string> chunk = reader_->Read(kDownloadChunkBytes);
    if (!chunk.ok() || (chunk->empty() && !even_if_empty)) {
      Finish(ToGrpc(chunk.status()));
      return;
    }
    message_.set_chunk(*std::move(chunk));
    StartWrite(&message_);
  }

  const ArtifactStores stores_;
  WorkPool& pool_;
  CoordinatorMetrics& metrics_;
  const absl::StatusOr<Caller> caller_;
  const v1::DownloadRequest request_;
  v1::DownloadResponse message_;
  std::unique_ptr<ArtifactReader> reader_;
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

class ArtifactsService : public v1::Artifacts::CallbackService {
 public:
  ArtifactsService(const ArtifactStores& stores, Store& jobs,
                   const CallSupport& support, CoordinatorMetrics& metrics)
      : stores_(stores), jobs_(jobs), support_(support), metrics_(metrics) {}

  grpc::ServerUnaryReactor* FindMissing(
      grpc::CallbackServerContext* context,
      const v1::FindMissingRequest* request,
      v1::FindMissingResponse* response) override {
    return AnswerOn(
        support_, context,
        [this, request, response](const Caller& caller) -> absl::Status {
          RETURN_IF_ERROR(CheckAccess(caller, Verb::kFindArtifacts));
          if (request->digests_size() > kMaxDigests) {
            return InvalidArgument("digests: ", request->digests_size(),
                                   " given; at most ", kMaxDigests);
          }
          for (int i = 0; i < request->digests_size(); ++i) {
            const std::string& digest = request->digests(i);
            RETURN_IF_ERROR(
                CheckDigest(absl::StrCat("digests[", i, "]"), digest));
            ASSIGN_OR_RETURN(const bool known, stores_.kept.Has(digest));
            if (!known) response->add_missing(digest);
          }
          return absl::OkStatus();
        });
  }

  grpc::ServerReadReactor<v1::UploadRequest>* Upload(
      grpc::CallbackServerContext* context,
      v1::UploadResponse* response) override {
    return new UploadCall(stores_, support_.pool, metrics_,
                          support_.authenticate(*context), response);
  }

  grpc::ServerWriteReactor<v1::DownloadResponse>* Download(
      grpc::CallbackServerContext* context,
      const v1::DownloadRequest* request) override {
    return new DownloadCall(stores_, support_.pool, metrics_,
                            support_.authenticate(*context), *request);
  }

  grpc::ServerUnaryReactor* CollectGarbage(
      grpc::CallbackServerContext* context,
      const v1::CollectGarbageRequest* request,
      v1::CollectGarbageResponse* response) override {
    return AnswerOn(
        support_, context,
        [this, request, response](const Caller& caller) -> absl::Status {
          RETURN_IF_ERROR(CheckAccess(caller, Verb::kCollectGarbage));
          ASSIGN_OR_RETURN(const GarbageOptions options, OptionsOf(*request));
          // Files keep the machine's own time.
          ASSIGN_OR_RETURN(const GarbageReport report,
                           ::atelier::CollectGarbage(jobs_, stores_.kept,
                                                     absl::Now(), options));
          response->set_removed_artifacts(report.removed_artifacts);
          response->set_removed_bytes(report.removed_bytes);
          response->set_kept_artifacts(report.kept_artifacts);
          response->set_kept_bytes(report.kept_bytes);
          return absl::OkStatus();
        });
  }

 private:
  const ArtifactStores stores_;
  Store& jobs_;
  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeArtifactsService(
    const ArtifactStores& stores, Store& jobs, const CallSupport& support,
    CoordinatorMetrics& metrics) {
  return std::make_unique<ArtifactsService>(stores, jobs, support, metrics);
}

}  // namespace atelier
