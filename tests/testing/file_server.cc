#include "tests/testing/file_server.h"

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace atelier {
namespace {

constexpr size_t kPieceBytes = 1 << 12;
constexpr int kPollMs = 20;
constexpr int kTimeoutSeconds = 10;

void Require(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::abort();
}

using TlsContext = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

// Null without an identity.
TlsContext MakeContext(const TlsIdentity& identity) {
  if (identity.key == nullptr) return {nullptr, SSL_CTX_free};
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  Require(
      SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1 &&
          SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1,
      "a server cannot use its certificate");
  return context;
}

// One connection, with TLS or without.
class Stream {
 public:
  Stream(int fd, SSL_CTX* context) : fd_(fd), tls_(nullptr, SSL_free) {
    const timeval timeout = {kTimeoutSeconds, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    if (context == nullptr) return;
    tls_.reset(SSL_new(context));
    SSL_set_fd(tls_.get(), fd_);
  }
  ~Stream() {
    if (tls_ != nullptr) SSL_shutdown(tls_.get());
    close(fd_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  int fd() const { return fd_; }
  bool Accept() { return tls_ == nullptr || SSL_accept(tls_.get()) == 1; }
  bool Send(absl::string_view bytes) {
    while (!bytes.empty()) {
      const int size = static_cast<int>(bytes.size());
      const ssize_t sent =
          tls_ == nullptr ? send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                          : SSL_write(tls_.get(), bytes.data(), size);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  // False where nothing more comes.
  bool Receive(std::string& bytes) {
    char piece[kPieceBytes];
    const ssize_t got = tls_ == nullptr
                            ? recv(fd_, piece, sizeof(piece), 0)
                            : SSL_read(tls_.get(), piece, sizeof(piece));
    if (got <= 0) return false;
    bytes.append(piece, static_cast<size_t>(got));
    return true;
  }

 private:
  const int fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
};

std::string HeaderOf(const std::string& head, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(head, "\r\n")) {
    if (absl::StartsWithIgnoreCase(line, absl::StrCat(name, ": "))) {
      return std::string(line.substr(name.size() + 2));
    }
  }
  return "";
}

std::string Head(absl::string_view status,
                 const std::vector<std::string>& lines) {
  std::string head =
      absl::StrCat("HTTP/1.1 ", status, "\r\nConnection: close\r\n");
  for (const std::string& line : lines) absl::StrAppend(&head, line, "\r\n");
  return absl::StrCat(head, "\r\n");
}

std::string Redirect(const std::string& to) {
  return Head("302 Found",
              {absl::StrCat("Location: ", to), "Content-Length: 0"});
}

}  // namespace

struct FileServer::Impl {
  Impl(std::string bytes_in, Behaviour behaviour_in)
      : bytes(std::move(bytes_in)),
        behaviour(std::move(behaviour_in)),
        context(MakeContext(behaviour.identity)) {}

  const std::string bytes;
  const Behaviour behaviour;
  const TlsContext context;
  int listener = -1;
  int port = 0;
  std::atomic<bool> is_ending{false};
  std::thread acceptor;
  std::vector<std::thread> connections;  // The acceptor's, until it is joined.
  mutable std::mutex mutex;
  std::vector<std::string> ranges;

  std::string Url(const std::string& path) const;
  bool Wait(int fd) const;
  void Accept();
  void Serve(Stream& to);
  void ServeFile(const std::string& head, Stream& to);
  // From `first` on, until the reply is to break or go silent.
  bool SendBytes(size_t first, bool is_chunked, Stream& to) const;
};

std::string FileServer::Impl::Url(const std::string& path) const {
  return absl::StrCat(context == nullptr ? "http" : "https", "://", kAddress,
                      ":", port, path);
}

// Until there is something to read; false at the end of the test.
bool FileServer::Impl::Wait(int fd) const {
  pollfd wanted{fd, POLLIN, 0};
  while (!is_ending) {
    if (poll(&wanted, 1, kPollMs) > 0) return true;
  }
  return false;
}

void FileServer::Impl::Accept() {
  while (Wait(listener)) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    connections.emplace_back([this, fd] {
      Stream stream(fd, context.get());
      Serve(stream);
    });
  }
}

void FileServer::Impl::Serve(Stream& to) {
  std::string head;
  if (!Wait(to.fd()) || !to.Accept()) return;
  while (!absl::StrContains(head, "\r\n\r\n")) {
    if (!to.Receive(head)) return;
  }
  const std::vector<std::string> words =
      absl::StrSplit(head.substr(0, head.find("\r\n")), ' ');
  const std::string path = words.size() > 1 ? words[1] : "";
  if (path == "/file") {
    ServeFile(head, to);
  } else if (path == "/moved") {
    to.Send(Redirect("/file"));
  } else if (path == "/elsewhere") {
    to.Send(Redirect(Url("/file")));
  } else if (path == "/insecure") {
    to.Send(Redirect(absl::StrCat("http://", kAddress, ":", port, "/file")));
  } else if (path == "/loop") {
    to.Send(Redirect("/loop"));
  } else {
    to.Send(Head("404 Not Found", {"Content-Length: 0"}));
  }
}

void FileServer::Impl::ServeFile(const std::string& head, Stream& to) {
  const std::string range = HeaderOf(head, "Range");
  {
    const std::lock_guard<std::mutex> lock(mutex);
    ranges.push_back(range);
  }
  std::vector<std::string> lines = {"Content-Type: application/octet-stream"};
  if (!behaviour.etag.empty()) {
    lines.push_back(absl::StrCat("ETag: ", behaviour.etag));
  }
  const std::string if_range = HeaderOf(head, "If-Range");
  if (behaviour.ignores_ranges ||
      (!if_range.empty() && if_range != behaviour.etag)) {
    lines.push_back("Transfer-Encoding: chunked");
    if (to.Send(Head("200 OK", lines)) && SendBytes(0, true, to)) {
      to.Send("0\r\n\r\n");
    }
    return;
  }
  size_t first = 0;
  absl::string_view from = range;
  const bool is_part = absl::ConsumePrefix(&from, "bytes=") &&
                       absl::SimpleAtoi(from.substr(0, from.find('-')), &first);
  if (first >= bytes.size() && first > 0) {
    lines.push_back("Content-Length: 0");
    to.Send(Head("416 Range Not Satisfiable", lines));
    return;
  }
  lines.push_back(absl::StrCat("Content-Length: ", bytes.size() - first));
  if (is_part) {
    lines.push_back(absl::StrCat("Content-Range: bytes ", first, "-",
                                 bytes.size() - 1, "/", bytes.size()));
  }
  if (to.Send(Head(is_part ? "206 Partial Content" : "200 OK", lines))) {
    SendBytes(first, false, to);
  }
}

bool FileServer::Impl::SendBytes(size_t first, bool is_chunked,
                                 Stream& to) const {
  for (size_t offset = first; offset < bytes.size();) {
    size_t most = std::min(kPieceBytes, bytes.size() - offset);
    if (behaviour.breaks_after_bytes > 0) {
      most = std::min(most, first + behaviour.breaks_after_bytes - offset);
      if (most == 0) return false;
    }
    if (behaviour.stalls_after_bytes > 0) {
      most = std::min(most, first + behaviour.stalls_after_bytes - offset);
      // Nothing comes but the caller's end.
      if (most == 0) return Wait(to.fd()) && false;
    }
    const absl::string_view piece =
        absl::string_view(bytes).substr(offset, most);
    const bool sent =
        is_chunked
            ? to.Send(absl::StrCat(absl::Hex(most), "\r\n", piece, "\r\n"))
            : to.Send(piece);
    if (!sent) return false;
    offset += most;
  }
  return true;
}

FileServer::FileServer(std::string bytes, Behaviour behaviour)
    : impl_(std::make_unique<Impl>(std::move(bytes), std::move(behaviour))) {
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to callers that are gone.
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, kAddress, &address.sin_addr);
  socklen_t size = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  impl_->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Require(impl_->listener >= 0 && bind(impl_->listener, raw, size) == 0 &&
              listen(impl_->listener, 16) == 0 &&
              getsockname(impl_->listener, raw, &size) == 0,
          "a file server cannot listen");
  impl_->port = ntohs(address.sin_port);
  impl_->acceptor = std::thread([impl = impl_.get()] { impl->Accept(); });
}

FileServer::~FileServer() {
  impl_->is_ending = true;
  impl_->acceptor.join();
  for (std::thread& connection : impl_->connections) connection.join();
  close(impl_->listener);
}

std::string FileServer::Url(const std::string& path) const {
  return impl_->Url(path);
}

std::vector<std::string> FileServer::ranges() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->ranges;
}

}  // namespace atelier
