// A request and its answer, apart from connections.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_MESSAGE_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_MESSAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "coordinator/control/caller.h"

namespace atelier {

class CallMeter;

/// What servers here are asked to do. GET stands for HEAD, too: the connection
/// leaves out the body of the answer.
enum class HttpMethod { kGet, kPost, kPut, kDelete };

/// "GET"
absl::string_view Name(HttpMethod method);

struct HttpRequest {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  using OnDenied = std::shared_ptr<
      const std::function<void(const Caller&, const std::string& path)>>;

  HttpMethod method = HttpMethod::kGet;
  std::string path;                   ///< As it came, without the query.
  std::vector<std::string> segments;  ///< Of the path, percent-decoded.
  Fields query;                       ///< Decoded, in their order.
  /// What the route's {names} stand for; filled in by the router.
  Fields path_fields;
  /// Who asks; filled in by the router.
  Caller caller;
  /// What the request takes of its caller's bounds until it is answered; may be
  /// null. Filled in by the router.
  std::shared_ptr<CallMeter> meter;
  /// Hears of an answer 403; may be null. Filled in by the router.
  OnDenied on_denied;
  /// As it came, the header with the caller's token; empty without it.
  std::string authorization;
  /// The token in the cookie of a browser that has logged in
  /// (session_cookie.h); empty without it.
  std::string session;
  /// As they came; empty where they did not: the site whose page asks, what a
  /// browser says of it, and the host that is asked.
  std::string origin;
  std::string fetch_site;
  std::string host;
  std::string content_type;  ///< Of the body, as it came.
  std::string body;
  std::optional<uint64_t> content_length;  ///< That the caller has announced.
  /// A body is still to come, if its caller may send it; filled in, and unset,
  /// by those who have it read (HttpExchange::ReadBody).
  bool has_unread_body = false;
  bool awaits_continue = false;           ///< Its body comes once it is read.
  std::shared_ptr<const void> body_hold;  ///< Of a BodyBudget.
  /// Of the stream's last event that the caller saw; empty for none.
  std::string last_event_id;
  /// The caller's address, as gRPC writes it, without a port: "ipv4:10.0.0.7".
  std::string client;
  bool is_head = false;
  bool has_host = false;
  bool is_tls = false;
  /// Another server is meant, by its Host (own_host.h).
  bool is_for_another_host = false;
};

struct HttpReply {
  int code = 200;
  std::string content_type;
  std::string body;
  HttpRequest::Fields headers = {};  ///< Besides those of the connection.
};

/// Fills path, segments and query from a request's target: "/a/b%20c?d=e", or
/// the same behind "http://HOST".
/// Errors: InvalidArgument (no path, or a % without two hex digits).
absl::Status ParseTarget(absl::string_view target, HttpRequest& request);

/// The HTTP status code that says what a gRPC status code says.
int HttpCode(absl::StatusCode code);

/// What a caller hears of an error. Under /api/ it is JSON:
///   {"error": {"code": "NOT_FOUND", "message": "job_id: ..."}}
/// and elsewhere one line. An error that may pass has a Retry-After: the
/// error's own (retry_after.h), in whole seconds, or 1.
HttpReply ErrorReply(absl::string_view path, const absl::Status& status);

/// The same with an HTTP status code of its own.
HttpReply ErrorReply(absl::string_view path, const absl::Status& status,
                     int code);

/// 405, with those that are allowed.
HttpReply MethodReply(absl::string_view path,
                      const std::vector<HttpMethod>& allowed);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_MESSAGE_H_
