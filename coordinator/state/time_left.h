// How long a job will still run.
#ifndef ATELIER_COORDINATOR_STATE_TIME_LEFT_H_
#define ATELIER_COORDINATOR_STATE_TIME_LEFT_H_

#include <optional>

#include "absl/time/time.h"

namespace atelier {

class AttemptTable;
class Job;

/// An estimate, in whole seconds: as many tasks as run now share what is left
/// of them and of those that wait. A task takes as long as this job's last ones
/// did, or before the first has ended, as those that run will by their pace.
/// Nothing where none runs, or none tells. Looks at a bounded number of tasks.
std::optional<absl::Duration> TimeLeft(const Job& job,
                                       const AttemptTable& attempts,
                                       absl::Time now);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_TIME_LEFT_H_
