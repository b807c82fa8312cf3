#include "coordinator/core/job.h"

#include <utility>

#include "common/digest.h"

namespace atelier {

Job::Job(JobRecord record, std::shared_ptr<const JobSpec> spec, bool stale)
    : record_(std::move(record)),
      spec_(std::move(spec)),
      spec_digest_(HexDigest(record_.spec_bytes)) {
  record_.spec_bytes = std::string();
  if (stale) stale_after_ = TaskPosition();
}

std::optional<int64_t> Job::NextClaimable() const {
  if (!ready_.empty()) return ready_.begin()->first;
  if (stale_after_.has_value()) return std::nullopt;
  if (record_.cursor < record_.task_count) return record_.cursor;
  return std::nullopt;
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

void Job::RestoreReady(int64_t index, AttemptCosts costs) {
  ready_.emplace(index, costs);
}

void Job::RestoreLease(int64_t index, const AttemptToken& token) {
  leased_.emplace(index, token);
}

AttemptCosts Job::Claim(int64_t index) {
  if (index == record_.cursor) {
    ++record_.cursor;
    return AttemptCosts();
  }
  return ready_.extract(index).mapped();
}

AttemptCosts Job::Lease(int64_t index, const AttemptToken& token) {
  record_.counts.Move(TaskState::kQueued, TaskState::kLeased);
  leased_.emplace(index, token);
  return Claim(index);
}

void Job::End(int64_t index, TaskState to, AttemptCosts costs) {
  record_.counts.Move(TaskState::kLeased, to);
  leased_.erase(index);
  if (to == TaskState::kQueued) ready_.emplace(index, costs);
}

void Job::Refuse(int64_t index) {
  record_.counts.Move(TaskState::kQueued, TaskState::kFailed);
  Claim(index);
}

bool Job::Explain(std::string message) {
  if (!record_.message.empty()) return false;
  record_.message = std::move(message);
  return true;
}

}  // namespace atelier
