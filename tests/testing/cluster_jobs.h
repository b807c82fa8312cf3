// Jobs on a cluster of real processes, as a person submits and follows them.
#ifndef ATELIER_TESTS_TESTING_CLUSTER_JOBS_H_
#define ATELIER_TESTS_TESTING_CLUSTER_JOBS_H_

#include <functional>
#include <string>
#include <vector>

#include "atelier/v1/jobs.grpc.pb.h"
#include "tests/testing/cluster.h"

namespace atelier {

/// A sweep of small renders of the samples, from the noises 1 to `tasks`.
std::string SweepOfSeeds(int tasks, int size_px, int iterations);

/// Submits a spec through the command line. Returns the job's id.
std::string Submit(const Cluster& cluster, const std::string& spec);

/// Watches the job until `done` says so; the last snapshot seen. Goes on where
/// the coordinator comes back. Fails the test after four minutes.
v1::Job WatchUntil(const Cluster& cluster, const std::string& job_id,
                   const std::function<bool(const v1::JobSnapshot&)>& done);

/// Until it does not run any more.
v1::Job WatchToItsEnd(const Cluster& cluster, const std::string& job_id);

/// By index. REQUIRES: at most 1,000.
std::vector<v1::Task> Tasks(const Cluster& cluster, const std::string& job_id);

/// Whether a worker has done an iteration of a task that it still has.
bool SomeTaskIsHalfway(const v1::JobSnapshot& snapshot);

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_CLUSTER_JOBS_H_
