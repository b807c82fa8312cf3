// How the coordinator is, as JSON: "/api/v1/system" (docs/openapi.yaml).
#ifndef ATELIER_COORDINATOR_API_HTTP_SYSTEM_ROUTE_H_
#define ATELIER_COORDINATOR_API_HTTP_SYSTEM_ROUTE_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"
#include "coordinator/control/system_watch.h"

namespace atelier {

/// A name and a number.
using NamedNumber = std::pair<std::string, int64_t>;

struct SystemStatus {
  std::string version;
  int64_t epoch = 0;
  absl::Time started_at;
  absl::Time now;
  SystemReport report;
  std::vector<NamedNumber> stored_bytes;  ///< By kind.
  int64_t disk_free_bytes = 0;
  int64_t disk_total_bytes = 0;     ///< 0: not known.
  std::vector<NamedNumber> bounds;  ///< By the flags' names.
};

/// For whoever may read metrics.
HttpRoute SystemRoute(std::string path, const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_SYSTEM_ROUTE_H_
