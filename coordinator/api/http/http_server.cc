#include "coordinator/api/http/http_server.h"

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/ip/v6_only.hpp"
#include "boost/asio/steady_timer.hpp"
#include "coordinator/api/http/http_session.h"
#include "coordinator/api/http/http_tls.h"

namespace atelier {
namespace {

using Tcp = boost::asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// When no connection can be taken, for want of files say.
constexpr std::chrono::milliseconds kRetryAccept{50};

// SO_REUSEPORT would let two coordinators share a port unnoticed.
bool Listen(Tcp::acceptor& acceptor, const Tcp::endpoint& where) {
  ErrorCode error;
  acceptor.open(where.protocol(), error);
  if (error) return false;
  acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  if (where.address().is_v6()) {
    acceptor.set_option(boost::asio::ip::v6_only(false), error);
  }
  acceptor.bind(where, error);
  if (!error) acceptor.listen(Tcp::acceptor::max_listen_connections, error);
  if (!error) return true;
  acceptor.close(error);
  return false;
}

bool ListenAnywhere(Tcp::acceptor& acceptor, const Endpoint& listen) {
  ErrorCode error;
  Tcp::resolver resolver(acceptor.get_executor());
  const auto found = resolver.resolve(
      listen.host, absl::StrCat(listen.port),
      Tcp::resolver::passive | Tcp::resolver::numeric_service, error);
  if (error) return false;
  for (const auto& entry : found) {
    if (Listen(acceptor, entry.endpoint())) return true;
  }
  return false;
}

}  // namespace

struct HttpServer::Impl {
  Impl(std::vector<HttpRoute> routes, const HttpServerOptions& options_in)
      : options(options_in), router(std::move(routes), options) {}

  void Accept();
  void Add(Tcp::socket socket);

  const HttpServerOptions options;
  Router router;
  std::optional<HttpTls> tls;
  std::shared_ptr<HttpLoop> loop = std::make_shared<HttpLoop>();
  HttpConnections connections{options};
  HttpSessionHost host{loop, connections, options,
                       [this](const std::shared_ptr<HttpExchange>& exchange) {
                         router.Handle(exchange);
                       },
                       [this](const HttpRequest& request) {
                         return router.MaxBodyBytes(request);
                       }};
  Tcp::acceptor acceptor{loop->context()};
  boost::asio::steady_timer retry{loop->context()};
  Endpoint listening;
  std::thread thread;
};

void HttpServer::Impl::Accept() {
  acceptor.async_accept([this](ErrorCode error, Tcp::socket socket) {
    if (!acceptor.is_open()) return;
    if (error) {
      retry.expires_after(kRetryAccept);
      retry.async_wait([this](ErrorCode cancelled) {
        if (!cancelled && acceptor.is_open()) Accept();
      });
      return;
    }
    Add(std::move(socket));
    Accept();
  });
}

void HttpServer::Impl::Add(Tcp::socket socket) {
  ErrorCode ignored;
  socket.set_option(Tcp::no_delay(true), ignored);
  if (!tls.has_value()) {
    connections.Add(MakePlainConnection(std::move(socket), host));
  } else if (const auto context = tls->Context(); context != nullptr) {
    connections.Add(MakeTlsConnection(std::move(socket), *context, host));
  }
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const Endpoint& listen, std::vector<HttpRoute> routes,
    const HttpServerOptions& options,
    std::shared_ptr<const ServerCertificateFiles> certificate) {
  auto impl = std::make_unique<Impl>(std::move(routes), options);
  if (certificate != nullptr) {
    impl->tls.emplace(std::move(certificate));
    if (impl->tls->Context() == nullptr) {
      return absl::InvalidArgumentError(
          "the certificate is unfit for TLS, as one with a short key is");
    }
  }
  if (!ListenAnywhere(impl->acceptor, listen)) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", HostAndPort(listen),
        ": the port is taken, or the address is not this machine's"));
  }
  impl->listening = listen;
  impl->listening.port = impl->acceptor.local_endpoint().port();
  impl->Accept();
  impl->thread = std::thread([loop = impl->loop] { loop->Run(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() { Stop(); }

const Endpoint& HttpServer::listening() const { return impl_->listening; }

void HttpServer::Stop() {
  impl_->loop->Close([impl = impl_.get()] {
    ErrorCode ignored;
    impl->acceptor.close(ignored);
    impl->retry.cancel();
    impl->connections.Close();
  });
  if (impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace atelier
