// What goes over a connection, between Beast and the server's own types.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_WIRE_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_WIRE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/http/message.hpp"
#include "boost/beast/http/string_body.hpp"
#include "boost/beast/http/verb.hpp"
#include "coordinator/api/http/http_message.h"

namespace atelier {

/// HttpRequest::client of the caller's end. A mapped IPv4 address is IPv4.
std::string ClientOf(const boost::asio::ip::tcp::socket& socket);

/// Whether the caller is on this machine, and reached an address of loopback.
bool IsOverLoopback(const boost::asio::ip::tcp::socket& socket);

/// The HTTP status code for a request that can't be read; 0 where there is
/// nobody, or nothing, to answer.
int CodeOfReadError(boost::system::error_code error);

/// Why such a request can't be read, `code` being the one of its error.
absl::Status WhyUnreadable(boost::system::error_code error, int code,
                           uint64_t max_header_bytes, uint64_t max_body_bytes);

/// Of as many connections as may be.
absl::Status TooManyConnections(int connections);
/// Of answers that wait to be taken.
absl::Status TooManyAnswers();

/// Whether a handshake of TLS failed since the caller speaks HTTP without it.
bool IsPlainHttp(boost::system::error_code error);

/// Nothing: of no use here. HEAD counts as GET.
std::optional<HttpMethod> MethodOf(boost::beast::http::verb verb);

/// What of a header handlers look at, and the body, which is taken.
void ReadFields(
    boost::beast::http::request<boost::beast::http::string_body>& from,
    HttpRequest& request);

/// `version`: 10 or 11. The length of the body is still to be set.
boost::beast::http::response<boost::beast::http::string_body> MakeResponse(
    HttpReply reply, unsigned version, bool keep_alive);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_WIRE_H_
