// The ClusterState's conversation with workers.
#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/state/heartbeat.h"

namespace atelier {
namespace {

// Something that those who look at its job see.
bool HasNews(const AttemptProgress& progress, const AttemptProgress& before) {
  return progress.iteration != before.iteration ||
         progress.previews != before.previews ||
         progress.log_digest != before.log_digest;
}

// All together bring few enough that uploads, and those who look at them, leave
// room for all else.
std::optional<absl::Duration> PreviewEvery(const StateOptions& options,
                                           int running) {
  constexpr int kMostPerSecond = 50;
  if (options.preview_every <= absl::ZeroDuration()) return std::nullopt;
  return std::max(options.preview_every,
                  running * absl::Seconds(1) / kMostPerSecond);
}

}  // namespace

void ClusterState::Synchronize(CallId id, SyncRequest request, absl::Time now) {
  now_ = now;
  // A worker makes one call at a time: it has given up the earlier one.
  Worker* known = registry_.Find(request.worker.name);
  if (known != nullptr && known->waiting_call.has_value() &&
      known->description.instance == request.worker.instance) {
    Reject(*known->waiting_call,
           absl::AbortedError("the worker has made a newer call"));
  }
  const bool leaves_in_order =
      known != nullptr && known->LeavesInOrder() &&
      known->description.instance != request.worker.instance;
  const absl::StatusOr<Worker*> admitted = registry_.Admit(request.worker, now);
  if (!admitted.ok()) {
    decisions_.answers.emplace_back(id, admitted.status());
    return;
  }
  if (leaves_in_order) faults_.Forgive(request.worker.name);
  Worker& worker = **admitted;
  worker.wants_to_drain = request.draining;
  worker.runs.clear();
  for (const AttemptProgress& progress : request.running) {
    worker.runs.insert(progress.token);
  }

  WaitingCall call;
  call.worker = request.worker.name;
  ApplyReports(request, call.response);
  ApplyProgress(request, call.response);
  EndStalled(request, call.response);
  SettleUnlisted(request, worker, call.response);

  const bool must_answer_now = !request.finished.empty() ||
                               !call.response.start.empty() ||
                               !call.response.stop.empty() ||
                               !worker.TakesWork() || worker.FreeSlots() <= 0;
  // One that renders is heard of at its usual pace, also while it waits.
  call.deadline =
      now + (worker.held.empty() ? options_.long_poll : options_.sync_interval);
  worker.waiting_call = id;
  calls_.emplace(id, std::move(call));
  if (must_answer_now) ready_calls_.insert(id);
}

std::optional<SyncResponse> ClusterState::AnswerHeartbeat(
    const SyncRequest& request, absl::Time now) {
  if (!IsHeartbeat(request, registry_, attempts_, options_.stall_after, now)) {
    return std::nullopt;
  }
  now_ = now;
  Worker& worker = **registry_.Admit(request.worker, now);
  worker.runs = worker.held;
  SyncResponse response;
  ApplyProgress(request, response);
  EndStalled(request, response);
  CompleteAnswer(worker, response);
  return response;
}

void ClusterState::ApplyReports(SyncRequest& request, SyncResponse& response) {
  // One process died of all that are told together.
  const bool in_company =
      std::count_if(request.finished.begin(), request.finished.end(),
                    [](const AttemptReport& report) {
                      return report.outcome == Outcome::kCrashed;
                    }) > 1;
  Worker& worker = *registry_.Find(request.worker.name);
  for (AttemptReport& report : request.finished) {
    if (report.outcome == Outcome::kCrashed && request.draining) {
      worker.died = true;
    }
    Disposition disposition = Disposition::kIgnored;
    // The token alone decides: a restarted worker may report what its earlier
    // process finished.
    if (attempts_.Find(report.token) != nullptr) {
      if (!report.refused) disposition = Disposition::kCommitted;
      if (report.checkpoint.has_value()) {
        KeepCheckpoint(attempts_.At(report.token), *report.checkpoint);
      }
      if (!report.log_digest.empty()) {
        attempts_.At(report.token).progress.log_digest = report.log_digest;
      }
      report.result.worker = request.worker.name;
      EndLease(report.token, report.outcome, report.message,
               std::move(report.result), in_company);
    } else if (report.outcome == Outcome::kCrashed &&
               TakeLateCrash(report, in_company)) {
      disposition = Disposition::kCommitted;
    } else {
      ++decisions_.counts.late_reports;
      if (report.checkpoint.has_value()) DiscardUnlessKept(*report.checkpoint);
    }
    response.acknowledged.push_back({report.token, disposition});
  }
}

void ClusterState::ApplyProgress(const SyncRequest& request,
                                 SyncResponse& response) {
  for (const AttemptProgress& progress : request.running) {
    Attempt* const found = attempts_.Find(progress.token);
    if (found == nullptr || found->instance != request.worker.instance) {
      response.stop.push_back(progress.token);
      if (progress.checkpoint.has_value()) {
        DiscardUnlessKept(*progress.checkpoint);
      }
      continue;
    }
    Attempt& attempt = *found;
    attempt.confirmed = true;
    attempt.arithmetic = request.worker.arithmetic;
    if (now_ - attempt.granted_at > attempt.accounted) AccountUsage(attempt);
    attempts_.Extend(progress.token, now_ + options_.lease);
    if (HasNews(progress, attempt.progress)) {
      for (const TaskId& task : attempt.tasks) {
        decisions_.touched.insert(task.job);
      }
    }
    attempt.progress = progress;
    if (progress.checkpoint.has_value()) {
      KeepCheckpoint(attempt, *progress.checkpoint);
    }
  }
}

// What the worker holds but does not list. One that it never listed was granted
// in an answer that got lost, and is sent again under the same token; its lease
// is not extended, so that a worker deaf to it loses it in the end. One that it
// did list it has forgotten.
void ClusterState::SettleUnlisted(const SyncRequest& request, Worker& worker,
                                  SyncResponse& response) {
  std::set<AttemptToken> unlisted = worker.held;
  for (const AttemptProgress& progress : request.running) {
    unlisted.erase(progress.token);
  }
  for (const AttemptToken& token : unlisted) {
    const Attempt& attempt = attempts_.At(token);
    if (attempt.confirmed) {
      if (request.draining) worker.died = true;
      EndLease(token, Outcome::kLost,
               absl::StrCat("worker \"", attempt.worker.value(),
                            "\" does not run it any more"));
      continue;
    }
    const TaskId& task = *attempt.tasks.begin();
    const JobSpec& spec = jobs_.Find(task.job)->spec();
    const absl::StatusOr<TaskRender> render =
        MakeTask(spec, PointAt(spec, task.index), options_.renders);
    if (!render.ok()) {  // A restart has lowered the limits.
      EndLease(token, Outcome::kInvalidInput, render.status().message());
      continue;
    }
    response.start.push_back({token, render->render, task, *render->network,
                              ResumeFrom(token, render->render),
                              SizesOf(spec, render->render.inputs),
                              spec.measure});
    ++decisions_.counts.assignments_resent;
  }
}

void ClusterState::Withdraw(CallId id, absl::Time now) {
  now_ = now;
  if (calls_.count(id) > 0) Reject(id, absl::CancelledError("withdrawn"));
}

void ClusterState::NoteTime(const Attempt& attempt, const TaskResult& result) {
  // Of one that went on from a checkpoint, a part was done before.
  if (!attempt.render.has_value() || attempt.resumed_from > 0) return;
  std::optional<TimedRender> timed = TimedOf(
      *attempt.render, result, now_ - attempt.granted_at, attempt.batch);
  if (timed.has_value()) decisions_.timed.push_back(*std::move(timed));
}

void ClusterState::Answer(CallId id) {
  WaitingCall call = std::move(calls_.extract(id).mapped());
  Worker& worker = *registry_.Find(call.worker);
  if (worker.description.batches) {
    for (const Assignment& start : call.response.start) {
      attempts_.At(start.token).batch =
          static_cast<int>(call.response.start.size());
    }
  }
  worker.waiting_call.reset();
  CompleteAnswer(worker, call.response);
  decisions_.answers.emplace_back(id, std::move(call.response));
}

void ClusterState::CompleteAnswer(Worker& worker,
                                  SyncResponse& response) const {
  worker.alive_until = now_ + options_.lease;
  response.epoch = epoch_;
  response.drain = worker.told_to_drain;
  if (!previews_are_held_) {
    response.preview_every = PreviewEvery(options_, attempts_.size());
  }
  if (worker.TakesWork() ? worker.FreeSlots() <= 0 : !worker.held.empty()) {
    response.call_again_after = options_.sync_interval;
  } else if (!worker.TakesWork()) {
    response.call_again_after =
        std::min(options_.long_poll, options_.lease / 3);
  }  // Else there is room: it calls again at once, and waits here.
}

void ClusterState::Reject(CallId id, absl::Status why) {
  const WaitingCall call = std::move(calls_.extract(id).mapped());
  ready_calls_.erase(id);
  Worker& worker = *registry_.Find(call.worker);
  worker.waiting_call.reset();
  worker.alive_until = now_ + options_.lease;
  decisions_.answers.emplace_back(id, std::move(why));
}

}  // namespace atelier
