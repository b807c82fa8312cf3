// How fast a job goes, from what its watch says.
#ifndef ATELIER_CLIENT_CLI_SPEED_METER_H_
#define ATELIER_CLIENT_CLI_SPEED_METER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "absl/time/time.h"

namespace atelier {

namespace v1 {
class JobSnapshot;
}  // namespace v1

/// Speeds are of the last minute. An estimate: what a task did between two
/// snapshots in which it does not run is not seen. Thread-compatible.
class SpeedMeter {
 public:
  void Apply(const v1::JobSnapshot& snapshot, absl::Time now);

  /// "12.4 iterations/s, 3.1 tasks/min, 2 workers"; without speeds as long as
  /// there are none, empty where nothing runs either.
  std::string Text(absl::Time now) const;

 private:
  struct Sample {
    absl::Time at;
    int64_t iterations = 0;
    int64_t tasks = 0;
  };

  struct Progress {
    int done = 0;
    int all = 0;
  };

  int64_t IterationsSince(const v1::JobSnapshot& snapshot, int64_t succeeded);

  std::deque<Sample> samples_;  // Of the last minute, and the one before it.
  std::map<int64_t, Progress> running_;  // By the task's index.
  int64_t iterations_ = 0;
  int64_t succeeded_ = 0;
  int workers_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SPEED_METER_H_
