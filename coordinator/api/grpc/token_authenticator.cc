#include "coordinator/api/grpc/token_authenticator.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "coordinator/access/bearer.h"
#include "coordinator/api/grpc/client_address.h"
#include "coordinator/api/grpc/worker_certificate.h"
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
    const std::string peer = context.peer();
    if (absl::StartsWith(peer, "unix:")) return AnonymousAdmin();
    const absl::string_view authorization = AuthorizationOf(context);
    if (authorization.empty()) {
      const std::vector<std::string> names = CertificateNamesOf(context);
      // That it synchronizes under no other name is looked at there.
      if (!names.empty()) return Caller{names.front(), {Role::kWork}};
    }
    return tokens.Authenticate(BearerOf(authorization), ClientAddress(peer));
  };
}

}  // namespace atelier
