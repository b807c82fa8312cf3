// Where the time of a command went: its own steps, and those of the attempt
// that made its picture.
#ifndef ATELIER_CLIENT_CLI_TIME_SPENT_H_
#define ATELIER_CLIENT_CLI_TIME_SPENT_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "atelier/v1/jobs.pb.h"
#include "client/cli/json.h"
#include "common/clock.h"

namespace atelier {

/// Thread-compatible. Lifetime: the clock outlives it.
class TimeSpent {
 public:
  explicit TimeSpent(Clock& clock) : clock_(clock), last_(clock.Now()) {}

  /// What was done since the last call, or since this was made.
  void Add(absl::string_view step);
  /// The same, for what was waited for a task: its attempt's own phases stand
  /// in its place, where the task has such, and before them the rest as
  /// "queued".
  void AddTask(const v1::Task& task);

  /// Seconds by step.
  JsonObject Json() const;
  /// A line for each step, with its share, and for their sum.
  std::string Text() const;

 private:
  absl::Duration Lap();

  Clock& clock_;
  absl::Time last_;
  std::vector<std::pair<std::string, absl::Duration>> steps_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_TIME_SPENT_H_
