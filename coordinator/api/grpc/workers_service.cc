#include "coordinator/api/grpc/workers_service.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "common/artifact_kind.h"
#include "common/log/log.h"
#include "common/quoted_text.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/api/grpc/unary.h"
#include "coordinator/api/grpc/worker_certificate.h"
#include "coordinator/api/grpc/worker_conversion.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/worker_views.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

/// A Synchronize that may be parked. The caller can go at any moment, also
/// before the control plane has named the call: whoever comes second withdraws.
/// Thread-safe.
class ParkedCall {
 public:
  void SetId(ControlPlane& control, ControlPlane::SyncId id) {
    absl::MutexLock lock(&mutex_);
    id_ = id;
    if (cancelled_) control.Withdraw(id);
  }
  void Cancel(ControlPlane& control) {
    absl::MutexLock lock(&mutex_);
    cancelled_ = true;
    if (id_.has_value()) control.Withdraw(*id_);
  }
  bool cancelled() const {
    absl::MutexLock lock(&mutex_);
    return cancelled_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::optional<ControlPlane::SyncId> id_ ABSL_GUARDED_BY(mutex_);
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
};

/// Owns itself until the call is done.
class SynchronizeReactor : public grpc::ServerUnaryReactor {
 public:
  explicit SynchronizeReactor(ControlPlane& control)
      : control_(control), parked_(std::make_shared<ParkedCall>()) {}

  std::shared_ptr<ParkedCall> parked() const { return parked_; }

  void OnCancel() override { parked_->Cancel(control_); }
  void OnDone() override { delete this; }

 private:
  ControlPlane& control_;
  const std::shared_ptr<ParkedCall> parked_;
};

std::vector<std::pair<std::string, double>> SamplesOf(
    const v1::SynchronizeRequest& request) {
  std::vector<std::pair<std::string, double>> samples;
  for (const v1::MetricSample& sample : request.metrics()) {
    samples.emplace_back(sample.name(), sample.value());
  }
  return samples;
}

void LogComplaints(const ParsedSync& parsed) {
  if (parsed.complaints.empty()) return;
  LogWarning("worker ", parsed.request.worker.name.value(), ": ",
             parsed.complaints.front(),
             parsed.complaints.size() == 1
                 ? ""
                 : absl::StrCat(" (and ", parsed.complaints.size() - 1,
                                " more such)"));
}

// So that the worker forgets them.
void AnswerUnreadable(const std::vector<v1::AttemptToken>& running,
                      const std::vector<v1::AttemptToken>& finished,
                      v1::SynchronizeResponse& response) {
  for (const v1::AttemptToken& token : running) *response.add_stop() = token;
  for (const v1::AttemptToken& token : finished) {
    v1::ReportAcknowledgement* answer = response.add_acknowledged();
    *answer->mutable_token() = token;
    answer->set_disposition(v1::DISPOSITION_IGNORED);
  }
}

class WorkersService : public v1::Workers::CallbackService {
 public:
  WorkersService(ControlPlane& control, ArtifactCatalog& artifacts,
                 const CallSupport& support, CoordinatorMetrics& metrics,
                 bool wants_certificates)
      : control_(control),
        artifacts_(artifacts),
        support_(support),
        metrics_(metrics),
        wants_certificates_(wants_certificates) {}

  grpc::ServerUnaryReactor* Synchronize(
      grpc::CallbackServerContext* context,
      const v1::SynchronizeRequest* request,
      v1::SynchronizeResponse* response) override {
    auto* reactor = new SynchronizeReactor(control_);
    const Admission admitted = support_.Admit(*context, CallKind::kShort);
    if (!admitted.caller.ok()) {
      support_.Refuse(admitted, [reactor](const grpc::Status& status) {
        reactor->Finish(status);
      });
      return reactor;
    }
    const Caller& caller = *admitted.caller;
    absl::StatusOr<ParsedSync> parsed = Check(caller, *context, *request);
    if (!parsed.ok()) {
      support_.Note(caller, parsed.status());
      reactor->Finish(ToGrpc(parsed.status()));
      return reactor;
    }
    const auto call =
        std::make_shared<Call>(Call{reactor, reactor->parked(), caller,
                                    *std::move(parsed), request, response});
    // A heartbeat without news waits for nobody: neither the store nor files.
    if ((call->parsed.request.finished.empty() &&
         !NamesCheckpoints(call->parsed.request)) ||
        control_.IsHeartbeat(caller, call->parsed.request)) {
      Park(*call);
      return reactor;
    }
    if (!NamesCheckpoints(call->parsed.request)) {
      LookForPictures(call);
      return reactor;
    }
    support_.pool.Schedule([this, call] {
      MeasureCheckpoints(call->parsed.request);
      LookForPictures(call);
    });
    return reactor;
  }

  grpc::ServerUnaryReactor* ListWorkers(
      grpc::CallbackServerContext* context,
      const v1::ListWorkersRequest* request,
      v1::ListWorkersResponse* response) override {
    return AnswerBy(context, request, response, atelier::ListWorkers);
  }

  grpc::ServerUnaryReactor* DrainWorker(grpc::CallbackServerContext* context,
                                        const v1::DrainWorkerRequest* request,
                                        v1::Worker* response) override {
    return AnswerBy(context, request, response, atelier::DrainWorker);
  }

  grpc::ServerUnaryReactor* ReleaseWorker(
      grpc::CallbackServerContext* context,
      const v1::ReleaseWorkerRequest* request, v1::Worker* response) override {
    return AnswerBy(context, request, response, atelier::ReleaseWorker);
  }

 private:
  // `call` is one of worker_views.h.
  template <typename Request, typename Response>
  grpc::ServerUnaryReactor* AnswerBy(grpc::CallbackServerContext* context,
                                     const Request* request, Response* response,
                                     absl::Status (*call)(ControlPlane&,
                                                          const Caller&,
                                                          const Request&,
                                                          Response&)) {
    return AnswerOn(support_, context,
                    [this, request, response, call](const Caller& caller) {
                      return call(control_, caller, *request, *response);
                    });
  }

  // Who may not take work has nothing looked up either.
  absl::StatusOr<ParsedSync> Check(const Caller& caller,
                                   const grpc::CallbackServerContext& context,
                                   const v1::SynchronizeRequest& request) {
    RETURN_IF_ERROR(CheckAccess(caller, Verb::kSynchronize));
    if (!MatchesPattern(caller.worker_pattern, request.worker().name())) {
      return absl::PermissionDeniedError(absl::StrCat(
          "worker.name: ", Quoted(request.worker().name()),
          " is not one of the names of this token: ", caller.worker_pattern));
    }
    const int64_t slots = request.worker().slots();
    if (caller.max_slots > 0 && slots > caller.max_slots) {
      return absl::PermissionDeniedError(
          absl::StrCat("worker.slots: ", slots, " offered by ",
                       Quoted(request.worker().name()),
                       "; this token allows at most ", caller.max_slots));
    }
    if (wants_certificates_) {
      RETURN_IF_ERROR(CheckWorkerCertificate(CertificateNamesOf(context),
                                             request.worker().name()));
    }
    return FromProto(request);
  }

  // What the answer needs of a Synchronize until it is parked.
  struct Call {
    SynchronizeReactor* reactor;
    // The answer may come, and the reactor end, before Park returns.
    std::shared_ptr<ParkedCall> parked;
    Caller caller;
    ParsedSync parsed;
    const v1::SynchronizeRequest* request;
    v1::SynchronizeResponse* response;
  };

  void LookForPictures(const std::shared_ptr<Call>& call) {
    const std::set<std::string> pictures = Pictures(call->parsed.request);
    if (artifacts_.WereSeenLately(ArtifactKind::kArtifact, pictures)) {
      Park(*call);
      return;
    }
    artifacts_.FindPresent(
        ArtifactKind::kArtifact, pictures,
        [this, call](const absl::StatusOr<std::set<std::string>>& present) {
          if (!present.ok()) {
            // The worker tells of it all again.
            call->reactor->Finish(ToGrpc(absl::UnavailableError(
                absl::StrCat("pictures cannot be looked for: ",
                             present.status().message()))));
            return;
          }
          CheckResults(*present, call->parsed);
          Park(*call);
        });
  }

  void Park(Call& call) {
    LogComplaints(call.parsed);
    // A call that its caller has given up, perhaps for another, says nothing.
    if (call.parked->cancelled()) {
      call.reactor->Finish(ToGrpc(absl::CancelledError("the caller is gone")));
      return;
    }
    const std::shared_ptr<ParkedCall> parked = call.parked;
    ControlPlane& control = control_;  // It may outlive this service.
    const ControlPlane::SyncId id = control.Synchronize(
        call.caller, std::move(call.parsed.request),
        [this, reactor = call.reactor, request = call.request,
         response = call.response, caller = call.caller,
         bad_running = std::move(call.parsed.unreadable_running),
         bad_finished = std::move(call.parsed.unreadable_finished)](
            absl::StatusOr<SyncResponse> answer) {
          // What it was given while it waited, others get once its lease ends.
          if (const absl::Status valid = CheckStillValid(caller); !valid.ok()) {
            answer = valid;
          }
          if (answer.ok()) {
            // Only now it is known that the name is this worker's.
            metrics_.SetWorkerSamples(request->worker().name(),
                                      SamplesOf(*request));
            *response = ToProto(*answer);
            AnswerUnreadable(bad_running, bad_finished, *response);
          }
          reactor->Finish(ToGrpc(answer.status()));
        });
    parked->SetId(control, id);
  }

  static bool NamesCheckpoints(const SyncRequest& request) {
    const auto names_one = [](const auto& all) {
      return std::any_of(all.begin(), all.end(), [](const auto& one) {
        return one.checkpoint.has_value();
      });
    };
    return names_one(request.running) || names_one(request.finished);
  }

  static std::set<std::string> Pictures(const SyncRequest& request) {
    std::set<std::string> digests;
    for (const AttemptReport& report : request.finished) {
      if (report.outcome != Outcome::kSucceeded) continue;
      digests.insert(report.result.image_digest);
    }
    return digests;
  }

  // A result commits only when its picture can be fetched: one without ends its
  // attempt as lost, so that the task is done again.
  static void CheckResults(const std::set<std::string>& present,
                           ParsedSync& parsed) {
    for (AttemptReport& report : parsed.request.finished) {
      if (report.outcome != Outcome::kSucceeded) continue;
      const std::string& digest = report.result.image_digest;
      if (present.count(digest) > 0) continue;
      report.message =
          absl::StrCat("its picture ", digest, " is not in the artifact store");
      report.outcome = Outcome::kLost;
      report.refused = true;
      parsed.complaints.push_back(
          absl::StrCat("render ", report.token.render_key.value().substr(0, 8),
                       ": ", report.message, "; it is done again"));
    }
  }

  // Takes the size of each checkpoint from the store, and drops those that it
  // lacks: none is worth an error.
  void MeasureCheckpoints(SyncRequest& request) {
    const auto measure = [this](std::optional<Checkpoint>& checkpoint) {
      if (!checkpoint.has_value()) return;
      const absl::StatusOr<ArtifactRecord> found =
          artifacts_.Find({ArtifactKind::kCheckpoint, checkpoint->digest});
      if (found.ok()) {
        checkpoint->size_bytes = found->size_bytes;
      } else {
        checkpoint.reset();
      }
    };
    for (AttemptProgress& progress : request.running) {
      measure(progress.checkpoint);
    }
    for (AttemptReport& report : request.finished) measure(report.checkpoint);
  }

  ControlPlane& control_;
  ArtifactCatalog& artifacts_;
  const CallSupport& support_;
  CoordinatorMetrics& metrics_;
  const bool wants_certificates_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeWorkersService(ControlPlane& control,
                                                  ArtifactCatalog& artifacts,
                                                  const CallSupport& support,
                                                  CoordinatorMetrics& metrics,
                                                  bool wants_certificates) {
  return std::make_unique<WorkersService>(control, artifacts, support, metrics,
                                          wants_certificates);
}

}  // namespace atelier
