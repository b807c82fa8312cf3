// What every store promises of repairs, run against all of them.
#include <string>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoreRepairTest : public StoreContractTest {};

RepairTask Repair(const std::string& job, int64_t index, int64_t generation = 0,
                  const std::string& digest = "digest") {
  return {{JobId(job), index}, generation, digest};
}

TEST_P(StoreRepairTest, ARepairedTaskIsQueuedAsIfItHadNeverBeenLeased) {
  ASSERT_THAT(Apply({NewJob("a", 1, 3), Lease("a", 0, 1), Success("a", 0, 1)}),
              Each(kOk));
  EXPECT_THAT(
      Apply({Repair("a", 0, 0, "another"), Repair("a", 1), Repair("a", 0, 1),
             Repair("b", 0), Repair("a", 0), Repair("a", 0)}),
      ElementsAre(kFailedPrecondition, kFailedPrecondition, kFailedPrecondition,
                  kNotFound, kOk, kFailedPrecondition));
  Reopen();
  EXPECT_EQ(Job("a").counts, (TaskCounts{3, 0, 0, 0, 0}));
  EXPECT_EQ(Row("a", 0).state, TaskState::kQueued);
  EXPECT_FALSE(Row("a", 0).result.has_value());
  EXPECT_EQ(Row("a", 0).costs.failures, 0);
  EXPECT_THAT(store_->LoadOpenTasks(JobId("a")).value(), SizeIs(1));
  EXPECT_THAT(store_->FindResults({Token(1).render_key}).value(), IsEmpty())
      << "its result is forgotten";
  EXPECT_FALSE(
      store_->ListNamed(absl::InfinitePast()).value()->Has("digest").value());

  ASSERT_THAT(Apply({Lease("a", 0, 9), Success("a", 0, 9)}), Each(kOk));
  EXPECT_EQ(Job("a").counts, (TaskCounts{2, 0, 1, 0, 0}));
  EXPECT_EQ(Row("a", 0).attempts, 2);
  EXPECT_THAT(store_->FindResults({Token(9).render_key}).value(), SizeIs(1));
}

TEST_P(StoreRepairTest, ALateReportOfTheLostPictureIsRefused) {
  ASSERT_THAT(Apply({NewJob("a", 1, 1), Lease("a", 0, 1), Success("a", 0, 1),
                     Repair("a", 0)}),
              Each(kOk));
  EXPECT_THAT(Apply({Success("a", 0, 1)}), ElementsAre(kFailedPrecondition));
}

TEST_P(StoreRepairTest, AnEndedJobRunsAgain) {
  ASSERT_THAT(Apply({NewJob("a", 1, 2), Lease("a", 0, 1), Lease("a", 1, 2),
                     Success("a", 0, 1), Failure("a", 1, 2),
                     ExplainJob{JobId("a"), 0, "why"},
                     EndJob{JobId("a"), 0, JobState::kFailed, absl::Now()}}),
              Each(kOk));
  EXPECT_THAT(Apply({Repair("a", 0), ReopenJob{JobId("a"), 1},
                     ReopenJob{JobId("b"), 0}, ReopenJob{JobId("a"), 0},
                     Repair("a", 0), ReopenJob{JobId("a"), 0}}),
              ElementsAre(kFailedPrecondition, kFailedPrecondition, kNotFound,
                          kOk, kOk, kFailedPrecondition));
  Reopen();
  const JobRecord job = Job("a");
  EXPECT_EQ(job.state, JobState::kRunning);
  EXPECT_FALSE(job.ended_at.has_value());
  EXPECT_EQ(job.counts, (TaskCounts{1, 0, 0, 1, 0}));
  EXPECT_EQ(job.message, "why") << "the other task is still failed";
  EXPECT_THAT(store_->LoadUnfinishedJobs().value(), SizeIs(1));
}

TEST_P(StoreRepairTest, ACancelledJobIsNotReopened) {
  ASSERT_THAT(Apply({NewJob("a", 1, 2), Lease("a", 0, 1), Success("a", 0, 1),
                     CancelJob{JobId("a"), 0, absl::Now()}}),
              Each(kOk));
  EXPECT_THAT(Apply({ReopenJob{JobId("a"), 0}, Repair("a", 0)}),
              ElementsAre(kFailedPrecondition, kFailedPrecondition));
}

TEST_P(StoreRepairTest, ARepairedTaskOfAnOlderGenerationIsOfThisOne) {
  ASSERT_THAT(Apply({NewJob("a", 1, 2), Lease("a", 0, 1), Lease("a", 1, 2),
                     Success("a", 0, 1), Failure("a", 1, 2),
                     EndJob{JobId("a"), 0, JobState::kFailed, absl::Now()},
                     RetryJob{JobId("a"), 0}, Repair("a", 0, 1)}),
              Each(kOk));
  EXPECT_EQ(Row("a", 0).generation, 1);
  EXPECT_EQ(Job("a").counts, (TaskCounts{2, 0, 0, 0, 0}));
  EXPECT_THAT(Apply({Reuse("a", 0, 1)}), ElementsAre(kOk));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreRepairTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
