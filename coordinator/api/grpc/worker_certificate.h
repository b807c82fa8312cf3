// Which worker a certificate is for.
#ifndef ATELIER_COORDINATOR_API_GRPC_WORKER_CERTIFICATE_H_
#define ATELIER_COORDINATOR_API_GRPC_WORKER_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace grpc {
class CallbackServerContext;
}  // namespace grpc

namespace atelier {

/// The DNS names and URIs of the caller's verified certificate; none without
/// one.
std::vector<std::string> CertificateNamesOf(
    const grpc::CallbackServerContext& context);

/// Whether a caller whose certificate has these names is this worker.
/// Errors: PermissionDenied (has both).
absl::Status CheckWorkerCertificate(
    const std::vector<std::string>& certificate_names,
    const std::string& worker);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_WORKER_CERTIFICATE_H_
