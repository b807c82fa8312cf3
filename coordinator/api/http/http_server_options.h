// The bounds of an HttpServer.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_OPTIONS_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/api/http/http_message.h"
#include "coordinator/control/caller.h"

namespace atelier {

class AdmissionControl;

struct HttpServerOptions {
  /// Who asks, of routes that are not open. Never waits.
  /// Errors: Unauthenticated, Unavailable.
  std::function<absl::StatusOr<Caller>(const HttpRequest&)> authenticate =
      [](const HttpRequest& /*request*/) { return AnonymousAdmin(); };
  /// Who of them comes in, and when whoever does not hears so. Null: all who
  /// are known, and at once. Lifetime: outlives the server; ticked beside it.
  AdmissionControl* admission = nullptr;
  /// Hears of each answer 403. Called on any thread: must be quick.
  std::function<void(const Caller& caller, const std::string& path)> on_denied =
      {};
  /// What this server is called besides localhost and its addresses
  /// (own_host.h). With them, a request without TLS that comes over loopback
  /// and names another host is answered with 421, unless it has a valid token.
  std::optional<std::vector<std::string>> own_names = {};

  /// Open at once. With as many, a new one takes the place of the one that has
  /// been idle, or else sending its request, for longest; where all are being
  /// answered, the new one is, with 503.
  int max_connections = 1'000;
  uint32_t max_header_bytes = 16 << 10;  ///< More is answered with 431.
  /// More is answered with 413, but of routes that take more (router.h).
  uint64_t max_body_bytes = 64 << 10;
  /// Of all larger bodies on their way in or being handled; one that would pass
  /// it is 503, unread.
  uint64_t max_large_body_bytes = 32 << 20;
  /// Of all answers that callers have not taken yet; what is larger than 64 KiB
  /// and would pass it is 503.
  int64_t max_answer_bytes = int64_t{256} << 20;

  /// For a request's header and body together, from the first byte, or from
  /// the opening of its connection; no byte extends it. A body that a handler
  /// reads has as long for each read (HttpExchange::ReadBody).
  absl::Duration read_timeout = absl::Seconds(5);
  /// For a request and its answer, anew for each read of a body; one that is
  /// not begun by then is 504, and has `write_grace` to be written. An open
  /// stream has no end, but each of its pieces is passed on in this time.
  absl::Duration request_timeout = absl::Seconds(30);
  absl::Duration write_grace = absl::Seconds(5);
  /// How long a connection is kept between requests.
  absl::Duration idle_timeout = absl::Seconds(60);
  /// How long a caller has to close its side once it was answered, so that the
  /// answer is not lost with the connection.
  absl::Duration linger_timeout = absl::Seconds(1);
  absl::Duration heartbeat = absl::Seconds(15);  ///< Of a stream.

  /// Threads for handlers that may block, and the requests that may wait for
  /// one; more are answered with 503.
  int blocking_threads = 4;
  int max_waiting = 200;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_OPTIONS_H_
