// TLS over a socket of its own, with a deadline, to look at a server.
#ifndef ATELIER_COMMON_TLS_TLS_SOCKET_H_
#define ATELIER_COMMON_TLS_TLS_SOCKET_H_

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/endpoint.h"

namespace atelier {

/// Bytes are carried between the socket and OpenSSL, so that what a server says
/// is seen also where it is not TLS. Thread-compatible.
class TlsSocket {
 public:
  /// How the handshake, or what follows it, ended.
  enum class End {
    kDone,     ///< As it should.
    kRefused,  ///< One side does not want the other; OpenSSL has the error.
    kClosed,   ///< The server closed.
    kNoWord,   ///< Nobody is there, or says anything in time.
  };

  /// Nobody may be there. `context` outlives this.
  TlsSocket(const Endpoint& server, SSL_CTX* context, absl::Duration timeout);
  ~TlsSocket();
  TlsSocket(const TlsSocket&) = delete;
  TlsSocket& operator=(const TlsSocket&) = delete;

  SSL* ssl() const { return ssl_; }

  End Handshake();
  /// Waits for anything that the server says after it.
  End AwaitData();

  /// Whether the server's first byte was one of TLS; nothing where it has said
  /// nothing.
  std::optional<bool> speaks_tls() const { return speaks_tls_; }

 private:
  void Connect(const Endpoint& server);
  template <typename Step>
  End Run(Step step);
  bool Flush();
  bool Receive();
  bool WaitFor(short events) const;

  const absl::Time deadline_;
  int socket_ = -1;
  SSL* const ssl_;
  std::optional<bool> speaks_tls_;
  bool is_closed_ = false;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_TLS_TLS_SOCKET_H_
