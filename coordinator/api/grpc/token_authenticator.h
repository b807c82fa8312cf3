// Who calls over gRPC, by the token that comes with the call.
#ifndef ATELIER_COORDINATOR_API_GRPC_TOKEN_AUTHENTICATOR_H_
#define ATELIER_COORDINATOR_API_GRPC_TOKEN_AUTHENTICATOR_H_

#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/authenticator.h"

namespace atelier {

/// Of `authorization: Bearer TOKEN`. Without one, a worker with a certificate
/// of its authority is the worker of that name. Whoever reaches a Unix socket
/// is an admin: the socket's folder says who can. Lifetime: `tokens` outlives
/// the server.
Authenticator TokenAuthenticator(TokenRegistry& tokens);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_TOKEN_AUTHENTICATOR_H_
