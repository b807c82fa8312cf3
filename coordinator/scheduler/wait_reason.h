// Why a job waits that nobody renders, in a word and in figures.
//
//   WaitExplainer waits(state.registry().workers(), limits);
//   waits.Explain(QuestionOf(*state.jobs().Find(id), state.jobs()));
//   // {kMemory, "needs 12.0 GB; the largest of 3 workers has 8.0 GB"}
#ifndef ATELIER_COORDINATOR_SCHEDULER_WAIT_REASON_H_
#define ATELIER_COORDINATOR_SCHEDULER_WAIT_REASON_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/string_view.h"
#include "coordinator/state/job_table.h"
#include "coordinator/state/user_quotas.h"
#include "coordinator/state/worker_registry.h"

namespace atelier {

/// The first that applies, in this order. The numbers are those of WaitReason
/// in jobs.proto.
enum class WaitReason {
  kNone = 0,  ///< A worker holds a task of it.
  kPaused = 1,
  kStorage = 2,
  kNoWorker = 3,
  kTags = 4,
  kMemory = 5,
  kProfile = 6,
  kWorkersUnavailable = 7,
  kUserLimit = 8,
  kWorkersBusy = 9,
};
inline constexpr int kWaitReasonCount = 9;

/// "no-worker": as metrics spell it.
absl::string_view Name(WaitReason reason);

struct Wait {
  WaitReason reason = WaitReason::kNone;
  std::string message;  ///< One line for people; empty with kNone.

  friend bool operator==(const Wait& a, const Wait& b) {
    return a.reason == b.reason && a.message == b.message;
  }
};

struct WaitLimits {
  bool storage_full = false;  ///< Nothing is started for now.
};

/// What of a job decides why it waits: a copy, to be judged when the queue may
/// have changed.
struct WaitQuestion {
  bool runs = false;  ///< A worker holds a task of it.
  bool paused = false;
  WorkerNeeds needs;
  int64_t floor_bytes = 0;  ///< As AttemptCosts, of the least of its tasks.
  std::string user;
  int64_t user_leased = 0;       ///< Tasks.
  int64_t user_max_running = 0;  ///< Of them, by its quota; 0: any number.
};

/// REQUIRES: the queue has the job.
WaitQuestion QuestionOf(const Job& job, const JobTable& queue,
                        const UserQuotas& quotas);

/// A picture of the workers at one moment. Made in O(workers); a job costs
/// O(kinds of workers), and nothing when another has asked for the same.
/// Thread-compatible.
class WaitExplainer {
 public:
  WaitExplainer(const std::map<WorkerName, Worker>& workers, WaitLimits limits);

  WaitReason ReasonOf(const WaitQuestion& job);
  Wait Explain(const WaitQuestion& job);

 private:
  // Workers that are alike to jobs.
  struct Kind {
    std::vector<std::string> tags;
    int64_t memory_bytes = 0;
    std::string profile;

    friend bool operator<(const Kind& a, const Kind& b) {
      return std::tie(a.memory_bytes, a.tags, a.profile) <
             std::tie(b.memory_bytes, b.tags, b.profile);
    }
  };
  struct Count {
    int workers = 0;
    int available = 0;  // Neither draining nor quarantined.
    int free = 0;       // Of these, with a free slot.
  };
  // What is asked of a worker, what earlier attempts have shown included.
  struct Ask {
    WorkerNeeds needs;
    int64_t floor_bytes = 0;

    friend bool operator<(const Ask& a, const Ask& b) {
      return std::tie(a.floor_bytes, a.needs) <
             std::tie(b.floor_bytes, b.needs);
    }
  };
  // How many workers are left after each demand.
  struct Fit {
    int with_tags = 0;
    int with_memory = 0;
    int with_profile = 0;
    Count fitting;
    int64_t largest_bytes = 0;  // Of those with the tags.
  };

  const Fit& FitFor(const WaitQuestion& job);
  std::string Message(WaitReason reason, const WaitQuestion& job);

  const WaitLimits limits_;
  std::map<Kind, Count> kinds_;
  int workers_ = 0;
  int64_t largest_bytes_ = 0;
  std::map<Ask, Fit> fits_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_SCHEDULER_WAIT_REASON_H_
