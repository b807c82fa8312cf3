#include "tests/testing/proxy_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace atelier {
namespace {

constexpr char kAddress[] = "127.0.0.1";
constexpr int kPollMs = 20;

void Require(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::abort();
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return fd_; }

  bool Send(absl::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  // False where nothing more comes.
  bool Receive(std::string& bytes) const {
    char piece[1 << 14];
    const ssize_t got = recv(fd_, piece, sizeof(piece), 0);
    if (got <= 0) return false;
    bytes.append(piece, static_cast<size_t>(got));
    return true;
  }

 private:
  const int fd_;
};

sockaddr_in LoopbackAt(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  inet_pton(AF_INET, kAddress, &address.sin_addr);
  return address;
}

int Dial(absl::string_view host_and_port) {
  int port = 0;
  if (!absl::SimpleAtoi(host_and_port.substr(host_and_port.rfind(':') + 1),
                        &port)) {
    return -1;
  }
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = LoopbackAt(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0) {
    return fd;
  }
  close(fd);
  return -1;
}

}  // namespace

struct ProxyServer::Impl {
  explicit Impl(Behaviour behaviour) : behaviour(std::move(behaviour)) {}

  const Behaviour behaviour;
  int port = 0;
  std::atomic<bool> is_ending{false};
  std::thread acceptor;
  std::vector<std::thread> connections;  // The acceptor's, until it is joined.
  mutable std::mutex mutex;
  std::vector<std::string> requests;

  void Accept(const Socket& listener);
  void Serve(const Socket& client);
  bool Wait(int fd) const;
  std::string Refusal(const std::string& head) const;
  void Relay(const Socket& client, const Socket& server) const;
};

// Until there is something to read; false at the end of the test.
bool ProxyServer::Impl::Wait(int fd) const {
  pollfd wanted{fd, POLLIN, 0};
  while (!is_ending) {
    if (poll(&wanted, 1, kPollMs) > 0) return true;
  }
  return false;
}

void ProxyServer::Impl::Accept(const Socket& listener) {
  while (Wait(listener.get())) {
    const int fd = accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    connections.emplace_back([this, fd] { Serve(Socket(fd)); });
  }
}

std::string ProxyServer::Impl::Refusal(const std::string& head) const {
  const std::string wanted = absl::StrCat(
      "Proxy-Authorization: Basic ", absl::Base64Escape(behaviour.credentials));
  if (!behaviour.credentials.empty() && !absl::StrContains(head, wanted)) {
    return "HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Basic "
           "realm=\"test\"\r\nContent-Length: 0\r\n\r\n";
  }
  if (behaviour.refuses_with == 0) return "";
  return absl::StrCat("HTTP/1.1 ", behaviour.refuses_with,
                      " No\r\nContent-Length: 0\r\n\r\n");
}

void ProxyServer::Impl::Serve(const Socket& client) {
  std::string head;
  while (!absl::StrContains(head, "\r\n\r\n")) {
    if (!Wait(client.get()) || !client.Receive(head)) return;
  }
  const std::string line = head.substr(0, head.find("\r\n"));
  {
    const std::lock_guard<std::mutex> lock(mutex);
    requests.push_back(line);
  }
  if (behaviour.hangs_up) return;
  if (const std::string refusal = Refusal(head); !refusal.empty()) {
    client.Send(refusal);
    return;
  }
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  absl::string_view target;
  if (words.size() > 1) target = words[1];
  const bool is_tunnel = words[0] == "CONNECT";
  absl::ConsumePrefix(&target, "http://");
  const absl::string_view path =
      target.substr(std::min(target.find('/'), target.size()));
  const Socket server(Dial(target.substr(0, target.size() - path.size())));
  if (server.get() < 0) {
    client.Send("HTTP/1.1 502 Nobody there\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  const bool passed =
      is_tunnel ? client.Send("HTTP/1.1 200 Connected\r\n\r\n")
                : server.Send(absl::StrCat(words[0], " ", path, " HTTP/1.1",
                                           head.substr(line.size())));
  if (passed) Relay(client, server);
}

void ProxyServer::Impl::Relay(const Socket& client,
                              const Socket& server) const {
  pollfd both[] = {{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}};
  while (!is_ending) {
    if (poll(both, 2, kPollMs) <= 0) continue;
    for (int i = 0; i < 2; ++i) {
      if (both[i].revents == 0) continue;
      std::string bytes;
      const Socket& from = i == 0 ? client : server;
      const Socket& to = i == 0 ? server : client;
      if (!from.Receive(bytes) || !to.Send(bytes)) return;
    }
  }
}

ProxyServer::ProxyServer(Behaviour behaviour)
    : impl_(std::make_unique<Impl>(std::move(behaviour))) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = LoopbackAt(0);
  socklen_t size = sizeof(address);
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  Require(fd >= 0 && bind(fd, raw, size) == 0 && listen(fd, 16) == 0 &&
              getsockname(fd, raw, &size) == 0,
          "a proxy cannot listen");
  impl_->port = ntohs(address.sin_port);
  impl_->acceptor =
      std::thread([impl = impl_.get(), fd] { impl->Accept(Socket(fd)); });
}

ProxyServer::~ProxyServer() {
  impl_->is_ending = true;
  impl_->acceptor.join();
  for (std::thread& connection : impl_->connections) connection.join();
}

std::string ProxyServer::address() const {
  return absl::StrCat(kAddress, ":", impl_->port);
}

std::vector<std::string> ProxyServer::requests() const {
  const std::lock_guard<std::mutex> lock(impl_->mutex);
  return impl_->requests;
}

}  // namespace atelier
