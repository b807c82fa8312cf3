// Where the time of an attempt went.
#ifndef ATELIER_COMMON_ATTEMPT_TIMINGS_H_
#define ATELIER_COMMON_ATTEMPT_TIMINGS_H_

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace atelier {

/// By the wall clock, one after the other. What comes between, such as taking
/// the content's colours back or a checkpoint that would not do, is in none.
struct AttemptTimings {
  absl::Duration inputs;   ///< Fetched, read, resized.
  absl::Duration waiting;  ///< For the device, which others' renders had.
  /// Memory found; network, pictures and what it goes on from put there.
  absl::Duration planning;
  /// Features of content and styles; on a GPU until they are asked for.
  absl::Duration targets;
  absl::Duration iterations;  ///< Of all scales.
  absl::Duration encoding;    ///< The PNG.
  absl::Duration upload;      ///< Its bytes, to the coordinator.
};

struct TimedPhase {
  absl::string_view name;  ///< As AttemptTimings of jobs.proto has it.
  absl::Duration AttemptTimings::*time;
};

/// In their order.
inline constexpr TimedPhase kTimedPhases[] = {
    {"inputs", &AttemptTimings::inputs},
    {"waiting", &AttemptTimings::waiting},
    {"planning", &AttemptTimings::planning},
    {"targets", &AttemptTimings::targets},
    {"iterations", &AttemptTimings::iterations},
    {"encoding", &AttemptTimings::encoding},
    {"upload", &AttemptTimings::upload},
};

}  // namespace atelier

#endif  // ATELIER_COMMON_ATTEMPT_TIMINGS_H_
