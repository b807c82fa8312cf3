// Waiting at the start for what a restart would find no better.
#ifndef ATELIER_COORDINATOR_AWAIT_AVAILABLE_H_
#define ATELIER_COORDINATOR_AWAIT_AVAILABLE_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "coordinator/shared_status.h"

namespace atelier {

/// Waits for as long, or until a signal asks the process to stop, and says so.
bool IsToldToStop(absl::Duration wait);

/// Calls `open`, once a second, until it answers anything but Unavailable (the
/// disk is full, the database away), and returns that. Says why in the log,
/// once, and in `waits_for`. Errors: Cancelled (told to stop), and open's.
absl::Status AwaitAvailable(const std::function<absl::Status()>& open,
                            SharedStatus& waits_for);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_AWAIT_AVAILABLE_H_
