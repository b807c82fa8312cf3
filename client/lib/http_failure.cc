#include "client/lib/http_failure.h"

#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "client/lib/http_get.h"

namespace atelier {
namespace {

constexpr int kProxyWantsPassword = 407;

class Url {
 public:
  explicit Url(const std::string& text, unsigned int flags = 0)
      : url_(curl_url(), curl_url_cleanup),
        is_one_(curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), flags) ==
                CURLUE_OK) {}

  bool is_one() const { return is_one_; }
  // Empty where it has none.
  std::string Part(CURLUPart part) const {
    char* text = nullptr;
    if (curl_url_get(url_.get(), part, &text, 0) != CURLUE_OK) return "";
    const std::unique_ptr<char, decltype(&curl_free)> owned(text, curl_free);
    return text;
  }
  void Remove(CURLUPart part) { curl_url_set(url_.get(), part, nullptr, 0); }

 private:
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_;
  const bool is_one_;
};

// "the proxy http://host:3128 that https_proxy names".
std::string Named(const ProxyInUse& proxy) {
  Url url(proxy.value, CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME);
  const std::string host = url.Part(CURLUPART_HOST);
  if (!url.is_one() || host.empty()) {
    return absl::StrCat("the proxy that ", proxy.variable, " names");
  }
  const std::string port = url.Part(CURLUPART_PORT);
  return absl::StrCat("the proxy ", url.Part(CURLUPART_SCHEME), "://", host,
                      port.empty() ? "" : ":", port, " that ", proxy.variable,
                      " names");
}

// libcurl's own words, unless they quote the proxy with its password.
std::string Reason(CURLcode code, const HttpTrace& trace) {
  const absl::string_view said = trace.error;
  const bool tells =
      !trace.proxy.value.empty() && absl::StrContains(said, trace.proxy.value);
  return said.empty() || tells ? curl_easy_strerror(code) : std::string(said);
}

absl::Status ExplainProxyAnswer(int code, const std::string& url,
                                const ProxyInUse& proxy) {
  if (code == kProxyWantsPassword) {
    return absl::UnavailableError(absl::StrCat(
        Named(proxy), " wants a user and a password, or others: set ",
        proxy.variable, "=http://USER:PASSWORD@HOST:PORT"));
  }
  return absl::UnavailableError(
      absl::StrCat(Named(proxy), " does not connect to ", OriginOf(url),
                   ": it answers ", code));
}

absl::Status Distrust(const std::string& whom, const std::string& why) {
  const bool is_of_another_time = absl::StrContains(why, "expired") ||
                                  absl::StrContains(why, "not yet valid");
  const bool is_of_another = absl::StrContains(why, "match");
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot trust ", whom, " (", why, "); ",
      is_of_another_time ? "is the clock of this machine right?"
      : is_of_another
          ? "its certificate is of another server: is the address right?"
          : "are the system's CA certificates there? SSL_CERT_FILE names "
            "others"));
}

absl::Status ExplainProxyFailure(CURLcode code, const CurlHandle& curl,
                                 const std::string& url,
                                 const HttpTrace& trace) {
  const std::string reason = Reason(code, trace);
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return Distrust(Named(trace.proxy), reason);
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
      return absl::UnavailableError(
          absl::StrCat("cannot reach ", Named(trace.proxy), " (", reason, ")"));
    default:
      if (curl.ConnectCode() > 0) {
        return ExplainProxyAnswer(curl.ConnectCode(), url, trace.proxy);
      }
      return absl::UnavailableError(
          absl::StrCat(Named(trace.proxy), " does not connect to ",
                       OriginOf(url), " (", reason, ")"));
  }
}

// Whether the way to the proxy, or the proxy, is what failed; not what lies
// behind it.
bool IsTheProxys(CURLcode code, const CurlHandle& curl) {
  constexpr int kFirstFailure = 300;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
      return true;
    case CURLE_PEER_FAILED_VERIFICATION:
      return curl.RefusedProxy();
    default:
      // Where it ends before the proxy has agreed to connect.
      return curl.ConnectCode() == 0 ? curl.StatusCode() == 0
                                     : curl.ConnectCode() >= kFirstFailure;
  }
}

}  // namespace

void HttpTrace::Read(absl::string_view line) {
  // "Uses proxy env variable https_proxy == 'http://host:3128'"
  if (!absl::ConsumePrefix(&line, "Uses proxy env variable ")) return;
  const std::vector<absl::string_view> halves =
      absl::StrSplit(line, absl::MaxSplits(" == '", 1));
  if (halves.size() != 2 || absl::EqualsIgnoreCase(halves[0], "no_proxy")) {
    return;
  }
  proxy.variable = std::string(halves[0]);
  proxy.value = std::string(halves[1].substr(0, halves[1].rfind('\'')));
}

std::string WithoutPassword(const std::string& url) {
  Url parts(url);
  if (!parts.is_one()) return url;
  const bool has_any = !parts.Part(CURLUPART_USER).empty() ||
                       !parts.Part(CURLUPART_PASSWORD).empty();
  if (!has_any) return url;
  parts.Remove(CURLUPART_USER);
  parts.Remove(CURLUPART_PASSWORD);
  return parts.Part(CURLUPART_URL);
}

std::string OriginOf(const std::string& url) {
  const Url parts(url);
  const std::string port = parts.Part(CURLUPART_PORT);
  if (!parts.is_one()) return "";
  return absl::StrCat(parts.Part(CURLUPART_SCHEME), "://",
                      parts.Part(CURLUPART_HOST), port.empty() ? "" : ":",
                      port);
}

std::string HostOf(const std::string& url) {
  return Url(url).Part(CURLUPART_HOST);
}

absl::Status ExplainAnswer(int status_code, const std::string& url,
                           const ProxyInUse& proxy) {
  if (status_code == kProxyWantsPassword && !proxy.variable.empty()) {
    return ExplainProxyAnswer(status_code, url, proxy);
  }
  return absl::FailedPreconditionError(
      absl::StrCat(OriginOf(url), " answers ", status_code,
                   proxy.variable.empty() ? "" : ", through ",
                   proxy.variable.empty() ? "" : Named(proxy)));
}

absl::Status ExplainFailure(CURLcode code, const CurlHandle& curl,
                            const std::string& url, const HttpTrace& trace) {
  if (!trace.proxy.variable.empty() && IsTheProxys(code, curl)) {
    return ExplainProxyFailure(code, curl, url, trace);
  }
  const std::string origin = OriginOf(url);
  const std::string reason = Reason(code, trace);
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      return absl::UnavailableError(
          absl::StrCat("cannot reach ", origin, " (", reason,
                       "); is there a network, and a name server?"));
    case CURLE_PEER_FAILED_VERIFICATION:
      return Distrust(origin, reason);
    case CURLE_SSL_CACERT_BADFILE:
      return Distrust(origin, "no certificates could be read");
    default:
      return absl::UnavailableError(
          absl::StrCat("the connection to ", origin, " broke (", reason, ")"));
  }
}

}  // namespace atelier
