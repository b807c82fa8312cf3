// Both ends of a connection, agreed on bounds and keepalive.
#ifndef ATELIER_COMMON_RPC_CHANNEL_H_
#define ATELIER_COMMON_RPC_CHANNEL_H_

#include <memory>

#include "common/endpoint.h"
#include "common/tls/client_files.h"
#include "common/token/token_source.h"

namespace grpc {
class Channel;
class ServerBuilder;
}  // namespace grpc

namespace atelier {

/// The largest message either side sends or takes.
inline constexpr int kMaxMessageBytes = 16 << 20;

/// A lazy channel: it connects at the first call, and again by itself after a
/// loss (a call in between fails with UNAVAILABLE at once). Dead peers are
/// noticed within half a minute. Proxies from the environment are not used.
/// With TLS 1.2 or later, and its name checked, where the endpoint says so; the
/// files are read again every minute, for the connections after that.
/// Each call carries the token that `tokens`, which may be null, has for this
/// coordinator at that moment, as "authorization: Bearer TOKEN".
/// Thread-safe. REQUIRES: CheckTlsClientFiles(coordinator, files) is OK.
std::shared_ptr<grpc::Channel> MakeChannel(
    const Endpoint& coordinator, const TlsClientFiles& files = {},
    std::shared_ptr<TokenSource> tokens = nullptr);

/// Has it try to connect now, also where it would wait before the next try, and
/// look the host up anew.
void ConnectNow(grpc::Channel& channel);

/// The server's half: the same message bounds, a bound on how long a caller may
/// take over the handshake, and leave for the keepalive pings that
/// MakeChannel's channels send. Call before BuildAndStart.
void ConfigureServer(grpc::ServerBuilder& builder);

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_CHANNEL_H_
