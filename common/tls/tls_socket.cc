#include "common/tls/tls_socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "common/clock.h"

namespace atelier {
namespace {

constexpr size_t kPieceBytes = 16 << 10;
// Record types of RFC 8446, 5.1.
constexpr char kAlert = 21;
constexpr char kHandshake = 22;

int ConnectingSocket(const addrinfo& to) {
  const int socket_fd =
      socket(to.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_fd < 0) return -1;
  if (connect(socket_fd, to.ai_addr, to.ai_addrlen) == 0 ||
      errno == EINPROGRESS) {
    return socket_fd;
  }
  close(socket_fd);
  return -1;
}

}  // namespace

TlsSocket::TlsSocket(const Endpoint& server, SSL_CTX* context,
                     absl::Duration timeout)
    : deadline_(Clock::Steady().Now() + timeout), ssl_(SSL_new(context)) {
  SSL_set_bio(ssl_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(ssl_);
  Connect(server);
}

TlsSocket::~TlsSocket() {
  SSL_free(ssl_);
  if (socket_ >= 0) close(socket_);
}

void TlsSocket::Connect(const Endpoint& server) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(server.host.c_str(), absl::StrCat(server.port).c_str(),
                  &wanted, &found) != 0) {
    return;
  }
  for (const addrinfo* one = found; one != nullptr && socket_ < 0;
       one = one->ai_next) {
    socket_ = ConnectingSocket(*one);
    int error = 0;
    socklen_t size = sizeof(error);
    if (socket_ < 0) continue;
    if (WaitFor(POLLOUT) &&
        getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
        error == 0) {
      continue;
    }
    close(socket_);
    socket_ = -1;
  }
  freeaddrinfo(found);
}

bool TlsSocket::WaitFor(short events) const {
  pollfd waiting = {socket_, events, 0};
  const int64_t left =
      absl::ToInt64Milliseconds(deadline_ - Clock::Steady().Now());
  return left > 0 && poll(&waiting, 1, static_cast<int>(left)) == 1;
}

bool TlsSocket::Flush() {
  char piece[kPieceBytes];
  int size = 0;
  while ((size = BIO_read(SSL_get_wbio(ssl_), piece, sizeof(piece))) > 0) {
    for (const char* from = piece; size > 0;) {
      if (!WaitFor(POLLOUT)) return false;
      const ssize_t sent = send(socket_, from, size, MSG_NOSIGNAL);
      if (sent < 0) return false;
      from += sent;
      size -= static_cast<int>(sent);
    }
  }
  return true;
}

bool TlsSocket::Receive() {
  char piece[kPieceBytes];
  if (!WaitFor(POLLIN)) return false;
  const ssize_t size = recv(socket_, piece, sizeof(piece), 0);
  is_closed_ = size <= 0;
  if (is_closed_) return false;
  if (!speaks_tls_.has_value()) {
    speaks_tls_ = piece[0] == kHandshake || piece[0] == kAlert;
  }
  BIO_write(SSL_get_rbio(ssl_), piece, static_cast<int>(size));
  return true;
}

template <typename Step>
TlsSocket::End TlsSocket::Run(Step step) {
  if (socket_ < 0) return End::kNoWord;
  while (true) {
    ERR_clear_error();
    const int result = step();
    const int error = SSL_get_error(ssl_, result);
    const bool is_sent = Flush();
    if (result > 0) return End::kDone;
    if (error == SSL_ERROR_SSL) return End::kRefused;
    if (error != SSL_ERROR_WANT_READ) return End::kClosed;
    // What the server has said before it closed is read all the same.
    if (!Receive() || (!is_sent && !speaks_tls_)) {
      return is_closed_ ? End::kClosed : End::kNoWord;
    }
  }
}

TlsSocket::End TlsSocket::Handshake() {
  return Run([this] { return SSL_do_handshake(ssl_); });
}

TlsSocket::End TlsSocket::AwaitData() {
  return Run([this] {
    char byte = 0;
    return SSL_peek(ssl_, &byte, 1);
  });
}

}  // namespace atelier
