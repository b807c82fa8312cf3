// Bytes that come under their digest, piece by piece.
#ifndef ATELIER_COORDINATOR_API_HTTP_ARTIFACT_UPLOAD_ROUTE_H_
#define ATELIER_COORDINATOR_API_HTTP_ARTIFACT_UPLOAD_ROUTE_H_

#include <string>

#include "common/work_pool.h"
#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/caller_slots.h"
#include "coordinator/api/http/router.h"
#include "coordinator/api/views/artifact_upload_session.h"

namespace atelier {

/// What uploads over HTTP stand on, and how many there are at once: each keeps
/// a piece of its body. Thread-safe.
class HttpUploads {
 public:
  static constexpr int kMostAtOnce = 64;
  static constexpr int kMostOfCaller = 16;

  /// Pieces are hashed on the pool. Lifetime: it and the rooms outlive this.
  HttpUploads(UploadRooms rooms, WorkPool& pool);
  /// Returns once every upload has ended. REQUIRES: none begins any more.
  ~HttpUploads() { slots_.AwaitNone(); }

  const UploadRooms& rooms() const { return rooms_; }
  WorkPool& pool() { return pool_; }
  /// An upload gives its slot back last.
  CallerSlots& slots() { return slots_; }

 private:
  const UploadRooms rooms_;
  WorkPool& pool_;
  CallerSlots slots_{"uploads", kMostAtOnce, kMostOfCaller};
};

/// PUT of "{digest}": stores the body, and answers once it is durable
/// (docs/openapi.yaml).
HttpRoute ArtifactUploadRoute(std::string path, const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_ARTIFACT_UPLOAD_ROUTE_H_
