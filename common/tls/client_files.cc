#include "common/tls/client_files.h"

#include "absl/strings/str_cat.h"
#include "common/field_error.h"
#include "common/status_macros.h"
#include "common/tls/pem.h"

namespace atelier {
namespace {

absl::Status ErrorIn(absl::string_view field, const std::string& path,
                     const absl::Status& why) {
  if (why.ok()) return why;
  return FieldError(field, absl::StrCat(path, ": ", why.message()));
}

absl::Status CheckOwnCertificate(const TlsClientFiles& files) {
  const absl::StatusOr<std::string> chain = ReadPem(files.tls_cert);
  if (!chain.ok()) return FieldError("tls-cert", chain.status().message());
  RETURN_IF_ERROR(
      ErrorIn("tls-cert", files.tls_cert, ParseCertificates(*chain).status()));
  const absl::StatusOr<std::string> key = ReadPem(files.tls_key);
  if (!key.ok()) return FieldError("tls-key", key.status().message());
  return ErrorIn("tls-key", files.tls_key, CheckPair(*chain, *key));
}

}  // namespace

absl::Status CheckTlsClientFiles(const Endpoint& server,
                                 const TlsClientFiles& files) {
  if (files.tls_cert.empty() != files.tls_key.empty()) {
    return files.tls_cert.empty()
               ? FieldError("tls-cert", "not given, but its key is")
               : FieldError("tls-key", "not given, but its certificate is");
  }
  if (!server.tls) {
    if (files.tls_cert.empty()) return absl::OkStatus();
    return FieldError("tls-cert", absl::StrCat(ToString(server),
                                               " is without TLS; write "
                                               "grpcs://HOST:PORT"));
  }
  if (!files.tls_cert.empty()) RETURN_IF_ERROR(CheckOwnCertificate(files));
  if (files.ca.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> ca = ReadPem(files.ca);
  if (!ca.ok()) return FieldError("ca", ca.status().message());
  return ErrorIn("ca", files.ca, ParseCertificates(*ca).status());
}

}  // namespace atelier
