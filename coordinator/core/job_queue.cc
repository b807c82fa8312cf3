#include "coordinator/core/job_queue.h"

#include <utility>

namespace atelier {
namespace {

void SetMember(std::set<int64_t>& set, int64_t value, bool member) {
  if (member) {
    set.insert(value);
  } else {
    set.erase(value);
  }
}

}  // namespace

Job& JobQueue::Add(Job job) {
  const int64_t sequence = job.record().sequence;
  sequences_.emplace(job.record().id, sequence);
  requests_.emplace(job.record().request_id, sequence);
  Job& added = jobs_.emplace(sequence, std::move(job)).first->second;
  Index(added);
  return added;
}

void JobQueue::Remove(const JobId& id) {
  const auto found = sequences_.find(id);
  if (found == sequences_.end()) return;
  const int64_t sequence = found->second;
  requests_.erase(jobs_.at(sequence).record().request_id);
  jobs_.erase(sequence);
  claimable_.erase(sequence);
  needs_page_.erase(sequence);
  sequences_.erase(found);
}

void JobQueue::Clear() { *this = JobQueue(); }

const Job* JobQueue::Find(const JobId& id) const {
  const auto found = sequences_.find(id);
  return found == sequences_.end() ? nullptr : &jobs_.at(found->second);
}

const Job* JobQueue::FindByRequestId(const RequestId& id) const {
  const auto found = requests_.find(id);
  return found == requests_.end() ? nullptr : &jobs_.at(found->second);
}

void JobQueue::Index(const Job& job) {
  const int64_t sequence = job.record().sequence;
  SetMember(claimable_, sequence, job.NextClaimable().has_value());
  SetMember(needs_page_, sequence, job.NeedsPageAfter().has_value());
}

}  // namespace atelier
