// How much one caller may ask for: requests and bytes a second, streams and
// uploads at once.
//
//   CallLimits limits(clock, options);
//   ASSIGN_OR_RETURN(auto meter, limits.Begin(caller, CallKind::kUpload));
//   meter->AddBytes(chunk.size());  // Its place is free once the meter goes.
//
// Each caller has a bucket of its own for requests and one for bytes, so that
// one at its bounds takes nothing from another. Bytes are counted as they flow,
// into debt if need be: what flows is never held up, the next upload or
// download of that caller is refused until the debt is paid.
#ifndef ATELIER_COORDINATOR_ACCESS_CALL_LIMITS_H_
#define ATELIER_COORDINATOR_ACCESS_CALL_LIMITS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace atelier {

/// What a call takes beside its request.
enum class CallKind {
  kShort,     ///< Nothing.
  kStream,    ///< A stream's place, until its end.
  kDownload,  ///< The same, and bytes.
  kUpload,    ///< An upload's place, until its end, and bytes.
};

/// Of one caller; 0: no bound.
struct CallLimitsOptions {
  int64_t requests_per_second = 1'000;
  int64_t bytes_per_second = int64_t{1} << 30;
  int max_streams = 1'000;
  int max_uploads = 256;
  /// What has not been used for so long is there at once.
  absl::Duration burst = absl::Seconds(10);
  /// Hears of each refusal: "requests", "bytes", "streams" or "uploads". Called
  /// on any thread, without locks held.
  std::function<void(absl::string_view bound)> refused = {};
};

/// What a call that goes on takes of its caller's bounds, until it is
/// destroyed. May outlive the CallLimits. Thread-safe.
class CallMeter {
 public:
  virtual ~CallMeter() = default;
  virtual void AddBytes(int64_t bytes) = 0;
  /// Counts a request more, of a call that has several.
  /// Errors: as CallLimits::Begin.
  virtual absl::Status AddRequest() = 0;
};

/// Callers that use nothing are forgotten. Thread-safe.
class CallLimits {
 public:
  /// Callers that are known at once; more share one set of bounds.
  static constexpr size_t kMostCallers = 100'000;
  /// When to come back for a place: nobody knows.
  static constexpr absl::Duration kPlaceRetry = absl::Seconds(1);

  /// Lifetime: the clock outlives it, and its meters.
  CallLimits(Clock& clock, CallLimitsOptions options);
  ~CallLimits();

  /// Counts a call of `caller`; nothing is counted of one that is refused. The
  /// meter is null for kShort.
  /// Errors: ResourceExhausted, with the time to come back (retry_after.h).
  absl::StatusOr<std::shared_ptr<CallMeter>> Begin(const std::string& caller,
                                                   CallKind kind);

  /// Those that are remembered.
  size_t callers() const;

 private:
  class State;
  class Meter;
  const std::shared_ptr<State> state_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_CALL_LIMITS_H_
