#include "coordinator/store/memory/in_memory_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/store/memory/row_writer.h"

namespace atelier {
namespace {

absl::Status NoJob(const JobId& id) {
  return absl::NotFoundError(absl::StrCat("no job ", id.value()));
}

void Write(const CheckpointChange& change, InMemoryRows& rows) {
  const CheckpointRecord& made = change.checkpoint;
  const auto has_its_name = [&](const CheckpointRecord& one) {
    return one.render == made.render && one.arithmetic == made.arithmetic &&
           one.iteration == made.iteration;
  };
  rows.checkpoints.erase(std::remove_if(rows.checkpoints.begin(),
                                        rows.checkpoints.end(), has_its_name),
                         rows.checkpoints.end());
  if (change.keep) rows.checkpoints.push_back(made);
}

void DropThumbnails(const ArtifactRecord& gone, InMemoryRows& rows) {
  for (auto it = rows.thumbnails.begin(); it != rows.thumbnails.end();) {
    const ThumbnailRecord& one = it->second;
    const bool goes =
        (gone.kind == ArtifactKind::kArtifact &&
         one.of_digest == gone.digest) ||
        (gone.kind == ArtifactKind::kPreview && one.digest == gone.digest);
    it = goes ? rows.thumbnails.erase(it) : std::next(it);
  }
}

void Write(const ArtifactChange& change, InMemoryRows& rows) {
  const std::pair key(change.artifact.kind, change.artifact.digest);
  if (change.keep) {
    rows.artifacts[key] = change.artifact;
  } else {
    rows.artifacts.erase(key);
    DropThumbnails(change.artifact, rows);
  }
}

void Write(const QuotaChange& change, InMemoryRows& rows) {
  if (change.keep) {
    rows.quotas[change.quota.user] = change.quota;
  } else {
    rows.quotas.erase(change.quota.user);
  }
}

class InMemoryNamedDigests : public NamedDigests {
 public:
  absl::Status Add(const std::string& digest) override {
    digests_.insert(digest);
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Has(const std::string& digest) override {
    return digests_.count(digest) > 0;
  }

 private:
  std::set<std::string> digests_;
};

}  // namespace

InMemoryStore::InMemoryStore(std::shared_ptr<InMemoryTables> tables)
    : tables_(std::move(tables)) {}

absl::StatusOr<int64_t> InMemoryStore::BeginEpoch() {
  absl::MutexLock lock(&tables_->mu);
  epoch_ = ++tables_->epoch;
  return epoch_;
}

absl::Status InMemoryStore::Apply(const RowChanges& changes) {
  absl::MutexLock lock(&tables_->mu);
  if (epoch_ != tables_->epoch) {
    return absl::AbortedError(absl::StrCat("epoch ", epoch_, " is over: epoch ",
                                           tables_->epoch, " has begun"));
  }
  InMemoryRows& rows = tables_->rows;
  RowWriter writer(rows);
  absl::Status written = writer.Write(changes);
  if (!written.ok()) {
    writer.PutBack();
    return written;
  }
  for (const AttemptRecord& one : changes.attempts) {
    rows.attempts[one.task][one.number % kKeptAttempts] = one;
  }
  for (const ResultRecord& one : changes.results) {
    rows.results[{one.key, one.arithmetic}] = one.task;
  }
  for (const CheckpointChange& one : changes.checkpoints) Write(one, rows);
  for (const ArtifactChange& one : changes.artifacts) Write(one, rows);
  for (const ThumbnailRecord& one : changes.thumbnails) {
    rows.thumbnails[{one.of_digest, one.size_px}] = one;
  }
  for (const QuotaChange& one : changes.quotas) Write(one, rows);
  for (const TaskRemoval& range : changes.removed_tasks) {
    if (range.first >= range.end) continue;
    rows.attempts.erase(rows.attempts.lower_bound({range.job, range.first}),
                        rows.attempts.lower_bound({range.job, range.end}));
  }
  rows.audit.Append(changes.audit);
  if (changes.audit_trim.has_value()) rows.audit.Trim(*changes.audit_trim);
  if (changes.engine_version.has_value()) {
    rows.engine_version = *changes.engine_version;
  }
  return absl::OkStatus();
}

absl::StatusOr<JobRecord> InMemoryStore::GetJob(const JobId& id) {
  absl::MutexLock lock(&tables_->mu);
  const auto found = tables_->rows.jobs.find(id);
  if (found == tables_->rows.jobs.end()) return NoJob(id);
  return found->second;
}

absl::StatusOr<std::optional<JobRecord>> InMemoryStore::FindByRequestId(
    const RequestId& id) {
  absl::MutexLock lock(&tables_->mu);
  for (const auto& [job_id, job] : tables_->rows.jobs) {
    if (job.request_id == id) return job;
  }
  return std::nullopt;
}

absl::StatusOr<std::vector<JobRecord>> InMemoryStore::ListJobs(
    int limit, std::optional<int64_t> before) {
  return NewestJobs(limit, before, [](const JobRecord&) { return true; });
}

absl::StatusOr<std::vector<JobRecord>> InMemoryStore::ListJobsOf(
    const std::string& owner, int limit, std::optional<int64_t> before) {
  return NewestJobs(limit, before, [&owner](const JobRecord& job) {
    return job.owner == owner;
  });
}

std::vector<JobRecord> InMemoryStore::NewestJobs(
    int limit, std::optional<int64_t> before,
    absl::FunctionRef<bool(const JobRecord&)> is_wanted) {
  absl::MutexLock lock(&tables_->mu);
  std::map<int64_t, const JobRecord*, std::greater<>> newest_first;
  for (const auto& [id, job] : tables_->rows.jobs) {
    if (before.has_value() && job.sequence >= *before) continue;
    if (is_wanted(job)) newest_first.emplace(job.sequence, &job);
  }
  std::vector<JobRecord> jobs;
  for (const auto& [sequence, job] : newest_first) {
    if (static_cast<int>(jobs.size()) == limit) break;
    jobs.push_back(*job);
  }
  return jobs;
}

absl::StatusOr<std::vector<JobRecord>> InMemoryStore::LoadJobs(JobState state,
                                                               int limit) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<JobRecord> jobs;
  for (const auto& [id, job] : tables_->rows.jobs) {
    if (job.state == state) jobs.push_back(job);
  }
  std::sort(jobs.begin(), jobs.end(),
            [](const JobRecord& a, const JobRecord& b) {
              return a.sequence < b.sequence;
            });
  if (static_cast<int>(jobs.size()) > limit) jobs.resize(limit);
  return jobs;
}

absl::StatusOr<std::vector<JobRecord>> InMemoryStore::ListEndedJobs(
    absl::Time time, int limit) {
  absl::MutexLock lock(&tables_->mu);
  std::multimap<absl::Time, const JobRecord*> ended;
  for (const auto& [id, job] : tables_->rows.jobs) {
    if (job.state == JobState::kDeleted) continue;
    if (job.ended_at.has_value() && *job.ended_at < time) {
      ended.emplace(*job.ended_at, &job);
    }
  }
  std::vector<JobRecord> jobs;
  for (const auto& [at, job] : ended) {
    if (static_cast<int>(jobs.size()) == limit) break;
    jobs.push_back(*job);
  }
  return jobs;
}

absl::StatusOr<int64_t> InMemoryStore::LastSequence() {
  absl::MutexLock lock(&tables_->mu);
  int64_t last = 0;
  for (const auto& [id, job] : tables_->rows.jobs) {
    last = std::max(last, job.sequence);
  }
  return last;
}

absl::StatusOr<Store::JobTasks> InMemoryStore::ListTasks(const JobId& id,
                                                         int64_t first,
                                                         int limit) {
  absl::MutexLock lock(&tables_->mu);
  const auto found = tables_->rows.jobs.find(id);
  if (found == tables_->rows.jobs.end()) return NoJob(id);
  JobTasks page{found->second, {}};
  for (auto it = tables_->rows.tasks.lower_bound({id, first});
       it != tables_->rows.tasks.end() && it->first.job == id &&
       it->first.index - first < limit;
       ++it) {
    page.rows.push_back(it->second);
  }
  return page;
}

absl::StatusOr<std::vector<TaskRecord>> InMemoryStore::LoadOpenTasks(
    const JobId& id) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<TaskRecord> rows;
  for (auto it = tables_->rows.tasks.lower_bound({id, 0});
       it != tables_->rows.tasks.end() && it->first.job == id; ++it) {
    if (!HasEnded(it->second.state)) rows.push_back(it->second);
  }
  return rows;
}

absl::StatusOr<std::vector<TaskRecord>> InMemoryStore::ListStaleFailures(
    const JobId& id, int64_t generation, const TaskPosition& after, int limit) {
  absl::MutexLock lock(&tables_->mu);
  std::map<TaskPosition, const TaskRecord*> failures;
  for (auto it = tables_->rows.tasks.lower_bound({id, 0});
       it != tables_->rows.tasks.end() && it->first.job == id; ++it) {
    const TaskRecord& row = it->second;
    if (row.state != TaskState::kFailed || row.generation >= generation) {
      continue;
    }
    failures.emplace(TaskPosition{row.generation, row.id.index}, &row);
  }
  std::vector<TaskRecord> page;
  for (auto it = failures.upper_bound(after); it != failures.end(); ++it) {
    if (static_cast<int>(page.size()) == limit) break;
    page.push_back(*it->second);
  }
  return page;
}

absl::StatusOr<std::vector<AttemptRecord>> InMemoryStore::ListAttempts(
    const TaskId& task) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<AttemptRecord> attempts;
  const auto found = tables_->rows.attempts.find(task);
  if (found == tables_->rows.attempts.end()) return attempts;
  for (const auto& [place, one] : found->second) attempts.push_back(one);
  std::sort(attempts.begin(), attempts.end(),
            [](const AttemptRecord& a, const AttemptRecord& b) {
              return a.number < b.number;
            });
  return attempts;
}

absl::StatusOr<std::vector<StoredResult>> InMemoryStore::FindResults(
    const std::set<RenderKey>& keys) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<StoredResult> results;
  for (const RenderKey& key : keys) {
    for (auto it = tables_->rows.results.lower_bound({key, Arithmetic()});
         it != tables_->rows.results.end() && it->first.first == key; ++it) {
      const auto task = tables_->rows.tasks.find(it->second);
      if (task == tables_->rows.tasks.end()) continue;  // It was removed.
      if (!task->second.result.has_value()) continue;   // It is repaired.
      results.push_back({key, *task->second.result});
    }
  }
  return results;
}

absl::StatusOr<std::unique_ptr<NamedDigests>> InMemoryStore::ListNamed(
    absl::Time ended_since) {
  auto named = std::make_unique<InMemoryNamedDigests>();
  absl::MutexLock lock(&tables_->mu);
  for (const auto& [id, task] : tables_->rows.tasks) {
    const JobRecord& job = tables_->rows.jobs.at(id.job);
    const bool counts =
        job.state == JobState::kRunning ||
        (job.ended_at.has_value() && *job.ended_at >= ended_since);
    if (!counts || !task.result.has_value()) continue;
    RETURN_IF_ERROR(named->Add(task.result->image_digest));
  }
  return named;
}

absl::StatusOr<std::vector<CheckpointRecord>> InMemoryStore::LoadCheckpoints() {
  absl::MutexLock lock(&tables_->mu);
  return tables_->rows.checkpoints;
}

absl::StatusOr<std::vector<ArtifactRecord>> InMemoryStore::FindArtifacts(
    ArtifactKind kind, const std::set<std::string>& digests) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<ArtifactRecord> found;
  for (const std::string& digest : digests) {
    const auto row = tables_->rows.artifacts.find({kind, digest});
    if (row != tables_->rows.artifacts.end()) found.push_back(row->second);
  }
  return found;
}

absl::StatusOr<std::vector<ArtifactRecord>> InMemoryStore::ListArtifacts(
    ArtifactKind kind, const std::string& after, int limit) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<ArtifactRecord> page;
  for (auto row = tables_->rows.artifacts.upper_bound({kind, after});
       row != tables_->rows.artifacts.end() && row->first.first == kind &&
       static_cast<int>(page.size()) < limit;
       ++row) {
    page.push_back(row->second);
  }
  return page;
}

absl::StatusOr<std::vector<ArtifactRecord>> InMemoryStore::ListOldestArtifacts(
    ArtifactKind kind, int limit) {
  absl::MutexLock lock(&tables_->mu);
  std::vector<ArtifactRecord> oldest;
  for (const auto& [key, one] : tables_->rows.artifacts) {
    if (one.kind == kind) oldest.push_back(one);
  }
  std::stable_sort(oldest.begin(), oldest.end(),
                   [](const ArtifactRecord& a, const ArtifactRecord& b) {
                     return a.used_at < b.used_at;
                   });
  if (static_cast<int>(oldest.size()) > limit) oldest.resize(limit);
  return oldest;
}

absl::StatusOr<int64_t> InMemoryStore::SumArtifactsOf(ArtifactKind kind) {
  absl::MutexLock lock(&tables_->mu);
  int64_t bytes = 0;
  for (const auto& [key, one] : tables_->rows.artifacts) {
    if (one.kind == kind) bytes += one.size_bytes;
  }
  return bytes;
}

absl::StatusOr<std::optional<std::string>> InMemoryStore::FindThumbnail(
    const std::string& of_digest, int size_px) {
  absl::MutexLock lock(&tables_->mu);
  const auto found = tables_->rows.thumbnails.find({of_digest, size_px});
  if (found == tables_->rows.thumbnails.end()) return std::nullopt;
  return found->second.digest;
}

absl::StatusOr<std::vector<TokenRecord>> InMemoryStore::ListTokens() {
  absl::MutexLock lock(&tables_->mu);
  std::vector<TokenRecord> tokens;
  for (const auto& [accessor, one] : tables_->rows.tokens) {
    tokens.push_back(one);
  }
  return tokens;
}

absl::StatusOr<std::vector<AuditRecord>> InMemoryStore::ListAudit(
    const AuditQuery& query, int limit) {
  absl::MutexLock lock(&tables_->mu);
  return tables_->rows.audit.List(query, limit);
}

absl::StatusOr<std::vector<QuotaRecord>> InMemoryStore::ListQuotas() {
  absl::MutexLock lock(&tables_->mu);
  std::vector<QuotaRecord> quotas;
  for (const auto& [user, one] : tables_->rows.quotas) quotas.push_back(one);
  return quotas;
}

absl::StatusOr<std::vector<TaskRating>> InMemoryStore::ListRatings(
    const RatingsQuery& query) {
  absl::MutexLock lock(&tables_->mu);
  const auto& rows = tables_->rows.ratings;
  std::vector<TaskRating> found;
  for (auto row = rows.lower_bound({{query.job, query.first}, "", ""});
       row != rows.end() && row->first.task.job == query.job &&
       row->first.task.index < query.end;
       ++row) {
    const auto& [key, value] = *row;
    if (found.empty() || found.back().task_index != key.task.index) {
      if (static_cast<int>(found.size()) >= query.limit) break;
      found.push_back({key.task.index});
    }
    TaskRating& task = found.back();
    if (!key.judged.empty()) {
      ++task.times_shown;
      task.times_worst += value;
      continue;
    }
    ++task.people;
    task.star_sum += value;
    if (key.user == query.user) task.own_stars = value;
  }
  return found;
}

absl::StatusOr<int64_t> InMemoryStore::CountRatings(const JobId& job) {
  absl::MutexLock lock(&tables_->mu);
  const auto& rows = tables_->rows.ratings;
  return std::count_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.first.task.job == job;
  });
}

absl::StatusOr<std::map<std::string, int64_t>> InMemoryStore::SumArtifacts() {
  absl::MutexLock lock(&tables_->mu);
  std::map<std::string, int64_t> sums;
  for (const auto& [key, one] : tables_->rows.artifacts) {
    if (!one.owner.empty()) sums[one.owner] += one.size_bytes;
  }
  return sums;
}

absl::StatusOr<int> InMemoryStore::LastEngineVersion() {
  absl::MutexLock lock(&tables_->mu);
  return tables_->rows.engine_version;
}

}  // namespace atelier
