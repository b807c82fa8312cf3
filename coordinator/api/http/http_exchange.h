// One request on its connection, and the answer to it.
//
// A handler answers whenever it likes, on any thread: at once, from a pool, or
// piece by piece for hours. None of these holds a thread of the server.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_EXCHANGE_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_EXCHANGE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/api/http/http_message.h"

namespace atelier {

/// What the writer of a stream hears. Called on the server's thread: must be
/// quick.
struct HttpStreamEvents {
  /// The head, or the last piece, has been passed on; the next may come.
  std::function<void()> written;
  /// The caller is gone, or the server stops; nothing more is called. At most
  /// once. Called by BeginStream itself where that has happened before it.
  std::function<void()> closed;
  /// Sent when nothing else was for HttpServerOptions::heartbeat; empty:
  /// nothing is.
  std::string heartbeat;
};

/// Thread-safe. May outlive its connection and its server: what is answered
/// then is dropped. One that is destroyed without an answer answers with 500.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  /// Changed by the router only, before a handler has it.
  virtual HttpRequest& request() = 0;
  /// Whether there is still somebody to answer.
  virtual bool IsOpen() const = 0;

  /// Hears of a piece of the body. Called once, on the server's thread: must be
  /// quick.
  using BodyDone = std::function<void(absl::StatusOr<std::string>)>;
  /// Reads on in an unread body (HttpRequest::has_unread_body): so many bytes,
  /// fewer only at its end, and none past it. One read at a time, each within
  /// HttpServerOptions::read_timeout; nothing is read once the request was
  /// answered: what is left of the body then stays unread, and the connection
  /// closes.
  /// Errors: Cancelled (there is nobody to answer any more).
  virtual void ReadBody(size_t most_bytes, BodyDone done) = 0;

  /// REQUIRES: neither this nor BeginStream has been called, and no read of the
  /// body goes on.
  virtual void Answer(HttpReply reply) = 0;

  /// Sends the head of an answer, whose body follows in pieces; `head.body` is
  /// not sent. REQUIRES: as Answer.
  virtual void BeginStream(HttpReply head, HttpStreamEvents events) = 0;
  /// REQUIRES: a stream, and that `written` was called since the last piece.
  virtual void Write(std::shared_ptr<const std::string> piece) = 0;
  /// Ends a stream after what has been written; `closed` is not called then.
  virtual void EndStream() = 0;
  /// Breaks a stream off, so that the caller sees that it is not whole;
  /// `closed` is called.
  virtual void AbortStream() = 0;
};

/// Called on the server's thread for each request: must not block.
using HttpHandler = std::function<void(std::shared_ptr<HttpExchange>)>;

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_EXCHANGE_H_
