#include "client/lib/outlook.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/lib/client.h"
#include "client/lib/fake_jobs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

v1::TaskPreview Preview(bool has_result, int seconds) {
  v1::TaskPreview task;
  task.set_has_result(has_result);
  if (seconds >= 0) task.mutable_device_time()->set_seconds(seconds);
  return task;
}

class OutlookTest : public testing::Test {
 protected:
  OutlookTest() : server_({&jobs_}), client_(server_.Channel(), stop_) {}

  FakeJobs jobs_;
  InProcessServer server_;
  StopSignal stop_;
  Client client_;
};

TEST_F(OutlookTest, PagesThroughAllTasks) {
  jobs_.SetPreview({}, 2500);
  jobs_.SetMissing({"a", "b"});
  const auto outlook = LookAhead(client_, {});
  ASSERT_TRUE(outlook.ok()) << outlook.status();
  EXPECT_THAT(jobs_.previews(), ElementsAre(0, 1000, 2000));
  EXPECT_EQ(outlook->task_count, 2500);
  ASSERT_THAT(outlook->tasks, SizeIs(2500));
  EXPECT_EQ(outlook->tasks.back().index(), 2499);
  EXPECT_THAT(outlook->missing_digests, ElementsAre("a", "b"));
}

TEST_F(OutlookTest, LooksAtStretchesOfALargerJob) {
  jobs_.SetPreview({}, 1'000'000);
  const auto outlook = LookAhead(client_, {});
  ASSERT_TRUE(outlook.ok()) << outlook.status();
  EXPECT_THAT(jobs_.previews(), SizeIs(10));
  EXPECT_EQ(jobs_.previews().back(), 900'000);
  EXPECT_THAT(outlook->tasks, SizeIs(kMostLookedAt));
  EXPECT_EQ(outlook->tasks.back().index(), 900'999);
}

TEST(OutlookAloneTest, HasTheTasksThatTheCoordinatorWouldMake) {
  v1::JobSpec spec;
  for (const char* name : {"seed", "size"}) {
    v1::Axis& axis = *spec.add_axes();
    axis.set_name(name);
    for (const char* label : {"64", "65"}) {
      axis.add_values()->set_label(label);
      axis.mutable_values()->rbegin()->mutable_set()->set_size_px(64);
    }
  }
  v1::AxisLabel& rule = *spec.add_exclude()->add_labels();
  rule.set_axis("seed");
  rule.set_label("64");
  auto outlook = LookAheadAlone(spec);
  ASSERT_TRUE(outlook.ok()) << outlook.status();
  ASSERT_EQ(outlook->task_count, 2);
  EXPECT_THAT(outlook->tasks[1].labels(), ElementsAre("65", "65"));
  EXPECT_FALSE(outlook->tasks[1].has_device_time());
  spec.clear_exclude();
  spec.set_mode(v1::SWEEP_MODE_RANDOM);
  spec.set_sample_count(3);
  outlook = LookAheadAlone(spec);
  ASSERT_TRUE(outlook.ok()) << outlook.status();
  EXPECT_EQ(outlook->task_count, 3);
  spec.set_sample_count(5);
  EXPECT_TRUE(absl::IsInvalidArgument(LookAheadAlone(spec).status()));
}

TEST(OutlookSumsTest, AddUpWhatIsToRender) {
  Outlook outlook;
  outlook.tasks = {Preview(true, 0), Preview(false, 30), Preview(false, 10),
                   Preview(false, -1)};
  const OutlookSums sums = SumsOf(outlook);
  EXPECT_EQ(sums.looked_at, 4);
  EXPECT_EQ(sums.have_result, 1);
  EXPECT_EQ(sums.to_render, 3);
  EXPECT_EQ(sums.without_time, 1);
  EXPECT_EQ(sums.device_time, absl::Seconds(40));
  v1::JobSpec spec;
  EXPECT_EQ(TimeOf(spec, sums, 1), absl::Seconds(40));
  EXPECT_EQ(TimeOf(spec, sums, 2), absl::Seconds(30)) << "the longest";
  spec.set_max_running(1);
  EXPECT_EQ(TimeOf(spec, sums, 2), absl::Seconds(40));
}

TEST(OutlookWorkersTest, CountsThoseThatMayTakeTheTasks) {
  v1::JobSpec spec;
  std::vector<v1::Worker> workers(4);
  EXPECT_EQ(FittingWorkers(spec, workers), 4);
  workers[0].set_draining(true);
  workers[1].set_quarantined(true);
  EXPECT_EQ(FittingWorkers(spec, workers), 2);
  spec.add_worker_tags("gpu");
  EXPECT_EQ(FittingWorkers(spec, workers), 0);
  workers[2].mutable_description()->add_tags("gpu");
  EXPECT_EQ(FittingWorkers(spec, workers), 1);
  spec.set_worker_memory_bytes(1);
  EXPECT_EQ(FittingWorkers(spec, workers), 0);
  workers[2].mutable_description()->set_memory_bytes(1);
  spec.set_profile("p");
  EXPECT_EQ(FittingWorkers(spec, workers), 0);
  workers[2].mutable_description()->set_profile("p");
  EXPECT_EQ(FittingWorkers(spec, workers), 1);
}

}  // namespace
}  // namespace atelier
