// Brings what an attempt can do without to the artifact store: previews,
// thumbnails and its log.
//
//   ExtrasCarrier carrier(channel);
//   carrier.Send({v1::ARTIFACT_KIND_LOG, scope, now, make, done});
//   carrier.Finish(absl::Seconds(3));  // before the attempt is reported
#ifndef ATELIER_WORKER_AGENT_EXTRAS_CARRIER_H_
#define ATELIER_WORKER_AGENT_EXTRAS_CARRIER_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/artifacts.pb.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/stop_signal.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace atelier {

/// One extra.
struct Extra {
  v1::ArtifactKind kind{};  ///< ARTIFACT_KIND_PREVIEW or ARTIFACT_KIND_LOG.
  ArtifactScope scope;
  /// By Clock::Steady().
  absl::Time not_before = absl::InfinitePast();
  /// Makes its bytes.
  std::function<absl::StatusOr<std::string>()> make;
  /// Gets its digest once it is in the store, or why it is not.
  std::function<void(const absl::StatusOr<std::string>&)> done;
};

/// One thread makes and uploads them, one after the other; each is tried once,
/// for a while. Thread-safe; one attempt at a time.
class ExtrasCarrier {
 public:
  /// An upload that takes longer than `upload_within` is given up.
  explicit ExtrasCarrier(const std::shared_ptr<grpc::Channel>& channel,
                         absl::Duration upload_within = absl::Seconds(20));
  /// Gives up what is on its way.
  ~ExtrasCarrier();
  ExtrasCarrier(const ExtrasCarrier&) = delete;
  ExtrasCarrier& operator=(const ExtrasCarrier&) = delete;

  /// Calls both functions of the extra on a thread of the carrier, without a
  /// lock; `done` only if it is not given up. Those that are due first go
  /// first. Returns false, and has dropped it, where too many wait.
  bool Send(Extra extra);

  /// Waits until all are done, those that are not due yet without delay; what
  /// is left `within` this time is given up. An extra that is on its way may
  /// still be called.
  void Finish(absl::Duration within);

 private:
  void Run();
  void Deliver(const Extra& extra, StopSignal& give_up);
  bool IsIdle() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return waiting_.empty() && current_ == nullptr;
  }
  // The place of the first that is due; as many as wait: none is.
  size_t NextDue() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  // Returns once there may be something to do.
  void AwaitWork() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  ArtifactClient previews_;
  ArtifactClient logs_;

  absl::Mutex mutex_;
  std::deque<Extra> waiting_ ABSL_GUARDED_BY(mutex_);
  // Of what is made or uploaded; null: nothing is.
  std::shared_ptr<StopSignal> current_ ABSL_GUARDED_BY(mutex_);
  bool hurrying_ ABSL_GUARDED_BY(mutex_) = false;  // All are due.
  bool changed_ ABSL_GUARDED_BY(mutex_) = false;   // Since AwaitWork.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_EXTRAS_CARRIER_H_
