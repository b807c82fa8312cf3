// gRPC's TLS, from certificates that are replaced while it serves.
#ifndef ATELIER_COORDINATOR_API_GRPC_TLS_CREDENTIALS_H_
#define ATELIER_COORDINATOR_API_GRPC_TLS_CREDENTIALS_H_

#include <memory>

#include "common/tls/server_certificate.h"

namespace grpc {
class ServerCredentials;
}  // namespace grpc

namespace atelier {

/// Each new connection gets what `files` has then; those that are open go on.
/// TLS 1.2 or later. Where workers have an authority, callers are asked for a
/// certificate, and one that is not that authority's is refused; a caller
/// without any is not.
std::shared_ptr<grpc::ServerCredentials> MakeTlsServerCredentials(
    std::shared_ptr<const ServerCertificateFiles> files);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_TLS_CREDENTIALS_H_
