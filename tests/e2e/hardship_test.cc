// A disk that fills.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "tests/testing/samples.h"
#include "tests/testing/small_disk.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

Finished Atelier(const Cluster& cluster, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), Binary("atelier"));
  arguments.insert(arguments.end(), {"--coordinator", cluster.address()});
  return RunProgram(arguments);
}

int64_t Succeeded(const Cluster& cluster, const std::string& job_id) {
  int64_t succeeded = 0;
  for (const v1::Task& task : Tasks(cluster, job_id)) {
    if (task.state() == v1::TASK_STATE_SUCCEEDED) ++succeeded;
  }
  return succeeded;
}

TEST(FullDiskTest, NothingAcknowledgedIsLostAndWorkGoesOnWithRoom) {
  SmallDisk disk("32m");
  if (!disk.mounted()) {
    GTEST_SKIP() << "NOT TESTED: a full disk, as no tmpfs can be mounted here: "
                 << disk.why_not();
  }
  Cluster cluster(
      {{"--lease", "5s", "--sync-interval", "200ms"}, disk.data(), {}});
  const std::string job_id = Submit(cluster, SweepOfSeeds(20, 64, 20));
  cluster.StartWorker("w");
  WatchUntil(cluster, job_id, [](const v1::JobSnapshot& snapshot) {
    return snapshot.job().tasks().succeeded() >= 2;
  });
  disk.Fill();
  const int64_t before = Succeeded(cluster, job_id);
  const Finished refused =
      Atelier(cluster, {"render", "--content", SamplePath("style"), "--output",
                        cluster.data() + "/../never.png"});
  EXPECT_NE(refused.code, 0);
  EXPECT_THAT(refused.err, HasSubstr("atelier: "));

  // Neither does a crash take back what was acknowledged.
  cluster.KillCoordinator();
  disk.MakeRoom();
  cluster.RestartCoordinator();
  EXPECT_GE(Succeeded(cluster, job_id), before);
  const v1::Job ended = WatchToItsEnd(cluster, job_id);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
}

TEST(FullDiskTest, ARunningCoordinatorRecoversByItself) {
  SmallDisk disk("32m");
  if (!disk.mounted()) {
    GTEST_SKIP() << "NOT TESTED: a full disk, as no tmpfs can be mounted here: "
                 << disk.why_not();
  }
  Cluster cluster(
      {{"--lease", "5s", "--sync-interval", "200ms"}, disk.data(), {}});
  const std::string job_id = Submit(cluster, SweepOfSeeds(20, 64, 20));
  disk.Fill();
  cluster.StartWorker("w");
  TemporaryFolder folder;
  WriteFile(folder / "spec.yaml", SweepOfSeeds(3, 64, 20));
  const Finished refused = Atelier(cluster, {"submit", folder / "spec.yaml"});
  EXPECT_NE(refused.code, 0) << refused.out;
  EXPECT_THAT(refused.err, HasSubstr("full"));
  disk.MakeRoom();
  const v1::Job ended = WatchToItsEnd(cluster, job_id);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
  EXPECT_EQ(ended.tasks().succeeded(), 20);
}

}  // namespace
}  // namespace atelier
