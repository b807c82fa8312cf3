#include "tests/simulation/ledger.h"

#include <limits>
#include <variant>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr int64_t kLastIndex = std::numeric_limits<int64_t>::max();

std::string Spell(const TaskId& task) {
  return absl::StrCat(task.job.value(), ":", task.index);
}

}  // namespace

void Ledger::Record(absl::Span<const Mutation> mutations,
                    absl::Span<const absl::Status> statuses) {
  for (size_t i = 0; i < mutations.size(); ++i) {
    if (!statuses[i].ok()) continue;
    ++commits_;
    std::visit([this](const auto& one) { Take(one); }, mutations[i]);
  }
}

void Ledger::ExpectAll(absl::Span<const absl::Status> statuses) {
  for (const absl::Status& status : statuses) {
    if (!status.ok()) faults_.push_back(status.ToString());
  }
}

int64_t Ledger::successes(const TaskId& task) const {
  const auto found = successes_.find(task);
  return found == successes_.end() ? 0 : found->second;
}

void Ledger::Take(const LeaseTask& lease) {
  std::map<AttemptToken, int64_t>& live = live_[lease.token.render_key];
  const bool is_new = live.count(lease.token) == 0;
  if (is_new && !granted_.insert(lease.token).second) {
    faults_.push_back(absl::StrCat(Spell(lease.task), ": token ",
                                   lease.token.epoch, "/", lease.token.number,
                                   " was granted again after its end"));
  }
  if (is_new && !live.empty()) {
    faults_.push_back(
        absl::StrCat(Spell(lease.task), ": its render was being done already"));
  }
  if (is_new && done_.count(lease.token.render_key) > 0) {
    faults_.push_back(
        absl::StrCat(Spell(lease.task), ": its render had a result"));
  }
  ++live[lease.token];
  if (!leased_.emplace(lease.task, lease.token).second) {
    faults_.push_back(
        absl::StrCat(Spell(lease.task), ": was leased while it was leased"));
  }
  if (successes(lease.task) > 0) {
    faults_.push_back(
        absl::StrCat(Spell(lease.task), ": was leased after its success"));
  }
}

void Ledger::Take(const EndAttempt& end) {
  const auto held = leased_.find(end.task);
  if (held == leased_.end() || held->second != end.token) {
    faults_.push_back(absl::StrCat(Spell(end.task),
                                   ": an attempt committed without its lease"));
  } else {
    Release(held->second);
    leased_.erase(held);
  }
  CountCrashes(end.task, end.costs, end.to);
  if (end.to == TaskState::kFailed) {
    failed_.insert(end.task);
    CheckGivenUp(end.task, end.outcome);
  }
  if (end.to != TaskState::kSucceeded) return;
  ++successes_[end.task];
  done_.insert(end.token.render_key);
}

void Ledger::Take(const CountCrash& crash) {
  ++late_crashes_;
  const bool is_leased = leased_.count(crash.task) > 0;
  if (is_leased != (crash.from == TaskState::kLeased) ||
      successes(crash.task) > 0) {
    faults_.push_back(absl::StrCat(
        Spell(crash.task), ": a crash was counted where the task was not"));
  }
  if (crash.to == TaskState::kFailed) failed_.insert(crash.task);
  CountCrashes(crash.task, crash.costs, crash.to);
}

int64_t Ledger::crashes(const TaskId& task) const {
  const auto found = crashes_.find(task);
  return found == crashes_.end() ? 0 : found->second;
}

// A healthy task may be suspected once, for the company it was in.
void Ledger::CountCrashes(const TaskId& task, const AttemptCosts& costs,
                          TaskState to) {
  const auto counted = static_cast<int64_t>(costs.crashes.size());
  if (!is_poison_ || counted == crashes(task)) return;
  if (counted != crashes(task) + 1) {
    faults_.push_back(absl::StrCat(Spell(task), ": from ", crashes(task),
                                   " crashes to ", counted));
  }
  crashes_[task] = counted;
  const bool poison = is_poison_(task);
  if (counted > (poison ? 3 : 1)) {
    faults_.push_back(absl::StrCat(Spell(task), ": has ", counted, " crashes, ",
                                   poison ? "" : "and is no poison"));
  }
  if ((to == TaskState::kFailed) != (counted == 3)) {
    faults_.push_back(absl::StrCat(Spell(task), ": became ", Name(to),
                                   " by crash ", counted));
  }
}

void Ledger::CheckGivenUp(const TaskId& task, Outcome outcome) {
  if (!is_poison_ || is_poison_(task)) return;
  if (outcome == Outcome::kCrashed || outcome == Outcome::kLost ||
      outcome == Outcome::kPreempted || outcome == Outcome::kCancelled) {
    faults_.push_back(absl::StrCat(Spell(task), ": is healthy, and failed as ",
                                   Name(outcome)));
  }
}

void Ledger::Take(const RetryJob& retry) {
  failed_.erase(failed_.lower_bound({retry.job, 0}),
                failed_.upper_bound({retry.job, kLastIndex}));
  crashes_.erase(crashes_.lower_bound({retry.job, 0}),
                 crashes_.upper_bound({retry.job, kLastIndex}));
}

// What has not failed goes on, and so does what is known of it.
void Ledger::Take(const RetryFailedTasks& retry) {
  const auto last = failed_.upper_bound({retry.job, kLastIndex});
  for (auto it = failed_.lower_bound({retry.job, 0}); it != last;) {
    crashes_.erase(*it);
    it = failed_.erase(it);
  }
}

void Ledger::Take(const ReuseResult& reuse) {
  if (done_.count(reuse.key) == 0) {
    faults_.push_back(
        absl::StrCat(Spell(reuse.task), ": took a result that nobody made"));
  }
  if (leased_.count(reuse.task) > 0 || successes(reuse.task) > 0) {
    faults_.push_back(
        absl::StrCat(Spell(reuse.task), ": took a result, but was not queued"));
  }
  ++reused_;
  ++successes_[reuse.task];
}

void Ledger::Take(const CancelJob& cancel) {
  auto it = leased_.lower_bound({cancel.job, 0});
  while (it != leased_.end() && it->first.job == cancel.job) {
    Release(it->second);
    it = leased_.erase(it);
  }
}

void Ledger::Release(const AttemptToken& token) {
  std::map<AttemptToken, int64_t>& live = live_.at(token.render_key);
  if (--live.at(token) == 0) live.erase(token);
}

}  // namespace atelier
