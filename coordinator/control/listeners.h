// Those who wait to hear from the control plane: commands for what became of
// them, workers' calls for their one answer, watches for news of a job.
//
// They are told on a thread of its own, in the order of the commits: sending
// costs as much as deciding, and the next commit need not wait for it.
#ifndef ATELIER_COORDINATOR_CONTROL_LISTENERS_H_
#define ATELIER_COORDINATOR_CONTROL_LISTENERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/work_pool.h"
#include "coordinator/control/decision_listener.h"
#include "coordinator/state/decisions.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/worker.h"

namespace atelier {

/// Thread-safe. What listeners do when told runs without locks held.
class Listeners : public DecisionListener {
 public:
  using Answer = std::function<void(absl::StatusOr<SyncResponse>)>;
  /// Hears which checkpoints' files are not used any more.
  using Discard = std::function<void(std::vector<std::string> digests)>;
  /// Hears what an operator should know, a line at a time.
  using Notice = std::function<void(const std::string& line)>;
  /// Hears of a picture that was made for a user.
  using PictureMade = std::function<void(const MadePicture& made)>;
  using WatchId = int64_t;

  Listeners(Discard discard, Notice notice, PictureMade picture_made);
  /// Stops.
  ~Listeners() override;
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  /// `answer` runs exactly once.
  CallId AddCall(Answer answer);
  /// Whether the call still waits for its answer.
  bool Waits(CallId id);
  /// At once, in the caller's thread.
  void AnswerNow(CallId id, absl::StatusOr<SyncResponse> response) override;

  /// `changed` runs after each change of the job, until RemoveWatch, and may
  /// run once more while that does.
  WatchId AddWatch(const JobId& id, std::function<void()> changed);
  void RemoveWatch(WatchId id);

  /// Soon, after what was told before.
  void Tell(Outcomes outcomes, Decisions decisions) override;

  /// Says what there is to say, then `why` to all calls that still wait.
  /// REQUIRES: nobody calls Tell any more.
  void Stop(const absl::Status& why);

 private:
  struct Watch {
    JobId job;
    std::function<void()> changed;
  };

  void Say(Decisions decisions);
  void SayToWatches(const std::set<JobId>& touched);

  const Discard discard_;
  const Notice notice_;
  const PictureMade picture_made_;

  absl::Mutex calls_mu_;
  CallId last_call_ ABSL_GUARDED_BY(calls_mu_) = 0;
  std::map<CallId, Answer> calls_ ABSL_GUARDED_BY(calls_mu_);

  absl::Mutex watch_mu_;
  WatchId last_watch_ ABSL_GUARDED_BY(watch_mu_) = 0;
  std::map<WatchId, Watch> watches_ ABSL_GUARDED_BY(watch_mu_);
  std::map<JobId, std::set<WatchId>> watched_ ABSL_GUARDED_BY(watch_mu_);

  std::unique_ptr<WorkPool> thread_;  // Of one thread; null once stopped.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_LISTENERS_H_
