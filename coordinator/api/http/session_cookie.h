// The cookie that a browser keeps a token in, so that no script can read it and
// no other site's page sends it.
#ifndef ATELIER_COORDINATOR_API_HTTP_SESSION_COOKIE_H_
#define ATELIER_COORDINATOR_API_HTTP_SESSION_COOKIE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "coordinator/api/http/http_message.h"

namespace atelier {

/// The token in a value of the header Cookie, "a=b; atelier_session=TOKEN".
/// Empty: there is none, or several.
std::string SessionIn(absl::string_view cookies);

/// A value of Set-Cookie that keeps the token for 30 days, or until it is
/// logged out. With `is_tls` it is never sent without TLS.
/// REQUIRES: the token is of [A-Za-z0-9._~-].
std::string KeepSession(absl::string_view token, bool is_tls);
/// And one that has the browser forget it.
std::string DropSession(bool is_tls);

/// The token that a request comes with: of its header Authorization or, without
/// one, of its cookie. Empty: none.
absl::string_view TokenOf(const HttpRequest& request);

/// Whether a page of another site may have made this request, with whatever
/// its reader's browser adds to it. Programs name no site; a browser does with
/// every request that is no GET, and this one has no say in GETs.
bool MayBeOfAnotherSite(const HttpRequest& request);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_SESSION_COOKIE_H_
