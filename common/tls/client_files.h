// What a client trusts, and what it shows of itself.
#ifndef ATELIER_COMMON_TLS_CLIENT_FILES_H_
#define ATELIER_COMMON_TLS_CLIENT_FILES_H_

#include <string>

#include "absl/status/status.h"
#include "common/endpoint.h"

namespace atelier {

/// PEM files, by the flags that name them. Each may be empty.
struct TlsClientFiles {
  std::string ca;        ///< Trusted authorities; empty: the system's.
  std::string tls_cert;  ///< Our own certificate, and its key.
  std::string tls_key;
};

/// Whether they can be used for `server`. The authorities are not looked at
/// where its address is without TLS.
/// Errors: InvalidArgument (FieldError "ca", "tls-cert" or "tls-key"; a
///         certificate of our own for an address without TLS, too).
absl::Status CheckTlsClientFiles(const Endpoint& server,
                                 const TlsClientFiles& files);

}  // namespace atelier

#endif  // ATELIER_COMMON_TLS_CLIENT_FILES_H_
