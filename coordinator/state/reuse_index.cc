#include "coordinator/state/reuse_index.h"

#include <utility>

namespace atelier {

std::optional<JobId> ReuseIndex::NextFresh(const JobId& after) const {
  const auto next = fresh_jobs_.upper_bound(after);
  if (next == fresh_jobs_.end()) return std::nullopt;
  return *next;
}

absl::StatusOr<TaskRender> ReuseIndex::Materialize(const JobSpec& spec,
                                                   const TaskId& task) {
  std::optional<TaskRender> made = lookahead_.Take(task);
  if (made.has_value()) return *std::move(made);
  return MakeTask(spec, PointAt(spec, task.index), limits_);
}

// One look into the store for all that will be asked for next.
void ReuseIndex::Ask(const RenderKey& key, const Job& job) {
  is_awaited_ = true;
  asked_.insert(key);
  AskAhead(job);
}

void ReuseIndex::NoteGranted(const Job& job, int64_t index) {
  constexpr int64_t kHalf = Job::kWindow / 2;
  if (index % kHalf == kHalf - 1 && !job.spec().no_cache) AskAhead(job);
}

void ReuseIndex::AskAhead(const Job& job) {
  lookahead_.MakeRoom();
  for (int64_t index : job.Upcoming()) {
    const TaskId task{job.record().id, index};
    absl::StatusOr<TaskRender> render = Materialize(job.spec(), task);
    if (!render.ok()) continue;
    if (known_.Find(render->key) == nullptr) asked_.insert(render->key);
    lookahead_.Add(task, *std::move(render));
  }
}

void ReuseIndex::TakeAnswers(const std::set<RenderKey>& asked,
                             std::vector<StoredResult> results) {
  for (const RenderKey& key : asked) asked_.erase(key);
  is_awaited_ = false;
  if (std::exchange(answers_are_void_, false)) return;
  for (const RenderKey& key : asked) known_.SetAsked(key);
  for (StoredResult& one : results) {
    known_.Learn(one.key, std::move(one.result));
  }
}

void ReuseIndex::ForgetResults() {
  known_.Clear();
  answers_are_void_ = !asked_.empty();
}

void ReuseIndex::Trim() {
  if (asked_.empty() || known_.size() > kMost) known_.Trim(asked_);
}

}  // namespace atelier
