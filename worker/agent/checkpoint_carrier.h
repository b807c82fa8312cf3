// Carries checkpoints between a slot and the artifact store, without holding up
// the render.
//
//   CheckpointCarrier carrier(channel, self, folder);
//   carrier.Begin();                                // for each attempt
//   auto stream = carrier.Fetch(from, stop);        // null: begin anew
//   if (carrier.idle()) carrier.Send(iteration, write);
//   report.checkpoint = carrier.AwaitArrival();
#ifndef ATELIER_WORKER_AGENT_CHECKPOINT_CARRIER_H_
#define ATELIER_WORKER_AGENT_CHECKPOINT_CARRIER_H_

#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.pb.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/stop_signal.h"
#include "worker/agent/scratch_file.h"

namespace grpc {
class Channel;
}  // namespace grpc

namespace atelier {

/// On their way they are files: in memory they would be as large as all that
/// an optimizer knows. Nothing that goes wrong here fails a render: it is one
/// line in the log.
/// Thread-safe; one attempt at a time.
class CheckpointCarrier {
 public:
  /// `self` gives the engine version and profile of what is written here.
  /// `folder`: where files may be, as many as three, each as large as a
  /// checkpoint. An upload is tried for `patience`, while the coordinator is
  /// away.
  CheckpointCarrier(const std::shared_ptr<grpc::Channel>& channel,
                    const v1::WorkerDescription& self, std::string folder,
                    absl::Duration patience = absl::Seconds(10));
  /// Gives up what is on its way.
  ~CheckpointCarrier();
  CheckpointCarrier(const CheckpointCarrier&) = delete;
  CheckpointCarrier& operator=(const CheckpointCarrier&) = delete;

  /// Gets what is logged of an attempt's checkpoints, a line each, on any
  /// thread.
  using LineCallback = std::function<void(absl::string_view)>;

  /// A new attempt begins, for which uploads are from now on: what arrived is
  /// another's.
  void Begin(const ArtifactScope& attempt = {}, LineCallback tell = nullptr);

  /// A checkpoint; null where it is gone, not what its name says, of another
  /// engine version, or more than the folder has room for. Waits out a
  /// coordinator that is away. Errors: Cancelled once `stop` is given.
  absl::StatusOr<std::unique_ptr<std::istream>> Fetch(
      const v1::Checkpoint& from, StopSignal& stop,
      const ArtifactScope& attempt = {});

  /// Whether nothing is on its way.
  bool idle() const;
  /// Uploads what `write` writes, after what is on its way; one that still
  /// waits is forgotten. Returns once it is written. What `write` throws is
  /// passed on.
  void Send(int iteration, absl::FunctionRef<void(std::ostream&)> write);

  /// The last that is in the store.
  std::optional<v1::Checkpoint> arrived() const;
  /// Waits until nothing is on its way any more; then as arrived.
  std::optional<v1::Checkpoint> AwaitArrival() const;

 private:
  struct PendingUpload {
    int attempt = 0;
    ArtifactScope scope;
    LineCallback tell;
    int iteration = 0;
    std::unique_ptr<ScratchFile> file;
  };

  void Run();
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  bool IsIdle() const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::string> Upload(const PendingUpload& upload);
  void Deliver(const PendingUpload& upload);

  ArtifactClient retrying_client_;
  ArtifactClient fail_fast_client_;
  const int engine_version_;
  const std::string profile_;
  const std::string folder_;
  StopSignal giving_up_;

  mutable absl::Mutex mutex_;
  int attempt_ ABSL_GUARDED_BY(mutex_) = 0;
  ArtifactScope scope_ ABSL_GUARDED_BY(mutex_);
  LineCallback tell_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;  // An upload runs.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<PendingUpload> waiting_ ABSL_GUARDED_BY(mutex_);
  std::optional<v1::Checkpoint> arrived_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_CHECKPOINT_CARRIER_H_
