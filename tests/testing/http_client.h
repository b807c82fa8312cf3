// A caller of HTTP on a socket of its own, which says and hears bytes: also
// what no library would send.
#ifndef ATELIER_TESTS_TESTING_HTTP_CLIENT_H_
#define ATELIER_TESTS_TESTING_HTTP_CLIENT_H_

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "common/endpoint.h"

namespace atelier {

/// Versions, as TLS numbers them.
inline constexpr int kTls11 = 0x0302;
inline constexpr int kTls12 = 0x0303;
inline constexpr int kTls13 = 0x0304;

struct HttpAnswer {
  int code = 0;      ///< 0: none came.
  std::string head;  ///< The status line and headers.
  std::string body;
};

/// What is asked for, besides the Host.
struct HttpQuestion {
  std::string method = "GET";
  std::string target = "/";
  std::string headers = {};  ///< Lines with their ends: "Origin: null\r\n".
  std::string body = {};
};

/// Waits for at most 20 s for anything. Thread-compatible.
class HttpClient {
 public:
  /// Connects.
  explicit HttpClient(const Endpoint& to);
  /// Connects, with TLS of this version or an earlier one, 0 for any, and
  /// trusts `ca`, a PEM file. Where the handshake fails, it is not connected.
  HttpClient(const Endpoint& to, const std::string& ca, int version = 0);
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
  /// Whether the other side has said in TLS that nothing more comes.
  bool HasEndedInTls() const;
  /// Reads one answer, whose body may be chunked; of HEAD, and of an event
  /// stream, its head. One that is broken off has the code 0.
  HttpAnswer ReadAnswer(bool is_head = false);

  /// On this connection, which stays open.
  HttpAnswer Ask(const HttpQuestion& question);
  /// GET on this connection, which stays open; with this token, if it is not
  /// empty.
  HttpAnswer Get(absl::string_view target, absl::string_view token = "");

 private:
  bool Fill();
  // Returns false where the other side has closed.
  bool ReadBytes(size_t count, std::string& bytes);
  bool ReadChunks(std::string& body);

  bool StartTls(const std::string& host, const std::string& ca, int version);

  const std::string host_;
  int socket_ = -1;
  std::shared_ptr<SSL> tls_;  // Null without TLS.
  std::string received_;      // And not yet read.
};

/// On a connection of its own.
HttpAnswer HttpAsk(const Endpoint& to, const HttpQuestion& question);
/// GET on a connection of its own, with this token, if it is not empty.
HttpAnswer HttpGet(const Endpoint& to, absl::string_view target,
                   absl::string_view token = "");
/// The same with TLS.
HttpAnswer HttpsGet(const Endpoint& to, const std::string& ca,
                    absl::string_view target, absl::string_view token = "");

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_HTTP_CLIENT_H_
