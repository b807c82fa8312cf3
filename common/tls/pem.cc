#include "common/tls/pem.h"

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/strings/match.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// The bundle of all public authorities has a quarter of it.
constexpr int64_t kMaxPemBytes = 1 << 20;

struct BioDelete {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Memory = std::unique_ptr<BIO, BioDelete>;

Memory MemoryOf(absl::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// A server's start must not wait for somebody to type.
int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

std::string OpenSslError() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

absl::StatusOr<std::vector<Certificate>> ParseCertificates(
    absl::string_view pem) {
  const Memory memory = MemoryOf(pem);
  std::vector<Certificate> found;
  ERR_clear_error();
  while (X509* const next =
             PEM_read_bio_X509(memory.get(), nullptr, NoPassphrase, nullptr)) {
    found.emplace_back(next);
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
    return InvalidArgument("a certificate is damaged (", OpenSslError(), ")");
  }
  ERR_clear_error();
  if (found.empty()) return InvalidArgument("there is no certificate in it");
  return found;
}

absl::Time ExpiryOf(const std::vector<Certificate>& chain) {
  absl::Time first = absl::InfiniteFuture();
  for (const Certificate& certificate : chain) {
    tm parts = {};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &parts) != 1) {
      return absl::InfinitePast();
    }
    first = std::min(first, absl::FromTM(parts, absl::UTCTimeZone()));
  }
  return first;
}

absl::StatusOr<PrivateKey> ParsePrivateKey(absl::string_view pem) {
  if (!absl::StrContains(pem, "PRIVATE KEY-----")) {
    return InvalidArgument("there is no private key in it");
  }
  const Memory memory = MemoryOf(pem);
  ERR_clear_error();
  PrivateKey key(
      PEM_read_bio_PrivateKey(memory.get(), nullptr, NoPassphrase, nullptr));
  if (key != nullptr) return key;
  return InvalidArgument("the private key cannot be read (", OpenSslError(),
                         "); it has to be without a passphrase");
}

absl::Status CheckPair(absl::string_view chain_pem, absl::string_view key_pem) {
  ASSIGN_OR_RETURN(const std::vector<Certificate> chain,
                   ParseCertificates(chain_pem));
  ASSIGN_OR_RETURN(const PrivateKey key, ParsePrivateKey(key_pem));
  if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
    ERR_clear_error();
    return InvalidArgument("the private key is not that of the certificate");
  }
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
      SSL_CTX_new(TLS_method()), SSL_CTX_free);
  if (SSL_CTX_use_certificate(context.get(), chain.front().get()) == 1) {
    return absl::OkStatus();
  }
  return InvalidArgument("the certificate is unfit for TLS (", OpenSslError(),
                         ")");
}

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  return ReadFile(path, kMaxPemBytes);
}

}  // namespace atelier
