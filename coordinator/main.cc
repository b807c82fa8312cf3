// atelier-coordinator: takes jobs, gives their tasks to workers, keeps results.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/cli/command_line.h"
#include "common/clock.h"
#include "common/clock_watch.h"
#include "common/log/log.h"
#include "common/output_stream.h"
#include "common/rpc/library_log.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "common/tls/server_certificate.h"
#include "common/work_pool.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/caller_address.h"
#include "coordinator/access/login_codes.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/server.h"
#include "coordinator/api/http/api_routes.h"
#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/artifact_upload_route.h"
#include "coordinator/api/http/http_server.h"
#include "coordinator/api/http/own_host.h"
#include "coordinator/api/http/page_routes.h"
#include "coordinator/api/http/pages.h"
#include "coordinator/api/http/session_cookie.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/job_feed.h"
#include "coordinator/api/views/job_submission.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/await_available.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/control/control_plane_metrics.h"
#include "coordinator/control/garbage.h"
#include "coordinator/control_options.h"
#include "coordinator/coordinator_flags.h"
#include "coordinator/coordinator_process.h"
#include "coordinator/first_token.h"
#include "coordinator/page/page.h"
#include "coordinator/scheduler/fair_share.h"
#include "coordinator/shared_status.h"
#include "coordinator/storage.h"
#include "coordinator/system_upkeep.h"
#include "coordinator/upkeep.h"
#include "monitoring/coordinator_metrics.h"

namespace atelier {
namespace {

constexpr char kProgram[] = "atelier-coordinator";
constexpr absl::Duration kTick = absl::Milliseconds(50);
constexpr absl::Duration kUpkeep = absl::Milliseconds(100);
constexpr absl::Duration kCertificateUpkeep = absl::Seconds(1);
constexpr absl::Duration kTokenUpkeep = absl::Seconds(1);
constexpr absl::Duration kAuditUpkeep = absl::Seconds(5);
constexpr int kSubmissionThreads = 4;

// The rooms, in the order they are opened; they close in reverse, so that no
// page and no call ever reaches a room that is gone.
struct Coordinator {
  // Leases last as long as they should. Once the machine's clock was set, times
  // that people see are off by as much until the next start.
  Clock& clock = Clock::Steady();
  SharedStatus waits_for;
  RefusedCalls refused_calls;
  std::unique_ptr<CoordinatorMetrics> metrics;
  std::unique_ptr<AdmissionControl> admission;
  std::unique_ptr<Storage> storage;
  std::unique_ptr<SchedulingPolicy> policy;
  std::unique_ptr<ControlPlane> control;
  std::unique_ptr<AuditLog> audit;
  std::atomic<AuditLog*> audited{nullptr};  // The same, for all threads.
  std::unique_ptr<GarbageCollector> garbage;
  std::unique_ptr<TokenRegistry> tokens;  // Null where none are asked for.
  std::unique_ptr<JobFeed> feed;
  std::unique_ptr<ArtifactAccess> artifact_access;
  // Of jobs and inputs that come over HTTP.
  std::unique_ptr<WorkPool> submission_pool;
  std::unique_ptr<JobSubmission> submission;
  std::unique_ptr<HttpUploads> uploads;
  std::unique_ptr<SystemUpkeep> system;
  LoginCodes login_codes{clock};
  // Set while calls are served: what the pages may look at.
  std::atomic<ControlPlane*> serving{nullptr};
  std::unique_ptr<HttpServer> http;  // Null where it is not served.
  std::unique_ptr<Server> server;
  std::unique_ptr<Upkeep> upkeep, artifact_care;
  std::unique_ptr<Upkeep> certificate_upkeep, token_upkeep, audit_upkeep;
};

std::string MetricsText(Coordinator& coordinator) {
  ControlPlane* const control = coordinator.serving;
  if (control == nullptr) return coordinator.metrics->Text({});
  coordinator.metrics->KeepWorkers(control->LiveWorkerNames());
  return coordinator.metrics->Text(SampleOf(control->Counts()));
}

absl::Status Readiness(const Coordinator& coordinator) {
  ControlPlane* const control = coordinator.serving;
  if (control == nullptr) {
    RETURN_IF_ERROR(coordinator.waits_for.Get());
    return absl::UnavailableError("starting or stopping");
  }
  RETURN_IF_ERROR(coordinator.storage->MayWrite());
  RETURN_IF_ERROR(control->Health());
  return coordinator.storage->database();
}

absl::StatusOr<Caller> CallerOf(const Coordinator& coordinator,
                                const HttpRequest& request) {
  if (coordinator.serving.load() == nullptr) {
    return absl::UnavailableError(
        "the coordinator is starting or stopping; repeat later");
  }
  return coordinator.tokens->Authenticate(TokenOf(request));
}

ApiSources SourcesOf(const CoordinatorFlags& flags, Coordinator& coordinator) {
  const auto is_serving = [&coordinator] {
    return coordinator.serving.load() != nullptr;
  };
  ApiSources sources;
  sources.control = [&coordinator] { return coordinator.serving.load(); };
  sources.feed = [&coordinator, is_serving] {
    return is_serving() ? coordinator.feed.get() : nullptr;
  };
  sources.submission = [&coordinator, is_serving] {
    return is_serving() ? coordinator.submission.get() : nullptr;
  };
  sources.uploads = [&coordinator, is_serving] {
    return is_serving() ? coordinator.uploads.get() : nullptr;
  };
  sources.artifacts = [&coordinator, is_serving]() -> ArtifactSources {
    if (!is_serving()) return {};
    return {&coordinator.storage->artifacts(),
            coordinator.artifact_access.get(),
            [&metrics = *coordinator.metrics](int64_t bytes) {
              metrics.CountDownloadedBytes(bytes);
            }};
  };
  sources.audit = [&coordinator] { return coordinator.audited.load(); };
  sources.system = [&coordinator, is_serving]() -> std::optional<SystemStatus> {
    if (!is_serving()) return std::nullopt;
    return coordinator.system->Status();
  };
  sources.login_codes = &coordinator.login_codes;
  sources.render_limits = flags.jobs.renders;
  sources.max_artifact_bytes = flags.storage.max_artifact_bytes;
  return sources;
}

std::vector<HttpRoute> Routes(const CoordinatorFlags& flags,
                              Coordinator& coordinator) {
  std::vector<HttpRoute> routes = PageRoutes(
      {[&coordinator] { return MetricsText(coordinator); },
       [&coordinator] { return Readiness(coordinator); }, flags.open_metrics});
  for (std::vector<HttpRoute> more :
       {PageFileRoutes(PageFiles()),
        ApiRoutes(SourcesOf(flags, coordinator))}) {
    for (HttpRoute& route : more) routes.push_back(std::move(route));
  }
  return routes;
}

void LogCall(const FinishedRpc& rpc) {
  const std::string code = absl::StatusCodeToString(rpc.status.code());
  const std::string message(rpc.status.message());
  switch (rpc.status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDataLoss:
      LogError(rpc.method, " ", code, ": ", message);
      return;
    default:
      LogDebug(rpc.method, " ", code, " ", absl::FormatDuration(rpc.elapsed),
               " ", message);
  }
}

// What is stored, and what decides on it.
absl::Status OpenControl(const CoordinatorFlags& flags,
                         Coordinator& coordinator) {
  coordinator.control = nullptr;
  coordinator.storage = nullptr;
  ASSIGN_OR_RETURN(
      coordinator.storage,
      Storage::Open(flags.storage, coordinator.clock, *coordinator.metrics));
  Storage& storage = *coordinator.storage;
  storage.SweepCheckpoints([&coordinator](const std::string& digest) {
    return coordinator.control->NamesCheckpoint(digest);
  });
  coordinator.policy = std::make_unique<FairSharePolicy>();
  absl::StatusOr<std::unique_ptr<ControlPlane>> control =
      ControlPlane::Start(storage.jobs(), coordinator.clock,
                          *coordinator.policy, ControlOptions(flags, storage));
  if (!control.ok()) return Annotate(control.status(), storage.jobs_name());
  coordinator.control = *std::move(control);
  return absl::OkStatus();
}

// Some at a time, so that all else goes on beside it.
void RemoveOldRows(ControlPlane& control, absl::Duration keep_jobs) {
  constexpr int kStepsAtOnce = 10;
  for (int step = 0; step < kStepsAtOnce; ++step) {
    const absl::StatusOr<bool> more = control.RemoveOldRows(keep_jobs);
    // Why a store takes nothing is said by its health.
    if (!more.ok() || !*more) return;
  }
}

// Waiting refusals take connections that others may want.
std::unique_ptr<AdmissionControl> MakeAdmission(const CoordinatorFlags& flags,
                                                Coordinator& coordinator) {
  CoordinatorMetrics& metrics = *coordinator.metrics;
  AdmissionOptions options;
  options.limits = flags.call_limits;
  options.limits.refused = [&metrics, &refused = coordinator.refused_calls](
                               absl::string_view bound) {
    metrics.CountRefusedCall(bound);
    ++refused.at_bounds;
  };
  options.max_waiting =
      std::min(options.max_waiting, flags.http_bounds.max_connections / 4);
  options.on_unauthenticated = [&coordinator](const std::string& address,
                                              const absl::Status& why) {
    coordinator.metrics->CountFailedAuthentication();
    ++coordinator.refused_calls.unauthenticated;
    AuditLog* const audit = coordinator.audited.load();
    if (audit == nullptr) return;
    Caller nobody;
    nobody.address = PlainAddress(address);
    audit->CountRefusal(nobody, why);
  };
  return std::make_unique<AdmissionControl>(coordinator.clock,
                                            std::move(options));
}

absl::Status OpenHttp(const CoordinatorFlags& flags, Coordinator& coordinator) {
  if (!flags.http_endpoint.has_value()) return absl::OkStatus();
  HttpServerOptions options = flags.http_bounds;
  options.admission = coordinator.admission.get();
  options.on_denied = [&coordinator](const Caller& caller,
                                     const std::string& path) {
    AuditLog* const audit = coordinator.audited.load();
    if (audit != nullptr) {
      audit->CountRefusal(caller, absl::PermissionDeniedError(path));
    }
  };
  options.own_names = OwnNames(flags.http_endpoint->host);
  if (flags.wants_tokens) {
    options.authenticate = [&coordinator](const HttpRequest& request) {
      return CallerOf(coordinator, request);
    };
  }
  absl::StatusOr<std::unique_ptr<HttpServer>> http =
      HttpServer::Start(*flags.http_endpoint, Routes(flags, coordinator),
                        options, flags.certificate);
  if (!http.ok()) return Annotate(http.status(), "--http");
  coordinator.http = *std::move(http);
  return absl::OkStatus();
}

// Whoever writes the files may be halfway.
void RefreshCertificate(ServerCertificateFiles& files,
                        CoordinatorMetrics& metrics) {
  const absl::StatusOr<bool> is_new = files.Refresh();
  if (!is_new.ok()) {
    LogWarning("--", is_new.status().message(),
               "; the certificate of before stays in use");
  } else if (*is_new) {
    LogInfo("new connections get the new certificate");
  }
  metrics.SetCertificateExpiry(files.Current()->expires_at);
}

void KeepCertificate(const CoordinatorFlags& flags, Coordinator& coordinator) {
  if (flags.certificate == nullptr) return;
  const auto refresh = [files = flags.certificate,
                        &metrics = *coordinator.metrics] {
    RefreshCertificate(*files, metrics);
  };
  refresh();
  coordinator.certificate_upkeep =
      std::make_unique<Upkeep>(kCertificateUpkeep, refresh);
}

absl::Status OpenTokens(const CoordinatorFlags& flags,
                        Coordinator& coordinator) {
  if (!flags.wants_tokens) return absl::OkStatus();
  coordinator.tokens = std::make_unique<TokenRegistry>(
      coordinator.storage->jobs(), coordinator.clock);
  RETURN_IF_ERROR(coordinator.tokens->Load());
  RETURN_IF_ERROR(MakeLocalToken(flags.local_token, *coordinator.tokens,
                                 coordinator.clock.Now()));
  coordinator.token_upkeep = std::make_unique<Upkeep>(
      kTokenUpkeep, [&tokens = *coordinator.tokens] { tokens.Tick(); });
  return absl::OkStatus();
}

absl::Status Open(const CoordinatorFlags& flags, Coordinator& coordinator) {
  coordinator.metrics = std::make_unique<CoordinatorMetrics>(
      CoordinatorMetricsOptions{ATELIER_VERSION, AllRpcMethods()});
  coordinator.admission = MakeAdmission(flags, coordinator);
  KeepCertificate(flags, coordinator);
  RETURN_IF_ERROR(OpenHttp(flags, coordinator));
  RETURN_IF_ERROR(AwaitAvailable(
      [&flags, &coordinator] { return OpenControl(flags, coordinator); },
      coordinator.waits_for));
  Storage& storage = *coordinator.storage;
  coordinator.audit = std::make_unique<AuditLog>(
      storage.jobs(), coordinator.clock, flags.audit);
  coordinator.audited = coordinator.audit.get();
  coordinator.audit_upkeep = std::make_unique<Upkeep>(
      kAuditUpkeep, [&audit = *coordinator.audit] { audit.Tick(); });
  RETURN_IF_ERROR(AwaitAvailable(
      [&flags, &coordinator] { return OpenTokens(flags, coordinator); },
      coordinator.waits_for));
  coordinator.garbage = std::make_unique<GarbageCollector>(
      storage.jobs(), storage.artifacts(), DecodeSpec);
  coordinator.feed = std::make_unique<JobFeed>(
      *coordinator.control, coordinator.clock,
      JobFeed::Limits{flags.jobs.renders, flags.max_watches});
  coordinator.artifact_access =
      std::make_unique<ArtifactAccess>(*coordinator.control);
  coordinator.submission_pool = std::make_unique<WorkPool>(kSubmissionThreads);
  coordinator.submission = std::make_unique<JobSubmission>(
      JobSubmission::Rooms{*coordinator.control, storage.artifacts(),
                           *coordinator.artifact_access,
                           *coordinator.submission_pool},
      flags.jobs, [&storage] { return storage.MayWrite(); });
  coordinator.uploads = std::make_unique<HttpUploads>(
      UploadRooms{storage.artifacts(), *coordinator.artifact_access,
                  coordinator.control->quotas(), coordinator.audit.get(),
                  [&metrics = *coordinator.metrics](int64_t bytes) {
                    metrics.CountUpload(bytes);
                  }},
      *coordinator.submission_pool);
  ServerOptions server;
  server.listen = flags.listen_endpoint;
  server.certificate = flags.certificate;
  server.jobs = flags.jobs;
  server.tokens = coordinator.tokens.get();
  server.admission = coordinator.admission.get();
  server.observer = LogCall;
  absl::StatusOr<std::unique_ptr<Server>> started = Server::Start(
      {*coordinator.control, storage.artifacts(), *coordinator.garbage,
       *coordinator.metrics, coordinator.clock,
       [&storage] { return storage.MayWrite(); }, coordinator.feed.get(),
       coordinator.audit.get(), coordinator.artifact_access.get()},
      server);
  if (!started.ok()) return Annotate(started.status(), "--listen");
  coordinator.server = *std::move(started);
  coordinator.system = std::make_unique<SystemUpkeep>(
      flags, *coordinator.control, storage, coordinator.clock,
      coordinator.refused_calls);
  coordinator.serving = coordinator.control.get();
  storage.Attach(*coordinator.control);
  coordinator.upkeep = std::make_unique<Upkeep>(
      kUpkeep, [&storage, &coordinator, keep = flags.keep_jobs_for] {
        storage.Tick();
        RemoveOldRows(*coordinator.control, keep);
      });
  coordinator.artifact_care = std::make_unique<Upkeep>(
      kUpkeep, [&storage] { storage.CareForArtifacts(); });
  return absl::OkStatus();
}

absl::Status Serve(Coordinator& coordinator) {
  ClockWatch clock_watch;
  while (!IsToldToStop(kTick)) {
    coordinator.server->Tick();
    if (const std::string jump = clock_watch.Check(); !jump.empty()) {
      LogWarning(jump);
    }
    if (const absl::Status health = coordinator.control->Health();
        absl::IsAborted(health)) {
      return health;
    }
  }
  return absl::OkStatus();
}

void LogStart(const CoordinatorFlags& flags, const Coordinator& coordinator,
              const Endpoint& listen, const std::optional<Endpoint>& http) {
  if (flags.insecure) {
    LogWarning("--insecure: nothing is encrypted, anybody may do anything",
               flags.tls_cert.empty() ? "" : "; --tls-cert is not used");
  }
  const bool has_tls = flags.certificate != nullptr;
  LogInfo("serving gRPC", listen.tls ? " with TLS" : "", " on ",
          HostAndPort(listen), ", ",
          !http.has_value() ? "no HTTP"
                            : absl::StrCat(has_tls ? "HTTPS on " : "HTTP on ",
                                           HostAndPort(*http)),
          ", data in ", flags.data,
          flags.storage.store.empty()
              ? ""
              : absl::StrCat(", jobs in ", coordinator.storage->jobs_name()),
          ", epoch ", coordinator.control->epoch());
}

absl::Status RunCoordinator(const CoordinatorFlags& flags) {
  Coordinator coordinator;
  const absl::Status opened = Open(flags, coordinator);
  if (absl::IsCancelled(opened)) return absl::OkStatus();  // Told to stop.
  RETURN_IF_ERROR(opened);
  const Endpoint listen = *coordinator.server->listening();
  std::optional<Endpoint> http;
  if (coordinator.http != nullptr) http = coordinator.http->listening();
  LogStart(flags, coordinator, listen, http);
  if (!flags.ready_file.empty()) {
    RETURN_IF_ERROR(Annotate(WriteReadyFile(flags.ready_file, listen, http),
                             "--ready-file"));
  }
  const absl::Status end = Serve(coordinator);
  coordinator.serving = nullptr;
  coordinator.upkeep = nullptr;
  coordinator.artifact_care = nullptr;
  coordinator.server->Stop();
  return end;
}

int Fail(int code, absl::string_view message) {
  std::cerr << ErrorLine(kProgram, message) << std::flush;
  return code;
}

int Main(int argc, char** argv) {
  HoldStandardStreams();
  SilenceLibraries();
  Command app(kProgram, "Takes jobs and gives their tasks to workers.");
  CoordinatorFlags flags;
  AddCoordinatorFlags(app, flags);
  OutputStream out(STDOUT_FILENO);
  const absl::StatusOr<bool> parsed = app.Parse(ArgumentsOf(argc, argv), out);
  if (!parsed.ok()) return Fail(2, parsed.status().message());
  if (!*parsed) return FinishOutput(out, kProgram, 0);  // --help
  if (const absl::Status status = CompleteCoordinatorFlags(flags);
      !status.ok()) {
    return Fail(2, status.message());
  }
  umask(S_IRWXG | S_IRWXO);  // What it keeps is nobody else's to read.
  TuneForThroughput();
  CatchSignals(StopSignals());
  if (flags.exit_with_parent) ExitWithParent();
  RaiseFileLimit();
  StartLog(kProgram, flags.log_level);
  if (const absl::Status status = RunCoordinator(flags); !status.ok()) {
    return Fail(1, status.message());
  }
  LogInfo("stopped");
  return 0;
}

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) { return atelier::Main(argc, argv); }
