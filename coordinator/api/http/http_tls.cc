#include "coordinator/api/http/http_tls.h"

#include <utility>

#include "boost/asio/buffer.hpp"

namespace atelier {
namespace {

namespace asio = boost::asio;
using asio::ssl::context;

std::shared_ptr<context> Make(const ServerCertificate& certificate) {
  auto made = std::make_shared<context>(context::tls_server);
  boost::system::error_code error;
  made->set_options(context::default_workarounds | context::no_sslv2 |
                        context::no_sslv3 | context::no_tlsv1 |
                        context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION,
                    error);
  if (!error) {
    made->use_certificate_chain(asio::buffer(certificate.chain_pem), error);
  }
  if (!error) {
    made->use_private_key(asio::buffer(certificate.key_pem), context::pem,
                          error);
  }
  return error ? nullptr : made;
}

}  // namespace

std::shared_ptr<context> HttpTls::Context() {
  std::shared_ptr<const ServerCertificate> now = files_->Current();
  if (now == made_of_) return context_;
  made_of_ = std::move(now);
  if (auto made = Make(*made_of_); made != nullptr) context_ = std::move(made);
  return context_;
}

}  // namespace atelier
