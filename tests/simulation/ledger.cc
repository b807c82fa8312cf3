#include "tests/simulation/ledger.h"

#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr int64_t kLastIndex = std::numeric_limits<int64_t>::max();

std::string Spell(const TaskId& task) {
  return absl::StrCat(task.job.value(), ":", task.index);
}

}  // namespace

void Ledger::Record(const RowChanges& changes) {
  rows_written_ +=
      static_cast<int64_t>(changes.jobs.size() + changes.tasks.size());
  attempts_.clear();
  for (const AttemptRecord& one : changes.attempts) {
    attempts_.emplace(one.task, one.number);
  }
  std::set<TaskId> ended;
  for (const TaskChange& task : changes.tasks) {
    if (task.after.state != TaskState::kLeased) ended.insert(task.after.id);
  }
  for (const JobChange& job : changes.jobs) {
    Take(job);
    TakeCancel(job.after, ended);
  }
  for (const TaskChange& task : changes.tasks) Take(task);
  for (const TaskRemoval& removal : changes.removed_tasks) Take(removal);
  for (const JobRemoval& removal : changes.removed_jobs) {
    removed_.insert(removal.job);
    if (rows_.lower_bound({removal.job, 0}) !=
        rows_.upper_bound({removal.job, kLastIndex})) {
      faults_.push_back(
          absl::StrCat(removal.job.value(), ": was removed before its tasks"));
    }
  }
}

void Ledger::Take(const TaskRemoval& removal) {
  const auto end = rows_.lower_bound({removal.job, removal.end});
  for (auto row = rows_.lower_bound({removal.job, removal.first});
       row != end;) {
    if (leased_.count(row->first) > 0) {
      faults_.push_back(
          absl::StrCat(Spell(row->first), ": was removed while it was leased"));
    }
    lost_.insert(row->second.token.render_key);
    successes_.erase(row->first);
    crashes_.erase(row->first);
    failed_.erase(row->first);
    row = rows_.erase(row);
  }
}

void Ledger::ExpectDurable(const SyncResponse& response) {
  for (const Assignment& start : response.start) {
    if (granted_.count(start.token) > 0) continue;
    faults_.push_back("an attempt is to start whose lease is not stored");
  }
  for (const auto& [token, disposition] : response.acknowledged) {
    if (disposition != Disposition::kCommitted) continue;
    if (ended_.count(token) > 0) continue;
    faults_.push_back("a report was acknowledged that is not stored");
  }
}

int64_t Ledger::successes(const TaskId& task) const {
  const auto found = successes_.find(task);
  return found == successes_.end() ? 0 : found->second;
}

int64_t Ledger::crashes(const TaskId& task) const {
  const auto found = crashes_.find(task);
  return found == crashes_.end() ? 0 : found->second;
}

// A retry forgets what failed, and what is known of it. While the job runs the
// others go on.
void Ledger::Take(const JobChange& job) {
  if (!job.before.has_value()) return;
  if (job.after.generation == job.before->generation) return;
  const TaskId first{job.after.id, 0};
  const TaskId last{job.after.id, kLastIndex};
  if (job.before->state != JobState::kRunning) {
    crashes_.erase(crashes_.lower_bound(first), crashes_.upper_bound(last));
  }
  const auto end = failed_.upper_bound(last);
  for (auto it = failed_.lower_bound(first); it != end;) {
    crashes_.erase(*it);
    it = failed_.erase(it);
  }
}

// Work is assigned last: of a job that was cancelled nothing is leased by then.
void Ledger::TakeCancel(const JobRecord& job, const std::set<TaskId>& ended) {
  if (job.state != JobState::kCancelled) return;
  auto it = leased_.lower_bound({job.id, 0});
  while (it != leased_.end() && it->first.job == job.id) {
    if (ended.count(it->first) > 0) {  // Before it was cancelled.
      ++it;
      continue;
    }
    ExpectRow(it->first, rows_.at(it->first).attempts);
    Release(it->second);
    it = leased_.erase(it);
  }
}

void Ledger::Take(const TaskChange& change) {
  const TaskRecord& task = change.after;
  const auto [found, is_new] = rows_.try_emplace(task.id);
  const TaskRecord before = std::exchange(found->second, task);
  if (change.before.has_value() == is_new) {
    faults_.push_back(absl::StrCat(Spell(task.id), ": it has a row, or not"));
  }
  if (task.attempts > before.attempts) {
    TakeLease(task);
  } else if (before.state == TaskState::kSucceeded &&
             task.state == TaskState::kQueued) {
    TakeRepair(task);
  } else if (before.state == TaskState::kFailed &&
             task.state == TaskState::kQueued &&
             task.generation == before.generation &&
             task.costs.crashes.empty()) {
    TakeRetry(task);
  } else if (task.generation != before.generation &&
             (task.state == before.state || (task.state == TaskState::kQueued &&
                                             leased_.count(task.id) == 0))) {
    return;  // Carried over, or taken up from an older generation.
  } else if (leased_.count(task.id) > 0 && task.state != TaskState::kLeased) {
    TakeEnd(task);
  } else if (task.state == TaskState::kSucceeded) {
    TakeReuse(task);
  } else {
    TakeLateCrash(before, task);
  }
}

void Ledger::TakeLease(const TaskRecord& task) {
  std::map<AttemptToken, int64_t>& live = live_[task.token.render_key];
  const bool is_new = live.count(task.token) == 0;
  if (is_new && !granted_.insert(task.token).second) {
    faults_.push_back(absl::StrCat(Spell(task.id), ": token ", task.token.epoch,
                                   "/", task.token.number,
                                   " was granted again after its end"));
  }
  if (is_new && !live.empty()) {
    faults_.push_back(
        absl::StrCat(Spell(task.id), ": its render was being done already"));
  }
  if (is_new && done_.count(task.token.render_key) > 0 &&
      lost_.count(task.token.render_key) == 0) {
    faults_.push_back(
        absl::StrCat(Spell(task.id), ": its render had a result"));
  }
  ++live[task.token];
  if (!leased_.emplace(task.id, task.token).second) {
    faults_.push_back(
        absl::StrCat(Spell(task.id), ": was leased while it was leased"));
  }
  if (successes(task.id) > 0) {
    faults_.push_back(
        absl::StrCat(Spell(task.id), ": was leased after its success"));
  }
}

void Ledger::TakeEnd(const TaskRecord& task) {
  const auto held = leased_.find(task.id);
  if (held->second != task.token) {
    faults_.push_back(absl::StrCat(Spell(task.id),
                                   ": an attempt committed without its lease"));
  }
  Release(held->second);
  leased_.erase(held);
  ended_.insert(task.token);
  ExpectRow(task.id, task.attempts);
  CountCrashes(task);
  if (task.state == TaskState::kFailed) {
    failed_.insert(task.id);
    CheckGivenUp(task);
  }
  if (task.state != TaskState::kSucceeded) return;
  ++successes_[task.id];
  done_.insert(task.token.render_key);
  lost_.erase(task.token.render_key);
}

void Ledger::TakeReuse(const TaskRecord& task) {
  if (done_.count(task.token.render_key) == 0) {
    faults_.push_back(
        absl::StrCat(Spell(task.id), ": took a result that nobody made"));
  }
  if (successes(task.id) > 0) {
    faults_.push_back(
        absl::StrCat(Spell(task.id), ": took a result, but was not queued"));
  }
  ++reused_;
  ++successes_[task.id];
}

// Its picture is gone.
void Ledger::TakeRepair(const TaskRecord& task) {
  if (successes_.erase(task.id) == 0) {
    faults_.push_back(
        absl::StrCat(Spell(task.id), ": was repaired, but had no result"));
  }
  lost_.insert(task.token.render_key);
  crashes_.erase(task.id);
  ++repaired_;
}

// It alone, of its job.
void Ledger::TakeRetry(const TaskRecord& task) {
  if (failed_.erase(task.id) == 0) {
    faults_.push_back(
        absl::StrCat(Spell(task.id), ": was retried, but had not failed"));
  }
  crashes_.erase(task.id);
}

void Ledger::TakeLateCrash(const TaskRecord& before, const TaskRecord& task) {
  if (task.outcome != Outcome::kCrashed || successes(task.id) > 0 ||
      before.token != task.token) {
    faults_.push_back(absl::StrCat(Spell(task.id), ": became ",
                                   Name(task.state), " for no known reason"));
  }
  ++late_crashes_;
  if (task.state == TaskState::kFailed) failed_.insert(task.id);
  CountCrashes(task);
}

void Ledger::ExpectRow(const TaskId& task, int number) {
  if (attempts_.count({task, number}) > 0) return;
  faults_.push_back(
      absl::StrCat(Spell(task), ": attempt ", number, " ended without a row"));
}

// A healthy task may be suspected once, for the company it was in.
void Ledger::CountCrashes(const TaskRecord& task) {
  const auto counted = static_cast<int64_t>(task.costs.crashes.size());
  if (!is_poison_ || counted == crashes(task.id)) return;
  if (counted != crashes(task.id) + 1) {
    faults_.push_back(absl::StrCat(Spell(task.id), ": from ", crashes(task.id),
                                   " crashes to ", counted));
  }
  crashes_[task.id] = counted;
  const bool poison = is_poison_(task.id);
  if (counted > (poison ? 3 : 1)) {
    faults_.push_back(absl::StrCat(Spell(task.id), ": has ", counted,
                                   " crashes, ",
                                   poison ? "" : "and is no poison"));
  }
  if ((task.state == TaskState::kFailed) != (counted == 3)) {
    faults_.push_back(absl::StrCat(Spell(task.id), ": became ",
                                   Name(task.state), " by crash ", counted));
  }
}

void Ledger::CheckGivenUp(const TaskRecord& task) {
  if (!is_poison_ || is_poison_(task.id)) return;
  const Outcome outcome = *task.outcome;
  if (outcome == Outcome::kCrashed || outcome == Outcome::kLost ||
      outcome == Outcome::kPreempted || outcome == Outcome::kCancelled) {
    faults_.push_back(absl::StrCat(
        Spell(task.id), ": is healthy, and failed as ", Name(outcome)));
  }
}

void Ledger::Release(const AttemptToken& token) {
  std::map<AttemptToken, int64_t>& live = live_.at(token.render_key);
  if (--live.at(token) == 0) live.erase(token);
}

}  // namespace atelier
