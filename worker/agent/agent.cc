#include "worker/agent/agent.h"

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "common/log/log.h"
#include "common/retry_after.h"
#include "common/rpc/deadline.h"
#include "common/rpc/grpc_status.h"
#include "common/status_macros.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "worker/agent/fault_signals.h"

namespace atelier {
namespace {

// Infinite: none are asked for.
absl::Duration PreviewEvery(const v1::SynchronizeResponse& response) {
  if (!response.has_preview_every()) return absl::InfiniteDuration();
  const auto& every = response.preview_every();
  const absl::Duration duration =
      absl::Seconds(every.seconds()) + absl::Nanoseconds(every.nanos());
  return duration < absl::ZeroDuration() ? absl::InfiniteDuration() : duration;
}

void WarnIfFailed(const char* what, const absl::Status& status) {
  if (!status.ok()) LogWarning(what, ": ", status.message());
}

}  // namespace

struct Agent::Stub {
  v1::Workers::Stub of;
};

Agent::Agent(AgentOptions options,
             const std::shared_ptr<grpc::Channel>& coordinator,
             std::vector<AttemptRunner*> runners, AgentParts parts)
    : options_(std::move(options)),
      coordinator_(new Stub{{coordinator}}),
      parts_(parts),
      pace_(options_.pace, std::random_device{}()),
      book_(static_cast<int>(runners.size())) {
  options_.self.set_slots(static_cast<int>(runners.size()));
  options_.self.set_batches(runners.size() > 1);
  for (AttemptRunner* runner : runners) {
    slots_.push_back(std::make_unique<Slot>());
    slots_.back()->runner = runner;
  }
  for (auto& slot : slots_) {
    slot->thread = std::thread([this, &slot = *slot] { RunSlot(slot); });
  }
}

Agent::~Agent() {
  Stop();
  {
    absl::MutexLock lock(&mutex_);
    quitting_ = true;
  }
  for (auto& slot : slots_) slot->thread.join();
}

absl::Status Agent::Run() {
  LoadOutbox();
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) break;
    }
    if (const std::string jump = clock_watch_.Check(); !jump.empty()) {
      LogWarning(jump);
    }
    ASSIGN_OR_RETURN(const absl::Duration wait, SynchronizeOnce());
    WaitForNews(wait, pace_.link() != Link::kConnected);
  }
  HandBack();
  return absl::OkStatus();
}

void Agent::Stop() {
  absl::MutexLock lock(&mutex_);
  stopping_ = true;
  book_.Drain();
  for (auto& slot : slots_) {
    if (slot->work) slot->interruption->stop.Stop();
  }
  if (call_ != nullptr) call_->TryCancel();
}

void Agent::LoadOutbox() {
  auto reports = parts_.outbox.Load();
  if (!reports.ok()) {
    WarnIfFailed("unsent reports are not read", reports.status());
    return;
  }
  absl::MutexLock lock(&mutex_);
  for (v1::AttemptReport& report : *reports) {
    LogInfo("attempt ", ShortName(report.token()),
            " was finished before this start; reporting it");
    book_.AddUnreported(std::move(report));
  }
}

absl::StatusOr<absl::Duration> Agent::SynchronizeOnce() {
  const Link before = pace_.link();
  if (parts_.note != nullptr) {
    WarnIfFailed("what runs is not noted", parts_.note->Refresh());
  }
  if (before == Link::kAway) options_.reconnect();
  v1::SynchronizeRequest request;
  v1::SynchronizeResponse response;
  absl::Status status =
      Call(/*last=*/false, options_.call_timeout, &request, &response);
  if (status.ok()) return AfterAnswer(response);
  // What comes of it is decided, or logged, only then.
  if (absl::IsUnavailable(status) && (before != Link::kAway || !joined_)) {
    if (absl::Status why = options_.explain_absence(); !why.ok()) status = why;
  }
  if (absl::IsCancelled(status)) {
    absl::MutexLock lock(&mutex_);
    if (news_ || stopping_) return absl::ZeroDuration();
  }
  if (absl::IsInvalidArgument(status) && TryWithout(request, status)) {
    return absl::ZeroDuration();
  }
  if (absl::IsAlreadyExists(status) && !options_.predecessors.empty()) {
    // That one is not who is known; nothing of its is left.
    ForgetPredecessor();
    return absl::ZeroDuration();
  }
  const auto wait = pace_.AfterFailure(status, parts_.clock.Now());
  if (wait.ok()) {
    LogLink(before, status);
    LogUnknown(status);
  }
  return wait;
}

absl::Duration Agent::AfterAnswer(const v1::SynchronizeResponse& response) {
  if (!options_.predecessors.empty()) {
    AfterFarewell(response);
    return absl::ZeroDuration();
  }
  const Link before = pace_.link();
  const absl::Duration wait = pace_.AfterAnswer(response);
  LogLink(before, absl::OkStatus());
  if (!std::exchange(joined_, true)) options_.joined();
  for (const auto& slot : slots_) {
    slot->runner->SetPreviewEvery(PreviewEvery(response));
  }
  Obey(response);
  const int left = Unreported();
  const bool probed = sifter_.most_reports() == 0;
  sifter_.Answered(left);
  // The next of many reports need not wait.
  const bool more = left > 0 && (probed || response.acknowledged_size() > 0);
  return more ? absl::ZeroDuration() : wait;
}

void Agent::ForgetPredecessor() {
  options_.predecessors.erase(options_.predecessors.begin());
  farewells_ = 0;
}

int Agent::Unreported() {
  absl::MutexLock lock(&mutex_);
  return book_.unreported();
}

void Agent::AfterFarewell(v1::SynchronizeResponse response) {
  constexpr int kMostFarewells = 8;  // Without getting anywhere.
  const int before = Unreported();
  {
    absl::MutexLock lock(&mutex_);
    book_.HandBackStarts(response);
  }
  // All else was said to a process that is gone.
  response.clear_start();
  response.clear_stop();
  response.clear_drain();
  Obey(response);
  const int left = Unreported();
  sifter_.Answered(left);
  // A call that held some back has said that their attempts still run.
  if (left < before) farewells_ = 0;
  if (left == 0 || ++farewells_ == kMostFarewells) ForgetPredecessor();
}

bool Agent::TryWithout(const v1::SynchronizeRequest& request,
                       const absl::Status& refusal) {
  switch (sifter_.Refused(request.finished_size())) {
    case ReportSifter::Verdict::kWorkerIsBad:
      return false;
    case ReportSifter::Verdict::kTryAgain:
      LogWarning("the coordinator refuses a call with ",
                 request.finished_size(), " reports (", refusal.message(),
                 "); sending them one by one");
      return true;
    case ReportSifter::Verdict::kReportIsBad:
      break;
  }
  const v1::AttemptToken& token = request.finished(0).token();
  LogWarning("the coordinator refuses the report of attempt ", ShortName(token),
             " for good (", refusal.message(),
             "); it is dropped, and the render is done again");
  {
    absl::MutexLock lock(&mutex_);
    book_.DropReport(token);
  }
  sifter_.Answered(Unreported());
  WarnIfFailed("a dropped report stays in the outbox",
               parts_.outbox.Remove(token));
  return true;
}

void Agent::DescribeSelf(bool last, v1::SynchronizeRequest* request) const {
  *request->mutable_worker() = options_.self;
  if (!last && !options_.predecessors.empty()) {
    request->mutable_worker()->set_instance_id(options_.predecessors.front());
  }
  if (!options_.held_inputs) return;
  for (std::string& digest : options_.held_inputs()) {
    request->mutable_worker()->add_held_inputs(std::move(digest));
  }
}

absl::Status Agent::Call(bool last, absl::Duration timeout,
                         v1::SynchronizeRequest* request,
                         v1::SynchronizeResponse* response) {
  DescribeSelf(last, request);
  grpc::ClientContext context;
  context.set_deadline(After(timeout));
  {
    absl::MutexLock lock(&mutex_);
    // Stop has nothing to cancel yet, and this call may be held open for long.
    if (stopping_ && !last) return absl::CancelledError("stopping");
    news_ = false;
    book_.Describe(request, sifter_.most_reports());
    parts_.metrics.Describe(book_.running(), request);
    call_ = &context;
  }
  // One that finds out about reports, or speaks for the dead, wants no work.
  if (sifter_.suspicious() || (!last && !options_.predecessors.empty())) {
    request->set_draining(true);
  }
  const grpc::Status status =
      coordinator_->of.Synchronize(&context, *request, response);
  absl::MutexLock lock(&mutex_);
  call_ = nullptr;
  return FromGrpc(status);
}

void Agent::LogIgnored(const v1::SynchronizeResponse& response) const {
  for (const v1::ReportAcknowledgement& answer : response.acknowledged()) {
    if (answer.disposition() != v1::DISPOSITION_IGNORED) continue;
    LogInfo("the report of attempt ", ShortName(answer.token()),
            " was not taken: it is late, doubled, or what it reports is gone");
  }
}

void Agent::Obey(const v1::SynchronizeResponse& response) {
  LogIgnored(response);
  AttemptBook::Orders orders;
  {
    absl::MutexLock lock(&mutex_);
    const bool drained = book_.draining();
    orders = book_.Learn(response);
    if (book_.draining() && !drained) {
      LogInfo("drained: finishing what runs, taking nothing new");
    }
    if (orders.handed_back) news_ = true;
    for (const v1::AttemptToken& token : orders.stop) {
      LogInfo("attempt ", ShortName(token), " is no longer wanted");
      for (auto& slot : slots_) {
        if (slot->work && IdOf(slot->work->token()) == IdOf(token)) {
          slot->interruption->abandoned = true;
          slot->interruption->stop.Stop();
        }
      }
    }
    for (const v1::Assignment& assignment : orders.start) StartOn(assignment);
  }
  for (const v1::AttemptToken& token : orders.forget) {
    WarnIfFailed("an answered report stays in the outbox",
                 parts_.outbox.Remove(token));
  }
}

void Agent::StartOn(const v1::Assignment& assignment) {
  const auto free = std::find_if(slots_.begin(), slots_.end(),
                                 [](const auto& slot) { return !slot->work; });
  // The book starts no more than there are slots.
  (*free)->interruption = std::make_unique<Interruption>();
  // Stop may have come between the answer and now.
  if (stopping_) (*free)->interruption->stop.Stop();
  (*free)->runner->Announce();
  (*free)->work = assignment;
  LogInfo("attempt ", ShortName(assignment.token()), " starts: job ",
          assignment.job_id(), ", task ", assignment.task_index());
}

void Agent::LogLink(Link before, const absl::Status& status) const {
  if (pace_.link() == before) return;
  switch (pace_.link()) {
    case Link::kConnected:
      return LogInfo("connected to the coordinator");
    case Link::kAway:
      return LogWarning("the coordinator does not answer (", status.message(),
                        "); trying again until it does");
    case Link::kNameTaken:
      return LogWarning(
          status.message(), "; trying again for ",
          absl::FormatDuration(options_.pace.name_patience),
          ": where a restarted worker cannot say who it was (no --cache), the "
          "name is free once the old lease has run out");
    case Link::kNew:
    case Link::kUnknown:
      return;
  }
}

void Agent::LogUnknown(const absl::Status& status) {
  if (!pace_.TokenHintDue(parts_.clock.Now())) return;
  LogWarning("the coordinator does not know this worker: ", status.message(),
             "; ", options_.explain_token(), "; trying again until it does");
}

void Agent::WaitForNews(absl::Duration timeout, bool away) {
  const auto spoken = [this, away]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || (news_ && !away);
  };
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&spoken), timeout);
}

bool Agent::Idle() const {
  return std::none_of(slots_.begin(), slots_.end(),
                      [](const auto& slot) { return slot->work.has_value(); });
}

absl::Status Agent::SayLastWord(v1::SynchronizeResponse* response) {
  const absl::Time give_up_at = parts_.clock.Now() + options_.last_call_within;
  while (true) {
    v1::SynchronizeRequest request;
    const absl::Status status = Call(
        /*last=*/true, give_up_at - parts_.clock.Now(), &request, response);
    const std::optional<absl::Duration> wait = RetryAfterOf(status);
    if (!wait.has_value() || parts_.clock.Now() + *wait > give_up_at) {
      return status;
    }
    absl::SleepFor(*wait);
  }
}

void Agent::HandBack() {
  std::vector<v1::AttemptReport> cut_short;
  {
    absl::MutexLock lock(&mutex_);
    mutex_.AwaitWithTimeout(absl::Condition(this, &Agent::Idle),
                            options_.stop_within);
    // The token fences what such a render might still bring forth.
    cut_short = book_.HandBack();
  }
  for (const v1::AttemptReport& report : cut_short) {
    WarnIfFailed("a report is not kept on disk", parts_.outbox.Put(report));
  }
  v1::SynchronizeResponse response;
  const absl::Status status = SayLastWord(&response);
  if (status.ok()) {
    Obey(response);
    absl::MutexLock lock(&mutex_);
    handed_back_ = book_.unreported() == 0;
    LogInfo("stopped; everything is handed back");
  } else {
    LogWarning("stopped, without a last word to the coordinator (",
               status.message(), ")");
  }
}

void Agent::RunSlot(Slot& slot) {
  const SignalStack stack;
  const auto busy_or_quitting = [this, &slot]()
                                    ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
                                      return slot.work.has_value() || quitting_;
                                    };
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(&busy_or_quitting));
      if (!slot.work) return;
    }
    FinishOn(slot, RunNoted(slot));
  }
}

// Only this thread empties the slot, so that its work stays as it is.
v1::AttemptReport Agent::RunNoted(Slot& slot) {
  if (parts_.note != nullptr) {
    WarnIfFailed("what runs is not noted",
                 parts_.note->Begin(slot.work->token()));
  }
  return slot.runner->Run(*slot.work, *slot.interruption,
                          [this](const v1::AttemptProgress& progress) {
                            absl::MutexLock lock(&mutex_);
                            book_.SetProgress(progress);
                          });
}

void Agent::FinishOn(Slot& slot, const v1::AttemptReport& report) {
  LogInfo("attempt ", ShortName(report.token()),
          " ended: ", v1::Outcome_Name(report.outcome()), " ",
          report.message());
  // Before the book knows of it, so that nothing is sent that is not on disk.
  WarnIfFailed("a report is not kept on disk", parts_.outbox.Put(report));
  if (parts_.note != nullptr) {
    WarnIfFailed("what runs is not noted", parts_.note->End(report.token()));
  }
  bool wanted;
  {
    absl::MutexLock lock(&mutex_);
    wanted = book_.Finish(report);
    slot.work.reset();
    news_ = true;
    // A call that is held open says that this slot is busy.
    if (call_ != nullptr && !stopping_) call_->TryCancel();
  }
  if (!wanted) {
    WarnIfFailed("an unwanted report stays in the outbox",
                 parts_.outbox.Remove(report.token()));
  }
}

}  // namespace atelier
