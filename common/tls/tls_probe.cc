#include "common/tls/tls_probe.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/tls/pem.h"
#include "common/tls/tls_socket.h"

namespace atelier {
namespace {

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

constexpr unsigned char kHttp2[] = {2, 'h', '2'};  // As ALPN has it.

template <typename... Parts>
absl::Status Error(const Endpoint& server, const Parts&... parts) {
  return absl::UnauthenticatedError(
      absl::StrCat(HostAndPort(server), " ", parts...));
}

bool IsAddress(const std::string& host) {
  unsigned char address[sizeof(in6_addr)];
  return inet_pton(AF_INET, host.c_str(), address) == 1 ||
         inet_pton(AF_INET6, host.c_str(), address) == 1;
}

std::string TimeText(const ASN1_TIME* time) {
  std::tm fields = {};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return "an unknown time";
  return absl::FormatTime("%Y-%m-%d %H:%M UTC",
                          absl::FromTM(fields, absl::UTCTimeZone()),
                          absl::UTCTimeZone());
}

std::string AddressText(const ASN1_OCTET_STRING& bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  const int family = ASN1_STRING_length(&bytes) == 4 ? AF_INET : AF_INET6;
  inet_ntop(family, ASN1_STRING_get0_data(&bytes), text, sizeof(text));
  return text;
}

// The names and addresses that a certificate is for.
std::string NamesOf(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(
          certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::vector<std::string> names;
  for (int i = 0; all != nullptr && i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(all.get(), i);
    if (name.type == GEN_DNS) {
      names.emplace_back(
          reinterpret_cast<const char*>(ASN1_STRING_get0_data(name.d.dNSName)),
          ASN1_STRING_length(name.d.dNSName));
    } else if (name.type == GEN_IPADD) {
      names.push_back(AddressText(*name.d.iPAddress));
    }
  }
  return names.empty() ? "nobody" : absl::StrJoin(names, ", ");
}

Context MakeContext(const TlsClientFiles& files) {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  if (files.ca.empty()) {
    SSL_CTX_set_default_verify_paths(context.get());
  } else {
    SSL_CTX_load_verify_locations(context.get(), files.ca.c_str(), nullptr);
  }
  if (!files.tls_cert.empty()) {
    SSL_CTX_use_certificate_chain_file(context.get(), files.tls_cert.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), files.tls_key.c_str(),
                                SSL_FILETYPE_PEM);
  }
  SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof(kHttp2));
  return context;
}

// Has the handshake go on with whomever, so that the certificate can be seen.
int GoOn(int /*is_fine*/, X509_STORE_CTX* /*context*/) { return 1; }

void WantName(SSL* ssl, const std::string& host) {
  SSL_set_verify(ssl, SSL_VERIFY_PEER, GoOn);
  if (IsAddress(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set1_host(ssl, host.c_str());
    SSL_set_tlsext_host_name(ssl, host.c_str());
  }
}

absl::Status CheckCertificate(const Endpoint& server, SSL* ssl) {
  const long code = SSL_get_verify_result(ssl);
  X509* const shown = SSL_get0_peer_certificate(ssl);
  if (code == X509_V_OK || shown == nullptr) return absl::OkStatus();
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return Error(server, "has a certificate that expired at ",
                   TimeText(X509_get0_notAfter(shown)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Error(server, "has a certificate that is not valid before ",
                   TimeText(X509_get0_notBefore(shown)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return Error(server, "has a certificate for ",
                   ClippedText(NamesOf(shown), kMaxErrorBytes / 2),
                   ", not for ", server.host);
    default:
      return Error(server, "has a certificate that is not trusted: ",
                   X509_verify_cert_error_string(code),
                   "; --ca names the file of its authority");
  }
}

// In TLS 1.3 a server refuses our certificate only after the handshake; gRPC's
// closes without a reason.
absl::Status CheckIsTaken(const Endpoint& server, TlsSocket& socket) {
  const TlsSocket::End end = socket.AwaitData();
  const std::string why =
      end == TlsSocket::End::kRefused ? OpenSslError() : "no reason is given";
  if (end == TlsSocket::End::kDone || end == TlsSocket::End::kNoWord) {
    return absl::OkStatus();
  }
  const X509* const own = SSL_get_certificate(socket.ssl());
  if (own == nullptr) return absl::OkStatus();
  return Error(server,
               "does not take the certificate of --tls-cert, which is "
               "valid until ",
               TimeText(X509_get0_notAfter(own)), ": ", why);
}

absl::Status ProbeWithTls(const Endpoint& server, const TlsClientFiles& files,
                          absl::Duration timeout) {
  const Context context = MakeContext(files);
  TlsSocket socket(server, context.get(), timeout);
  WantName(socket.ssl(), server.host);
  const TlsSocket::End end = socket.Handshake();
  if (socket.speaks_tls() == false) {
    return Error(server,
                 "answers without TLS; where that is meant to be, write "
                 "grpc://",
                 HostAndPort(server));
  }
  if (end == TlsSocket::End::kRefused) {
    return Error(server, "and this side cannot agree on TLS: ", OpenSslError());
  }
  if (end != TlsSocket::End::kDone) return absl::OkStatus();
  RETURN_IF_ERROR(CheckCertificate(server, socket.ssl()));
  return CheckIsTaken(server, socket);
}

absl::Status ProbeWithoutTls(const Endpoint& server, absl::Duration timeout) {
  const Context context = MakeContext({});
  TlsSocket socket(server, context.get(), timeout);
  socket.Handshake();
  ERR_clear_error();
  if (!socket.speaks_tls().value_or(false)) return absl::OkStatus();
  return Error(server, "wants TLS; write grpcs://", HostAndPort(server));
}

}  // namespace

absl::Status ProbeTls(const Endpoint& server, const TlsClientFiles& files,
                      absl::Duration timeout) {
  if (!server.unix_path.empty()) return absl::OkStatus();
  return server.tls ? ProbeWithTls(server, files, timeout)
                    : ProbeWithoutTls(server, timeout);
}

}  // namespace atelier
