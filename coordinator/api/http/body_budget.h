// Memory for the bodies of requests that are on their way in or being handled.
#ifndef ATELIER_COORDINATOR_API_HTTP_BODY_BUDGET_H_
#define ATELIER_COORDINATOR_API_HTTP_BODY_BUDGET_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "coordinator/api/http/http_server_options.h"

namespace atelier {

/// Thread-safe.
class BodyBudget {
 public:
  /// What a body takes; null: nothing. Given back with its last copy, which may
  /// outlive the budget.
  using Hold = std::shared_ptr<const void>;

  explicit BodyBudget(const HttpServerOptions& options)
      : free_bytes_(options.max_body_bytes),
        most_bytes_(options.max_large_body_bytes) {}

  /// For a body of so many bytes. What each connection may send anyway,
  /// HttpServerOptions::max_body_bytes, takes nothing.
  /// Errors: Unavailable (bodies on the way take all there is).
  absl::StatusOr<Hold> Take(uint64_t bytes);

 private:
  const uint64_t free_bytes_;
  const uint64_t most_bytes_;
  const std::shared_ptr<std::atomic<uint64_t>> taken_ =
      std::make_shared<std::atomic<uint64_t>>(0);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_BODY_BUDGET_H_
