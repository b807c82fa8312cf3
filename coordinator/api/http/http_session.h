// The adapter of Boost.Beast: HTTP/1 on one connection.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_SESSION_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_SESSION_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/ssl/context.hpp"
#include "coordinator/api/http/http_connection.h"
#include "coordinator/api/http/http_loop.h"

namespace atelier {

/// What all connections of a server share. All but the loop must outlive their
/// ends.
struct HttpSessionHost {
  std::shared_ptr<HttpLoop> loop;
  HttpConnections& connections;
  const HttpServerOptions& options;
  HttpHandler handler;
  /// Router::MaxBodyBytes.
  std::function<uint64_t(const HttpRequest&)> max_body_bytes;
};

/// A connection without TLS.
std::shared_ptr<HttpConnection> MakePlainConnection(
    boost::asio::ip::tcp::socket socket, const HttpSessionHost& host);

/// A connection that begins with a handshake of TLS, which has
/// HttpServerOptions::read_timeout.
std::shared_ptr<HttpConnection> MakeTlsConnection(
    boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& context,
    const HttpSessionHost& host);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_SESSION_H_
