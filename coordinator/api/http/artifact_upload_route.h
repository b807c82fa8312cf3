// Bytes that come under their digest, piece by piece.
#ifndef ATELIER_COORDINATOR_API_HTTP_ARTIFACT_UPLOAD_ROUTE_H_
#define ATELIER_COORDINATOR_API_HTTP_ARTIFACT_UPLOAD_ROUTE_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/work_pool.h"
#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"
#include "coordinator/api/views/artifact_upload_session.h"

namespace atelier {

/// What uploads over HTTP stand on, and how many there are at once: each keeps
/// a piece of its body. Thread-safe.
class HttpUploads {
 public:
  static constexpr int kMostAtOnce = 64;

  /// Pieces are hashed on the pool. Lifetime: it and the rooms outlive this.
  HttpUploads(UploadRooms rooms, WorkPool& pool, int most = kMostAtOnce);
  /// Returns once every upload has ended. REQUIRES: none begins any more.
  ~HttpUploads();

  const UploadRooms& rooms() const { return rooms_; }
  WorkPool& pool() { return pool_; }

  /// One of so many, until it is dropped, which an upload does last.
  /// Errors: Unavailable (all are taken).
  absl::StatusOr<std::shared_ptr<const void>> TakePlace();
  int under_way();

 private:
  bool IsIdle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return taken_ == 0;
  }

  const UploadRooms rooms_;
  WorkPool& pool_;
  const int most_;
  absl::Mutex mutex_;
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
};

/// PUT of "{digest}": stores the body, and answers once it is durable
/// (docs/openapi.yaml).
HttpRoute ArtifactUploadRoute(std::string path, const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_ARTIFACT_UPLOAD_ROUTE_H_
