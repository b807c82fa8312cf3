// Workers and coordinators that come back, and find things changed.
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "atelier/v1/workers.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

// Ends long before this lease does, whatever else the machine does.
constexpr char kLongLease[] = "10m";

void ExpectSuccess(const v1::Job& ended) {
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
}

TEST(RestartTest, AWorkerThatWasKilledGoesOnUnderItsNameAtOnce) {
  Cluster cluster({"--lease", kLongLease, "--sync-interval", "200ms"});
  cluster.StartWorker("w");
  const std::string job_id = Submit(cluster, SweepOfSeeds(2, 96, 200));
  WatchUntil(cluster, job_id, SomeTaskIsHalfway);
  for (int i = 0; i < 2; ++i) {
    cluster.KillWorker("w");
    cluster.StartWorker("w");
    WatchUntil(cluster, job_id, SomeTaskIsHalfway);
  }
  ExpectSuccess(WatchToItsEnd(cluster, job_id));
  EXPECT_EQ(cluster.StopWorker("w").code, 0);
}

TEST(RestartTest, AWorkerAndItsCoordinatorMayBothBeKilled) {
  Cluster cluster({"--lease", kLongLease, "--sync-interval", "200ms"});
  cluster.StartWorker("w");
  const std::string job_id = Submit(cluster, SweepOfSeeds(2, 96, 200));
  WatchUntil(cluster, job_id, SomeTaskIsHalfway);
  cluster.KillWorker("w");
  cluster.KillCoordinator();
  cluster.StartWorker("w");
  cluster.RestartCoordinator();
  ExpectSuccess(WatchToItsEnd(cluster, job_id));
}

TEST(RestartTest, ALiveWorkerIsNotDisplacedByASecondOfItsNameAndFolder) {
  Cluster cluster({"--lease", "3s", "--sync-interval", "200ms"});
  cluster.StartWorker("w");
  // Long enough for the second to come up while it runs.
  const std::string job_id = Submit(cluster, SweepOfSeeds(1, 96, 2000));
  WatchUntil(cluster, job_id, SomeTaskIsHalfway);
  const ChildProcess second({Binary("atelier-worker"), "--coordinator",
                             cluster.address(), "--threads", "1", "--name", "w",
                             "--cache", cluster.worker_folder("w")});
  ExpectSuccess(WatchToItsEnd(cluster, job_id));
  EXPECT_EQ(Tasks(cluster, job_id).at(0).attempts(), 1);
  EXPECT_THAT(second.Errors(), HasSubstr("a live process works under this"));
}

TEST(RestartTest, AReportOfAPictureThatIsGoneEndsNoWorker) {
  Cluster cluster({"--lease", "5s", "--sync-interval", "200ms"});
  const std::string job_id = Submit(cluster, SweepOfSeeds(1, 64, 20));
  // As after a backup of the coordinator was restored.
  v1::AttemptReport report;
  report.mutable_token()->set_render_key(std::string(64, 'a'));
  report.mutable_token()->set_number(1);
  report.mutable_token()->set_epoch(1);
  report.set_outcome(v1::OUTCOME_SUCCEEDED);
  report.mutable_result()->set_image_digest(std::string(64, 'b'));
  report.mutable_result()->set_width_px(64);
  report.mutable_result()->set_height_px(48);
  const std::string outbox = cluster.worker_folder("w") + "/outbox";
  std::filesystem::create_directories(outbox);
  WriteFile(absl::StrCat(outbox, "/", std::string(64, 'a'), "-1-1.report"),
            report.SerializeAsString());
  WriteFile(outbox + "/garbage.report", "\xff\xfe");
  cluster.StartWorker("w");
  ExpectSuccess(WatchToItsEnd(cluster, job_id));
  EXPECT_EQ(cluster.StopWorker("w").code, 0);
  EXPECT_TRUE(std::filesystem::is_empty(outbox));
}

TEST(RestartTest, ACoordinatorAwayForLongerThanALeaseLosesNothing) {
  Cluster cluster({"--lease", "8s", "--sync-interval", "200ms"});
  for (const char* name : {"a", "b"}) cluster.StartWorker(name);
  const std::string job_id = Submit(cluster, SweepOfSeeds(2, 96, 400));
  WatchUntil(cluster, job_id, [](const v1::JobSnapshot& snapshot) {
    return snapshot.running_size() == 2 &&
           snapshot.running(0).iteration() > 0 &&
           snapshot.running(1).iteration() > 0;
  });
  cluster.KillCoordinator();
  // Nothing happens meanwhile: workers try. They need up to four seconds to
  // find a coordinator that is back, and have a lease.
  EXPECT_FALSE(
      WaitForFile(cluster.worker_folder("a") + "/never", absl::Seconds(12)));
  cluster.RestartCoordinator();
  ExpectSuccess(WatchToItsEnd(cluster, job_id));
  for (const v1::Task& task : Tasks(cluster, job_id)) {
    EXPECT_EQ(task.attempts(), 1) << "task " << task.index();
  }
}

}  // namespace
}  // namespace atelier
