// A worker's conversation between the wire and the core.
#ifndef ATELIER_COORDINATOR_API_GRPC_WORKER_CONVERSION_H_
#define ATELIER_COORDINATOR_API_GRPC_WORKER_CONVERSION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "atelier/v1/workers.pb.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// A worker's call, less what was wrong with single reports.
struct ParsedSync {
  SyncRequest request;
  /// What names no attempt, as it came: it can't be taken, and is not to come
  /// again.
  std::vector<v1::AttemptToken> unreadable_running;
  std::vector<v1::AttemptToken> unreadable_finished;
  /// A line for each thing that was not taken; begins with the field's path:
  /// "finished[0].token.number".
  std::vector<std::string> complaints;
};

/// Checks everything that comes from a worker. A bad report ends its attempt as
/// kInternal, so that the task is done again; a bad checkpoint is left out.
/// Errors: InvalidArgument where the worker itself, or the call as a whole, is
///         malformed (begins with the field's path: "worker.name").
absl::StatusOr<ParsedSync> FromProto(const v1::SynchronizeRequest& request);

/// Errors: InvalidArgument (begins with a field below `path`).
absl::StatusOr<AttemptToken> AttemptTokenFromProto(
    const v1::AttemptToken& proto, const std::string& path);

v1::SynchronizeResponse ToProto(const SyncResponse& response);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_WORKER_CONVERSION_H_
