#include "coordinator/api/http/session_cookie.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "coordinator/access/bearer.h"

namespace atelier {
namespace {

constexpr absl::string_view kName = "atelier_session=";
constexpr int kKeptSeconds = 30 * 24 * 3600;

std::string Cookie(absl::string_view token, int seconds, bool is_tls) {
  return absl::StrCat(kName, token, "; Path=/; Max-Age=", seconds,
                      "; HttpOnly; SameSite=Strict", is_tls ? "; Secure" : "");
}

}  // namespace

std::string SessionIn(absl::string_view cookies) {
  std::string found;
  for (absl::string_view cookie : absl::StrSplit(cookies, ';')) {
    cookie = absl::StripAsciiWhitespace(cookie);
    if (!absl::ConsumePrefix(&cookie, kName)) continue;
    // Which of them is whose nobody can tell.
    if (!found.empty()) return "";
    found = std::string(cookie);
  }
  return found;
}

std::string KeepSession(absl::string_view token, bool is_tls) {
  return Cookie(token, kKeptSeconds, is_tls);
}

std::string DropSession(bool is_tls) { return Cookie("", 0, is_tls); }

absl::string_view TokenOf(const HttpRequest& request) {
  if (!request.authorization.empty()) return BearerOf(request.authorization);
  return request.session;
}

bool MayBeOfAnotherSite(const HttpRequest& request) {
  if (request.method == HttpMethod::kGet) return false;
  if (!request.fetch_site.empty() && request.fetch_site != "same-origin") {
    return true;
  }
  if (request.origin.empty()) {
    return request.authorization.empty() && !request.session.empty() &&
           request.fetch_site.empty();
  }
  const size_t host = request.origin.find("://");
  return host == std::string::npos ||
         !absl::EqualsIgnoreCase(
             absl::string_view(request.origin).substr(host + 3), request.host);
}

}  // namespace atelier
