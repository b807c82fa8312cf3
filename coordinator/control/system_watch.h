// How the coordinator is: what it has done of late, and what is wrong.
//
//   SystemWatch watch;
//   watch.Look(sample, now);  // About once a second.
//   SystemReport report = watch.Report();
#ifndef ATELIER_COORDINATOR_CONTROL_SYSTEM_WATCH_H_
#define ATELIER_COORDINATOR_CONTROL_SYSTEM_WATCH_H_

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/control/control_plane_views.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/task_state.h"

namespace atelier {

/// What is looked at. Counts are since the start.
struct SystemSample {
  ControlPlaneCounts counts;
  absl::Status storage;       ///< Whether the disk takes what callers bring,
  absl::Status checkpoints;   ///< and checkpoints,
  absl::Status database;      ///< and the database changes.
  std::string clock_was_set;  ///< By how much, if since the last look.
  int64_t damaged_artifacts = 0;
  int64_t failed_authentications = 0;
  int64_t refused_calls = 0;  ///< Of callers at their bounds.
  std::optional<absl::Time> certificate_expires_at;
};

enum class ConditionState { kOk, kWarning, kCritical };

/// One thing that may be wrong.
struct Condition {
  std::string name;  ///< "disk": stable, for programs.
  ConditionState state = ConditionState::kOk;
  std::string message = {};  ///< What is wrong, and the next what to do: for
  std::string advice = {};   ///< people; empty while it is in order.
  std::optional<absl::Time> since = {};  ///< When it was first seen so.
};

/// What has happened within some time.
struct Throughput {
  absl::Duration within;
  std::array<int64_t, kOutcomeCount + 1> attempts{};  ///< By Outcome's number.
  std::array<absl::Duration, kOutcomeCount + 1> device_time{};
  int64_t results_reused = 0;
};

struct SystemReport {
  Throughput of_late;  ///< Of the last hour, or since the first look.
  /// All that are looked at: what is wrong first, the worst before the others.
  std::vector<Condition> conditions;
  ControlPlaneCounts counts;
};

/// Thread-safe.
class SystemWatch {
 public:
  void Look(const SystemSample& sample, absl::Time now);
  SystemReport Report() const;

 private:
  // What counts were at a moment.
  struct Point {
    absl::Time at;
    DecisionCounts decisions;
    int64_t damaged_artifacts = 0;
    int64_t failed_authentications = 0;
    int64_t refused_calls = 0;
  };
  class Judge;

  void Remember(const SystemSample& sample, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The youngest that is so old, or else the oldest.
  const Point& Before(absl::Duration age) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::deque<Point> points_ ABSL_GUARDED_BY(mutex_);  // Oldest first.
  Point last_ ABSL_GUARDED_BY(mutex_);
  ControlPlaneCounts counts_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> since_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Time> stopping_since_ ABSL_GUARDED_BY(mutex_);
  std::string clock_was_set_ ABSL_GUARDED_BY(mutex_);
  std::vector<Condition> conditions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_SYSTEM_WATCH_H_
