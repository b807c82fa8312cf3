#include "tests/bench/event_readers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kHeadEnd[] = "\r\n\r\n";
constexpr int kLookEveryMs = 100;  // For the end.

// Connected to a port of this machine; -1 where that fails.
int Connect(const Endpoint& http) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(http.port));
  if (inet_pton(AF_INET, http.host.c_str(), &to.sin_addr) != 1) return -1;
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return -1;
  if (connect(made, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
    return made;
  }
  close(made);
  return -1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventReaders>> EventReaders::Open(
    const Endpoint& http, const std::string& token, const std::string& job_id,
    int count) {
  std::unique_ptr<EventReaders> readers(new EventReaders);
  const std::string question = absl::StrCat(
      "GET /api/v1/jobs/", job_id,
      "/events HTTP/1.1\r\nHost: ", HostAndPort(http), "\r\n",
      token.empty() ? ""
                    : absl::StrCat("Authorization: Bearer ", token, "\r\n"),
      "\r\n");
  for (int i = 0; i < count; ++i) {
    RETURN_IF_ERROR(readers->OpenOne(http, question));
  }
  readers->thread_ = std::thread([raw = readers.get()] { raw->Read(); });
  return readers;
}

absl::Status EventReaders::OpenOne(const Endpoint& http,
                                   const std::string& question) {
  const int opened = Connect(http);
  if (opened < 0) {
    return absl::UnavailableError(
        absl::StrCat("no connection to ", HostAndPort(http)));
  }
  sockets_.push_back(opened);
  if (send(opened, question.data(), question.size(), MSG_NOSIGNAL) < 0) {
    return absl::UnavailableError("the connection was closed");
  }
  std::string head;
  while (!absl::StrContains(head, kHeadEnd)) {
    char piece[4096];
    const ssize_t got = recv(opened, piece, sizeof piece, 0);
    if (got <= 0) break;
    head.append(piece, static_cast<size_t>(got));
  }
  if (absl::StartsWith(head, "HTTP/1.1 200 ")) return absl::OkStatus();
  return absl::InternalError(
      absl::StrCat("an event stream began with: ", head.substr(0, 200)));
}

EventReaders::~EventReaders() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  for (const int one : sockets_) close(one);
}

void EventReaders::Read() {
  std::vector<pollfd> waiting;
  waiting.reserve(sockets_.size());
  for (const int one : sockets_) waiting.push_back({one, POLLIN, 0});
  std::string piece(64 << 10, '\0');
  while (!stopping_) {
    if (poll(waiting.data(), waiting.size(), kLookEveryMs) <= 0) continue;
    for (pollfd& one : waiting) {
      if (one.revents == 0) continue;
      const ssize_t got =
          recv(one.fd, piece.data(), piece.size(), MSG_DONTWAIT);
      if (got > 0) {
        bytes_ += got;
      } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        ++closed_;
        one.fd = -1;  // poll passes it over.
      }
    }
  }
}

}  // namespace atelier
