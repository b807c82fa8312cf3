// A caller of HTTP on a socket of its own, which says and hears bytes: also
// what no library would send.
#ifndef ATELIER_TESTS_TESTING_HTTP_CLIENT_H_
#define ATELIER_TESTS_TESTING_HTTP_CLIENT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/endpoint.h"

namespace atelier {

struct HttpAnswer {
  int code = 0;      ///< 0: none came.
  std::string head;  ///< The status line and headers.
  std::string body;
};

/// Waits for at most 20 s for anything. Thread-compatible.
class HttpClient {
 public:
  /// Connects.
  explicit HttpClient(const Endpoint& to);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool is_connected() const { return socket_ >= 0; }
  /// Returns false where the other side has closed.
  bool Send(absl::string_view bytes);
  /// Says that nothing more comes.
  void CloseSending();

  /// Reads up to and including `end`; what came where it does not.
  std::string ReadUntil(absl::string_view end);
  /// Reads until the other side closes.
  std::string ReadAll();
  /// Reads one answer with a Content-Length; of HEAD, its head.
  HttpAnswer ReadAnswer(bool is_head = false);

  /// GET on this connection, which stays open.
  HttpAnswer Get(absl::string_view target);

 private:
  bool Fill();

  int socket_ = -1;
  std::string received_;  // And not yet read.
};

/// GET on a connection of its own; "HOST:PORT" or an endpoint.
HttpAnswer HttpGet(const Endpoint& to, absl::string_view target);

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_HTTP_CLIENT_H_
