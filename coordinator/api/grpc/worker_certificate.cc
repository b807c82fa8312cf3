#include "coordinator/api/grpc/worker_certificate.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/quoted_text.h"
#include "grpc/grpc_security_constants.h"
#include "grpcpp/security/auth_context.h"
#include "grpcpp/server_context.h"

namespace atelier {

std::vector<std::string> CertificateNamesOf(
    const grpc::CallbackServerContext& context) {
  std::vector<std::string> names;
  const std::shared_ptr<const grpc::AuthContext> caller =
      context.auth_context();
  if (caller == nullptr) return names;
  for (const char* property :
       {GRPC_PEER_DNS_PROPERTY_NAME, GRPC_PEER_URI_PROPERTY_NAME}) {
    for (const grpc::string_ref& name : caller->FindPropertyValues(property)) {
      names.emplace_back(name.data(), name.size());
    }
  }
  return names;
}

absl::Status CheckWorkerCertificate(
    const std::vector<std::string>& certificate_names,
    const std::string& worker) {
  if (std::find(certificate_names.begin(), certificate_names.end(), worker) !=
      certificate_names.end()) {
    return absl::OkStatus();
  }
  const std::string shown =
      certificate_names.empty()
          ? "its caller has shown no certificate of a worker (--tls-cert)"
          : absl::StrCat("its caller's certificate is of ",
                         Quoted(absl::StrJoin(certificate_names, ", ")));
  return absl::PermissionDeniedError(
      absl::StrCat("worker.name: ", Quoted(worker), ": ", shown));
}

}  // namespace atelier
