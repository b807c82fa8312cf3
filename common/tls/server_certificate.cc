#include "common/tls/server_certificate.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/field_error.h"
#include "common/status_macros.h"
#include "common/tls/pem.h"

namespace atelier {
namespace {

absl::StatusOr<std::string> Read(absl::string_view field,
                                 const std::string& path) {
  absl::StatusOr<std::string> pem = ReadPem(path);
  if (!pem.ok()) return FieldError(field, pem.status().message());
  return pem;
}

absl::Status ErrorIn(absl::string_view field, const std::string& path,
                     const absl::Status& why) {
  if (why.ok()) return why;
  return FieldError(field, absl::StrCat(path, ": ", why.message()));
}

bool Same(const ServerCertificate& a, const ServerCertificate& b) {
  return a.chain_pem == b.chain_pem && a.key_pem == b.key_pem &&
         a.worker_ca_pem == b.worker_ca_pem;
}

}  // namespace

absl::StatusOr<ServerCertificate> ServerCertificateFiles::Load() const {
  ServerCertificate loaded;
  ASSIGN_OR_RETURN(loaded.chain_pem, Read("tls-cert", paths_.tls_cert));
  const absl::StatusOr<std::vector<Certificate>> chain =
      ParseCertificates(loaded.chain_pem);
  RETURN_IF_ERROR(ErrorIn("tls-cert", paths_.tls_cert, chain.status()));
  loaded.expires_at = ExpiryOf(*chain);
  ASSIGN_OR_RETURN(loaded.key_pem, Read("tls-key", paths_.tls_key));
  RETURN_IF_ERROR(ErrorIn("tls-key", paths_.tls_key,
                          CheckPair(loaded.chain_pem, loaded.key_pem)));
  if (paths_.worker_ca.empty()) return loaded;
  ASSIGN_OR_RETURN(loaded.worker_ca_pem, Read("worker-ca", paths_.worker_ca));
  RETURN_IF_ERROR(ErrorIn("worker-ca", paths_.worker_ca,
                          ParseCertificates(loaded.worker_ca_pem).status()));
  return loaded;
}

absl::StatusOr<std::unique_ptr<ServerCertificateFiles>>
ServerCertificateFiles::Open(ServerCertificatePaths paths) {
  std::unique_ptr<ServerCertificateFiles> files(
      new ServerCertificateFiles(std::move(paths)));
  RETURN_IF_ERROR(files->Refresh().status());
  return files;
}

std::shared_ptr<const ServerCertificate> ServerCertificateFiles::Current()
    const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

absl::StatusOr<bool> ServerCertificateFiles::Refresh() {
  absl::StatusOr<ServerCertificate> loaded = Load();
  absl::MutexLock lock(&mutex_);
  if (!loaded.ok()) {
    const std::string error(loaded.status().message());
    if (error == std::exchange(last_error_, error)) return false;
    return loaded.status();
  }
  last_error_.clear();
  if (current_ != nullptr && Same(*current_, *loaded)) return false;
  current_ = std::make_shared<const ServerCertificate>(*std::move(loaded));
  return true;
}

}  // namespace atelier
