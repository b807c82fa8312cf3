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
    Attempt* const attempt = attempts_.Find(progress.token);
    if (attempt == nullptr || attempt->instance != request.worker.instance) {
      continue;
    }
    held.push_back(progress.token);
    if (attempt->pace.Hear(progress.iteration, now_)) some_moved = true;
  }
  for (const AttemptToken& token : held) {
    Attempt* const attempt = attempts_.Find(token);
    if (attempt == nullptr) continue;  // It was listed twice.
    IterationPace& pace = attempt->pace;
    if (some_moved) pace.HearOfAnother(now_);
    if (!pace.HasStalled(options_.stall_after, now_)) continue;
    EndAsStalled(token);
    response.stop.push_back(token);
  }
}

void ClusterState::EndAsStalled(const AttemptToken& token) {
  const Attempt& attempt = attempts_.At(token);
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
      absl::StrCat(Spell(*attempt.tasks.begin()), " stalled: ", why));
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
  const bool is_leased = job->leased().count(task.index) > 0;
  if (!is_leased && job->ready().count(task.index) == 0) return false;
  const TaskRow& row =
      (is_leased ? job->leased() : job->ready()).at(task.index);
  const RetryDecision decision =
      DecideLateCrash(row.costs(), how, options_.retries);
  decisions_.touched.insert(task.job);
  if (!decision.counts_as_crash) {
    // Written all the same: it is lost no more, so that the same report, come
    // again by itself after a restart, does not count either.
    if (!is_leased) AmendCosts(task, decision);
    return false;
  }
  NoteCrash(task, decision.message);
  if (decision.event == TaskEvent::kGiveUp) {
    faults_.Forget(task);
    FailByLateCrash(task, is_leased, decision);
  } else {
    faults_.Failed(task, WorkerName(std::string(how.worker)));
    AmendCosts(task, decision);
  }
  return true;
}

void ClusterState::AmendCosts(const TaskId& task,
                              const RetryDecision& decision) {
  UpdateTask(task, [&](Job& job) {
    return job.CountCrash(task.index, decision.costs, decision.message);
  });
}

void ClusterState::FailByLateCrash(const TaskId& task, bool is_leased,
                                   const RetryDecision& decision) {
  if (is_leased) {
    const TaskRecord row =
        jobs_.Find(task.job)->leased().at(task.index).record();
    NoteAttempt(row, Outcome::kCancelled, "an earlier attempt crashed");
    UpdateTask(task, [&](Job& job) {
      return job.End(task.index, TaskEvent::kGiveUp, Outcome::kCrashed,
                     decision.costs, decision.message);
    });
    if (Unsubscribe(task, row.token)) {
      ++decisions_.counts.outcomes[static_cast<int>(Outcome::kCancelled)];
    }
  } else {
    UpdateTask(task, [&](Job& job) {
      return job.GiveUp(task.index, decision.costs, decision.message);
    });
  }
  SetFailureReason(task, decision.message);
  EndJobIfDone(task.job);
}

void ClusterState::NoteCrash(const TaskId& task, absl::string_view message) {
  decisions_.notices.push_back(absl::StrCat(Spell(task), " ", message));
}

bool ClusterState::MustRunAlone(const TaskId& task) const {
  const std::map<int64_t, TaskRow>& ready = jobs_.Find(task.job)->ready();
  const auto found = ready.find(task.index);
  return found != ready.end() && !found->second.costs().crashes.empty();
}

bool ClusterState::HoldsSuspect(const Worker& worker) const {
  const auto is_suspect = [this](const TaskId& task) {
    const TaskRow& row = jobs_.Find(task.job)->leased().at(task.index);
    return !row.costs().crashes.empty();
  };
  return std::any_of(
      worker.held.begin(), worker.held.end(), [&](const AttemptToken& token) {
        const std::set<TaskId>& tasks = attempts_.At(token).tasks;
        return std::any_of(tasks.begin(), tasks.end(), is_suspect);
      });
}

}  // namespace atelier
