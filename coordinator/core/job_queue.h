// The unfinished jobs, oldest first, and which of them have work to give.
#ifndef ATELIER_COORDINATOR_CORE_JOB_QUEUE_H_
#define ATELIER_COORDINATOR_CORE_JOB_QUEUE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "coordinator/core/ids.h"
#include "coordinator/core/job.h"

namespace atelier {

/// Owns the jobs. Every operation is O(log jobs + log in flight).
/// Thread-compatible.
class JobQueue {
 public:
  /// Lifetime: the answer lives until Remove.
  /// REQUIRES: no job of this id, request id or sequence is here.
  Job& Add(Job job);
  void Remove(const JobId& id);
  void Clear();

  /// Null when the job has ended or never was.
  const Job* Find(const JobId& id) const;
  const Job* FindByRequestId(const RequestId& id) const;

  /// Changes a job through `change(Job&)` and keeps the queue's order right.
  /// REQUIRES: the job is here.
  template <typename Change>
  auto Update(const JobId& id, Change change) {
    Job& job = jobs_.at(sequences_.at(id));
    struct Reindexer {
      JobQueue& queue;
      const Job& job;
      ~Reindexer() { queue.Index(job); }
    } reindexer{*this, job};
    return change(job);
  }

  /// Sequences of the jobs that have a claimable task, oldest first.
  const std::set<int64_t>& claimable() const { return claimable_; }
  /// Sequences of the jobs that need a page of stale failures.
  const std::set<int64_t>& needs_page() const { return needs_page_; }
  /// By sequence.
  const std::map<int64_t, Job>& jobs() const { return jobs_; }

 private:
  void Index(const Job& job);

  std::map<int64_t, Job> jobs_;
  std::map<JobId, int64_t> sequences_;
  std::map<RequestId, int64_t> requests_;
  std::set<int64_t> claimable_;
  std::set<int64_t> needs_page_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CORE_JOB_QUEUE_H_
