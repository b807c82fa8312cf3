// What the JSON API stands on.
#ifndef ATELIER_COORDINATOR_API_HTTP_API_SOURCES_H_
#define ATELIER_COORDINATOR_API_HTTP_API_SOURCES_H_

#include <functional>

#include "absl/status/status.h"

namespace atelier {

class ControlPlane;
class JobFeed;

/// Called on any thread.
struct ApiSources {
  /// Null while there is none, before the start and after the stop. One that
  /// was returned outlives the HTTP server.
  std::function<ControlPlane*()> control;
  std::function<JobFeed*()> feed;  ///< Likewise.
};

/// What is answered meanwhile.
inline absl::Status StartingOrStopping() {
  return absl::UnavailableError(
      "the coordinator is starting or stopping; repeat later");
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_API_SOURCES_H_
