#include "client/lib/http_get.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "httplib.h"

namespace atelier {
namespace {

constexpr int kMaxRedirects = 5;
constexpr time_t kConnectSeconds = 10;
constexpr time_t kSilenceSeconds = 30;
constexpr int kOk = 200;
constexpr int kPartial = 206;
constexpr int kNotFound = 404;
constexpr int kNoSuchRange = 416;

struct Url {
  std::string origin;  // "https://host:port".
  std::string path;    // "/file?query".
};

absl::StatusOr<Url> ParseUrl(const std::string& text) {
  absl::string_view rest = text;
  if (!absl::ConsumePrefix(&rest, "https://") &&
      !absl::ConsumePrefix(&rest, "http://")) {
    return absl::InvalidArgumentError(absl::StrCat(
        "URL '", text, "': http://HOST/PATH or https://HOST/PATH is expected"));
  }
  const size_t scheme_bytes = text.size() - rest.size();
  const size_t slash = std::min(rest.find('/'), rest.size());
  if (slash == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("URL '", text, "' names no host"));
  }
  Url url;
  url.origin = text.substr(0, scheme_bytes + slash);
  url.path = std::string(rest.substr(slash, rest.find('#') - slash));
  if (url.path.empty()) url.path = "/";
  return url;
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 ||
         status == 308;
}

absl::StatusOr<std::string> Redirected(const Url& from, const std::string& to) {
  if (absl::StartsWith(to, "/")) return from.origin + to;
  if (absl::StartsWith(from.origin, "https:") &&
      !absl::StartsWith(to, "https:")) {
    return absl::FailedPreconditionError(
        absl::StrCat(from.origin, " redirects to '", to,
                     "', away from https: not followed"));
  }
  return to;
}

std::optional<int64_t> Number(absl::string_view text) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < 0) return std::nullopt;
  return number;
}

// "bytes 100-199/200", as a 206 has it.
absl::Status ReadContentRange(const std::string& text, HttpReply& reply) {
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "bytes ")) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(rest, absl::MaxSplits('/', 1));
    const std::pair<absl::string_view, absl::string_view> ends =
        absl::StrSplit(halves.first, absl::MaxSplits('-', 1));
    const std::optional<int64_t> first = Number(ends.first);
    reply.size_bytes = Number(halves.second);
    if (first.has_value()) {
      reply.first_byte = *first;
      return absl::OkStatus();
    }
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the server sends a part of the file and calls it '", text, "'"));
}

absl::Status ReadReply(const httplib::Response& response, HttpReply& reply) {
  reply.status = response.status;
  reply.etag = response.get_header_value("ETag");
  if (reply.status == kPartial) {
    return ReadContentRange(response.get_header_value("Content-Range"), reply);
  }
  if (response.has_header("Content-Length")) {
    reply.size_bytes = Number(response.get_header_value("Content-Length"));
  }
  return absl::OkStatus();
}

// One request to one server, without redirects.
class Exchange {
 public:
  Exchange(const HttpRequest& request, Url url, HttpSink& sink)
      : request_(request),
        url_(std::move(url)),
        sink_(sink),
        client_(url_.origin) {}

  absl::Status Run(StopSignal& stop);
  // Where to go on; empty when there is nothing more to do.
  const std::string& location() const { return location_; }

 private:
  bool OnHead(const httplib::Response& response);
  bool OnBytes(const char* bytes, size_t size);
  absl::Status Explain(const httplib::Result& result) const;

  const HttpRequest& request_;
  const Url url_;
  HttpSink& sink_;
  httplib::Client client_;
  bool is_wanted_ = false;  // The bytes that follow are the file's.
  absl::Status status_;
  std::string location_;
};

bool Exchange::OnHead(const httplib::Response& response) {
  const int code = response.status;
  if (IsRedirect(code)) {
    location_ = response.get_header_value("Location");
    return true;
  }
  if (code == kOk || code == kPartial || code == kNoSuchRange) {
    HttpReply reply;
    status_ = ReadReply(response, reply);
    if (status_.ok()) status_ = sink_.OnReply(reply);
    is_wanted_ = code != kNoSuchRange;
  } else if (code == kNotFound) {
    status_ =
        absl::NotFoundError(absl::StrCat(url_.origin, " has no ", url_.path));
  } else {
    status_ = absl::FailedPreconditionError(
        absl::StrCat(url_.origin, " answers ", code, " ", response.reason));
  }
  return status_.ok();
}

bool Exchange::OnBytes(const char* bytes, size_t size) {
  if (is_wanted_) status_ = sink_.OnBytes({bytes, size});
  return status_.ok();
}

absl::Status Exchange::Explain(const httplib::Result& result) const {
  if (!status_.ok() || result) return status_;
  const std::string why = httplib::to_string(result.error());
  switch (result.error()) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
      return absl::UnavailableError(
          absl::StrCat("cannot reach ", url_.origin,
                       "; is there a network, and a name server?"));
    case httplib::Error::SSLServerVerification:
    case httplib::Error::SSLLoadingCerts:
      return absl::FailedPreconditionError(absl::StrCat(
          "cannot trust ", url_.origin, " (", why,
          "); are the system's CA certificates there? SSL_CERT_FILE names "
          "others"));
    default:
      return absl::UnavailableError(absl::StrCat(
          "the connection to ", url_.origin, " broke (", why, ")"));
  }
}

absl::Status Exchange::Run(StopSignal& stop) {
  client_.set_connection_timeout(kConnectSeconds);
  client_.set_read_timeout(kSilenceSeconds);
  client_.set_follow_location(false);
  client_.set_url_encode(false);
  client_.set_decompress(false);
  httplib::Headers headers = {{"Accept-Encoding", "identity"}};
  if (request_.from_byte > 0) {
    headers.emplace("Range", absl::StrCat("bytes=", request_.from_byte, "-"));
    if (!request_.if_range.empty()) {
      headers.emplace("If-Range", request_.if_range);
    }
  }
  const StopCallback cancel(stop, [this] { client_.stop(); });
  const httplib::Result result = client_.Get(
      url_.path, headers,
      [this](const httplib::Response& response) { return OnHead(response); },
      [this](const char* bytes, size_t size) { return OnBytes(bytes, size); });
  if (stop.stopped()) return absl::CancelledError("interrupted");
  return Explain(result);
}

}  // namespace

absl::Status HttpGet(const HttpRequest& request, HttpSink& sink,
                     StopSignal& stop) {
  std::string at = request.url;
  for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
    ASSIGN_OR_RETURN(const Url url, ParseUrl(at));
    Exchange exchange(request, url, sink);
    RETURN_IF_ERROR(exchange.Run(stop));
    if (exchange.location().empty()) return absl::OkStatus();
    ASSIGN_OR_RETURN(at, Redirected(url, exchange.location()));
  }
  return absl::FailedPreconditionError(absl::StrCat(
      request.url, " redirects more than ", kMaxRedirects, " times"));
}

}  // namespace atelier
