// One attempt from its assignment to its report: fetch, render, encode, upload.
#ifndef ATELIER_WORKER_AGENT_ATTEMPT_RUNNER_H_
#define ATELIER_WORKER_AGENT_ATTEMPT_RUNNER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.pb.h"
#include "common/clock.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/stop_signal.h"
#include "worker/agent/attempt_extras.h"
#include "worker/agent/checkpoint_carrier.h"
#include "worker/agent/input_loader.h"
#include "worker/agent/measurer.h"
#include "worker/agent/render_batcher.h"
#include "worker/agent/renderer.h"
#include "worker/agent/worker_metrics.h"

namespace atelier {

/// How an attempt is ended from outside. Thread-safe.
struct Interruption {
  StopSignal stop;
  /// Set before the stop where nobody wants what the render has come to.
  std::atomic<bool> abandoned{false};
};

/// What a slot renders with. All of it outlives the runner; the row and the
/// carriers belong to one slot.
struct RunnerParts {
  RenderBatcher::Row& row;
  ArtifactClient& artifacts;
  InputLoader& inputs;
  WorkerMetrics& metrics;
  Clock& clock;
  CheckpointCarrier& checkpoints;
  ExtrasParts extras;
  /// Infinite: none are made. Those of others are gone on from all the same.
  absl::Duration checkpoint_every = absl::Minutes(1);
  /// By what results are measured, if by anything.
  Measurer* measurer = nullptr;
  /// What renders take now: of this process, or of its device's memory on a
  /// GPU. 0: not known.
  std::function<int64_t()> memory_in_use = [] { return int64_t{0}; };
};

/// Thread-compatible: one attempt at a time.
class AttemptRunner {
 public:
  using ProgressCallback = AttemptExtras::ProgressCallback;

  /// `self` gives the results' worker, engine version and profile.
  AttemptRunner(const RunnerParts& parts, const v1::WorkerDescription& self);

  /// Says that Run will be called: renders of other runners that come before
  /// wait for this one's. Thread-safe.
  void Announce() { parts_.row.Announce(); }

  /// Previews are made no more often from now on, also of a render that runs;
  /// infinite: none, as at first. Thread-safe.
  void SetPreviewEvery(absl::Duration every) {
    preview_every_ns_ = absl::ToInt64Nanoseconds(every);
  }

  /// Blocks until the attempt ends, soon after it is interrupted: then with
  /// OUTCOME_PREEMPTED and, unless it is abandoned, a checkpoint of where it
  /// stopped. Waits out a coordinator that is away. Never fails: the report
  /// says how it went. `progress` is called after every iteration and, on other
  /// threads, as previews and the log come into the store.
  v1::AttemptReport Run(const v1::Assignment& assignment,
                        Interruption& interruption,
                        const ProgressCallback& progress);

 private:
  struct Ended;
  Ended Try(const v1::Assignment& assignment, Interruption& interruption);
  Ended Deliver(const v1::Assignment& assignment, const Render& render,
                const RenderedImage& rendered, StopSignal& stop);
  // Absent where the result can't be measured: it is as good without.
  std::optional<v1::Measures> Measure(const v1::Assignment& assignment,
                                      const Render& render,
                                      const RenderedImage& rendered,
                                      StopSignal& stop);
  absl::StatusOr<RenderedImage> RenderOrResume(const v1::Assignment& assignment,
                                               const Render& render,
                                               Interruption& interruption);
  absl::StatusOr<RenderJob> Load(const v1::Assignment& assignment,
                                 const Render& render, StopSignal& stop);
  absl::StatusOr<RenderedImage> LoadAndRender(const v1::Assignment& assignment,
                                              const Render& render,
                                              const Resumption& resumption,
                                              StopSignal& stop);
  void KeepCheckpoints(const v1::Assignment& assignment,
                       const Interruption& interruption,
                       Resumption& resumption);
  RenderObserver Observe(const v1::AttemptToken& token, int iterations,
                         StopSignal& stop);
  v1::AttemptReport ToReport(const v1::AttemptToken& token, Ended ended,
                             absl::Duration elapsed);
  // What arrives of checkpoints and extras goes into the report.
  void AwaitArrivals(const Interruption& interruption,
                     v1::AttemptReport* report);

  RunnerParts parts_;
  const v1::WorkerDescription self_;
  std::atomic<int64_t> preview_every_ns_;
  // Of the attempt that runs, or ran last.
  std::shared_ptr<AttemptExtras> extras_;
  int64_t peak_memory_bytes_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_ATTEMPT_RUNNER_H_
