// WatchJob: whole snapshots at once and on change, at a bounded rate.
#ifndef ATELIER_COORDINATOR_API_GRPC_JOB_WATCHES_H_
#define ATELIER_COORDINATOR_API_GRPC_JOB_WATCHES_H_

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/render/resolve.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/control/work_pool.h"
#include "coordinator/state/ids.h"

namespace grpc {
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace atelier {

namespace v1 {
class JobSnapshot;
}  // namespace v1

/// All WatchJob calls. A call that waits for a change holds no thread.
/// Thread-safe. Lifetime: the arguments must outlive it, and it the calls.
class JobWatches {
 public:
  static constexpr absl::Duration kInterval = absl::Milliseconds(200);
  /// How often it is looked whether jobs wait for another reason: workers come
  /// and go without touching a job.
  static constexpr absl::Duration kWaitInterval = absl::Seconds(1);

  struct Limits {
    RenderLimits renders;
    /// At once, of all and of one client; more end with ResourceExhausted.
    int max_calls = 10'000;
    int max_calls_per_client = 1'000;
  };

  JobWatches(ControlPlane& control, WorkPool& pool, Clock& clock,
             const Limits& limits);
  ~JobWatches();

  /// `peer` is gRPC's name of the caller's end: "ipv4:10.0.0.7:43210". All
  /// connections of an address are one client.
  grpc::ServerWriteReactor<v1::JobSnapshot>* Begin(Caller caller,
                                                   const JobId& job,
                                                   absl::string_view peer);

  /// Sends what was held back for the rate. Call it every 50 ms or so.
  void Tick();

  /// Ends all calls, and those that come later, with Unavailable.
  void Stop();

 private:
  class Call;
  void Remove(Call* call);
  // What a new call of this client would be refused with.
  absl::Status CheckRoom(const std::string& client)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CheckWaits();

  ControlPlane& control_;
  WorkPool& pool_;
  Clock& clock_;
  const Limits limits_;
  absl::Mutex mutex_;
  std::map<Call*, std::shared_ptr<Call>> calls_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> calls_by_client_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time next_wait_check_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_JOB_WATCHES_H_
