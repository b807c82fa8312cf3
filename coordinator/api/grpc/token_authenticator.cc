#include "coordinator/api/grpc/token_authenticator.h"

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "coordinator/access/bearer.h"
#include "grpcpp/server_context.h"

namespace atelier {
namespace {

absl::string_view AuthorizationOf(const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find("authorization");
  if (found == metadata.end()) return "";
  return absl::string_view(found->second.data(), found->second.size());
}

}  // namespace

Authenticator TokenAuthenticator(TokenRegistry& tokens) {
  return [&tokens](const grpc::CallbackServerContext& context)
             -> absl::StatusOr<Caller> {
    if (absl::StartsWith(context.peer(), "unix:")) return AnonymousAdmin();
    return tokens.Authenticate(BearerOf(AuthorizationOf(context)));
  };
}

}  // namespace atelier
