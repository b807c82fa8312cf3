// A machine's clock that is set while everything is at work.
#include <signal.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

// All that is started sees the same clock, and waits on it.
class ClockTest : public ::testing::TestWithParam<int> {
 protected:
  ClockTest() { SetClockBy(0); }

  void SetClockBy(int seconds) const {
    const std::string next = folder_ / "next";
    WriteFile(next, absl::StrCat(seconds));
    std::rename(next.c_str(), offset_.c_str());
  }

  std::unique_ptr<ChildProcess> Watch(const std::string& job_id) const {
    return std::make_unique<ChildProcess>(
        std::vector<std::string>{Binary("atelier"), "watch", job_id,
                                 "--coordinator", cluster_.address()},
        variables_);
  }

  void ExpectOneAttemptEach(const std::string& job_id) const {
    for (const v1::Task& task : Tasks(cluster_, job_id)) {
      EXPECT_EQ(task.attempts(), 1) << "task " << task.index();
    }
  }

  TemporaryFolder folder_;
  const std::string offset_ = folder_ / "offset";
  const std::vector<std::string> variables_ = {
      absl::StrCat("LD_PRELOAD=", SHIFTED_CLOCK),
      absl::StrCat("SHIFTED_CLOCK_FILE=", offset_)};
  Cluster cluster_{
      {{"--lease", "8s", "--sync-interval", "200ms"}, "", variables_}};
};

TEST_P(ClockTest, HeartbeatsGoOnWhileARenderRunsAndNoLeaseIsLost) {
  cluster_.StartWorker("w");
  // Longer than a lease, all in all.
  const std::string job_id = Submit(cluster_, SweepOfSeeds(3, 96, 300));
  const auto watch = Watch(job_id);
  WatchUntil(cluster_, job_id, SomeTaskIsHalfway);
  SetClockBy(GetParam());
  const v1::Job ended = WatchToItsEnd(cluster_, job_id);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
  ExpectOneAttemptEach(job_id);
  const auto watched = watch->Wait(absl::Seconds(30));
  ASSERT_TRUE(watched.has_value()) << "the watch does not see the end";
  EXPECT_EQ(watched->code, 0) << watched->err;
  const Finished worker = cluster_.StopWorker("w");
  EXPECT_EQ(worker.code, 0);
  EXPECT_THAT(worker.err, HasSubstr("the machine's clock was set"));
}

TEST_P(ClockTest, ACoordinatorThatComesBackAfterwardsIsFoundAgain) {
  cluster_.StartWorker("w");
  const std::string job_id = Submit(cluster_, SweepOfSeeds(2, 96, 400));
  const auto watch = Watch(job_id);
  WatchUntil(cluster_, job_id, SomeTaskIsHalfway);
  SetClockBy(GetParam());
  // The wait before each reconnect is one of gRPC's own timers.
  for (int i = 0; i < 2; ++i) {
    cluster_.KillCoordinator();
    cluster_.RestartCoordinator();
    WatchUntil(cluster_, job_id, SomeTaskIsHalfway);
  }
  const v1::Job ended = WatchToItsEnd(cluster_, job_id);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
  ExpectOneAttemptEach(job_id);
  const auto watched = watch->Wait(absl::Seconds(30));
  ASSERT_TRUE(watched.has_value()) << "the watch does not see the end";
  EXPECT_EQ(watched->code, 0) << watched->err;
}

TEST_P(ClockTest, StopsComeInTime) {
  cluster_.StartWorker("w");
  const std::string job_id = Submit(cluster_, SweepOfSeeds(1, 96, 100000));
  const auto watch = Watch(job_id);
  WatchUntil(cluster_, job_id, SomeTaskIsHalfway);
  SetClockBy(GetParam());
  watch->Signal(SIGINT);
  const auto watched = watch->Wait(absl::Seconds(30));
  ASSERT_TRUE(watched.has_value()) << "the watch ignores SIGINT";
  EXPECT_EQ(watched->code, 130) << watched->err;
  EXPECT_EQ(cluster_.StopWorker("w").code, 0);
}

INSTANTIATE_TEST_SUITE_P(Seconds, ClockTest, ::testing::Values(-600, 600),
                         [](const auto& test) {
                           return test.param < 0 ? "Back" : "Forward";
                         });

}  // namespace
}  // namespace atelier
