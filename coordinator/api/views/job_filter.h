// Which jobs of a list are asked for.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_FILTER_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_FILTER_H_

#include <set>
#include <string>

#include "coordinator/scheduler/wait_reason.h"
#include "coordinator/state/records.h"

namespace atelier {

namespace v1 {
class ListJobsRequest;
}  // namespace v1

/// As ListJobsRequest says it. Immutable.
class JobFilter {
 public:
  /// REQUIRES: the request was checked (job_requests.h).
  explicit JobFilter(const v1::ListJobsRequest& request);

  /// Whether every job is asked for.
  bool takes_all() const {
    return search_.empty() && user_.empty() && states_.empty();
  }
  /// Whether MayMatch needs MatchesState to be asked, too: some that have not
  /// ended are asked for, and others not, by whether they wait.
  bool depends_on_waits() const;

  /// By what the row says: its name, id, study, user, and whether it has ended.
  /// Reads its spec no further than that needs. One that can't be read has
  /// neither name, study nor user.
  bool MayMatch(const JobRecord& job) const;
  /// By the state that is shown of it.
  bool MatchesState(const JobRecord& job, const Wait& wait) const;

 private:
  std::string search_;  // In lower case.
  std::string user_;
  std::set<int> states_;  // Of v1::JobState; empty: any.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_FILTER_H_
