#include "coordinator/state/task_row.h"

#include <utility>

namespace atelier {
namespace {

void Forget(TaskRecord& record, int64_t generation) {
  record.generation = generation;
  record.costs = AttemptCosts();
  record.outcome.reset();
  record.message.clear();
}

}  // namespace

TaskRow::TaskRow(TaskId id, int64_t generation) {
  record_.id = std::move(id);
  record_.generation = generation;
}

TaskRow::TaskRow(TaskRecord stored, int64_t generation)
    : record_(std::move(stored)), stored_(VersionOf(record_)) {
  if (record_.generation == generation) return;
  if (record_.state == TaskState::kSucceeded) return;
  Forget(record_, generation);
  record_.state = TaskState::kQueued;
}

void TaskRow::Move(TaskEvent event) {
  record_.state = NextState(record_.state, event).value();
}

void TaskRow::Blame(Outcome outcome, AttemptCosts costs, std::string message) {
  record_.outcome = outcome;
  record_.costs = std::move(costs);
  record_.message = std::move(message);
}

TaskChange TaskRow::Changed() {
  TaskChange change;
  change.before = std::exchange(stored_, VersionOf(record_));
  change.after = record_;
  return change;
}

TaskChange TaskRow::Lease(const AttemptToken& token, const WorkerName& worker,
                          const InstanceId& instance, absl::Time now) {
  Move(TaskEvent::kLease);
  ++record_.attempts;
  record_.token = token;
  record_.worker = worker;
  record_.instance = instance;
  record_.began_at = now;
  return Changed();
}

TaskChange TaskRow::End(TaskEvent event, Outcome outcome, AttemptCosts costs,
                        std::string message, std::optional<TaskResult> result) {
  Move(event);
  if (result.has_value()) {
    record_.costs = std::move(costs);
    record_.result = std::move(result);
  } else {
    Blame(outcome, std::move(costs), std::move(message));
  }
  return Changed();
}

TaskChange TaskRow::Reuse(const RenderKey& key, const TaskResult& result) {
  Move(TaskEvent::kReuse);
  record_.token.render_key = key;
  record_.worker = result.worker;
  record_.result = result;
  return Changed();
}

TaskChange TaskRow::Refuse(std::string message) {
  Move(TaskEvent::kRefuse);
  record_.outcome = Outcome::kInvalidInput;
  record_.message = std::move(message);
  return Changed();
}

TaskChange TaskRow::CountCrash(AttemptCosts costs, std::string message) {
  Blame(Outcome::kCrashed, std::move(costs), std::move(message));
  return Changed();
}

TaskChange TaskRow::GiveUp(AttemptCosts costs, std::string message) {
  Move(TaskEvent::kGiveUp);
  Blame(Outcome::kCrashed, std::move(costs), std::move(message));
  return Changed();
}

TaskChange TaskRow::QueueAgain(int64_t generation) {
  Move(record_.state == TaskState::kFailed ? TaskEvent::kRetry
                                           : TaskEvent::kRepair);
  Forget(record_, generation);
  record_.result.reset();
  return Changed();
}

TaskChange TaskRow::CarryOver(int64_t generation) {
  record_.generation = generation;
  return Changed();
}

}  // namespace atelier
