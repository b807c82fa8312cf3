// atelier-coordinator: takes jobs, gives their tasks to workers, keeps results.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/clock_watch.h"
#include "common/output_stream.h"
#include "common/quoted_text.h"
#include "common/rpc/library_log.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "coordinator/artifacts/checkpoint_files.h"
#include "coordinator/artifacts/directory_store.h"
#include "coordinator/coordinator_flags.h"
#include "coordinator/coordinator_process.h"
#include "coordinator/rpc/dispatcher.h"
#include "coordinator/rpc/dispatcher_metrics.h"
#include "coordinator/rpc/job_conversion.h"
#include "coordinator/rpc/server.h"
#include "coordinator/scheduler/fair_share.h"
#include "coordinator/store/sqlite_store.h"
#include "coordinator/web/http_server.h"
#include "monitoring/coordinator_metrics.h"
#include "spdlog/spdlog.h"

namespace atelier {
namespace {

constexpr absl::Duration kTick = absl::Milliseconds(50);

// The rooms, in the order they are opened; they close in reverse, so that no
// page and no call ever reaches a room that is gone.
struct Coordinator {
  // Leases last as long as they should. Once the machine's clock was set, times
  // that people see are off by as much until the next start.
  Clock& clock = Clock::Steady();
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<ArtifactStore> artifacts;
  std::unique_ptr<ArtifactStore> checkpoints;
  std::unique_ptr<CheckpointFiles> checkpoint_files;
  std::unique_ptr<SchedulingPolicy> policy;
  std::unique_ptr<CoordinatorMetrics> metrics;
  std::unique_ptr<Dispatcher> dispatcher;
  // Set while calls are served: what the pages may look at.
  std::atomic<Dispatcher*> serving{nullptr};
  std::unique_ptr<HttpServer> http;
  std::unique_ptr<Server> server;
};

std::string MetricsText(Coordinator& coordinator) {
  Dispatcher* const dispatcher = coordinator.serving;
  if (dispatcher == nullptr) return coordinator.metrics->Text({});
  coordinator.metrics->KeepWorkers(dispatcher->LiveWorkerNames());
  return coordinator.metrics->Text(SampleOf(dispatcher->Counts()));
}

absl::Status Readiness(const Coordinator& coordinator) {
  Dispatcher* const dispatcher = coordinator.serving;
  if (dispatcher == nullptr) {
    return absl::UnavailableError("starting or stopping");
  }
  return dispatcher->Health();
}

void LogCall(const FinishedRpc& rpc) {
  const std::string code(CodeName(rpc.status.error_code()));
  switch (rpc.status.error_code()) {
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DATA_LOSS:
      spdlog::error("{} {}: {}", rpc.method, code, rpc.status.error_message());
      return;
    default:
      spdlog::debug("{} {} {} {}", rpc.method, code,
                    absl::FormatDuration(rpc.elapsed),
                    rpc.status.error_message());
  }
}

absl::Status Open(const CoordinatorFlags& flags, Coordinator& coordinator) {
  coordinator.metrics = std::make_unique<CoordinatorMetrics>(
      CoordinatorMetricsOptions{ATELIER_VERSION, AllRpcMethods()});
  absl::StatusOr<std::unique_ptr<HttpServer>> http = HttpServer::Start(
      flags.http_endpoint, {[&coordinator] { return MetricsText(coordinator); },
                            [&coordinator] { return Readiness(coordinator); }});
  if (!http.ok()) return Annotate(http.status(), "--http");
  coordinator.http = *std::move(http);

  // The store locks the folder; only then may leftovers in it be removed.
  absl::StatusOr<std::unique_ptr<SqliteStore>> store =
      SqliteStore::Open(flags.data);
  if (!store.ok()) return Annotate(store.status(), "--data");
  coordinator.store = *std::move(store);
  for (const auto& [folder, opened] :
       {std::pair("/artifacts", &coordinator.artifacts),
        std::pair("/checkpoints", &coordinator.checkpoints)}) {
    absl::StatusOr<std::unique_ptr<ArtifactStore>> artifacts =
        OpenDirectoryStore(
            {absl::StrCat(flags.data, folder), flags.max_artifact_bytes});
    if (!artifacts.ok()) return Annotate(artifacts.status(), "--data");
    *opened = *std::move(artifacts);
  }
  coordinator.checkpoint_files = std::make_unique<CheckpointFiles>(
      *coordinator.checkpoints, [&coordinator](const std::string& digest) {
        return coordinator.dispatcher->NamesCheckpoint(digest);
      });
  coordinator.policy = std::make_unique<FairSharePolicy>(
      FairShareOptions{flags.max_running_per_user});
  Dispatcher::Options options;
  options.foreman = flags.foreman;
  options.decode_spec = DecodeSpec;
  options.has_picture =
      [store = coordinator.artifacts.get()](const std::string& digest) {
        return store->Has(digest).value_or(false);
      };
  options.discard_checkpoints = [files = coordinator.checkpoint_files.get()](
                                    std::vector<std::string> digests) {
    files->Discard(std::move(digests));
  };
  options.notice = [](const std::string& line) { spdlog::warn("{}", line); };
  ASSIGN_OR_RETURN(coordinator.dispatcher,
                   Dispatcher::Start(*coordinator.store, coordinator.clock,
                                     *coordinator.policy, std::move(options)));
  ServerOptions server;
  server.listen = flags.listen_endpoint;
  server.jobs = flags.jobs;
  server.max_watches = flags.max_watches;
  server.max_watches_per_client = flags.max_watches_per_client;
  server.observer = LogCall;
  absl::StatusOr<std::unique_ptr<Server>> started =
      Server::Start({*coordinator.dispatcher, *coordinator.artifacts,
                     *coordinator.checkpoints, *coordinator.store,
                     *coordinator.metrics, coordinator.clock},
                    server);
  if (!started.ok()) return Annotate(started.status(), "--listen");
  coordinator.server = *std::move(started);
  coordinator.serving = coordinator.dispatcher.get();
  return absl::OkStatus();
}

absl::Status Serve(Coordinator& coordinator) {
  ClockWatch clock_watch;
  while (!WaitForStopSignal(kTick)) {
    coordinator.server->Tick();
    if (const std::string jump = clock_watch.Check(); !jump.empty()) {
      spdlog::warn("{}", jump);
    }
    if (const absl::Status removed =
            coordinator.checkpoint_files->Tick(absl::Now());
        !removed.ok()) {
      spdlog::warn("a checkpoint is not removed: {}",
                   std::string(removed.message()));
    }
    if (const absl::Status health = coordinator.dispatcher->Health();
        absl::IsAborted(health)) {
      return health;
    }
  }
  return absl::OkStatus();
}

absl::Status RunCoordinator(const CoordinatorFlags& flags) {
  Coordinator coordinator;
  RETURN_IF_ERROR(Open(flags, coordinator));
  const Endpoint listen = *coordinator.server->listening();
  const Endpoint http = coordinator.http->listening();
  if (flags.insecure) {
    spdlog::warn("--insecure: nothing is encrypted, anybody may do anything");
  }
  spdlog::info("serving gRPC on {}, HTTP on {}, data in {}, epoch {}",
               ToString(listen), ToString(http), flags.data,
               coordinator.dispatcher->epoch());
  if (!flags.ready_file.empty()) {
    RETURN_IF_ERROR(Annotate(WriteReadyFile(flags.ready_file, listen, http),
                             "--ready-file"));
  }
  const absl::Status end = Serve(coordinator);
  coordinator.serving = nullptr;
  coordinator.server->Stop();
  return end;
}

int Fail(int code, absl::string_view message) {
  std::fprintf(stderr, "atelier-coordinator: %s\n",
               EscapedText(message).c_str());
  return code;
}

int Main(int argc, char** argv) {
  HoldStandardStreams();
  SilenceLibraries();
  CLI::App app("Takes jobs and gives their tasks to workers.",
               "atelier-coordinator");
  CoordinatorFlags flags;
  AddCoordinatorFlags(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help
      OutputStream out(STDOUT_FILENO);
      return FinishOutput(out, "atelier-coordinator", app.exit(error, out));
    }
    return Fail(2, error.what());
  }
  if (const absl::Status status = CompleteCoordinatorFlags(flags);
      !status.ok()) {
    return Fail(2, status.message());
  }
  TuneForThroughput();
  BlockStopSignals();
  if (flags.exit_with_parent) ExitWithParent();
  RaiseFileLimit();
  StartLog(flags.log_level);
  if (const absl::Status status = RunCoordinator(flags); !status.ok()) {
    return Fail(1, status.message());
  }
  spdlog::info("stopped");
  return 0;
}

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) { return atelier::Main(argc, argv); }
