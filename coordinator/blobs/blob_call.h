// A backend's call, waited for: for threads that may.
#ifndef ATELIER_COORDINATOR_BLOBS_BLOB_CALL_H_
#define ATELIER_COORDINATOR_BLOBS_BLOB_CALL_H_

#include <functional>
#include <optional>
#include <utility>

#include "absl/synchronization/notification.h"
#include "coordinator/blobs/blob_store.h"

namespace atelier {

/// What `start` has its callback hear.
///
///   AwaitCall<absl::Status>([&](BlobDone done) { blobs.Delete(key, done); });
///
/// REQUIRES: not on a thread that such callbacks run on.
template <typename Result>
Result AwaitCall(const std::function<void(BlobCallback<Result>)>& start) {
  absl::Notification ended;
  std::optional<Result> result;
  start([&](Result one) {
    result.emplace(std::move(one));
    ended.Notify();
  });
  ended.WaitForNotification();
  return *std::move(result);
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_BLOB_CALL_H_
