#include "client/lib/http_get.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/lib/curl_handle.h"
#include "client/lib/http_failure.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kMaxRedirects = 5;
constexpr long kConnectSeconds = 10;
constexpr int kPollMs = 1000;
constexpr int kOk = 200;
constexpr int kPartial = 206;
constexpr int kNotFound = 404;
constexpr int kNoSuchRange = 416;

bool IsHttps(absl::string_view url) {
  return absl::StartsWithIgnoreCase(url, "https://");
}

// libcurl would guess what is missing.
absl::Status CheckUrl(const std::string& url) {
  absl::string_view rest = url;
  const bool has_scheme =
      IsHttps(url) || absl::StartsWithIgnoreCase(url, "http://");
  if (has_scheme) rest.remove_prefix(rest.find("//") + 2);
  if (has_scheme && !rest.empty() && rest[0] != '/' && !HostOf(url).empty()) {
    return absl::OkStatus();
  }
  return InvalidArgument("URL ", Quoted(WithoutPassword(url)),
                         ": http://HOST/PATH or https://HOST/PATH is expected");
}

absl::Status CheckRedirect(const std::string& from, const std::string& to) {
  if (IsHttps(to) || (!IsHttps(from) && CheckUrl(to).ok())) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      OriginOf(from), " redirects to ", Quoted(WithoutPassword(to)), ", ",
      IsHttps(from) ? "away from https" : "which is no http or https",
      ": not followed"));
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
      "the server sends a part of the file and calls it ", Quoted(text)));
}

// One request to one server, without redirects.
class Exchange {
 public:
  Exchange(const HttpRequest& request, std::string url, HttpSink& sink)
      : request_(request), url_(std::move(url)), sink_(sink) {}

  absl::Status Run(StopSignal& stop) {
    SetUp();
    const CURLcode code = Transfer(stop);
    if (stop.stopped()) return absl::CancelledError("interrupted");
    if (!status_.ok()) return status_;
    if (code != CURLE_OK) return ExplainFailure(code, curl_, url_, trace_);
    return has_reply_ ? absl::OkStatus() : ReadReply();
  }

  // Where to go on; empty when there is nothing more to do.
  const std::string& location() const { return location_; }

 private:
  static size_t OnBytes(char* bytes, size_t, size_t size, void* self) {
    auto& exchange = *static_cast<Exchange*>(self);
    exchange.status_ = exchange.TakeBytes({bytes, size});
    return exchange.status_.ok() ? size : 0;
  }

  static int OnTrace(CURL*, curl_infotype type, char* text, size_t size,
                     void* self) {
    if (type == CURLINFO_TEXT) {
      static_cast<Exchange*>(self)->trace_.Read({text, size});
    }
    return 0;
  }

  void SetUp() {
    curl_.Set(CURLOPT_URL, url_.c_str());
    curl_.Set(CURLOPT_PROTOCOLS_STR, "http,https");
    curl_.Set(CURLOPT_NOSIGNAL, 1L);
    curl_.Set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_.Set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_.Set(CURLOPT_LOW_SPEED_TIME,
              std::max<long>(absl::ToInt64Seconds(request_.silence), 1));
    curl_.TrustEnvironment();
    headers_.Add("Accept-Encoding: identity");
    if (request_.from_byte > 0) {
      curl_.Set(CURLOPT_RANGE, absl::StrCat(request_.from_byte, "-").c_str());
      if (!request_.if_range.empty()) {
        headers_.Add(absl::StrCat("If-Range: ", request_.if_range));
      }
    }
    curl_.Set(CURLOPT_HTTPHEADER, headers_.get());
    curl_.Set(CURLOPT_WRITEFUNCTION, &Exchange::OnBytes);
    curl_.Set(CURLOPT_WRITEDATA, this);
    curl_.Set(CURLOPT_ERRORBUFFER, trace_.error);
    curl_.Set(CURLOPT_DEBUGFUNCTION, &Exchange::OnTrace);
    curl_.Set(CURLOPT_DEBUGDATA, this);
    curl_.Set(CURLOPT_VERBOSE, 1L);
  }

  absl::Status ReadReply() {
    has_reply_ = true;
    const int code = curl_.StatusCode();
    location_ = curl_.RedirectUrl();
    if (!location_.empty()) return absl::OkStatus();
    if (code == kNotFound) {
      return absl::NotFoundError(absl::StrCat(
          OriginOf(url_), " has no ",
          absl::StripPrefix(WithoutPassword(url_), OriginOf(url_))));
    }
    if (code != kOk && code != kPartial && code != kNoSuchRange) {
      return ExplainAnswer(code, url_, trace_.proxy);
    }
    HttpReply reply;
    reply.status = code;
    reply.etag = curl_.Header("ETag");
    if (code == kPartial) {
      RETURN_IF_ERROR(ReadContentRange(curl_.Header("Content-Range"), reply));
    } else {
      reply.size_bytes = Number(curl_.Header("Content-Length"));
    }
    is_wanted_ = code != kNoSuchRange;
    return sink_.OnReply(reply);
  }

  absl::Status TakeBytes(absl::string_view bytes) {
    if (!has_reply_) RETURN_IF_ERROR(ReadReply());
    return is_wanted_ ? sink_.OnBytes(bytes) : absl::OkStatus();
  }

  CURLcode Transfer(StopSignal& stop) {
    CurlLoop loop(curl_);
    const StopCallback wake(stop, [&loop] { loop.Wake(); });
    std::optional<CURLcode> ended;
    while (!stop.stopped() && !(ended = loop.Step(kPollMs)).has_value()) {
    }
    return ended.value_or(CURLE_ABORTED_BY_CALLBACK);
  }

  const HttpRequest& request_;
  const std::string url_;
  HttpSink& sink_;
  // What the handle writes to and reads from outlives it.
  HttpTrace trace_;
  CurlList headers_;
  CurlHandle curl_;
  bool has_reply_ = false;
  bool is_wanted_ = false;  // The bytes that follow are the file's.
  absl::Status status_;
  std::string location_;
};

}  // namespace

absl::Status HttpGet(const HttpRequest& request, HttpSink& sink,
                     StopSignal& stop) {
  RETURN_IF_ERROR(CheckUrl(request.url));
  std::string at = request.url;
  for (int redirects = 0; redirects <= kMaxRedirects; ++redirects) {
    Exchange exchange(request, at, sink);
    RETURN_IF_ERROR(exchange.Run(stop));
    if (exchange.location().empty()) return absl::OkStatus();
    RETURN_IF_ERROR(CheckRedirect(at, exchange.location()));
    at = exchange.location();
  }
  return absl::FailedPreconditionError(
      absl::StrCat(WithoutPassword(request.url), " redirects more than ",
                   kMaxRedirects, " times"));
}

}  // namespace atelier
