// Which handler answers which path, and on which thread.
#ifndef ATELIER_COORDINATOR_API_HTTP_ROUTER_H_
#define ATELIER_COORDINATOR_API_HTTP_ROUTER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/http/bounded_pool.h"
#include "coordinator/api/http/http_exchange.h"
#include "coordinator/api/http/http_message.h"
#include "coordinator/api/http/http_server_options.h"

namespace atelier {

/// Where a handler runs.
enum class HttpLane {
  kInline,    ///< On the server's thread: never blocks.
  kPages,     ///< On a thread for pages alone: takes locks, reads no disk.
  kBlocking,  ///< On a bounded pool: may read the store.
};

struct HttpRoute {
  /// "/api/v1/jobs/{job_id}": {name} stands for any one segment.
  std::string path;
  HttpLane lane = HttpLane::kBlocking;
  HttpHandler handle;
  bool is_open = false;              ///< To whoever asks.
  CallKind kind = CallKind::kShort;  ///< What it takes of its caller's bounds.
};

/// A handler that answers at once.
HttpHandler Answering(std::function<HttpReply(const HttpRequest&)> reply);

/// Thread-safe.
class Router {
 public:
  Router(std::vector<HttpRoute> routes, const HttpServerOptions& options);

  /// Does not block. Whoever can't be told is answered with 401, whatever the
  /// path, and perhaps later; whoever is at a bound with 429. A path without a
  /// route is answered with 404 and those there are.
  void Handle(const std::shared_ptr<HttpExchange>& exchange);

 private:
  struct Entry {
    HttpRoute route;
    std::vector<std::string> segments;
  };
  // Null where there is none; fills in what its names stand for.
  const Entry* Find(const HttpRequest& request,
                    HttpRequest::Fields& fields) const;

  // Whether the request goes on; if not, it is, or will be, answered.
  bool Admit(const std::shared_ptr<HttpExchange>& exchange, CallKind kind);

  std::vector<Entry> entries_;
  const std::function<absl::StatusOr<Caller>(const HttpRequest&)> authenticate_;
  AdmissionControl* const admission_;  // May be null.
  const HttpRequest::OnDenied on_denied_;
  BoundedPool pages_;
  BoundedPool blocking_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_ROUTER_H_
