#include "coordinator/api/http/http_wire.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "boost/asio/ssl/error.hpp"
#include "boost/beast/http/error.hpp"
#include "coordinator/api/http/own_host.h"
#include "coordinator/api/http/session_cookie.h"

namespace atelier {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

// IPv4 that came to a socket of IPv6.
asio::ip::address Unmapped(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

absl::string_view Text(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

std::string ClientOf(const asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const asio::ip::address address =
      Unmapped(socket.remote_endpoint(error).address());
  if (error) return "unknown";
  return address.is_v4() ? absl::StrCat("ipv4:", address.to_string())
                         : absl::StrCat("ipv6:%5B", address.to_string(), "%5D");
}

bool IsOverLoopback(const asio::ip::tcp::socket& socket) {
  boost::system::error_code error;
  const asio::ip::address address =
      Unmapped(socket.local_endpoint(error).address());
  return !error && address.is_loopback();
}

int CodeOfReadError(boost::system::error_code error) {
  if (error.category() !=
          http::make_error_code(http::error::bad_method).category() ||
      error == http::error::end_of_stream ||
      error == http::error::partial_message) {
    return 0;
  }
  if (error == http::error::header_limit ||
      error == http::error::buffer_overflow) {
    return 431;
  }
  return error == http::error::body_limit ? 413 : 400;
}

absl::Status WhyUnreadable(boost::system::error_code error, int code,
                           uint64_t max_header_bytes, uint64_t max_body_bytes) {
  if (code == 431) {
    return absl::InvalidArgumentError(
        absl::StrCat("header: at most ", max_header_bytes, " bytes"));
  }
  if (code == 413) {
    return absl::InvalidArgumentError(
        absl::StrCat("body: at most ", max_body_bytes, " bytes"));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("request: not HTTP: ", error.message()));
}

absl::Status TooManyConnections(int connections) {
  return absl::UnavailableError(
      absl::StrCat("connections: ", connections,
                   " are open, as many as may (--max-http-connections); "
                   "repeat later"));
}

absl::Status TooManyAnswers() {
  return absl::UnavailableError(
      "callers have too many answers to take; repeat later");
}

absl::Status NoAnswerWithin(absl::Duration wait) {
  return absl::DeadlineExceededError(
      absl::StrCat("no answer within ", absl::FormatDuration(wait)));
}

absl::Status GoneCaller() {
  return absl::CancelledError("body: its caller is gone");
}

HttpReply NoSuchMethod(absl::string_view path) {
  return MethodReply(path, {HttpMethod::kGet, HttpMethod::kPost,
                            HttpMethod::kPut, HttpMethod::kDelete});
}

HttpReply HttpsReply() {
  return ErrorReply("", absl::InvalidArgumentError(
                            "scheme: HTTPS is served here; write https://"));
}

bool IsPlainHttp(boost::system::error_code error) {
  return error.category() == asio::error::get_ssl_category() &&
         ERR_GET_REASON(static_cast<unsigned long>(error.value())) ==
             SSL_R_HTTP_REQUEST;
}

std::optional<HttpMethod> MethodOf(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
      return HttpMethod::kGet;
    case http::verb::post:
      return HttpMethod::kPost;
    case http::verb::put:
      return HttpMethod::kPut;
    case http::verb::delete_:
      return HttpMethod::kDelete;
    default:
      return std::nullopt;
  }
}

HeaderProblem ReadFields(const http::request_header<>& from,
                         HttpRequest& request) {
  if (from.version() == 11 && from.count(http::field::host) != 1) {
    return {400,
            absl::InvalidArgumentError("Host: HTTP/1.1 needs it exactly once")};
  }
  // HTTP/1.0 has no expectations.
  if (from.version() == 11 && from.count(http::field::expect) > 0 &&
      !AwaitsContinue(from)) {
    return {417, absl::InvalidArgumentError("Expect: allowed: 100-continue")};
  }
  if (const auto status = ParseTarget(Text(from.target()), request);
      !status.ok()) {
    return {400, status};
  }
  request.is_head = from.method() == http::verb::head;
  request.awaits_continue = AwaitsContinue(from);
  request.authorization = std::string(from[http::field::authorization]);
  request.session = SessionIn(Text(from[http::field::cookie]));
  request.origin = std::string(from[http::field::origin]);
  request.fetch_site = std::string(from["Sec-Fetch-Site"]);
  request.host = std::string(from[http::field::host]);
  request.has_host = from.count(http::field::host) > 0;
  request.content_type = std::string(from[http::field::content_type]);
  request.last_event_id = std::string(from["Last-Event-ID"]);
  return {};
}

bool AwaitsContinue(const http::request_header<>& from) {
  return from.version() == 11 && from.count(http::field::expect) == 1 &&
         absl::EqualsIgnoreCase(Text(from[http::field::expect]),
                                "100-continue");
}

bool IsForAnotherHost(const HttpRequest& request,
                      const asio::ip::tcp::socket& socket,
                      const std::vector<std::string>& own_names) {
  return request.has_host && IsOverLoopback(socket) &&
         !IsOwnHost(request.host, own_names);
}

std::array<asio::const_buffer, 3> PieceBuffers(const std::string& piece,
                                               unsigned version,
                                               std::string& chunk_head) {
  const bool is_chunked = version == 11;
  chunk_head = is_chunked ? absl::StrCat(absl::Hex(piece.size()), "\r\n") : "";
  return {asio::buffer(chunk_head), asio::buffer(piece),
          asio::buffer("\r\n", is_chunked ? 2 : 0)};
}

http::response<http::string_body> MakeResponse(HttpReply reply,
                                               unsigned version,
                                               bool keep_alive) {
  http::response<http::string_body> response;
  response.version(version);
  response.result(static_cast<unsigned>(reply.code));
  if (!reply.content_type.empty()) {
    response.set(http::field::content_type, reply.content_type);
  }
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.set("Cross-Origin-Resource-Policy", "same-origin");
  for (const auto& [name, value] : reply.headers) response.set(name, value);
  response.keep_alive(keep_alive);
  response.body() = std::move(reply.body);
  return response;
}

}  // namespace atelier
