#include "tests/testing/http_client.h"

#include <netdb.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace atelier {
namespace {

constexpr int kTimeoutSeconds = 20;

int Connect(const Endpoint& to) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(to.host.c_str(), absl::StrCat(to.port).c_str(), &hints,
                  &found) != 0) {
    return -1;
  }
  int connected = -1;
  for (const addrinfo* one = found; one != nullptr && connected < 0;
       one = one->ai_next) {
    const int socket = ::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) continue;
    const timeval timeout = {kTimeoutSeconds, 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    if (connect(socket, one->ai_addr, one->ai_addrlen) == 0) {
      connected = socket;
    } else {
      close(socket);
    }
  }
  freeaddrinfo(found);
  return connected;
}

}  // namespace

HttpClient::HttpClient(const Endpoint& to)
    : host_(HostAndPort(to)), socket_(Connect(to)) {}

HttpClient::HttpClient(const Endpoint& to, const std::string& ca, int version)
    : host_(HostAndPort(to)), socket_(Connect(to)) {
  if (socket_ < 0 || StartTls(to.host, ca, version)) return;
  close(socket_);
  socket_ = -1;
}

bool HttpClient::StartTls(const std::string& host, const std::string& ca,
                          int version) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  // Versions that nobody should take, too.
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), version);
  SSL_CTX_load_verify_locations(context.get(), ca.c_str(), nullptr);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to a socket as to a file.
  tls_.reset(SSL_new(context.get()), SSL_free);
  X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls_.get()), host.c_str());
  SSL_set_fd(tls_.get(), socket_);
  return SSL_connect(tls_.get()) == 1;
}

HttpClient::~HttpClient() {
  if (socket_ >= 0) close(socket_);
}

bool HttpClient::Send(absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        tls_ == nullptr
            ? send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
            : SSL_write(tls_.get(), bytes.data(),
                        static_cast<int>(bytes.size()));
    if (sent <= 0) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

void HttpClient::CloseSending() { shutdown(socket_, SHUT_WR); }

bool HttpClient::Fill() {
  char buffer[4096];
  const ssize_t size = tls_ == nullptr
                           ? recv(socket_, buffer, sizeof(buffer), 0)
                           : SSL_read(tls_.get(), buffer, sizeof(buffer));
  if (size <= 0) return false;
  received_.append(buffer, size);
  return true;
}

std::string HttpClient::ReadUntil(absl::string_view end) {
  size_t at;
  while ((at = received_.find(std::string(end))) == std::string::npos) {
    if (!Fill()) return std::exchange(received_, "");
  }
  const size_t size = at + end.size();
  std::string read = received_.substr(0, size);
  received_.erase(0, size);
  return read;
}

std::string HttpClient::ReadAll() {
  while (Fill()) {
  }
  return std::exchange(received_, "");
}

bool HttpClient::HasEndedInTls() const {
  return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool HttpClient::ReadBytes(size_t count, std::string& bytes) {
  while (received_.size() < count) {
    if (!Fill()) return false;
  }
  bytes.append(received_, 0, count);
  received_.erase(0, count);
  return true;
}

bool HttpClient::ReadChunks(std::string& body) {
  while (true) {
    size_t bytes = 0;
    const std::string size = ReadUntil("\r\n");
    if (!absl::SimpleHexAtoi(absl::StripSuffix(size, "\r\n"), &bytes) ||
        !ReadBytes(bytes, body) || ReadUntil("\r\n") != "\r\n") {
      return false;
    }
    if (bytes == 0) return true;
  }
}

HttpAnswer HttpClient::ReadAnswer(bool is_head) {
  HttpAnswer answer;
  answer.head = ReadUntil("\r\n\r\n");
  size_t body_bytes = 0;
  bool is_chunked = false;
  for (absl::string_view line : absl::StrSplit(answer.head, "\r\n")) {
    if (absl::ConsumePrefix(&line, "HTTP/1.1 ") ||
        absl::ConsumePrefix(&line, "HTTP/1.0 ")) {
      if (!absl::SimpleAtoi(line.substr(0, 3), &answer.code)) return {};
    } else if (absl::ConsumePrefix(&line, "Content-Length: ")) {
      if (!absl::SimpleAtoi(line, &body_bytes)) return {};
    } else if (line == "Transfer-Encoding: chunked") {
      is_chunked = true;
    } else if (line == "Content-Type: text/event-stream") {
      return answer;  // It may have no end.
    }
  }
  if (is_head) return answer;
  const bool is_whole =
      is_chunked ? ReadChunks(answer.body) : ReadBytes(body_bytes, answer.body);
  if (!is_whole) answer.code = 0;
  return answer;
}

HttpAnswer HttpClient::Ask(const HttpQuestion& question) {
  std::string request =
      absl::StrCat(question.method, " ", question.target,
                   " HTTP/1.1\r\nHost: ", host_, "\r\n", question.headers);
  if (!question.body.empty()) {
    absl::StrAppend(&request, "Content-Length: ", question.body.size(), "\r\n");
  }
  if (!Send(absl::StrCat(request, "\r\n", question.body))) return {};
  return ReadAnswer(question.method == "HEAD");
}

HttpAnswer HttpClient::Get(absl::string_view target, absl::string_view token) {
  HttpQuestion question;
  question.target = std::string(target);
  if (!token.empty()) {
    question.headers = absl::StrCat("Authorization: Bearer ", token, "\r\n");
  }
  return Ask(question);
}

HttpAnswer HttpAsk(const Endpoint& to, const HttpQuestion& question) {
  HttpClient client(to);
  return client.is_connected() ? client.Ask(question) : HttpAnswer{};
}

HttpAnswer HttpGet(const Endpoint& to, absl::string_view target,
                   absl::string_view token) {
  HttpClient client(to);
  return client.is_connected() ? client.Get(target, token) : HttpAnswer{};
}

HttpAnswer HttpsGet(const Endpoint& to, const std::string& ca,
                    absl::string_view target, absl::string_view token) {
  HttpClient client(to, ca);
  return client.is_connected() ? client.Get(target, token) : HttpAnswer{};
}

}  // namespace atelier
