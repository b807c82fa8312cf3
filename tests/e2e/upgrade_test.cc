// A rolling upgrade: workers of two engine versions under one coordinator.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "worker/engine/version.h"

namespace atelier {
namespace {

using ::testing::AnyOf;
using ::testing::SizeIs;

constexpr int kNext = 1000;  // next_engine_version.cc
constexpr int kIterations = 400;

class UpgradeTest : public ::testing::Test {
 protected:
  void StartNext(const std::string& name) {
    cluster_.StartWorker(name, {}, "next_worker");
  }
  void AwaitWorkers(int count) {
    cluster_.AwaitMetric("atelier_workers", count);
  }
  std::vector<v1::Task> RenderSweep() {
    const std::string job_id =
        Submit(cluster_, SweepOfSeeds(3, /*size_px=*/64, /*iterations=*/10));
    EXPECT_EQ(WatchToItsEnd(cluster_, job_id).state(), v1::JOB_STATE_SUCCEEDED);
    std::vector<v1::Task> tasks = Tasks(cluster_, job_id);
    EXPECT_THAT(tasks, SizeIs(3));
    return tasks;
  }

  Cluster cluster_{{"--lease", "2s", "--sync-interval", "100ms"}};
  const int now_ = engine::EngineVersion();
};

TEST_F(UpgradeTest, NoResultIsTakenForAnotherVersions) {
  cluster_.StartWorker("old");
  for (const v1::Task& task : RenderSweep()) {
    EXPECT_EQ(task.result().engine_version(), now_);
  }
  for (const v1::Task& task : RenderSweep()) {
    EXPECT_EQ(task.attempts(), 0) << "one version: it is there";
  }
  StartNext("next");
  AwaitWorkers(2);
  for (const v1::Task& task : RenderSweep()) {
    EXPECT_EQ(task.attempts(), 1) << "the older result does not count";
    EXPECT_THAT(task.result().engine_version(), AnyOf(now_, kNext));
    EXPECT_EQ(task.result().engine_version(),
              task.result().worker() == "next" ? kNext : now_);
  }
  EXPECT_EQ(cluster_.StopWorker("old").code, 0);
  AwaitWorkers(1);
  for (const v1::Task& task : RenderSweep()) {
    EXPECT_EQ(task.result().engine_version(), kNext);
  }
  EXPECT_EQ(cluster_.StopWorker("next").code, 0);
  AwaitWorkers(0);
  cluster_.KillCoordinator();
  cluster_.RestartCoordinator();
  for (const v1::Task& task : RenderSweep()) {
    EXPECT_EQ(task.attempts(), 0) << "the version that was there last";
    EXPECT_EQ(task.result().engine_version(), kNext);
  }
}

TEST_F(UpgradeTest, NoRenderGoesOnFromAnotherVersionsCheckpoint) {
  cluster_.StartWorker("old", {"--checkpoint-every", "10ms"});
  const std::string job_id =
      Submit(cluster_, SweepOfSeeds(1, /*size_px=*/96, kIterations));
  WatchUntil(cluster_, job_id, [this](const v1::JobSnapshot& snapshot) {
    return SomeTaskIsHalfway(snapshot) &&
           cluster_.Metric("atelier_checkpoints_kept_total") >= 2;
  });
  cluster_.KillWorker("old");
  StartNext("next");
  EXPECT_EQ(WatchToItsEnd(cluster_, job_id).state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(cluster_.Metric("atelier_attempts_resumed_total"), 0);
  EXPECT_EQ(Tasks(cluster_, job_id).at(0).result().engine_version(), kNext);
}

}  // namespace
}  // namespace atelier
