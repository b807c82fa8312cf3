// How a browser logs in: a token that it sends once becomes a cookie.
#ifndef ATELIER_COORDINATOR_API_HTTP_SESSION_ROUTES_H_
#define ATELIER_COORDINATOR_API_HTTP_SESSION_ROUTES_H_

#include <vector>

#include "coordinator/api/http/router.h"

namespace atelier {

class LoginCodes;

/// GET /api/v1/session: who asks, and what it may do.
/// POST: the same, and the token that it came with is its cookie from then on.
/// DELETE: has the browser forget it; open.
/// POST /api/v1/session/codes: a code for the token that it came with.
/// POST /api/v1/session/login {"code": "..."}: logs in with one, once; open.
/// Lifetime: `codes` outlives the server.
std::vector<HttpRoute> SessionRoutes(LoginCodes& codes);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_SESSION_ROUTES_H_
