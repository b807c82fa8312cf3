// What the coordinator's HTTP pages say, apart from HTTP.
#ifndef ATELIER_COORDINATOR_API_HTTP_PAGES_H_
#define ATELIER_COORDINATOR_API_HTTP_PAGES_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Where the pages take their content from. Called on any thread.
struct PageSources {
  std::function<std::string()> metrics;  ///< Prometheus' text format.
  /// OK once calls can succeed, and until they no longer can.
  std::function<absl::Status()> readiness;
};

struct Page {
  int code = 200;
  std::string content_type;
  std::string body;
};

/// /metrics: what a Prometheus server scrapes.
/// /healthz: the process is alive; always 200.
/// /readyz: 200, or 503 and the reason, while starting, stopping or broken.
/// Any other path: 404, and the list of pages.
Page MakePage(absl::string_view path, const PageSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_PAGES_H_
