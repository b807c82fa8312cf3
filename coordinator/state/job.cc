#include "coordinator/state/job.h"

#include <algorithm>
#include <iterator>
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

Job::Job(JobRecord record, std::shared_ptr<const JobSpec> spec)
    : record_(std::move(record)),
      spec_(std::move(spec)),
      memory_bytes_(MemoryBytes(*spec_)),
      spec_digest_(HexDigest(record_.spec_bytes)),
      inputs_vary_(InputsVary(*spec_)) {
  if (record_.generation > 0) stale_after_ = TaskPosition();
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
  for (const auto& [index, task] : ready_) {
    if (static_cast<int64_t>(upcoming.size()) == kWindow) break;
    upcoming.push_back(index);
  }
  const std::vector<int64_t> fresh = FreshWindow();
  upcoming.insert(upcoming.end(), fresh.begin(), fresh.end());
  return upcoming;
}

void Job::Steer(bool paused, int priority) {
  record_.paused = paused;
  record_.priority = priority;
}

void Job::Cancel(absl::Time now) {
  record_.state = JobState::kCancelled;
  record_.ended_at = now;
  record_.counts.CancelAll();
}

void Job::End(absl::Time now) {
  record_.state =
      record_.counts.failed > 0 ? JobState::kFailed : JobState::kSucceeded;
  record_.ended_at = now;
}

void Job::Wake() {
  record_.state = JobState::kRunning;
  record_.paused = false;
  record_.ended_at.reset();
}

void Job::Retry() {
  Wake();
  ++record_.generation;
  record_.counts.RetryAll();
  record_.message.clear();
  stale_after_ = TaskPosition();
}

void Job::Reopen() { Wake(); }

std::vector<TaskChange> Job::RetryFailed() {
  ++record_.generation;
  record_.counts.RetryFailed();
  record_.message.clear();
  stale_after_ = TaskPosition();
  // Paging begins anew, and brings those again that it brought.
  for (auto task = ready_.begin(); task != ready_.end();) {
    task =
        task->second.IsStoredAsFailed() ? ready_.erase(task) : std::next(task);
  }
  std::vector<TaskChange> carried;
  for (std::map<int64_t, TaskRow>* tasks : {&ready_, &leased_}) {
    for (auto& [index, task] : *tasks) {
      carried.push_back(task.CarryOver(record_.generation));
    }
  }
  return carried;
}

void Job::SetFailureReason(std::string message) {
  if (record_.message.empty()) record_.message = std::move(message);
}

TaskRow Job::Claim(int64_t index) {
  if (auto ready = ready_.extract(index); !ready.empty()) {
    return std::move(ready.mapped());
  }
  if (passed_over_.erase(index) == 0) {
    while (record_.cursor < index) passed_over_.insert(record_.cursor++);
    ++record_.cursor;
  }
  return {TaskId{record_.id, index}, record_.generation};
}

TaskRow& Job::Open(int64_t index) {
  const auto ready = ready_.find(index);
  return ready != ready_.end() ? ready->second : leased_.at(index);
}

TaskChange Job::Counted(TaskState from, TaskChange change) {
  record_.counts.Move(from, change.after.state);
  return change;
}

TaskChange Job::Lease(int64_t index, const AttemptToken& token,
                      const WorkerName& worker, const InstanceId& instance,
                      absl::Time now) {
  TaskRow& task = leased_.emplace(index, Claim(index)).first->second;
  return Counted(TaskState::kQueued, task.Lease(token, worker, instance, now));
}

TaskChange Job::Refuse(int64_t index, std::string message) {
  return Counted(TaskState::kQueued, Claim(index).Refuse(std::move(message)));
}

TaskChange Job::Reuse(int64_t index, const RenderKey& key,
                      const TaskResult& result) {
  return Counted(TaskState::kQueued, Claim(index).Reuse(key, result));
}

TaskChange Job::End(int64_t index, TaskEvent event, Outcome outcome,
                    AttemptCosts costs, std::string message,
                    std::optional<TaskResult> result) {
  if (result.has_value()) NoteTime(result->elapsed);
  TaskRow task = std::move(leased_.extract(index).mapped());
  TaskChange change = task.End(event, outcome, std::move(costs),
                               std::move(message), std::move(result));
  if (change.after.state == TaskState::kQueued) {
    ready_.emplace(index, std::move(task));
  }
  return Counted(TaskState::kLeased, std::move(change));
}

void Job::NoteTime(absl::Duration took) {
  constexpr int kTasks = 20;
  constexpr absl::Duration kLongest = absl::Hours(24 * 365);
  if (took <= absl::ZeroDuration()) return;  // An older worker does not say.
  timed_tasks_ = std::min(timed_tasks_ + 1, kTasks);
  const absl::Duration mean = mean_task_time_.value_or(absl::ZeroDuration());
  mean_task_time_ = mean + (std::min(took, kLongest) - mean) / timed_tasks_;
}

TaskChange Job::CountCrash(int64_t index, AttemptCosts costs,
                           std::string message) {
  return Open(index).CountCrash(std::move(costs), std::move(message));
}

TaskChange Job::GiveUp(int64_t index, AttemptCosts costs, std::string message) {
  return Counted(TaskState::kQueued,
                 Claim(index).GiveUp(std::move(costs), std::move(message)));
}

TaskChange Job::QueueAgain(TaskRecord ended) {
  const int64_t index = ended.id.index;
  const TaskState from = ended.state;
  TaskRow& task =
      ready_.try_emplace(index, std::move(ended), record_.generation)
          .first->second;
  TaskChange change = Counted(from, task.QueueAgain(record_.generation));
  if (record_.counts.failed == 0) record_.message.clear();
  return change;
}

std::optional<TaskPosition> Job::NeedsPageAfter() const {
  return ready_.empty() ? stale_after_ : std::nullopt;
}

void Job::AddPage(std::vector<TaskRecord> page, bool last) {
  if (last) {
    stale_after_.reset();
  } else {
    stale_after_ = TaskPosition{page.back().generation, page.back().id.index};
  }
  for (TaskRecord& task : page) {
    const int64_t index = task.id.index;
    ready_.try_emplace(index, std::move(task), record_.generation);
  }
}

void Job::RestorePassedOver(int64_t index) { passed_over_.insert(index); }

void Job::RestoreOpen(TaskRecord task) {
  const int64_t index = task.id.index;
  TaskRow row(std::move(task), record_.generation);
  const bool queued = row.record().state == TaskState::kQueued;
  (queued ? ready_ : leased_).emplace(index, std::move(row));
}

}  // namespace atelier
