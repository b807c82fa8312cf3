// kill -9 at the worst moments, with the real binaries.
#include <signal.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "tests/testing/process_table.h"

namespace atelier {
namespace {

constexpr int kTasks = 12;
// Long enough to be seen halfway on a quick machine.
constexpr int kIterations = 200;

std::string SubmitTwelve(const Cluster& cluster) {
  return Submit(cluster, SweepOfSeeds(kTasks, 96, kIterations));
}

void ExpectTwelveResults(const Cluster& cluster, const std::string& job_id) {
  std::set<std::string> images;
  for (const v1::Task& task : Tasks(cluster, job_id)) {
    SCOPED_TRACE(task.index());
    EXPECT_EQ(task.state(), v1::TASK_STATE_SUCCEEDED);
    EXPECT_EQ(task.result().iterations(), kIterations);
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

  const v1::Job ended = WatchToItsEnd(cluster, job_id);
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
  const v1::Job ended = WatchToItsEnd(cluster, job_id);
  EXPECT_EQ(ended.tasks().succeeded(), kTasks);
}

// It reads what strangers made, and so may die at any time.
TEST(CrashTest, ADecoderThatIsKilledIsStartedAgain) {
  Cluster cluster;
  cluster.StartWorker("first");
  const auto decoders = [&] {
    std::vector<pid_t> found;
    for (const pid_t pid : ChildrenOf(cluster.worker_pid("first"))) {
      if (ProgramOf(pid) == "atelier-decoder") found.push_back(pid);
    }
    return found;
  };
  cluster.AwaitMetric("atelier_workers", 1);
  const std::vector<pid_t> before = decoders();
  ASSERT_EQ(before.size(), 1);
  ASSERT_EQ(kill(before[0], SIGKILL), 0);
  const v1::Job ended =
      WatchToItsEnd(cluster, Submit(cluster, SweepOfSeeds(2, 32, 5)));
  EXPECT_EQ(ended.tasks().succeeded(), 2) << ended.message();
  const std::vector<pid_t> after = decoders();
  ASSERT_EQ(after.size(), 1);
  EXPECT_NE(after, before);
  // It goes with its worker, however that ends.
  cluster.KillWorker("first");
  EXPECT_TRUE(WaitUntilGone(after, absl::Minutes(1)));
}

}  // namespace
}  // namespace atelier
