// The coordinator's HTTP side: /metrics, /healthz and /readyz.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/endpoint.h"
#include "coordinator/api/http/pages.h"

namespace atelier {

/// Serves GET requests, which it bounds in size and time. Thread-safe.
class HttpServer {
 public:
  /// Port 0 lets the system choose one.
  /// Errors: Unavailable (the port is taken, or not this machine's).
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const Endpoint& listen, PageSources sources);
  /// Stops; waits for requests that are being answered.
  ~HttpServer();

  /// Where it listens, with the port that was chosen.
  const Endpoint& listening() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_H_
