// Attempts that crash their worker, or stall on it.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/state/cluster_state.h"

namespace atelier {
namespace {

std::string Spell(const TaskId& task) {
  return absl::StrCat("job ", task.job.value(), ", task ", task.index);
}

}  // namespace

void ClusterState::EndStalled(const SyncRequest& request,
                              SyncResponse& response) {
  std::vector<AttemptToken> held;
  bool some_moved = false;
  for (const AttemptProgress& progress : request.running) {
    const auto found = attempts_.find(progress.token);
    if (found == attempts_.end() ||
        found->second.instance != request.worker.instance) {
      continue;
    }
    held.push_back(progress.token);
    if (found->second.pace.Hear(progress.iteration, now_)) some_moved = true;
  }
  for (const AttemptToken& token : held) {
    const auto found = attempts_.find(token);
    if (found == attempts_.end()) continue;  // It was listed twice.
    IterationPace& pace = found->second.pace;
    if (some_moved) pace.HearOfAnother(now_);
    if (!pace.HasStalled(options_.stall_after, now_)) continue;
    EndAsStalled(token);
    response.stop.push_back(token);
  }
}

void ClusterState::EndAsStalled(const AttemptToken& token) {
  const Attempt& attempt = attempts_.at(token);
  const int iteration = attempt.progress.iteration;
  const std::string where =
      iteration == 0
          ? "its first iteration has not come"
          : absl::StrCat("iteration ", iteration, " has been its last");
  const std::string why = absl::StrCat(
      "worker \"", attempt.worker.value(), "\" calls, but ", where, " for ",
      absl::FormatDuration(attempt.pace.Patience(options_.stall_after)),
      " (--stall-after)");
  decisions_.notices.push_back(
      absl::StrCat(Spell(attempt.tasks.begin()->first), " stalled: ", why));
  EndLease(token, Outcome::kStalled, why);
}

bool ClusterState::TakeLateCrash(const AttemptReport& report, bool in_company) {
  std::optional<LostAttempt> lost = lost_.Take(report.token);
  if (!lost.has_value()) return false;
  AttemptEnd how;
  how.outcome = Outcome::kCrashed;
  how.said = report.message;
  how.worker = lost->worker.value();
  how.in_company = in_company;
  bool counted = false;
  for (const TaskId& task : lost->tasks) {
    if (CountLateCrash(task, how)) counted = true;
  }
  if (counted) {
    ++decisions_.counts.outcomes[static_cast<int>(Outcome::kCrashed)];
  }
  return counted;
}

// By now it may wait, be leased again, or have ended: an end stays.
bool ClusterState::CountLateCrash(const TaskId& task, const AttemptEnd& how) {
  const Job* const job = jobs_.Find(task.job);
  if (job == nullptr) return false;
  const auto ready = job->ready().find(task.index);
  const auto leased = job->leased().find(task.index);
  RetryDecision decision;
  std::optional<AttemptToken> holder;
  if (ready != job->ready().end()) {
    decision = DecideLateCrash(ready->second, how, options_.retries);
  } else if (leased != job->leased().end()) {
    holder = leased->second;
    decision = DecideLateCrash(attempts_.at(*holder).tasks.at(task), how,
                               options_.retries);
  } else {
    return false;
  }
  decisions_.touched.insert(task.job);
  if (!decision.counts_as_crash) {
    // Written all the same: it is lost no more, so that the same report, come
    // again by itself after a restart, does not count either.
    if (!holder.has_value()) AmendCosts(task, holder, std::move(decision));
    return false;
  }
  NoteCrash(task, decision.message);
  if (decision.event == TaskEvent::kGiveUp) {
    faults_.Forget(task);
    FailByLateCrash(task, holder, decision);
  } else {
    faults_.Failed(task, WorkerName(std::string(how.worker)));
    AmendCosts(task, holder, std::move(decision));
  }
  return true;
}

void ClusterState::AmendCosts(const TaskId& task,
                              const std::optional<AttemptToken>& holder,
                              RetryDecision decision) {
  const TaskState state =
      holder.has_value() ? TaskState::kLeased : TaskState::kQueued;
  decisions_.mutations.push_back(
      CountCrash{task, jobs_.Find(task.job)->record().generation, state, state,
                 decision.costs, std::move(decision.message)});
  if (holder.has_value()) {
    attempts_.at(*holder).tasks.at(task) = std::move(decision.costs);
    return;
  }
  jobs_.Update(task.job, [&](Job& job) {
    job.SetCosts(task.index, std::move(decision.costs));
  });
}

void ClusterState::FailByLateCrash(const TaskId& task,
                                   const std::optional<AttemptToken>& holder,
                                   const RetryDecision& decision) {
  const int64_t generation = jobs_.Find(task.job)->record().generation;
  if (holder.has_value()) {
    jobs_.Update(task.job, [&](Job& job) {
      job.End(task.index, TaskState::kFailed, decision.costs);
    });
    decisions_.mutations.push_back(EndAttempt{
        task, generation, *holder, TaskState::kFailed, Outcome::kCrashed,
        decision.costs, decision.message, std::nullopt});
    if (Unsubscribe(task, *holder)) {
      ++decisions_.counts.outcomes[static_cast<int>(Outcome::kCancelled)];
    }
  } else {
    jobs_.Update(task.job, [&](Job& job) { job.Refuse(task.index); });
    decisions_.mutations.push_back(
        CountCrash{task, generation, TaskState::kQueued, TaskState::kFailed,
                   decision.costs, decision.message});
  }
  SetFailureReason(task, decision.message);
  EndJobIfDone(task.job);
}

void ClusterState::NoteCrash(const TaskId& task, absl::string_view message) {
  decisions_.notices.push_back(absl::StrCat(Spell(task), " ", message));
}

bool ClusterState::MustRunAlone(const TaskId& task) const {
  const std::map<int64_t, AttemptCosts>& ready = jobs_.Find(task.job)->ready();
  const auto found = ready.find(task.index);
  return found != ready.end() && !found->second.crashes.empty();
}

bool ClusterState::HoldsSuspect(const Worker& worker) const {
  return std::any_of(worker.held.begin(), worker.held.end(),
                     [this](const AttemptToken& token) {
                       return attempts_.at(token).IsSuspect();
                     });
}

}  // namespace atelier
