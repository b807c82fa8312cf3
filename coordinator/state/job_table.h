// The unfinished jobs, and which of them have work to give, by whose they are.
#ifndef ATELIER_COORDINATOR_STATE_JOB_TABLE_H_
#define ATELIER_COORDINATOR_STATE_JOB_TABLE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/state/ids.h"
#include "coordinator/state/job.h"
#include "coordinator/state/row_changes.h"

namespace atelier {

/// A job's place among its user's: higher priority first, then older.
struct JobRank {
  int priority = 0;
  int64_t sequence = 0;

  friend bool operator<(const JobRank& a, const JobRank& b) {
    if (a.priority != b.priority) return a.priority > b.priority;
    return a.sequence < b.sequence;
  }
};

/// What one user has in the queue.
struct UserJobs {
  /// Jobs that can give a task, in order, by what they ask of a worker.
  std::map<WorkerNeeds, std::set<JobRank>> giving;
  int64_t jobs = 0;
  int64_t queued = 0;  ///< Tasks.
  int64_t leased = 0;  ///< Tasks.
};

/// Owns the jobs. Every operation is O(log jobs + log in flight).
/// Thread-compatible.
class JobTable {
 public:
  /// A job as the store has it.
  /// REQUIRES: no job of this id, request id or sequence is here.
  void Restore(Job job);
  /// A job that the store has not.
  /// REQUIRES: as Restore.
  void Add(Job job);
  /// The job has ended; its last row is among TakeChanges.
  void Remove(const JobId& id);
  void Clear();

  /// Null when the job has ended or never was.
  const Job* Find(const JobId& id) const;
  const Job* FindByRequestId(const RequestId& id) const;

  /// Changes a job and its row through `change(Job&)`, and keeps the queue's
  /// order right. REQUIRES: the job is here.
  template <typename Change>
  auto Update(const JobId& id, Change change) {
    NoteChange(jobs_.at(sequences_.at(id)).record());
    return Fill(id, std::move(change));
  }

  /// As Update, of what is not in the job's row.
  template <typename Change>
  auto Fill(const JobId& id, Change change) {
    Job& job = jobs_.at(sequences_.at(id));
    struct Reindexer {
      JobTable& queue;
      const Job& job;
      ~Reindexer() { queue.Index(job); }
    } reindexer{*this, job};
    return change(job);
  }

  /// The rows to write of what Add, Update and Remove did since the last call.
  std::vector<JobChange> TakeChanges();

  /// By name: everybody with an unfinished job.
  const std::map<std::string, UserJobs>& users() const { return users_; }
  /// How many tasks of the user's are queued.
  int64_t QueuedOf(const std::string& user) const;
  /// Whether some job can give a task.
  bool CanGive() const { return giving_ > 0; }
  /// Sequences of the jobs that need a page of stale failures.
  const std::set<int64_t>& needs_page() const { return needs_page_; }
  /// What all specs take in memory.
  int64_t memory_bytes() const { return memory_bytes_; }

  const std::map<int64_t, Job>& by_sequence() const { return jobs_; }

 private:
  // A job as the index has it.
  struct Indexed {
    JobRank rank;
    bool gives = false;
    int64_t queued = 0;
    int64_t leased = 0;
  };

  void Insert(Job job);
  void NoteChange(const JobRecord& before);
  void Index(const Job& job);
  void SetGiving(const Job& job, const JobRank& rank, bool gives);

  std::map<int64_t, Job> jobs_;
  std::map<JobId, int64_t> sequences_;
  std::map<RequestId, int64_t> requests_;
  std::map<int64_t, Indexed> indexed_;
  std::map<std::string, UserJobs> users_;
  int64_t giving_ = 0;
  int64_t memory_bytes_ = 0;
  std::set<int64_t> needs_page_;
  // Those that changed: `after` is filled in when they are removed or taken.
  std::map<JobId, JobChange> changed_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_JOB_TABLE_H_
