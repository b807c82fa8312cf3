#include "tests/testing/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_join.h"
#include "common/random_id.h"

namespace atelier {
namespace {

constexpr long kValidSeconds = 3600;

void Require(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "OpenSSL cannot %s\n", what);
  std::abort();
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>
      extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()),
                X509_EXTENSION_free);
  Require(extension != nullptr &&
              X509_add_ext(certificate, extension.get(), /*loc=*/-1) == 1,
          "add an extension");
}

// Authorities are told apart by their names.
void FillIn(X509* certificate, EVP_PKEY* key, const TlsSubject& subject) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  const std::string text = RandomId();
  const bool filled =
      X509_set_version(certificate, X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(certificate),
                      subject.begins_in_seconds) != nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(certificate),
                      subject.begins_in_seconds + kValidSeconds) != nullptr &&
      X509_NAME_add_entry_by_txt(
          name, "CN", MBSTRING_ASC,
          reinterpret_cast<const unsigned char*>(text.c_str()), /*len=*/-1,
          /*loc=*/-1, /*set=*/0) == 1 &&
      X509_set_pubkey(certificate, key) == 1;
  Require(filled, "fill a certificate in");
  if (subject.is_authority) {
    AddExtension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  }
  if (!subject.names.empty()) {
    AddExtension(certificate, NID_subject_alt_name,
                 absl::StrJoin(subject.names, ","));
  }
}

// What `write` writes.
template <typename Write>
std::string Text(Write write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()),
                                                         BIO_free);
  Require(memory != nullptr && write(memory.get()) == 1, "write a file");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace

TlsIdentity IssueTlsIdentity(const TlsSubject& subject,
                             const TlsIdentity* issuer, int rsa_bits) {
  TlsIdentity identity;
  identity.key.reset(rsa_bits > 0 ? EVP_RSA_gen(rsa_bits) : EVP_EC_gen("P-256"),
                     EVP_PKEY_free);
  identity.certificate.reset(X509_new(), X509_free);
  X509* const certificate = identity.certificate.get();
  Require(identity.key != nullptr && certificate != nullptr, "make a key");
  FillIn(certificate, identity.key.get(), subject);
  const TlsIdentity& signer = issuer == nullptr ? identity : *issuer;
  Require(
      X509_set_issuer_name(
          certificate, X509_get_subject_name(signer.certificate.get())) == 1 &&
          X509_sign(certificate, signer.key.get(), EVP_sha256()) > 0,
      "sign a certificate");
  return identity;
}

TlsIdentity MakeTlsIdentity(const std::string& address,
                            long begins_in_seconds) {
  return IssueTlsIdentity({{"IP:" + address}, begins_in_seconds});
}

std::string PemOf(const TlsIdentity& identity) {
  return Text([&](BIO* to) {
    return PEM_write_bio_X509(to, identity.certificate.get());
  });
}

std::string KeyPemOf(const TlsIdentity& identity) {
  return Text([&](BIO* to) {
    return PEM_write_bio_PrivateKey(to, identity.key.get(), nullptr, nullptr, 0,
                                    nullptr, nullptr);
  });
}

void LeaveOutOpensslCleanup() {
  if (OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr) != 1) std::abort();
}

}  // namespace atelier
