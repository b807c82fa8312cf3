#include "tests/simulation/ledger.h"

#include <variant>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

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
  if (!granted_.insert(lease.token).second) {
    faults_.push_back(absl::StrCat(Spell(lease.task), ": token ",
                                   lease.token.epoch, "/", lease.token.number,
                                   " was granted twice"));
  }
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
    leased_.erase(held);
  }
  if (end.to == TaskState::kSucceeded) ++successes_[end.task];
}

void Ledger::Take(const CancelJob& cancel) {
  auto it = leased_.lower_bound({cancel.job, 0});
  while (it != leased_.end() && it->first.job == cancel.job) {
    it = leased_.erase(it);
  }
}

}  // namespace atelier
