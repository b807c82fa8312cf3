// What the log of an attempt says, and how often.
#ifndef ATELIER_WORKER_AGENT_ATTEMPT_LINES_H_
#define ATELIER_WORKER_AGENT_ATTEMPT_LINES_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "atelier/v1/workers.pb.h"
#include "common/attempt_timings.h"
#include "worker/agent/renderer.h"

namespace atelier {

/// Which attempt of what it is, and where it goes on from. Not its secret.
std::string AssignmentText(const v1::Assignment& assignment);
/// Who does it, with what.
std::string WorkerText(const v1::WorkerDescription& self);
/// What is rendered, once its inputs are there.
std::string JobText(const RenderJob& job);
/// "iteration 20 of 500: total loss 12, content 5, style 7".
std::string LossText(const LossAt& at, int iterations);
/// "inputs 0.12s, planning 0.4s, ..."
std::string TimingsText(const AttemptTimings& timings);
/// "812 MiB"; a digit after the point where it is less than ten.
std::string BytesText(int64_t bytes);
/// To the millisecond.
std::string SecondsText(absl::Duration time);

/// When the losses are worth a line: with the first iteration; then after a
/// tenth of them and half a minute. Thread-compatible.
class LossLinePace {
 public:
  explicit LossLinePace(int iterations) : iterations_(iterations) {}
  /// Whether now; if so, it counts as written.
  bool Due(int iteration, absl::Time now);

 private:
  const int iterations_;
  int last_iteration_ = 0;
  absl::Time last_ = absl::InfinitePast();
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_ATTEMPT_LINES_H_
