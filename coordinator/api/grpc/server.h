// The gRPC server: four services, health checking and reflection.
#ifndef ATELIER_COORDINATOR_API_GRPC_SERVER_H_
#define ATELIER_COORDINATOR_API_GRPC_SERVER_H_

#include <functional>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/tls/server_certificate.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/authenticator.h"
#include "coordinator/api/grpc/rpc_observer.h"
#include "coordinator/api/views/job_feed.h"
#include "coordinator/api/views/job_validation.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/control/garbage.h"
#include "monitoring/coordinator_metrics.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace atelier {

/// What the services stand on. Lifetime: all must outlive the server.
struct ServerRooms {
  ControlPlane& control;
  ArtifactCatalog& artifacts;
  GarbageCollector& garbage;
  CoordinatorMetrics& metrics;
  Clock& clock;
  /// Whether there is room for more jobs; if not, why. Default: there is.
  std::function<absl::Status()> may_write = {};
  /// What WatchJob reads, ticked and stopped with the server. Default: a feed
  /// of its own.
  JobFeed* feed = nullptr;
  /// Null: none is kept.
  AuditLog* audit = nullptr;
  /// Who may use which artifact, the same for both faces. Default: one of its
  /// own.
  ArtifactAccess* access = nullptr;
};

struct ServerOptions {
  /// Port 0 lets the system choose. Without one the server is only reached
  /// through InProcessChannel.
  std::optional<Endpoint> listen;
  /// With one, a port is served with TLS; a Unix socket never is. Where it has
  /// an authority of workers, only the worker that a certificate is for
  /// synchronizes.
  std::shared_ptr<const ServerCertificateFiles> certificate;
  JobLimits jobs;
  /// Of a feed of its own: calls of WatchJob at once.
  int max_watches = 10'000;
  int work_threads = 16;
  /// Null: everybody is AnonymousAdmin(). Lifetime: outlives the server.
  TokenRegistry* tokens = nullptr;
  /// Default: by the tokens.
  Authenticator authenticate;
  /// Who comes in, ticked and stopped with the server. Default: one of its own.
  /// Lifetime: outlives the server.
  AdmissionControl* admission = nullptr;
  /// Hears of each finished call, after the metrics have.
  RpcObserver observer;
};

/// Nothing listens beyond loopback without TLS (endpoint.tls), unless
/// `insecure`. `flag` is for the message. Errors: InvalidArgument.
absl::Status CheckMayListen(absl::string_view flag, const Endpoint& endpoint,
                            bool insecure);

/// Thread-safe.
class Server {
 public:
  /// Errors: Unavailable (the port or the socket is taken, or not this
  ///         machine's).
  static absl::StatusOr<std::unique_ptr<Server>> Start(
      const ServerRooms& rooms, const ServerOptions& options);
  /// Stops.
  ~Server();

  /// Where to connect to, with the port that was chosen.
  const std::optional<Endpoint>& listening() const;
  std::shared_ptr<grpc::Channel> InProcessChannel();

  /// Lets leases, polls and watches move on. Call it every 50 ms or so.
  void Tick();

  /// Stops the control plane, answers what is parked, refuses what is new, and
  /// cancels what has not ended after `grace`. Safe to call twice.
  void Stop(absl::Duration grace = absl::Seconds(1));

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_SERVER_H_
