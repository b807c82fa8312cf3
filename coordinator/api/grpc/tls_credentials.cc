#include "coordinator/api/grpc/tls_credentials.h"

#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpc/grpc_security.h"
#include "grpcpp/security/server_credentials.h"

namespace atelier {
namespace {

// What grpc::SslServerCredentials has no way to: gRPC's core asks at each
// handshake for a certificate.
class TlsServerCredentials : public grpc::ServerCredentials {
 public:
  explicit TlsServerCredentials(
      std::shared_ptr<const ServerCertificateFiles> files)
      : files_(std::move(files)) {
    const bool asks = !files_->Current()->worker_ca_pem.empty();
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(
            asks ? GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY
                 : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
            &TlsServerCredentials::Fetch, this));
  }
  ~TlsServerCredentials() override {
    grpc_server_credentials_release(credentials_);
  }

  void SetAuthMetadataProcessor(
      const std::shared_ptr<grpc::AuthMetadataProcessor>& /*none*/) override {}

 private:
  int AddPortToServer(const std::string& address,
                      grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status Fetch(
      void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<TlsServerCredentials*>(self)->FetchFor(config);
  }

  grpc_ssl_certificate_config_reload_status FetchFor(
      grpc_ssl_server_certificate_config** config) {
    const std::shared_ptr<const ServerCertificate> now = files_->Current();
    absl::MutexLock lock(&mutex_);
    if (now == std::exchange(fetched_, now)) {
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    }
    const grpc_ssl_pem_key_cert_pair pair = {now->key_pem.c_str(),
                                             now->chain_pem.c_str()};
    // The core wants some authority, also where it asks nobody for a
    // certificate.
    const std::string& authority =
        now->worker_ca_pem.empty() ? now->chain_pem : now->worker_ca_pem;
    *config =
        grpc_ssl_server_certificate_config_create(authority.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const std::shared_ptr<const ServerCertificateFiles> files_;
  grpc_server_credentials* credentials_ = nullptr;
  absl::Mutex mutex_;
  std::shared_ptr<const ServerCertificate> fetched_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> MakeTlsServerCredentials(
    std::shared_ptr<const ServerCertificateFiles> files) {
  return std::make_shared<TlsServerCredentials>(std::move(files));
}

}  // namespace atelier
