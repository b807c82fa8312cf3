// One attempt from its assignment to its report: fetch, render, encode, upload.
#ifndef ATELIER_WORKER_AGENT_ATTEMPT_RUNNER_H_
#define ATELIER_WORKER_AGENT_ATTEMPT_RUNNER_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.pb.h"
#include "common/clock.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/stop_signal.h"
#include "worker/agent/input_loader.h"
#include "worker/agent/renderer.h"
#include "worker/agent/worker_metrics.h"

namespace atelier {

/// Where checkpoints are kept between the attempts of a render. Called on the
/// slot's thread.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  /// The last checkpoint of the assignment's render; empty: none.
  virtual std::string Last(const v1::Assignment& assignment) = 0;
  virtual void Keep(const v1::AttemptToken& token, std::string checkpoint) = 0;
};

/// What a slot renders with. All of it outlives the runner; only the renderer
/// belongs to one slot.
struct RunnerParts {
  Renderer& renderer;
  ArtifactClient& artifacts;
  InputCache& cache;
  PictureCache& pictures;
  WorkerMetrics& metrics;
  Clock& clock;
  CheckpointStore* checkpoints = nullptr;  ///< Null: renders begin anew.
  absl::Duration checkpoint_every = absl::Minutes(1);
};

/// Thread-compatible: one attempt at a time.
class AttemptRunner {
 public:
  using ProgressCallback = std::function<void(const v1::AttemptProgress&)>;

  /// `self` gives the results' worker and profile.
  AttemptRunner(const RunnerParts& parts, const v1::WorkerDescription& self);

  /// Blocks until the attempt ends, soon after `stop` is given (then with
  /// OUTCOME_PREEMPTED). Waits out a coordinator that is away. Never fails: the
  /// report says how it went. `progress` is called after every iteration.
  v1::AttemptReport Run(const v1::Assignment& assignment, StopSignal& stop,
                        const ProgressCallback& progress);

 private:
  struct Ended;
  Ended Try(const v1::Assignment& assignment, StopSignal& stop,
            const ProgressCallback& progress);
  Ended Deliver(const Render& render, const RenderedImage& rendered,
                StopSignal& stop);
  absl::StatusOr<RenderedImage> RenderOrResume(const v1::Assignment& assignment,
                                               const RenderObserver& observer,
                                               RenderJob& job);
  RenderObserver Observe(const v1::AttemptToken& token, StopSignal& stop,
                         const ProgressCallback& progress);

  RunnerParts parts_;
  const std::string worker_;
  const std::string profile_;
  InputLoader inputs_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_ATTEMPT_RUNNER_H_
