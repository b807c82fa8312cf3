#include "coordinator/rpc/job_watches.h"

#include <optional>
#include <utility>
#include <vector>

#include "common/status_macros.h"
#include "coordinator/rpc/grpc_status.h"
#include "coordinator/rpc/job_conversion.h"

namespace atelier {
namespace {

constexpr int kMaxRunning = 1000;

}  // namespace

// All steps run in Pump, on the pool; whoever has news marks it and pokes.
class JobWatches::Call : public grpc::ServerWriteReactor<v1::JobSnapshot>,
                         public std::enable_shared_from_this<Call> {
 public:
  Call(JobWatches& owner, JobId job) : owner_(owner), job_(std::move(job)) {}

  void Begin() {
    watch_ = owner_.dispatcher_.Watch(job_, [weak = weak_from_this()] {
      if (const std::shared_ptr<Call> call = weak.lock()) {
        call->Mark(&Call::changed_);
      }
    });
    Poke();
  }
  void Tick() {
    {
      absl::MutexLock lock(&mutex_);
      if (!changed_ || writing_) return;
    }
    Poke();
  }
  void Stop() { Mark(&Call::stopped_); }
  const JobId& job() const { return job_; }
  /// What the job waits for now: news when it was last said to wait for
  /// something else.
  void TakeWait(const Wait& wait) {
    {
      absl::MutexLock lock(&mutex_);
      if (!said_wait_.has_value() || *said_wait_ == wait) return;
    }
    Mark(&Call::changed_);
  }

  void OnCancel() override { Mark(&Call::cancelled_); }
  void OnWriteDone(bool ok) override {
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      if (!ok) cancelled_ = true;
    }
    Poke();
  }
  void OnDone() override {
    owner_.dispatcher_.Unwatch(watch_);
    owner_.Remove(this);
  }

 private:
  void Mark(bool Call::*flag) {
    {
      absl::MutexLock lock(&mutex_);
      this->*flag = true;
    }
    Poke();
  }

  void Poke() {
    owner_.pool_.Schedule([self = shared_from_this()] { self->Pump(); });
  }

  void Pump() {
    if (const std::optional<absl::Status> end = TakeTurn()) {
      if (!end->ok()) Finish(ToGrpc(*end));
      return;
    }
    absl::StatusOr<bool> ended = TakeSnapshot();
    if (!ended.ok()) {
      {
        absl::MutexLock lock(&mutex_);
        finished_ = true;
      }
      Finish(ToGrpc(ended.status()));
    } else if (*ended) {
      StartWriteAndFinish(&snapshot_, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      StartWrite(&snapshot_);
    }
  }

  /// Nothing when a snapshot is to be written now; otherwise OK (not yet) or
  /// the status to finish with.
  std::optional<absl::Status> TakeTurn() {
    absl::MutexLock lock(&mutex_);
    if (finished_ || writing_) return absl::OkStatus();
    if (cancelled_ || stopped_) {
      finished_ = true;
      return cancelled_ ? absl::CancelledError("the caller is gone")
                        : absl::UnavailableError("the coordinator is stopping");
    }
    const absl::Time now = owner_.clock_.Now();
    if (!changed_ || now < next_at_) return absl::OkStatus();
    changed_ = false;
    writing_ = true;
    next_at_ = now + kInterval;
    return std::nullopt;
  }

  /// Whether the job has ended.
  absl::StatusOr<bool> TakeSnapshot() {
    ASSIGN_OR_RETURN(const JobRecord job, owner_.dispatcher_.GetJob(job_));
    snapshot_.Clear();
    Wait wait = owner_.dispatcher_.WaitsOf({job_}).front();
    ASSIGN_OR_RETURN(*snapshot_.mutable_job(), ToProto(job, wait));
    {
      absl::MutexLock lock(&mutex_);
      said_wait_ = std::move(wait);
    }
    if (job.state != JobState::kRunning) {
      absl::MutexLock lock(&mutex_);
      finished_ = true;
      return true;
    }
    const std::vector<RunningAttempt> running =
        owner_.dispatcher_.ListRunning(job_, kMaxRunning);
    if (!running.empty() && !spec_.has_value()) {
      ASSIGN_OR_RETURN(spec_, DecodeSpec(job.spec_bytes));
    }
    for (const RunningAttempt& attempt : running) {
      *snapshot_.add_running() = RunningTask(attempt, *spec_, owner_.limits_);
    }
    return false;
  }

  JobWatches& owner_;
  const JobId job_;
  Dispatcher::WatchId watch_ = 0;
  v1::JobSnapshot snapshot_;     // Of the writer: see writing_.
  std::optional<JobSpec> spec_;  // Of the writer.
  absl::Mutex mutex_;
  bool changed_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time next_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::optional<Wait> said_wait_ ABSL_GUARDED_BY(mutex_);
};

JobWatches::JobWatches(Dispatcher& dispatcher, WorkPool& pool, Clock& clock,
                       const RenderLimits& limits)
    : dispatcher_(dispatcher), pool_(pool), clock_(clock), limits_(limits) {}

JobWatches::~JobWatches() = default;

grpc::ServerWriteReactor<v1::JobSnapshot>* JobWatches::Begin(const JobId& job) {
  auto call = std::make_shared<Call>(*this, job);
  bool stopped;
  {
    absl::MutexLock lock(&mutex_);
    calls_.emplace(call.get(), call);
    stopped = stopped_;
  }
  if (stopped) call->Stop();
  call->Begin();
  return call.get();
}

void JobWatches::Tick() {
  bool check_waits = false;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, call] : calls_) call->Tick();
    const absl::Time now = clock_.Now();
    check_waits = !calls_.empty() && now >= next_wait_check_;
    if (check_waits) next_wait_check_ = now + kWaitInterval;
  }
  if (check_waits) CheckWaits();
}

void JobWatches::CheckWaits() {
  std::vector<std::shared_ptr<Call>> calls;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [key, call] : calls_) calls.push_back(call);
  }
  std::vector<JobId> ids;
  for (const auto& call : calls) ids.push_back(call->job());
  const std::vector<Wait> waits = dispatcher_.WaitsOf(ids);
  for (size_t i = 0; i < calls.size(); ++i) calls[i]->TakeWait(waits[i]);
}

void JobWatches::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  for (const auto& [key, call] : calls_) call->Stop();
}

void JobWatches::Remove(Call* call) {
  std::shared_ptr<Call> last;  // Ends outside the lock.
  absl::MutexLock lock(&mutex_);
  const auto found = calls_.find(call);
  last = std::move(found->second);
  calls_.erase(found);
}

}  // namespace atelier
