#include "coordinator/state/job.h"

#include <algorithm>
#include <utility>

#include "common/digest.h"

namespace atelier {
namespace {

bool InputsVary(const JobSpec& spec) {
  for (const Axis& axis : spec.axes) {
    for (const AxisValue& value : axis.values) {
      if (!NamedInputs(value.set).empty()) return true;
    }
  }
  return false;
}

}  // namespace

Job::Job(JobRecord record, std::shared_ptr<const JobSpec> spec, bool stale)
    : record_(std::move(record)),
      spec_(std::move(spec)),
      memory_bytes_(MemoryBytes(*spec_)),
      spec_digest_(HexDigest(record_.spec_bytes)),
      inputs_vary_(InputsVary(*spec_)) {
  record_.spec_bytes = std::string();
  if (stale) stale_after_ = TaskPosition();
}

bool Job::CanGive() const {
  if (record_.paused || !NextClaimable().has_value()) return false;
  return spec_->max_running == 0 || record_.counts.leased < spec_->max_running;
}

std::optional<int64_t> Job::NextClaimable() const {
  if (!ready_.empty()) return ready_.begin()->first;
  if (stale_after_.has_value()) return std::nullopt;
  if (!passed_over_.empty()) return *passed_over_.begin();
  if (record_.cursor < record_.task_count) return record_.cursor;
  return std::nullopt;
}

std::vector<int64_t> Job::FreshWindow() const {
  std::vector<int64_t> window(passed_over_.begin(), passed_over_.end());
  if (stale_after_.has_value()) return {};
  const int64_t first = window.empty() ? record_.cursor : window.front();
  const int64_t end = std::min(first + kWindow, record_.task_count);
  for (int64_t i = record_.cursor; i < end; ++i) window.push_back(i);
  return window;
}

std::vector<int64_t> Job::Upcoming() const {
  std::vector<int64_t> upcoming;
  for (const auto& [index, costs] : ready_) {
    if (static_cast<int64_t>(upcoming.size()) == kWindow) break;
    upcoming.push_back(index);
  }
  const std::vector<int64_t> fresh = FreshWindow();
  upcoming.insert(upcoming.end(), fresh.begin(), fresh.end());
  return upcoming;
}

void Job::Update(bool paused, int priority) {
  record_.paused = paused;
  record_.priority = priority;
}

void Job::RetryFailed() {
  ++record_.generation;
  record_.counts.RetryFailed();
  record_.message.clear();
  stale_after_ = TaskPosition();
}

std::optional<TaskPosition> Job::NeedsPageAfter() const {
  return ready_.empty() ? stale_after_ : std::nullopt;
}

void Job::AddPage(const std::vector<TaskPosition>& page, bool last) {
  for (const TaskPosition& task : page)
    ready_.emplace(task.index, AttemptCosts());
  if (last) {
    stale_after_.reset();
  } else {
    stale_after_ = page.back();
  }
}

void Job::RestorePassedOver(int64_t index) { passed_over_.insert(index); }

void Job::RestoreReady(int64_t index, AttemptCosts costs) {
  ready_.emplace(index, std::move(costs));
}

void Job::RestoreLease(int64_t index, const AttemptToken& token) {
  leased_.emplace(index, token);
}

AttemptCosts Job::Claim(int64_t index) {
  if (const auto ready = ready_.extract(index); !ready.empty()) {
    return ready.mapped();
  }
  if (passed_over_.erase(index) > 0) return AttemptCosts();
  while (record_.cursor < index) passed_over_.insert(record_.cursor++);
  ++record_.cursor;
  return AttemptCosts();
}

AttemptCosts Job::Lease(int64_t index, const AttemptToken& token) {
  record_.counts.Move(TaskState::kQueued, TaskState::kLeased);
  leased_.emplace(index, token);
  return Claim(index);
}

void Job::End(int64_t index, TaskState to, AttemptCosts costs) {
  record_.counts.Move(TaskState::kLeased, to);
  leased_.erase(index);
  if (to == TaskState::kQueued) ready_.emplace(index, std::move(costs));
}

void Job::SetCosts(int64_t index, AttemptCosts costs) {
  ready_.at(index) = std::move(costs);
}

void Job::Refuse(int64_t index) {
  record_.counts.Move(TaskState::kQueued, TaskState::kFailed);
  Claim(index);
}

void Job::Reuse(int64_t index) {
  record_.counts.Move(TaskState::kQueued, TaskState::kSucceeded);
  Claim(index);
}

void Job::Repair(int64_t index) {
  record_.counts.Move(TaskState::kSucceeded, TaskState::kQueued);
  ready_.emplace(index, AttemptCosts());
}

bool Job::SetFailureReason(std::string message) {
  if (!record_.message.empty()) return false;
  record_.message = std::move(message);
  return true;
}

}  // namespace atelier
