#include "tests/testing/cluster_jobs.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using SystemClock = std::chrono::system_clock;

// One stream; whether `done` was satisfied before it broke.
bool WatchOnce(const Cluster& cluster, const std::string& job_id,
               SystemClock::time_point deadline,
               const std::function<bool(const v1::JobSnapshot&)>& done,
               v1::JobSnapshot& snapshot) {
  const auto stub = v1::Jobs::NewStub(cluster.Connect());
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(deadline);
  v1::WatchJobRequest request;
  request.set_job_id(job_id);
  const auto stream = stub->WatchJob(&context, request);
  bool seen = false;
  while (!seen && stream->Read(&snapshot)) seen = done(snapshot);
  context.TryCancel();
  stream->Finish();
  return seen;
}

}  // namespace

std::string SweepOfSeeds(int tasks, int size_px, int iterations) {
  std::vector<int> seeds;
  for (int seed = 1; seed <= tasks; ++seed) seeds.push_back(seed);
  return absl::StrCat("name: sweep\nbase:\n  content: ", SamplePath("content"),
                      "\n  style: ", SamplePath("style"), "\n  size: ", size_px,
                      "\n  iterations: ", iterations,
                      "\n  init: noise\naxes:\n  - parameter: seed\n    "
                      "values: [",
                      absl::StrJoin(seeds, ", "), "]\n");
}

std::string Submit(const Cluster& cluster, const std::string& spec) {
  TemporaryFolder folder;
  WriteFile(folder / "spec.yaml", spec);
  const Finished submitted =
      RunProgram({Binary("atelier"), "submit", folder / "spec.yaml",
                  "--coordinator", cluster.address()});
  EXPECT_EQ(submitted.code, 0) << submitted.err;
  std::string job_id = submitted.out;
  if (!job_id.empty() && job_id.back() == '\n') job_id.pop_back();
  EXPECT_FALSE(job_id.empty());
  EXPECT_EQ(job_id.find_first_of(" \n"), std::string::npos) << submitted.out;
  return job_id;
}

v1::Job WatchUntil(const Cluster& cluster, const std::string& job_id,
                   const std::function<bool(const v1::JobSnapshot&)>& done) {
  const auto deadline = SystemClock::now() + std::chrono::minutes(4);
  v1::JobSnapshot snapshot;
  bool seen = false;
  while (!seen && SystemClock::now() < deadline) {
    seen = WatchOnce(cluster, job_id, deadline, done, snapshot);
  }
  EXPECT_TRUE(seen) << snapshot.DebugString();
  return snapshot.job();
}

v1::Job WatchToItsEnd(const Cluster& cluster, const std::string& job_id) {
  return WatchUntil(cluster, job_id, [](const v1::JobSnapshot& snapshot) {
    const v1::JobState state = snapshot.job().state();
    return state != v1::JOB_STATE_RUNNING && state != v1::JOB_STATE_QUEUED;
  });
}

std::vector<v1::Task> Tasks(const Cluster& cluster, const std::string& job_id) {
  const auto stub = v1::Jobs::NewStub(cluster.Connect());
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  v1::ListTasksRequest request;
  request.set_job_id(job_id);
  request.set_page_size(1000);
  v1::ListTasksResponse response;
  EXPECT_TRUE(stub->ListTasks(&context, request, &response).ok());
  return {response.tasks().begin(), response.tasks().end()};
}

bool SomeTaskIsHalfway(const v1::JobSnapshot& snapshot) {
  for (const v1::Task& task : snapshot.running()) {
    if (task.iteration() > 0) return true;
  }
  return false;
}

}  // namespace atelier
