// A worker's call that was not answered yet.
#ifndef ATELIER_COORDINATOR_STATE_WAITING_CALL_H_
#define ATELIER_COORDINATOR_STATE_WAITING_CALL_H_

#include "absl/time/time.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/worker.h"

namespace atelier {

struct WaitingCall {
  WorkerName worker;
  absl::Time deadline;  ///< Then it is answered, whatever there is to say.
  SyncResponse response;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_WAITING_CALL_H_
