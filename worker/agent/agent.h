// The worker's conversation with its coordinator, around the renders it runs.
//
//   Agent agent(options, channel, {&runner}, parts);
//   // On another thread, at SIGTERM: agent.Stop();
//   absl::Status ended = agent.Run();
//
// One thread (Run's caller) synchronises; each slot has a thread that runs an
// attempt. What they share is an AttemptBook, which decides; this class carries
// out. Attempts that an answer starts together meet in a RenderBatcher.
#ifndef ATELIER_WORKER_AGENT_AGENT_H_
#define ATELIER_WORKER_AGENT_AGENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.pb.h"
#include "common/clock.h"
#include "common/clock_watch.h"
#include "common/rpc/stop_signal.h"
#include "worker/agent/attempt_book.h"
#include "worker/agent/attempt_note.h"
#include "worker/agent/attempt_runner.h"
#include "worker/agent/outbox.h"
#include "worker/agent/report_sifter.h"
#include "worker/agent/sync_pace.h"
#include "worker/agent/worker_metrics.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace atelier {

struct AgentOptions {
  v1::WorkerDescription self;  ///< Its slots are the runners'.
  /// Digests of the inputs at hand, for each call; absent: none.
  std::function<std::vector<std::string>()> held_inputs;
  SyncPaceOptions pace;
  /// A call without an answer for so long is repeated. Longer than any
  /// --long-poll of a coordinator.
  absl::Duration call_timeout = absl::Minutes(5);
  /// Once stopped: how long renders have to come to their next iteration and to
  /// upload a checkpoint, and how long the last call may take.
  absl::Duration stop_within = absl::Seconds(8);
  absl::Duration last_call_within = absl::Seconds(2);
  /// Instance ids of processes before this one, now dead: what they hold is
  /// handed back in their name first.
  std::vector<std::string> predecessors;
  /// Called once the coordinator knows this process, and so none of those.
  std::function<void()> joined = [] {};
  /// Called before each try while the coordinator is away: whoever keeps a
  /// pace of reconnecting of his own is to try at once.
  std::function<void()> reconnect = [] {};
  /// Called when the coordinator is found to be away, and at each try before
  /// its first answer: what is wrong with the way there, if that can be told.
  /// SyncPace has what comes of it.
  std::function<absl::Status()> explain_absence = [] {
    return absl::OkStatus();
  };
  /// Where a token was looked for, for the log of a worker whom the coordinator
  /// does not know.
  std::function<std::string()> explain_token = [] { return std::string(); };
};

/// What an agent works with; all of it outlives the agent.
struct AgentParts {
  const Outbox& outbox;
  const WorkerMetrics& metrics;
  Clock& clock;
  /// What runs is noted there, if anywhere.
  AttemptNote* note = nullptr;
};

class Agent {
 public:
  /// One slot for each runner. Lifetime: the runners outlive the agent.
  Agent(AgentOptions options, const std::shared_ptr<grpc::Channel>& coordinator,
        std::vector<AttemptRunner*> runners, AgentParts parts);
  /// Stops renders and waits for them: as long as one iteration may take.
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// Works until stopped, then hands back what it runs; renders may still be in
  /// their last iteration when it returns. Keeps rendering and trying while the
  /// coordinator is away. Call once.
  /// Errors: as SyncPace::AfterFailure.
  absl::Status Run();

  /// Whether the coordinator knows that nothing is held. After Run.
  bool handed_back() const { return handed_back_; }

  /// Thread-safe; returns at once.
  void Stop();

 private:
  struct Stub;
  struct Slot {
    AttemptRunner* runner = nullptr;
    std::optional<v1::Assignment> work;
    std::unique_ptr<Interruption> interruption;
    std::thread thread;
  };

  void LoadOutbox();
  absl::StatusOr<absl::Duration> SynchronizeOnce();
  absl::Status Call(bool last, absl::Duration timeout,
                    v1::SynchronizeRequest* request,
                    v1::SynchronizeResponse* response);
  // Says who calls: this process or, before it has joined, an earlier one.
  void DescribeSelf(bool last, v1::SynchronizeRequest* request) const;
  absl::Duration AfterAnswer(const v1::SynchronizeResponse& response);
  // The answer to a call in a predecessor's name.
  void AfterFarewell(v1::SynchronizeResponse response);
  void ForgetPredecessor();
  int Unreported();
  // Whether a repeat can do better: with fewer reports, or without a bad one.
  bool TryWithout(const v1::SynchronizeRequest& request,
                  const absl::Status& refusal);
  void LogIgnored(const v1::SynchronizeResponse& response) const;
  void Obey(const v1::SynchronizeResponse& response);
  void StartOn(const v1::Assignment& assignment)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LogLink(Link before, const absl::Status& status) const;
  void LogUnknown(const absl::Status& status);
  void WaitForNews(absl::Duration timeout, bool away);
  // The last call, repeated for a while if it may come back.
  absl::Status SayLastWord(v1::SynchronizeResponse* response);
  void HandBack();

  void RunSlot(Slot& slot);
  v1::AttemptReport RunNoted(Slot& slot);
  void FinishOn(Slot& slot, const v1::AttemptReport& report);
  bool Idle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  AgentOptions options_;
  const std::unique_ptr<Stub> coordinator_;
  AgentParts parts_;
  SyncPace pace_;
  ClockWatch clock_watch_;
  ReportSifter sifter_;
  bool joined_ = false;
  bool handed_back_ = false;
  int farewells_ = 0;  // Calls in the name of the first predecessor so far.

  absl::Mutex mutex_;
  AttemptBook book_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Slot>> slots_;  // What is in them: mutex_.
  grpc::ClientContext* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
  bool news_ ABSL_GUARDED_BY(mutex_) = false;  // Something to say at once.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool quitting_ ABSL_GUARDED_BY(mutex_) = false;  // Slot threads end.
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_AGENT_H_
