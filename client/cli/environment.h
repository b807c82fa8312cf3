// Everything a command touches outside itself, so that tests can stand in.
#ifndef ATELIER_CLIENT_CLI_ENVIRONMENT_H_
#define ATELIER_CLIENT_CLI_ENVIRONMENT_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "client/cli/interruption.h"
#include "client/lib/comparison_run.h"
#include "client/lib/local_cluster.h"
#include "client/lib/login_link.h"
#include "client/lib/worker_measure.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/terminal.h"
#include "common/tls/client_files.h"
#include "common/token/token_source.h"
#include "common/weights/catalogue.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace atelier {

/// The terminal behind `err`.
struct Terminal {
  /// As it is now; of none 0 columns. Thread-safe. Null: there is none.
  std::function<TerminalSize()> size = {};
  bool takes_colors = false;
  bool is_utf8 = false;

  int columns() const { return size == nullptr ? 0 : size().columns; }
};

/// Lifetime: of everything it refers to.
struct Environment {
  std::ostream& out;
  std::ostream& err;
  Terminal terminal;
  /// ATELIER_COORDINATOR and ATELIER_CA, empty when not set.
  std::string coordinator_variable;
  std::string ca_variable;
  TokenVariables token_variables;
  /// As MakeChannel.
  std::function<std::shared_ptr<grpc::Channel>(
      const Endpoint&, const TlsClientFiles&, std::shared_ptr<TokenSource>)>
      dial;
  /// As ProbeTls.
  std::function<absl::Status(const Endpoint&, const TlsClientFiles&,
                             absl::Duration)>
      probe;
  std::function<absl::StatusOr<std::unique_ptr<Cluster>>(LocalClusterOptions)>
      start_cluster;
  Interruption& interruption;
  Clock& clock;
  absl::Span<const CatalogueEntry> catalogue = Catalogue();
  WorkerMeasureFn run_worker_measure = RunWorkerMeasure;
  /// As MakeLoginLink.
  std::function<absl::StatusOr<std::string>(const LoginLinkRequest&,
                                            StopSignal&)>
      make_login_link = MakeLoginLink;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_ENVIRONMENT_H_
