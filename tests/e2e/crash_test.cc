// kill -9 at the worst moments, with the real binaries.
#include <signal.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

constexpr int kTasks = 12;

// Twelve renders from twelve noises.
std::string TwelveTaskSpec() {
  return absl::StrCat("name: crash\nbase:\n  content: ", SamplePath("content"),
                      "\n  style: ", SamplePath("style"),
                      "\n  size: 96\n  iterations: 40\n  init: noise\n",
                      "axes:\n  - parameter: seed\n    values: [1, 2, 3, 4, 5, "
                      "6, 7, 8, 9, 10, 11, 12]\n");
}

// Submits through the command line, as a person would.
std::string SubmitTwelve(const Cluster& cluster) {
  TemporaryFolder folder;
  WriteFile(folder / "spec.yaml", TwelveTaskSpec());
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

// Watches the job until `done` says so; the last snapshot seen.
v1::Job WatchUntil(const Cluster& cluster, const std::string& job_id,
                   const std::function<bool(const v1::JobSnapshot&)>& done) {
  const auto stub = v1::Jobs::NewStub(cluster.Connect());
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::minutes(4));
  v1::WatchJobRequest request;
  request.set_job_id(job_id);
  const auto stream = stub->WatchJob(&context, request);
  v1::JobSnapshot snapshot;
  bool seen = false;
  while (!seen && stream->Read(&snapshot)) seen = done(snapshot);
  context.TryCancel();
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(seen) << status.error_message() << snapshot.DebugString();
  return snapshot.job();
}

std::vector<v1::Task> Tasks(const Cluster& cluster, const std::string& job_id) {
  const auto stub = v1::Jobs::NewStub(cluster.Connect());
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  v1::ListTasksRequest request;
  request.set_job_id(job_id);
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

void ExpectTwelveResults(const Cluster& cluster, const std::string& job_id) {
  std::set<std::string> images;
  for (const v1::Task& task : Tasks(cluster, job_id)) {
    SCOPED_TRACE(task.index());
    EXPECT_EQ(task.state(), v1::TASK_STATE_SUCCEEDED);
    EXPECT_EQ(task.result().iterations(), 40);
    images.insert(task.result().image_digest());
  }
  // Twelve seeds make twelve pictures.
  EXPECT_EQ(images.size(), kTasks);

  TemporaryFolder folder;
  const Finished fetched =
      RunProgram({Binary("atelier"), "fetch", job_id, "--output",
                  folder / "out", "--coordinator", cluster.address()});
  EXPECT_EQ(fetched.code, 0) << fetched.err;
  const std::string csv = ReadFile(folder / "out/results.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), kTasks + 1) << csv;
  EXPECT_FALSE(ReadFile(folder / "out/sheet.png").empty());
}

TEST(CrashTest, AKilledWorkerAndAKilledCoordinatorLoseNothing) {
  Cluster cluster({"--lease", "3s", "--sync-interval", "200ms"});
  cluster.StartWorker("first");
  cluster.StartWorker("second");
  const std::string job_id = SubmitTwelve(cluster);

  WatchUntil(cluster, job_id, [](const v1::JobSnapshot& snapshot) {
    return snapshot.job().tasks().succeeded() >= 2 &&
           SomeTaskIsHalfway(snapshot);
  });
  cluster.KillWorker("first");

  WatchUntil(cluster, job_id, [](const v1::JobSnapshot& snapshot) {
    return snapshot.job().tasks().succeeded() >= 4 &&
           SomeTaskIsHalfway(snapshot);
  });
  cluster.KillCoordinator();
  cluster.RestartCoordinator();
  cluster.StartWorker("first");

  const v1::Job ended =
      WatchUntil(cluster, job_id, [](const v1::JobSnapshot& snapshot) {
        return snapshot.job().state() != v1::JOB_STATE_RUNNING;
      });
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
  EXPECT_EQ(ended.tasks().succeeded(), kTasks);
  ExpectTwelveResults(cluster, job_id);
}

TEST(CrashTest, AWorkerToldToStopHandsItsTaskBack) {
  Cluster cluster({"--lease", "60s", "--sync-interval", "200ms"});
  cluster.StartWorker("first");
  const std::string job_id = SubmitTwelve(cluster);
  WatchUntil(cluster, job_id, SomeTaskIsHalfway);

  EXPECT_EQ(cluster.StopWorker("first").code, 0);
  cluster.StartWorker("second");
  // Far sooner than the lease of 60 s would run out.
  const v1::Job ended =
      WatchUntil(cluster, job_id, [](const v1::JobSnapshot& snapshot) {
        return snapshot.job().state() != v1::JOB_STATE_RUNNING;
      });
  EXPECT_EQ(ended.tasks().succeeded(), kTasks);
}

}  // namespace
}  // namespace atelier
