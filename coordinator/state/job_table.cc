#include "coordinator/state/job_table.h"

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

void JobTable::Restore(Job job) {
  job.ForgetSpecBytes();
  Insert(std::move(job));
}

void JobTable::Add(Job job) {
  changed_.try_emplace(job.record().id);
  Insert(std::move(job));
}

void JobTable::Insert(Job job) {
  const int64_t sequence = job.record().sequence;
  ++users_[job.spec().user].jobs;
  sequences_.emplace(job.record().id, sequence);
  requests_.emplace(job.record().request_id, sequence);
  Job& added = jobs_.emplace(sequence, std::move(job)).first->second;
  memory_bytes_ += added.memory_bytes();
  Index(added);
}

void JobTable::NoteChange(const JobRecord& before) {
  const auto [change, is_first] = changed_.try_emplace(before.id);
  if (is_first) change->second.before = VersionOf(before);
}

std::vector<JobChange> JobTable::TakeChanges() {
  std::vector<JobChange> changes;
  for (auto& [id, change] : changed_) {
    const auto sequence = sequences_.find(id);
    if (sequence != sequences_.end()) {
      Job& job = jobs_.at(sequence->second);
      change.after = job.record();
      job.ForgetSpecBytes();
    }
    changes.push_back(std::move(change));
  }
  changed_.clear();
  return changes;
}

void JobTable::Remove(const JobId& id) {
  const auto found = sequences_.find(id);
  if (found == sequences_.end()) return;
  const int64_t sequence = found->second;
  const Job& job = jobs_.at(sequence);
  const auto changed = changed_.find(id);
  if (changed != changed_.end()) changed->second.after = job.record();
  const Indexed last = indexed_.extract(sequence).mapped();
  if (last.gives) SetGiving(job, last.rank, false);
  const auto user = users_.find(job.spec().user);
  user->second.queued -= last.queued;
  user->second.leased -= last.leased;
  if (--user->second.jobs == 0) users_.erase(user);
  requests_.erase(job.record().request_id);
  memory_bytes_ -= job.memory_bytes();
  jobs_.erase(sequence);
  needs_page_.erase(sequence);
  sequences_.erase(found);
}

void JobTable::Clear() { *this = JobTable(); }

const Job* JobTable::Find(const JobId& id) const {
  const auto found = sequences_.find(id);
  return found == sequences_.end() ? nullptr : &jobs_.at(found->second);
}

const Job* JobTable::FindByRequestId(const RequestId& id) const {
  const auto found = requests_.find(id);
  return found == requests_.end() ? nullptr : &jobs_.at(found->second);
}

int64_t JobTable::QueuedOf(const std::string& user) const {
  const auto found = users_.find(user);
  return found == users_.end() ? 0 : found->second.queued;
}

void JobTable::Index(const Job& job) {
  const JobRecord& record = job.record();
  SetMember(needs_page_, record.sequence, job.NeedsPageAfter().has_value());
  Indexed& last = indexed_[record.sequence];
  const Indexed now{{record.priority, record.sequence},
                    job.CanGive(),
                    record.counts.queued,
                    record.counts.leased};
  if (last.gives && (!now.gives || last.rank.priority != now.rank.priority)) {
    SetGiving(job, last.rank, false);
    last.gives = false;
  }
  if (now.gives && !last.gives) SetGiving(job, now.rank, true);
  UserJobs& user = users_.at(job.spec().user);
  user.queued += now.queued - last.queued;
  user.leased += now.leased - last.leased;
  last = now;
}

void JobTable::SetGiving(const Job& job, const JobRank& rank, bool gives) {
  auto& giving = users_.at(job.spec().user).giving;
  if (gives) {
    giving[job.spec().needs].insert(rank);
    ++giving_;
    return;
  }
  const auto ranks = giving.find(job.spec().needs);
  ranks->second.erase(rank);
  if (ranks->second.empty()) giving.erase(ranks);
  --giving_;
}

}  // namespace atelier
