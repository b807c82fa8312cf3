// What of a worker meets what a job asks for: one rule each, which choosing a
// task and explaining why none is chosen share.
#ifndef ATELIER_COORDINATOR_STATE_FITNESS_H_
#define ATELIER_COORDINATOR_STATE_FITNESS_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "coordinator/state/arithmetic.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// Both sorted.
inline bool HasTags(const std::vector<std::string>& worker_tags,
                    const WorkerNeeds& needs) {
  return std::includes(worker_tags.begin(), worker_tags.end(),
                       needs.tags.begin(), needs.tags.end());
}

inline bool HasProfile(const std::string& worker_profile,
                       const WorkerNeeds& needs) {
  return needs.profile.empty() || worker_profile == needs.profile;
}

/// Whether a job with these needs takes a result of this arithmetic, where
/// `engine_version` is what EngineVersions::Reusable says.
inline bool MayReuse(const Arithmetic& result, int engine_version,
                     const WorkerNeeds& needs) {
  return result.engine_version == engine_version &&
         HasProfile(result.profile, needs);
}

/// Whether a task that ran out of memory on a worker of `floor_bytes`, 0 for
/// none, may go to one of `worker_bytes`: where there is more, or to the
/// largest worker there is.
inline bool IsAboveFloor(int64_t worker_bytes, int64_t floor_bytes,
                         int64_t largest_bytes) {
  return floor_bytes == 0 || worker_bytes > floor_bytes ||
         worker_bytes >= largest_bytes;
}

inline bool IsFit(const WorkerDescription& worker, const WorkerNeeds& needs) {
  return worker.memory_bytes >= needs.memory_bytes &&
         HasProfile(worker.arithmetic.profile, needs) &&
         HasTags(worker.tags, needs);
}

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_FITNESS_H_
