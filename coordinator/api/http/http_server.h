// The coordinator's HTTP server.
//
//   ASSIGN_OR_RETURN(auto server, HttpServer::Start(listen, routes, options));
//
// One thread reads and writes on all connections, and waits for none: a caller
// that sends or reads slowly costs a little memory until its deadline. Handlers
// run where their route says (router.h).
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/endpoint.h"
#include "common/tls/server_certificate.h"
#include "coordinator/api/http/http_server_options.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// Serves GET and HEAD, which it bounds in number, size and time. Thread-safe
/// but for Stop.
class HttpServer {
 public:
  /// Port 0 lets the system choose one. With a certificate it is HTTPS.
  /// Errors: Unavailable (the port is taken, or not this machine's).
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const Endpoint& listen, std::vector<HttpRoute> routes,
      const HttpServerOptions& options = {},
      std::shared_ptr<const ServerCertificateFiles> certificate = nullptr);
  /// Stops, and returns once the handlers that run have ended.
  ~HttpServer();

  /// Where it listens, with the port that was chosen.
  const Endpoint& listening() const;

  /// Closes all connections at once, whatever goes on there. Safe to call
  /// twice.
  void Stop();

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_H_
