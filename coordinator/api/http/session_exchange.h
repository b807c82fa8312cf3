// The exchange that a connection hands to its handler.
#ifndef ATELIER_COORDINATOR_API_HTTP_SESSION_EXCHANGE_H_
#define ATELIER_COORDINATOR_API_HTTP_SESSION_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "coordinator/api/http/http_exchange.h"
#include "coordinator/api/http/http_loop.h"

namespace atelier {

/// What a connection does with answers; called on the loop's thread. `id` tells
/// the exchange: one that is not the current one is too late.
class ExchangeTarget {
 public:
  virtual ~ExchangeTarget() = default;
  using BodyDone = HttpExchange::BodyDone;
  virtual void OnReadBody(int64_t id, size_t most_bytes, BodyDone done) = 0;
  virtual void OnAnswer(int64_t id, HttpReply reply) = 0;
  virtual void OnStream(int64_t id, HttpReply head,
                        HttpStreamEvents events) = 0;
  virtual void OnPiece(int64_t id,
                       std::shared_ptr<const std::string> piece) = 0;
  virtual void OnStreamEnd(int64_t id) = 0;
  virtual void OnStreamAbort(int64_t id) = 0;
};

/// Leads to the target on the loop's thread, for as long as there are both.
std::shared_ptr<HttpExchange> MakeExchange(std::shared_ptr<HttpLoop> loop,
                                           std::weak_ptr<ExchangeTarget> target,
                                           int64_t id, HttpRequest request);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_SESSION_EXCHANGE_H_
