#include "coordinator/api/grpc/artifacts_service.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "common/artifact_kind.h"
#include "common/status_macros.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/grpc/artifact_calls.h"
#include "coordinator/api/grpc/artifact_requests.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/api/views/artifact_upload_session.h"
#include "coordinator/control/access.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/quota_control.h"

namespace atelier {
namespace {

class ArtifactsService : public v1::Artifacts::CallbackService {
 public:
  ArtifactsService(ArtifactCatalog& artifacts, ArtifactAccess& access,
                   QuotaControl& quotas, GarbageCollector& garbage,
                   const CallSupport& support, CoordinatorMetrics& metrics)
      : artifacts_(artifacts),
        access_(access),
        garbage_(garbage),
        support_(support),
        metrics_(metrics),
        uploads_{artifacts, access, quotas, support.audit,
                 [&metrics](int64_t bytes) { metrics.CountUpload(bytes); }} {}

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
                           CheckedRequest(*request));
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
    return NewUploadCall(uploads_, support_,
                         support_.Admit(*context, CallKind::kUpload), response);
  }

  grpc::ServerWriteReactor<v1::DownloadResponse>* Download(
      grpc::CallbackServerContext* context,
      const v1::DownloadRequest* request) override {
    return NewDownloadCall(artifacts_, access_, support_, metrics_,
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
          ASSIGN_OR_RETURN(const GarbageOptions options,
                           CheckedRequest(*request));
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
  GarbageCollector& garbage_;
  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
  const UploadRooms uploads_;
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
