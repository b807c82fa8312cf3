// Certificates for servers and callers of tests, made when they are needed.
#ifndef ATELIER_TESTS_TESTING_TLS_IDENTITY_H_
#define ATELIER_TESTS_TESTING_TLS_IDENTITY_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

namespace atelier {

struct TlsIdentity {
  std::shared_ptr<EVP_PKEY> key;
  std::shared_ptr<X509> certificate;
};

/// Of the server at this IPv4 or IPv6 address, for an hour from now and
/// `begins_in_seconds` on. Ends the process where OpenSSL cannot.
TlsIdentity MakeTlsIdentity(const std::string& address,
                            long begins_in_seconds = 0);

struct TlsSubject {
  /// As OpenSSL's subjectAltName has them: "DNS:farm", "IP:127.0.0.1",
  /// "URI:...".
  std::vector<std::string> names;
  long begins_in_seconds = 0;
  bool is_authority = false;
};

/// Signed by `issuer`, or by itself; with a key of RSA where `rsa_bits` says
/// so. Ends the process where OpenSSL cannot.
TlsIdentity IssueTlsIdentity(const TlsSubject& subject,
                             const TlsIdentity* issuer = nullptr,
                             int rsa_bits = 0);

/// The key, without a passphrase.
std::string KeyPemOf(const TlsIdentity& identity);

/// The certificate as a file of trusted ones has it.
std::string PemOf(const TlsIdentity& identity);

/// OpenSSL keeps something for each thread that calls it, which the thread
/// frees as it ends: after OpenSSL's own cleanup at exit it cannot, and leaks
/// it. This leaves the cleanup out. To be called before all else of OpenSSL.
/// Ends the process where OpenSSL cannot.
void LeaveOutOpensslCleanup();

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_TLS_IDENTITY_H_
