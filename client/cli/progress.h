// How far a job is, for people.
#ifndef ATELIER_CLIENT_CLI_PROGRESS_H_
#define ATELIER_CLIENT_CLI_PROGRESS_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "absl/time/time.h"
#include "common/clock.h"

namespace atelier {

namespace v1 {
class Job;
class JobSnapshot;
}  // namespace v1

/// The part of the job that is done, in [0,1]: ended tasks, and the iterations
/// of those that run.
double FractionDone(const v1::JobSnapshot& snapshot);

/// "3/10 tasks, 2 running, 42%, 1m20s left". With a state that is not worth a
/// bar, "queued: no worker is connected", that goes before it.
std::string ProgressText(const v1::JobSnapshot& snapshot,
                         std::optional<absl::Duration> left,
                         const std::string& state = "");

/// "name [#####-----] text", less than `columns` cells wide; of a long name the
/// end is left out.
std::string ProgressBar(const std::string& name, double fraction,
                        const std::string& text, int columns);

/// How long a job will take still, judged by how it went since the first
/// fraction. Thread-compatible.
class TimeLeft {
 public:
  /// Nullopt as long as next to nothing was done.
  std::optional<absl::Duration> At(double fraction, absl::Time now);

 private:
  std::optional<absl::Time> first_at_;
  double first_fraction_ = 0;
};

/// "queued: no worker is connected"; empty for a job that is not queued. With
/// `own_workers` they start with the job: that none is there yet is how it
/// begins, and not worth a word.
std::string WaitText(const v1::Job& job, bool own_workers);

struct ProgressOptions {
  bool quiet = false;
  bool own_workers = false;  ///< As WaitText's.
};

/// Says of the snapshots of one job, where there is no terminal, a line now and
/// then. Thread-compatible.
class Progress {
 public:
  Progress(std::ostream& err, Clock& clock, ProgressOptions options)
      : err_(err), clock_(clock), options_(options) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void Show(const v1::JobSnapshot& snapshot);

 private:
  bool IsWorthALine(const v1::JobSnapshot& snapshot, const std::string& state);

  std::ostream& err_;
  Clock& clock_;
  const ProgressOptions options_;
  TimeLeft time_left_;
  absl::Time last_line_at_ = absl::InfinitePast();
  int64_t last_ended_ = -1;
  std::string last_state_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_PROGRESS_H_
