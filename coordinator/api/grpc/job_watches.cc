#include "coordinator/api/grpc/job_watches.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/job_conversion.h"
#include "grpcpp/support/server_callback.h"

namespace atelier {
namespace {

constexpr int kMaxRunning = 1000;

// Without the port, which differs between connections.
std::string ClientOf(absl::string_view peer) {
  return std::string(peer.substr(0, peer.rfind(':')));
}

}  // namespace

// All steps run in Pump, on the pool; whoever has news marks it and pokes.
class JobWatches::Call : public grpc::ServerWriteReactor<v1::JobSnapshot>,
                         public std::enable_shared_from_this<Call> {
 public:
  Call(JobWatches& owner, Caller caller, JobId job, std::string client)
      : owner_(owner),
        caller_(std::move(caller)),
        job_(std::move(job)),
        client_(std::move(client)) {}

  void Begin() { Poke(); }
  void Tick() {
    {
      absl::MutexLock lock(&mutex_);
      if (!changed_ || writing_) return;
    }
    Poke();
  }
  void Stop() { Mark(&Call::stopped_); }
  void Refuse(absl::Status why) {
    {
      absl::MutexLock lock(&mutex_);
      refusal_ = std::move(why);
    }
    Poke();
  }
  const JobId& job() const { return job_; }
  const std::string& client() const { return client_; }
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
      snapshot_ = v1::JobSnapshot();  // Specs are large, and waits long.
      writing_ = false;
      if (!ok) cancelled_ = true;
    }
    Poke();
  }
  void OnDone() override {
    owner_.control_.Unwatch(watch_);
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
    if (!refusal_.ok()) {
      finished_ = true;
      return refusal_;
    }
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
    if (watch_ == 0) RETURN_IF_ERROR(Watch());
    ASSIGN_OR_RETURN(const JobRecord job,
                     owner_.control_.GetJob(caller_, job_));
    snapshot_.Clear();
    ASSIGN_OR_RETURN(const std::vector<Wait> waits,
                     owner_.control_.WaitsOf(caller_, {job_}));
    Wait wait = waits.front();
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
    const std::shared_ptr<const JobSpec> spec = owner_.control_.FindSpec(job_);
    if (spec == nullptr) return false;  // It ends: news of that comes.
    ASSIGN_OR_RETURN(const std::vector<RunningAttempt> running,
                     owner_.control_.ListRunning(caller_, job_, kMaxRunning));
    for (const RunningAttempt& attempt : running) {
      *snapshot_.add_running() =
          RunningTask(attempt, *spec, owner_.limits_.renders);
    }
    return false;
  }

  absl::Status Watch() {
    ASSIGN_OR_RETURN(
        watch_, owner_.control_.Watch(caller_, job_, [weak = weak_from_this()] {
          if (const std::shared_ptr<Call> call = weak.lock()) {
            call->Mark(&Call::changed_);
          }
        }));
    return absl::OkStatus();
  }

  JobWatches& owner_;
  const Caller caller_;
  const JobId job_;
  const std::string client_;
  ControlPlane::WatchId watch_ = 0;  // From the first snapshot on.
  v1::JobSnapshot snapshot_;         // Of the writer: see writing_.
  absl::Mutex mutex_;
  bool changed_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time next_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::optional<Wait> said_wait_ ABSL_GUARDED_BY(mutex_);
};

JobWatches::JobWatches(ControlPlane& control, WorkPool& pool, Clock& clock,
                       const Limits& limits)
    : control_(control), pool_(pool), clock_(clock), limits_(limits) {}

JobWatches::~JobWatches() = default;

absl::Status JobWatches::CheckRoom(const std::string& client) {
  if (static_cast<int>(calls_.size()) >= limits_.max_calls) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "job_id: ", limits_.max_calls,
        " calls watch jobs, as many as may (--max-watches); repeat later"));
  }
  if (calls_by_client_[client] >= limits_.max_calls_per_client) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "job_id: ", limits_.max_calls_per_client, " calls of ", client,
        " watch jobs, as many as may "
        "(--max-watches-per-client); repeat later"));
  }
  return absl::OkStatus();
}

grpc::ServerWriteReactor<v1::JobSnapshot>* JobWatches::Begin(
    Caller caller, const JobId& job, absl::string_view peer) {
  auto call =
      std::make_shared<Call>(*this, std::move(caller), job, ClientOf(peer));
  bool stopped;
  absl::Status room;
  {
    absl::MutexLock lock(&mutex_);
    room = CheckRoom(call->client());
    calls_.emplace(call.get(), call);
    ++calls_by_client_[call->client()];
    stopped = stopped_;
  }
  if (stopped) call->Stop();
  if (!room.ok()) call->Refuse(std::move(room));
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
  const absl::StatusOr<std::vector<Wait>> waits =
      control_.WaitsOf(CoordinatorItself(), ids);
  if (!waits.ok()) return;
  for (size_t i = 0; i < calls.size(); ++i) calls[i]->TakeWait((*waits)[i]);
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
  const auto client = calls_by_client_.find(last->client());
  if (--client->second == 0) calls_by_client_.erase(client);
}

}  // namespace atelier
