#include "coordinator/api/grpc/server.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/status_macros.h"
#include "common/work_pool.h"
#include "coordinator/api/grpc/access_service.h"
#include "coordinator/api/grpc/artifacts_service.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/api/grpc/jobs_service.h"
#include "coordinator/api/grpc/ratings_service.h"
#include "coordinator/api/grpc/reflection_service.h"
#include "coordinator/api/grpc/tls_credentials.h"
#include "coordinator/api/grpc/token_authenticator.h"
#include "coordinator/api/grpc/unix_socket.h"
#include "coordinator/api/grpc/workers_service.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/caller.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"

namespace atelier {
namespace {

constexpr absl::Duration kSweepInterval = absl::Seconds(10);

Authenticator AuthenticatorOf(const ServerOptions& options) {
  if (options.authenticate) return options.authenticate;
  if (options.tokens != nullptr) return TokenAuthenticator(*options.tokens);
  return [](const grpc::CallbackServerContext& /*context*/) {
    return AnonymousAdmin();
  };
}

bool WantsWorkerCertificates(const ServerOptions& options) {
  return options.certificate != nullptr &&
         !options.certificate->Current()->worker_ca_pem.empty();
}

// By their full names. The last two are gRPC's.
std::vector<std::string> AllServices() {
  std::set<std::string> names;
  for (const std::string& method : AllRpcMethods()) {
    names.insert(method.substr(1, method.rfind('/') - 1));
  }
  names.insert("grpc.health.v1.Health");
  names.insert("grpc.reflection.v1alpha.ServerReflection");
  return {names.begin(), names.end()};
}

absl::Status CannotListen(const std::optional<Endpoint>& where) {
  if (!where.has_value()) {
    return absl::UnavailableError("cannot start the gRPC server");
  }
  return absl::UnavailableError(absl::StrCat(
      "cannot listen on ", HostAndPort(*where),
      where->unix_path.empty()
          ? ": the port is taken, or the address is not this machine's"
          : ": no socket can be made there"));
}

}  // namespace

// Members die in reverse: the server and its calls before the services, the
// services before the pool that their calls ran on.
struct Server::Impl {
  Impl(const ServerRooms& rooms_in, const ServerOptions& options)
      : rooms(rooms_in),
        pool(options.work_threads),
        own_admission(options.admission != nullptr
                          ? nullptr
                          : std::make_unique<AdmissionControl>(
                                rooms.clock, AdmissionOptions{})),
        admission(options.admission != nullptr ? *options.admission
                                               : *own_admission),
        support{pool, AuthenticatorOf(options), admission, rooms.audit},
        own_feed(rooms.feed != nullptr
                     ? nullptr
                     : std::make_unique<JobFeed>(
                           rooms.control, rooms.clock,
                           JobFeed::Limits{options.jobs.renders,
                                           options.max_watches})),
        feed(rooms.feed != nullptr ? *rooms.feed : *own_feed),
        access(
            MakeAccessService(options.tokens, rooms.control.quotas(), support)),
        ratings(MakeRatingsService(rooms.control, support)),
        reflection(MakeReflectionService(AllServices(), support)),
        own_artifact_access(
            rooms.access != nullptr
                ? nullptr
                : std::make_unique<ArtifactAccess>(rooms.control)),
        artifact_access(rooms.access != nullptr ? *rooms.access
                                                : *own_artifact_access),
        artifacts(MakeArtifactsService(rooms.artifacts, artifact_access,
                                       rooms.control.quotas(), rooms.garbage,
                                       support, rooms.metrics)),
        jobs(MakeJobsService(rooms.control, rooms.artifacts, artifact_access,
                             feed, support, options.jobs, rooms.may_write)),
        workers(MakeWorkersService(rooms.control, rooms.artifacts, support,
                                   rooms.metrics,
                                   WantsWorkerCertificates(options))),
        listening(options.listen) {}

  absl::Status AddPort(
      grpc::ServerBuilder& builder,
      const std::shared_ptr<const ServerCertificateFiles>& certificate,
      int* port) {
    if (!listening.has_value()) return absl::OkStatus();
    const bool is_unix = !listening->unix_path.empty();
    listening->tls = certificate != nullptr && !is_unix;
    if (is_unix) RETURN_IF_ERROR(CheckUnixSocketIsFree(listening->unix_path));
    credentials = listening->tls ? MakeTlsServerCredentials(certificate)
                                 : grpc::InsecureServerCredentials();
    builder.AddListeningPort(HostAndPort(*listening), credentials, port);
    return absl::OkStatus();
  }

  const ServerRooms rooms;
  WorkPool pool;
  const std::unique_ptr<AdmissionControl> own_admission;
  AdmissionControl& admission;
  const CallSupport support;
  const std::unique_ptr<JobFeed> own_feed;
  JobFeed& feed;
  std::unique_ptr<grpc::Service> access;
  std::unique_ptr<grpc::Service> ratings;
  std::unique_ptr<grpc::Service> reflection;
  const std::unique_ptr<ArtifactAccess> own_artifact_access;
  ArtifactAccess& artifact_access;
  std::unique_ptr<grpc::Service> artifacts;
  std::unique_ptr<grpc::Service> jobs;
  std::unique_ptr<grpc::Service> workers;
  std::optional<Endpoint> listening;
  std::shared_ptr<grpc::ServerCredentials> credentials;
  std::unique_ptr<grpc::Server> server;
  absl::Mutex sweep_mu;
  absl::Time next_sweep ABSL_GUARDED_BY(sweep_mu) = absl::InfinitePast();
};

absl::Status CheckMayListen(absl::string_view flag, const Endpoint& endpoint,
                            bool insecure) {
  if (insecure || endpoint.tls || IsLoopback(endpoint)) return absl::OkStatus();
  return InvalidArgument(
      flag, ": ", HostAndPort(endpoint),
      " can be reached from other machines: give --tls-cert and --tls-key, use "
      "a loopback address, or give --insecure");
}

absl::StatusOr<std::unique_ptr<Server>> Server::Start(
    const ServerRooms& rooms, const ServerOptions& options) {
  grpc::EnableDefaultHealthCheckService(true);
  auto impl = std::make_unique<Impl>(rooms, options);
  grpc::ServerBuilder builder;
  ConfigureServer(builder);
  // Two coordinators must not share a port unnoticed.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Only health checking still uses gRPC's synchronous threads.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  std::vector<
      std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(MakeRpcObserver(
      rooms.clock, [&metrics = rooms.metrics,
                    observer = options.observer](const FinishedRpc& rpc) {
        metrics.ObserveRpc(rpc.method,
                           absl::StatusCodeToString(rpc.status.code()),
                           rpc.elapsed);
        if (observer) observer(rpc);
      }));
  builder.experimental().SetInterceptorCreators(std::move(interceptors));
  builder.RegisterService(impl->access.get());
  builder.RegisterService(impl->ratings.get());
  builder.RegisterService(impl->reflection.get());
  builder.RegisterService(impl->artifacts.get());
  builder.RegisterService(impl->jobs.get());
  builder.RegisterService(impl->workers.get());
  int port = 0;
  RETURN_IF_ERROR(impl->AddPort(builder, options.certificate, &port));
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr) return CannotListen(impl->listening);
  if (impl->listening.has_value() && impl->listening->unix_path.empty()) {
    impl->listening->port = port;
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { Stop(); }

const std::optional<Endpoint>& Server::listening() const {
  return impl_->listening;
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  return impl_->server->InProcessChannel(arguments);
}

void Server::Tick() {
  impl_->admission.Tick();  // First: it waits for nobody.
  impl_->rooms.control.Tick();
  impl_->feed.Tick();
  // Also when nobody reads the metrics: names come and go without end.
  const absl::Time now = impl_->rooms.clock.Now();
  {
    absl::MutexLock lock(&impl_->sweep_mu);
    if (now < impl_->next_sweep) return;
    impl_->next_sweep = now + kSweepInterval;
  }
  impl_->rooms.metrics.KeepWorkers(impl_->rooms.control.LiveWorkerNames());
}

void Server::Stop(absl::Duration grace) {
  impl_->server->GetHealthCheckService()->SetServingStatus(false);
  impl_->admission.Stop();
  impl_->feed.Stop();
  impl_->rooms.control.Stop();
  impl_->server->Shutdown(After(grace));
  impl_->server->Wait();
}

}  // namespace atelier
