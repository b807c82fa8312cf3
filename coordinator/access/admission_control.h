// Decides whether a call, of gRPC or HTTP, is admitted within its caller's
// bounds, and when one that is not is answered.
//
//   Admission in = admission.Admit(authenticate(call), address, kind);
//   if (!in.caller.ok()) return admission.Refuse(in, [...] { ...answer... });
//
// A token is looked at first: a valid one is answered at once, whatever came
// from its address before.
#ifndef ATELIER_COORDINATOR_ACCESS_ADMISSION_CONTROL_H_
#define ATELIER_COORDINATOR_ACCESS_ADMISSION_CONTROL_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/access/failed_callers.h"
#include "coordinator/control/caller.h"

namespace atelier {

struct AdmissionOptions {
  CallLimitsOptions limits;
  /// Refusals that wait to be answered; more are answered at once.
  int max_waiting = 256;
  /// Hears of each failed authentication, with the address that it came from
  /// and why. Called on any thread, without locks held: must be quick.
  std::function<void(const std::string& address, const absl::Status& why)>
      on_unauthenticated = {};
};

/// What became of a call.
struct Admission {
  /// Or why not: Unauthenticated, ResourceExhausted (with when to come back),
  /// or another error of who was to say who calls.
  absl::StatusOr<Caller> caller;
  /// To be kept until the call ends; null: nothing is counted.
  std::shared_ptr<CallMeter> meter = nullptr;
  /// When a refusal is to be answered; past: at once.
  absl::Time answer_at = absl::InfinitePast();
};

/// Thread-safe.
class AdmissionControl {
 public:
  /// Lifetime: the clock outlives it, and its meters.
  AdmissionControl(Clock& clock, AdmissionOptions options);
  /// Stops.
  ~AdmissionControl();

  /// `address` as AddressOfPeer has it. A token's calls count for it, of a
  /// fleet's token (work) for it and the address; without tokens, calls count
  /// for the address, and those without one for nobody. Never waits.
  Admission Admit(absl::StatusOr<Caller> authenticated,
                  const std::string& address, CallKind kind);

  /// Has a call that was not admitted answered: at once, or from Tick once it
  /// is due. `answer` is called once, without locks held.
  void Refuse(const Admission& refused, std::function<void()> answer);

  /// Call it every 50 ms or so.
  void Tick();
  /// Answers whatever waits, and what comes later at once.
  void Stop();

 private:
  Clock& clock_;
  const AdmissionOptions options_;
  CallLimits limits_;
  absl::Mutex mutex_;
  FailedCallers failed_ ABSL_GUARDED_BY(mutex_);
  std::multimap<absl::Time, std::function<void()>> waiting_
      ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_ADMISSION_CONTROL_H_
