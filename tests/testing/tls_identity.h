// A certificate that vouches for itself, for servers of tests.
#ifndef ATELIER_TESTS_TESTING_TLS_IDENTITY_H_
#define ATELIER_TESTS_TESTING_TLS_IDENTITY_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace atelier {

struct TlsIdentity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
};

/// Of the server at this IPv4 or IPv6 address, for an hour from now and
/// `begins_in_seconds` on. Ends the process where OpenSSL cannot.
TlsIdentity MakeTlsIdentity(const std::string& address,
                            long begins_in_seconds = 0);

/// The certificate as a file of trusted ones has it.
std::string PemOf(const TlsIdentity& identity);

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_TLS_IDENTITY_H_
