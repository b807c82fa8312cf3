// Puts this process's token on each call of a channel.
#ifndef ATELIER_COMMON_RPC_TOKEN_INTERCEPTOR_H_
#define ATELIER_COMMON_RPC_TOKEN_INTERCEPTOR_H_

#include <memory>
#include <utility>

#include "common/endpoint.h"
#include "common/token/token_source.h"
#include "grpcpp/support/client_interceptor.h"

namespace atelier {

/// Thread-safe.
class TokenInterceptorFactory
    : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  /// For a channel to `server`.
  TokenInterceptorFactory(std::shared_ptr<TokenSource> tokens, Endpoint server)
      : tokens_(std::move(tokens)), server_(std::move(server)) {}

  /// Null where there is no token: the call goes without.
  grpc::experimental::Interceptor* CreateClientInterceptor(
      grpc::experimental::ClientRpcInfo* info) override;

 private:
  const std::shared_ptr<TokenSource> tokens_;
  const Endpoint server_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_RPC_TOKEN_INTERCEPTOR_H_
