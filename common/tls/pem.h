// Certificates and keys as OpenSSL has them, from the text of PEM files.
#ifndef ATELIER_COMMON_TLS_PEM_H_
#define ATELIER_COMMON_TLS_PEM_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace atelier {

struct OpenSslDelete {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, OpenSslDelete>;
using PrivateKey = std::unique_ptr<EVP_PKEY, OpenSslDelete>;

/// In their order; other blocks between them are passed over.
/// Errors: InvalidArgument (there is none, or one is damaged).
absl::StatusOr<std::vector<Certificate>> ParseCertificates(
    absl::string_view pem);

/// When the first of them expires; InfinitePast where a time can't be read.
absl::Time ExpiryOf(const std::vector<Certificate>& chain);

/// Of a file without a passphrase. Errors: InvalidArgument.
absl::StatusOr<PrivateKey> ParsePrivateKey(absl::string_view pem);

/// Whether the first of the chain is of this key, and fit for TLS.
/// Errors: InvalidArgument (either cannot be read, they do not match, or the
///         key is too short).
absl::Status CheckPair(absl::string_view chain_pem, absl::string_view key_pem);

/// The file, which is small. Errors: as ReadFile.
absl::StatusOr<std::string> ReadPem(const std::string& path);

/// What OpenSSL says of its last error, and forgets.
std::string OpenSslError();

}  // namespace atelier

#endif  // ATELIER_COMMON_TLS_PEM_H_
