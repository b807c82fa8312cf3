// A worker's call that was not answered yet.
#ifndef ATELIER_COORDINATOR_CORE_WAITING_CALL_H_
#define ATELIER_COORDINATOR_CORE_WAITING_CALL_H_

#include "absl/time/time.h"
#include "coordinator/core/ids.h"
#include "coordinator/core/worker.h"

namespace atelier {

struct WaitingCall {
  WorkerName worker;
  absl::Time deadline;  ///< Then it is answered, whatever there is to say.
  SyncResponse response;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CORE_WAITING_CALL_H_
