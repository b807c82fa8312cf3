// What the JSON API stands on.
#ifndef ATELIER_COORDINATOR_API_HTTP_API_SOURCES_H_
#define ATELIER_COORDINATOR_API_HTTP_API_SOURCES_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "common/render/parameters.h"

namespace atelier {

class ArtifactAccess;
class ArtifactCatalog;
class AuditLog;
class ControlPlane;
class HttpUploads;
class JobFeed;
class JobSubmission;
class LoginCodes;
struct SystemStatus;

/// Where pictures come from. Both null, or neither.
struct ArtifactSources {
  ArtifactCatalog* catalog = nullptr;
  ArtifactAccess* access = nullptr;
  /// Hears of each piece that is passed on, in bytes. Called on any thread.
  std::function<void(int64_t bytes)> sent = {};
};

/// Called on any thread.
struct ApiSources {
  /// Null while there is none, before the start and after the stop. One that
  /// was returned outlives the HTTP server.
  std::function<ControlPlane*()> control;
  std::function<JobFeed*()> feed;              ///< Likewise.
  std::function<JobSubmission*()> submission;  ///< Likewise.
  std::function<ArtifactSources()> artifacts;  ///< Likewise.
  std::function<HttpUploads*()> uploads;       ///< Likewise.
  /// Null: none is kept, or as `control`.
  std::function<AuditLog*()> audit;
  /// Nothing while there is none, as `control`.
  std::function<std::optional<SystemStatus>()> system;
  LoginCodes* login_codes = nullptr;  ///< Outlives the HTTP server.
  RenderLimits render_limits = {};    ///< Of the jobs that are taken.
  int64_t max_artifact_bytes = int64_t{4} << 30;
};

/// What is answered meanwhile.
inline absl::Status StartingOrStopping() {
  return absl::UnavailableError(
      "the coordinator is starting or stopping; repeat later");
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_API_SOURCES_H_
