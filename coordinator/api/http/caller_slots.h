// How many of something one caller, and all together, may have at once.
//
//   ASSIGN_OR_RETURN(const std::shared_ptr<void> slot, slots.Take(caller));
//   ... its slot is free once `slot` goes
#ifndef ATELIER_COORDINATOR_API_HTTP_CALLER_SLOTS_H_
#define ATELIER_COORDINATOR_API_HTTP_CALLER_SLOTS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "coordinator/control/caller.h"

namespace atelier {

/// A caller is a token, or without one an address. Thread-safe.
class CallerSlots {
 public:
  /// `what` is plural, for errors: "zips".
  CallerSlots(std::string what, int most, int most_of_caller);

  /// The slot may outlive this.
  /// Errors, each with the time to come back (retry_after.h): ResourceExhausted
  ///         (the caller has as many as it may), Unavailable (all are taken).
  absl::StatusOr<std::shared_ptr<void>> Take(const Caller& caller);
  int taken() const;
  /// Returns once none is taken.
  void AwaitNone();

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_CALLER_SLOTS_H_
