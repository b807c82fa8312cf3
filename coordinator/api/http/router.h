// Which handler answers which path, and on which thread.
#ifndef ATELIER_COORDINATOR_API_HTTP_ROUTER_H_
#define ATELIER_COORDINATOR_API_HTTP_ROUTER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/access/admission_control.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/http/body_budget.h"
#include "coordinator/api/http/bounded_pool.h"
#include "coordinator/api/http/http_exchange.h"
#include "coordinator/api/http/http_message.h"
#include "coordinator/api/http/http_server_options.h"
#include "coordinator/control/access.h"

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
  HttpMethod method = HttpMethod::kGet;
  /// Of a body; 0: HttpServerOptions::max_body_bytes.
  uint64_t max_body_bytes = 0;
  /// What its caller must be allowed to before a body of more than
  /// HttpServerOptions::max_body_bytes is read; its handler looks again.
  std::optional<Verb> verb = std::nullopt;
  /// Its handler reads such a body itself, piece by piece, and bounds what it
  /// keeps of it.
  bool reads_body = false;
  bool takes_token = false;  ///< Its handler hears the token of its caller.
  /// Whether those who ask for what is not there are told of it.
  bool is_named = true;
};

/// A handler that answers at once.
HttpHandler Answering(std::function<HttpReply(const HttpRequest&)> reply);

/// Thread-safe.
class Router {
 public:
  Router(std::vector<HttpRoute> routes, const HttpServerOptions& options);

  /// Does not block. Whoever can't be told is answered with 401, whatever the
  /// path, and perhaps later; whoever is at a bound with 429; what may be of
  /// another site's page with 403. A path without a route is answered with 404
  /// and those there are, one that has none of the method with 405. A body that
  /// is unread is read once its caller was let in, if there is room for it
  /// (BodyBudget), and else the answer is 503; or its handler reads it.
  void Handle(const std::shared_ptr<HttpExchange>& exchange);

  /// The most bytes of the body of a request with this method and path.
  uint64_t MaxBodyBytes(const HttpRequest& request) const;

 private:
  struct Entry {
    HttpRoute route;
    std::vector<std::string> segments;
  };
  // Null where there is none; fills in what its names stand for, or else the
  // methods that the path has.
  const Entry* Find(const HttpRequest& request, HttpRequest::Fields& fields,
                    std::vector<HttpMethod>& methods) const;
  HttpReply NoRoute(const HttpRequest& request,
                    const std::vector<HttpMethod>& methods) const;

  // Whether the request goes on; if not, it is, or will be, answered.
  bool Admit(const std::shared_ptr<HttpExchange>& exchange, const Entry* entry);

  // Has a body read, if it may be.
  void TakeBody(const Entry& entry,
                const std::shared_ptr<HttpExchange>& exchange);
  void Run(const Entry& entry, const std::shared_ptr<HttpExchange>& exchange);

  std::vector<Entry> entries_;
  const std::function<absl::StatusOr<Caller>(const HttpRequest&)> authenticate_;
  const uint64_t max_body_bytes_;
  AdmissionControl* const admission_;  // May be null.
  const HttpRequest::OnDenied on_denied_;
  BodyBudget bodies_;
  BoundedPool pages_;
  BoundedPool blocking_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_ROUTER_H_
