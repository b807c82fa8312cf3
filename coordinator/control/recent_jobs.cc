#include "coordinator/control/recent_jobs.h"

#include <utility>

namespace atelier {
namespace {

int64_t BytesOf(const JobRecord& job) {
  return static_cast<int64_t>(sizeof(job) + job.spec_bytes.size() +
                              job.message.size());
}

// As a store keeps it.
absl::Time Rounded(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

}  // namespace

bool RecentJobs::LoadOlder(std::vector<JobRecord> newest_first, bool are_last) {
  absl::MutexLock lock(&mu_);
  loaded_ = true;
  has_all_ = are_last;
  for (JobRecord& job : newest_first) Put(std::move(job));
  const size_t all = jobs_.size();
  KeepWithinBounds();
  return jobs_.size() == all;
}

void RecentJobs::Clear() {
  absl::MutexLock lock(&mu_);
  jobs_.clear();
  sequences_.clear();
  bytes_ = 0;
  loaded_ = false;
}

void RecentJobs::Apply(const RowChanges& changes) {
  absl::MutexLock lock(&mu_);
  if (!loaded_) return;
  for (const JobChange& change : changes.jobs) {
    JobRecord row = change.after;
    row.submitted_at = Rounded(row.submitted_at);
    if (row.ended_at.has_value()) row.ended_at = Rounded(*row.ended_at);
    if (change.before.has_value()) {
      const auto known = sequences_.find(row.id);
      if (known == sequences_.end()) continue;  // An old one.
      // Only its first change has its spec.
      row.spec_bytes = std::move(jobs_.at(known->second).spec_bytes);
      Erase(row.id);
    }
    Put(std::move(row));
  }
  for (const JobRemoval& removal : changes.removed_jobs) Erase(removal.job);
  KeepWithinBounds();
}

void RecentJobs::Put(JobRecord row) {
  bytes_ += BytesOf(row);
  sequences_[row.id] = row.sequence;
  const int64_t sequence = row.sequence;
  jobs_.insert_or_assign(sequence, std::move(row));
}

void RecentJobs::Erase(const JobId& id) {
  const auto known = sequences_.find(id);
  if (known == sequences_.end()) return;
  const auto job = jobs_.find(known->second);
  bytes_ -= BytesOf(job->second);
  jobs_.erase(job);
  sequences_.erase(known);
}

void RecentJobs::KeepWithinBounds() {
  while (jobs_.size() > bounds_.jobs ||
         (bytes_ > bounds_.bytes && !jobs_.empty())) {
    has_all_ = false;
    Erase(JobId(jobs_.begin()->second.id));
  }
}

std::optional<JobRecord> RecentJobs::Find(const JobId& id) const {
  absl::MutexLock lock(&mu_);
  const auto known = sequences_.find(id);
  if (known == sequences_.end()) return std::nullopt;
  return jobs_.at(known->second);
}

std::optional<std::vector<JobRecord>> RecentJobs::List(
    int limit, std::optional<int64_t> before) const {
  absl::MutexLock lock(&mu_);
  if (!loaded_) return std::nullopt;
  std::vector<JobRecord> found;
  auto end = before.has_value() ? jobs_.lower_bound(*before) : jobs_.end();
  while (static_cast<int>(found.size()) < limit) {
    if (end == jobs_.begin()) {
      if (has_all_) return found;
      return std::nullopt;
    }
    --end;
    if (end->second.state != JobState::kDeleted) found.push_back(end->second);
  }
  return found;
}

}  // namespace atelier
