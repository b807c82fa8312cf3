// One connection, from its opening to its end, and the set of all of them.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_CONNECTION_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>

#include "coordinator/api/http/http_exchange.h"
#include "coordinator/api/http/http_server_options.h"

namespace atelier {

/// Lives on the loop's thread, and is called there.
class HttpConnection {
 public:
  virtual ~HttpConnection() = default;
  /// Reads requests and has them answered until the connection ends.
  virtual void Start() = 0;
  /// Answers with 503 and closes, whatever the caller says.
  virtual void Refuse() = 0;
  /// Closes at once. Safe to call twice.
  virtual void Close() = 0;
};

/// What a connection waits for its caller for, if it does.
enum class HttpWait {
  kNothing,  ///< It handles a request, or writes.
  kIdle,     ///< The next request.
  kRequest,  ///< The rest of a request.
  kNews,     ///< Nothing: an answer in pieces goes to it.
};

/// All connections of a server. A full server makes room for a new one: the one
/// that has been idle for longest goes, or else the one that has been sending
/// its request for longest, which in health takes moments, or else the one that
/// has been answered in pieces for longest, whose caller comes back. Where all
/// handle requests, the new one is refused. Thread-compatible: of the loop's
/// thread.
class HttpConnections {
 public:
  explicit HttpConnections(const HttpServerOptions& options)
      : options_(options) {}

  void Add(std::shared_ptr<HttpConnection> connection);
  /// No effect for one that was not added, or was refused.
  void SetWait(HttpConnection* connection, HttpWait wait);
  /// It has ended. No effect for one that is not here.
  void Remove(HttpConnection* connection);
  /// Closes all, and those that come later.
  void Close();

  /// Takes so much of max_answer_bytes, until the same is released; false, with
  /// nothing taken, where there is not so much.
  bool ReserveAnswer(size_t bytes);
  void ReleaseAnswer(size_t bytes);

 private:
  using Queue = std::list<HttpConnection*>;  // The longest first.
  struct Member {
    std::shared_ptr<HttpConnection> connection;
    bool is_refused = false;
    Queue* queue = nullptr;  // Where it waits, if it does.
    Queue::iterator place = {};
  };

  bool MakeRoom();
  Queue* QueueOf(HttpWait wait);

  const HttpServerOptions& options_;
  std::map<HttpConnection*, Member> members_;
  Queue idle_;
  Queue sending_;
  Queue streaming_;
  int refused_ = 0;
  int64_t answer_bytes_ = 0;
  bool closed_ = false;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_CONNECTION_H_
