#include "tests/testing/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>

namespace atelier {
namespace {

constexpr long kValidSeconds = 3600;

void Require(bool done, const char* what) {
  if (done) return;
  std::fprintf(stderr, "OpenSSL cannot %s\n", what);
  std::abort();
}

void AddAddress(X509* certificate, const std::string& address) {
  const std::string name = "IP:" + address;
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)>
      extension(X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                                    name.c_str()),
                X509_EXTENSION_free);
  Require(extension != nullptr &&
              X509_add_ext(certificate, extension.get(), /*loc=*/-1) == 1,
          "name the server");
}

}  // namespace

TlsIdentity MakeTlsIdentity(const std::string& address,
                            long begins_in_seconds) {
  TlsIdentity identity;
  identity.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
  identity.certificate.reset(X509_new(), X509_free);
  X509* const certificate = identity.certificate.get();
  Require(identity.key != nullptr && certificate != nullptr, "make a key");
  X509_NAME* const name = X509_get_subject_name(certificate);
  const bool filled =
      X509_set_version(certificate, X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
      X509_gmtime_adj(X509_getm_notBefore(certificate), begins_in_seconds) !=
          nullptr &&
      X509_gmtime_adj(X509_getm_notAfter(certificate),
                      begins_in_seconds + kValidSeconds) != nullptr &&
      X509_NAME_add_entry_by_txt(
          name, "CN", MBSTRING_ASC,
          reinterpret_cast<const unsigned char*>(address.c_str()), /*len=*/-1,
          /*loc=*/-1, /*set=*/0) == 1 &&
      X509_set_issuer_name(certificate, name) == 1 &&
      X509_set_pubkey(certificate, identity.key.get()) == 1;
  Require(filled, "fill a certificate in");
  AddAddress(certificate, address);
  Require(X509_sign(certificate, identity.key.get(), EVP_sha256()) > 0,
          "sign a certificate");
  return identity;
}

std::string PemOf(const TlsIdentity& identity) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()),
                                                         BIO_free);
  Require(memory != nullptr &&
              PEM_write_bio_X509(memory.get(), identity.certificate.get()) == 1,
          "write a certificate");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

}  // namespace atelier
