// Who calls over gRPC, by the token that comes with the call.
#ifndef ATELIER_COORDINATOR_API_GRPC_TOKEN_AUTHENTICATOR_H_
#define ATELIER_COORDINATOR_API_GRPC_TOKEN_AUTHENTICATOR_H_

#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/authenticator.h"

namespace atelier {

/// Of `authorization: Bearer TOKEN`; a worker's certificate is asked for beside
/// it. Whoever reaches a Unix socket is an admin: the socket's folder says who
/// can. Lifetime: `tokens` outlives the server.
Authenticator TokenAuthenticator(TokenRegistry& tokens);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_TOKEN_AUTHENTICATOR_H_
