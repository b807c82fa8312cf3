#include "coordinator/api/http/http_server.h"

#include <sys/socket.h>

#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "httplib.h"

namespace atelier {
namespace {

constexpr size_t kThreads = 4;
constexpr size_t kMaxBodyBytes = 64 << 10;
constexpr time_t kTimeoutSeconds = 5;

}  // namespace

struct HttpServer::Impl {
  httplib::Server server;
  Endpoint listening;
  std::atomic<bool> ended{false};
  std::thread thread;
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const Endpoint& listen, PageSources sources) {
  auto impl = std::make_unique<Impl>();
  httplib::Server& server = impl->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  server.set_payload_max_length(kMaxBodyBytes);
  server.set_read_timeout(kTimeoutSeconds);
  server.set_write_timeout(kTimeoutSeconds);
  // A scraper that keeps its connection must not hold up a shutdown.
  server.set_keep_alive_timeout(1);
  // The default would let two coordinators share a port unnoticed.
  server.set_socket_options([](int socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.Get(".*", [sources = std::move(sources)](const httplib::Request& from,
                                                  httplib::Response& to) {
    const Page page = MakePage(from.path, sources);
    to.status = page.code;
    to.set_content(page.body, page.content_type);
  });
  impl->listening = listen;
  if (listen.port == 0) {
    impl->listening.port = server.bind_to_any_port(listen.host);
  } else if (!server.bind_to_port(listen.host, listen.port)) {
    impl->listening.port = -1;
  }
  if (impl->listening.port < 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", ToString(listen),
        ": the port is taken, or the address is not this machine's"));
  }
  impl->thread = std::thread([raw = impl.get()] {
    raw->server.listen_after_bind();
    raw->ended = true;
  });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  // stop() before the thread has begun to listen would be lost.
  while (!impl_->server.is_running() && !impl_->ended) {
    std::this_thread::yield();
  }
  impl_->server.stop();
  impl_->thread.join();
}

const Endpoint& HttpServer::listening() const { return impl_->listening; }

}  // namespace atelier
