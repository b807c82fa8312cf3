// The coordinator's pages for monitoring.
#ifndef ATELIER_COORDINATOR_API_HTTP_PAGES_H_
#define ATELIER_COORDINATOR_API_HTTP_PAGES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// Where the pages take their content from. Called on any thread.
struct PageSources {
  std::function<std::string()> metrics;  ///< Prometheus' text format.
  /// OK once calls can succeed, and until they no longer can.
  std::function<absl::Status()> readiness;
  bool metrics_are_open = false;  ///< To whoever asks.
};

/// /metrics: what a Prometheus server scrapes. The others are open.
/// /healthz: the process is alive; always 200.
/// /readyz: 200, or 503 and the reason, while starting, stopping or broken.
std::vector<HttpRoute> PageRoutes(PageSources sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_PAGES_H_
