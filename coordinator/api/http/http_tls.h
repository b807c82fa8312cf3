// The server's side of TLS, as Boost.Asio has it.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_TLS_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_TLS_H_

#include <memory>

#include "boost/asio/ssl/context.hpp"
#include "common/tls/server_certificate.h"

namespace atelier {

/// What new connections begin with: made anew when the files have changed.
/// Thread-compatible.
class HttpTls {
 public:
  explicit HttpTls(std::shared_ptr<const ServerCertificateFiles> files)
      : files_(std::move(files)) {}

  /// TLS 1.2 or later. Null where OpenSSL takes the certificate for unfit, as
  /// one whose key is too short.
  std::shared_ptr<boost::asio::ssl::context> Context();

 private:
  const std::shared_ptr<const ServerCertificateFiles> files_;
  std::shared_ptr<const ServerCertificate> made_of_;
  std::shared_ptr<boost::asio::ssl::context> context_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_TLS_H_
