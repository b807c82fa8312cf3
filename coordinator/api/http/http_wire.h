// What goes over a connection, between Beast and the server's own types.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_WIRE_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_WIRE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/asio/buffer.hpp"
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
absl::Status NoAnswerWithin(absl::Duration wait);
/// Of a body that a handler wants: nobody sends it, or waits for the answer.
absl::Status GoneCaller();

/// 405 of a method that no path has.
HttpReply NoSuchMethod(absl::string_view path);
/// To whoever speaks HTTP where HTTPS is served.
HttpReply HttpsReply();

/// Whether a handshake of TLS failed since the caller speaks HTTP without it.
bool IsPlainHttp(boost::system::error_code error);

/// Nothing: of no use here. HEAD counts as GET.
std::optional<HttpMethod> MethodOf(boost::beast::http::verb verb);

/// Why a request is refused for its header.
struct HeaderProblem {
  int code = 0;  ///< Of HTTP; 0: it is not.
  absl::Status why = {};
};

/// Fills in what of a header handlers look at.
HeaderProblem ReadFields(const boost::beast::http::request_header<>& from,
                         HttpRequest& request);

/// Whether the caller sends no body before it is told to.
bool AwaitsContinue(const boost::beast::http::request_header<>& from);

/// Whether another host is meant than this one, which is reached over loopback.
/// What has no Host is no browser's.
bool IsForAnotherHost(const HttpRequest& request,
                      const boost::asio::ip::tcp::socket& socket,
                      const std::vector<std::string>& own_names);

/// A piece of an answer, on its way. `chunk_head` is kept with it. To HTTP/1.1
/// an empty one is a chunked body's end.
std::array<boost::asio::const_buffer, 3> PieceBuffers(const std::string& piece,
                                                      unsigned version,
                                                      std::string& chunk_head);

/// `version`: 10 or 11. The length of the body is still to be set.
boost::beast::http::response<boost::beast::http::string_body> MakeResponse(
    HttpReply reply, unsigned version, bool keep_alive);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_WIRE_H_
