// What every store promises, run against all of them.
#include <memory>
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(StoreContractTest, AJobComesBackWhole) {
  ASSERT_THAT(Apply({NewJob("a", 7, 3)}), ElementsAre(kOk));
  Reopen();
  const JobRecord job = Job("a");
  EXPECT_EQ(job.sequence, 7);
  EXPECT_EQ(job.request_id, RequestId("request-a"));
  EXPECT_EQ(job.spec_bytes, std::string("spec\0of a", 9));
  EXPECT_EQ(job.task_count, 3);
  EXPECT_EQ(job.cursor, 0);
  EXPECT_EQ(job.generation, 0);
  EXPECT_EQ(job.state, JobState::kRunning);
  EXPECT_EQ(job.counts, (TaskCounts{3, 0, 0, 0, 0}));
  EXPECT_EQ(job.submitted_at, absl::FromUnixMicros(1'000'001));
  EXPECT_FALSE(job.ended_at.has_value());
  EXPECT_EQ(job.message, "");
  EXPECT_EQ(store_->LastSequence().value(), 7);
}

TEST_P(StoreContractTest, AnEmptySpecIsASpec) {
  PutJob put = NewJob("a", 1, 1);
  put.job.spec_bytes.clear();
  ASSERT_THAT(Apply({put}), ElementsAre(kOk));
  EXPECT_EQ(Job("a").spec_bytes, "");
}

TEST_P(StoreContractTest, NothingIsThereAtFirst) {
  EXPECT_EQ(store_->LastSequence().value(), 0);
  EXPECT_THAT(store_->LoadUnfinishedJobs().value(), IsEmpty());
  EXPECT_EQ(store_->GetJob(JobId("a")).status().code(), kNotFound);
  EXPECT_EQ(store_->ListTasks(JobId("a"), 0, 9).status().code(), kNotFound);
  EXPECT_FALSE(store_->FindByRequestId(RequestId("a"))->has_value());
}

TEST_P(StoreContractTest, IdsRequestsAndSequencesAreTakenOnce) {
  PutJob same_request = NewJob("b", 2, 1);
  same_request.job.request_id = RequestId("request-a");
  EXPECT_THAT(
      Apply({NewJob("a", 1, 1), NewJob("a", 2, 1), same_request,
             NewJob("c", 1, 1), NewJob("d", 2, 1)}),
      ElementsAre(kOk, kAlreadyExists, kAlreadyExists, kAlreadyExists, kOk));
  EXPECT_EQ(store_->FindByRequestId(RequestId("request-a")).value()->id,
            JobId("a"));
}

TEST_P(StoreContractTest, ALeaseMovesCountsAndCursor) {
  ASSERT_THAT(Apply({NewJob("a", 1, 3), Lease("a", 0, 1), Lease("a", 1, 2)}),
              ElementsAre(kOk, kOk, kOk));
  Reopen();
  EXPECT_EQ(Job("a").counts, (TaskCounts{1, 2, 0, 0, 0}));
  EXPECT_EQ(Job("a").cursor, 2);
  const std::vector<TaskRecord> open =
      store_->LoadOpenTasks(JobId("a")).value();
  ASSERT_THAT(open, SizeIs(2));
  EXPECT_EQ(open[1].state, TaskState::kLeased);
  EXPECT_EQ(open[1].token, Token(2));
  EXPECT_EQ(open[1].worker, WorkerName("w"));
  EXPECT_EQ(open[1].instance, InstanceId("i"));
  EXPECT_EQ(open[1].attempts, 1);
}

TEST_P(StoreContractTest, ATaskIsLeasedOnce) {
  EXPECT_THAT(Apply({NewJob("a", 1, 2), Lease("a", 0, 1), Lease("a", 0, 2)}),
              ElementsAre(kOk, kOk, kFailedPrecondition));
  EXPECT_EQ(Job("a").counts, (TaskCounts{1, 1, 0, 0, 0}));
}

TEST_P(StoreContractTest, OneFailureDoesNotStopTheOthers) {
  EXPECT_THAT(Apply({Lease("none", 0, 1), NewJob("a", 1, 1), Success("a", 0, 1),
                     Lease("a", 0, 1)}),
              ElementsAre(kNotFound, kOk, kFailedPrecondition, kOk));
}

TEST_P(StoreContractTest, AResultCommitsOnceAndOnlyUnderItsToken) {
  ASSERT_THAT(Apply({NewJob("a", 1, 1), Lease("a", 0, 1)}),
              ElementsAre(kOk, kOk));
  EXPECT_THAT(Apply({Success("a", 0, 2), Success("a", 0, 1), Success("a", 0, 1),
                     Failure("a", 0, 1)}),
              ElementsAre(kFailedPrecondition, kOk, kFailedPrecondition,
                          kFailedPrecondition));
  Reopen();
  EXPECT_EQ(Job("a").counts, (TaskCounts{0, 0, 1, 0, 0}));
  const TaskRecord row = Row("a", 0);
  ASSERT_TRUE(row.result.has_value());
  EXPECT_EQ(row.result->image_digest, "digest");
  EXPECT_EQ(row.result->losses,
            (Losses{{{"content", 1.5}, {"style", 0.1}}, 1e-300}));
  EXPECT_EQ(row.result->iterations, 40);
  EXPECT_EQ(row.result->elapsed, absl::Microseconds(1234567));
  EXPECT_EQ(row.result->worker, WorkerName("w"));
  EXPECT_EQ(row.result->arithmetic, (Arithmetic{8, "profile"}));
  EXPECT_EQ(row.result->width_px, 64);
  EXPECT_EQ(row.result->height_px, 48);
  EXPECT_FALSE(row.outcome.has_value());
}

TEST_P(StoreContractTest, EveryPartOfTheTokenCounts) {
  ASSERT_THAT(Apply({NewJob("a", 1, 1), Lease("a", 0, 1)}),
              ElementsAre(kOk, kOk));
  EndAttempt other_key = Success("a", 0, 1);
  other_key.token.render_key = RenderKey("other");
  EndAttempt other_epoch = Success("a", 0, 1);
  other_epoch.token.epoch = 2;
  EXPECT_THAT(Apply({other_key, other_epoch}),
              ElementsAre(kFailedPrecondition, kFailedPrecondition));
}

TEST_P(StoreContractTest, AHandedBackTaskIsLeasedAgainWithItsHistory) {
  ASSERT_THAT(Apply({NewJob("a", 1, 1), Lease("a", 0, 1),
                     End("a", 0, 1, TaskState::kQueued, Outcome::kPreempted)}),
              ElementsAre(kOk, kOk, kOk));
  EXPECT_EQ(Job("a").counts, (TaskCounts{1, 0, 0, 0, 0}));
  EXPECT_EQ(store_->LoadOpenTasks(JobId("a"))->at(0).state, TaskState::kQueued);
  ASSERT_THAT(Apply({Lease("a", 0, 2)}), ElementsAre(kOk));
  const TaskRecord row = Row("a", 0);
  EXPECT_EQ(row.attempts, 2);
  EXPECT_EQ(row.costs.failures, 1);
  EXPECT_EQ(row.costs.interruptions, 2);
  EXPECT_EQ(row.costs.memory_floor_bytes, 3);
  EXPECT_EQ(row.outcome, Outcome::kPreempted);
  EXPECT_EQ(row.message, "said");
}

TEST_P(StoreContractTest, ARefusedTaskFailsWithoutAnAttempt) {
  ASSERT_THAT(Apply({NewJob("a", 1, 2), Refuse("a", 0), Refuse("a", 0)}),
              ElementsAre(kOk, kOk, kFailedPrecondition));
  EXPECT_EQ(Job("a").counts, (TaskCounts{1, 0, 0, 1, 0}));
  EXPECT_EQ(Job("a").cursor, 1);
  EXPECT_EQ(Row("a", 0).outcome, Outcome::kInvalidInput);
  EXPECT_EQ(Row("a", 0).message, "why");
  EXPECT_EQ(Row("a", 0).attempts, 0);
}

TEST_P(StoreContractTest, AJobEndsOnlyWhenItsTasksHave) {
  const absl::Time end = absl::FromUnixMicros(5'000'000);
  EXPECT_THAT(
      Apply({NewJob("a", 1, 1), Lease("a", 0, 1),
             EndJob{JobId("a"), 0, JobState::kFailed, end}, Failure("a", 0, 1),
             ExplainJob{JobId("a"), 0, "task 0: said"},
             EndJob{JobId("a"), 0, JobState::kFailed, end},
             EndJob{JobId("a"), 0, JobState::kFailed, end}}),
      ElementsAre(kOk, kOk, kFailedPrecondition, kOk, kOk, kOk,
                  kFailedPrecondition));
  Reopen();
  EXPECT_EQ(Job("a").state, JobState::kFailed);
  EXPECT_EQ(Job("a").ended_at, end);
  EXPECT_EQ(Job("a").message, "task 0: said");
  EXPECT_THAT(store_->LoadUnfinishedJobs().value(), IsEmpty());
}

TEST_P(StoreContractTest, CancellingWritesTheJobAndNoTask) {
  ASSERT_THAT(
      Apply({NewJob("a", 1, 4), Lease("a", 0, 1), Lease("a", 1, 2),
             Success("a", 0, 1), CancelJob{JobId("a"), 0, absl::UnixEpoch()},
             Success("a", 1, 2), Lease("a", 2, 3)}),
      ElementsAre(kOk, kOk, kOk, kOk, kOk, kFailedPrecondition,
                  kFailedPrecondition));
  EXPECT_EQ(Job("a").counts, (TaskCounts{0, 0, 1, 0, 3}));
  const auto page = store_->ListTasks(JobId("a"), 0, 10).value();
  ASSERT_THAT(page.rows, SizeIs(2));
  EXPECT_EQ(page.rows[1].state, TaskState::kLeased);
  EXPECT_EQ(StateOf(page.job, &page.rows[1]), TaskState::kCancelled);
}

TEST_P(StoreContractTest, SteeringChangesOnlyARunningJob) {
  PutJob put = NewJob("a", 1, 2);
  put.job.priority = 5;
  const SteerJob pause{JobId("a"), 0, /*paused=*/true, -7};
  ASSERT_THAT(Apply({put}), ElementsAre(kOk));
  EXPECT_EQ(Job("a").priority, 5);
  EXPECT_FALSE(Job("a").paused);
  ASSERT_THAT(Apply({pause, SteerJob{JobId("b"), 0, true, 1},
                     SteerJob{JobId("a"), 1, false, 1}}),
              ElementsAre(kOk, kNotFound, kFailedPrecondition));
  Reopen();
  EXPECT_EQ(Job("a").priority, -7);
  EXPECT_TRUE(Job("a").paused);
  EXPECT_TRUE(store_->LoadUnfinishedJobs()->at(0).paused);
  ASSERT_THAT(Apply({CancelJob{JobId("a"), 0, absl::UnixEpoch()}, pause,
                     RetryJob{JobId("a"), 0}}),
              ElementsAre(kOk, kFailedPrecondition, kOk));
  EXPECT_FALSE(Job("a").paused) << "a retry wants it done";
}

TEST_P(StoreContractTest, RetryingQueuesAllButTheSucceeded) {
  ASSERT_THAT(Apply({NewJob("a", 1, 4), Lease("a", 0, 1), Success("a", 0, 1),
                     Lease("a", 1, 2), Failure("a", 1, 2), Lease("a", 2, 3),
                     RetryJob{JobId("a"), 0},
                     CancelJob{JobId("a"), 0, absl::UnixEpoch()},
                     RetryJob{JobId("a"), 1}, RetryJob{JobId("a"), 0}}),
              ElementsAre(kOk, kOk, kOk, kOk, kOk, kOk, kFailedPrecondition,
                          kOk, kFailedPrecondition, kOk));
  EXPECT_EQ(Job("a").state, JobState::kRunning);
  EXPECT_EQ(Job("a").generation, 1);
  EXPECT_EQ(Job("a").counts, (TaskCounts{3, 0, 1, 0, 0}));
  EXPECT_FALSE(Job("a").ended_at.has_value());
  EXPECT_THAT(store_->ListStaleFailures(JobId("a"), 1, {}, 9).value(),
              ElementsAre(TaskPosition{0, 1}));
  // Neither the old generation's lease nor its failure stand in the way, the
  // old generation's tokens are void, and what succeeded stays.
  EXPECT_THAT(
      Apply({Success("a", 2, 3), Success("a", 2, 3, 1), Lease("a", 0, 4, 1),
             Lease("a", 1, 5, 0), Lease("a", 1, 6, 1), Lease("a", 2, 7, 1)}),
      ElementsAre(kFailedPrecondition, kFailedPrecondition, kFailedPrecondition,
                  kFailedPrecondition, kOk, kOk));
  EXPECT_THAT(store_->ListStaleFailures(JobId("a"), 1, {}, 9).value(),
              IsEmpty());
  EXPECT_EQ(Row("a", 1).costs.failures, 0);
  EXPECT_EQ(Row("a", 1).attempts, 2);
  EXPECT_FALSE(Row("a", 1).outcome.has_value());
}

TEST_P(StoreContractTest, RetryingWhatFailedLetsTheRestGoOn) {
  ASSERT_THAT(
      Apply({NewJob("a", 1, 4), Lease("a", 0, 1),
             RetryFailedTasks{JobId("a"), 0}, Lease("a", 1, 2),
             Failure("a", 1, 2), Lease("a", 2, 3), Success("a", 2, 3),
             RetryFailedTasks{JobId("a"), 1}, RetryFailedTasks{JobId("b"), 0},
             RetryFailedTasks{JobId("a"), 0}}),
      ElementsAre(kOk, kOk, kFailedPrecondition, kOk, kOk, kOk, kOk,
                  kFailedPrecondition, kNotFound, kOk));
  EXPECT_EQ(Job("a").state, JobState::kRunning);
  EXPECT_EQ(Job("a").generation, 1);
  EXPECT_EQ(Job("a").counts, (TaskCounts{2, 1, 1, 0, 0}));
  EXPECT_THAT(store_->ListStaleFailures(JobId("a"), 1, {}, 9).value(),
              ElementsAre(TaskPosition{0, 1}));
  EXPECT_THAT(Apply({Success("a", 0, 1), Success("a", 0, 1, 1),
                     Lease("a", 1, 4, 1), Lease("a", 2, 5, 1)}),
              ElementsAre(kFailedPrecondition, kOk, kOk, kFailedPrecondition));
  EXPECT_EQ(Row("a", 1).costs.failures, 0);
}

TEST_P(StoreContractTest, StaleFailuresComeInPages) {
  std::vector<Mutation> mutations = {NewJob("a", 1, 5)};
  for (int i = 0; i < 5; ++i) {
    mutations.push_back(Lease("a", i, i + 1));
    mutations.push_back(Failure("a", i, i + 1));
  }
  mutations.push_back(
      EndJob{JobId("a"), 0, JobState::kFailed, absl::UnixEpoch()});
  mutations.push_back(RetryJob{JobId("a"), 0});
  EXPECT_THAT(Apply(mutations), testing::Each(kOk));
  EXPECT_THAT(store_->ListStaleFailures(JobId("a"), 1, {}, 2).value(),
              ElementsAre(TaskPosition{0, 0}, TaskPosition{0, 1}));
  EXPECT_THAT(
      store_->ListStaleFailures(JobId("a"), 1, {0, 1}, 9).value(),
      ElementsAre(TaskPosition{0, 2}, TaskPosition{0, 3}, TaskPosition{0, 4}));
  EXPECT_THAT(store_->ListStaleFailures(JobId("a"), 0, {}, 9).value(),
              IsEmpty());
}

TEST_P(StoreContractTest, JobsAreListedNewestFirstByKey) {
  ASSERT_THAT(Apply({NewJob("c", 1, 1), NewJob("a", 2, 1), NewJob("b", 3, 1)}),
              ElementsAre(kOk, kOk, kOk));
  const auto id = [](const char* name) {
    return Field(&JobRecord::id, JobId(name));
  };
  EXPECT_THAT(store_->ListJobs(2, std::nullopt).value(),
              ElementsAre(id("b"), id("a")));
  EXPECT_THAT(store_->ListJobs(9, 2).value(), ElementsAre(id("c")));
  EXPECT_THAT(store_->LoadUnfinishedJobs().value(),
              ElementsAre(id("c"), id("a"), id("b")));
}

TEST_P(StoreContractTest, TasksAreListedByRangeOfIndex) {
  ASSERT_THAT(Apply({NewJob("a", 1, 9), NewJob("b", 2, 9), Lease("a", 0, 1),
                     Lease("a", 1, 2), Lease("a", 2, 3), Lease("b", 1, 4)}),
              testing::Each(kOk));
  const auto index = [](int64_t value) {
    return Field(&TaskRecord::id, TaskId{JobId("a"), value});
  };
  EXPECT_THAT(store_->ListTasks(JobId("a"), 1, 5)->rows,
              ElementsAre(index(1), index(2)));
  EXPECT_THAT(store_->ListTasks(JobId("a"), 0, 1)->rows, ElementsAre(index(0)));
  EXPECT_THAT(store_->ListTasks(JobId("a"), INT64_MAX, 5)->rows, IsEmpty());
}

CheckpointRecord Saved(const std::string& render, int iteration) {
  return {ResumeKey(render), {7, "p"}, iteration,
          "digest" + render, 1234,     absl::FromUnixMicros(5'000'001)};
}

TEST_P(StoreContractTest, CheckpointsComeBackOldestFirst) {
  ASSERT_THAT(Apply({PutCheckpoint{Saved("b", 9)}, PutCheckpoint{Saved("a", 3)},
                     PutCheckpoint{Saved("a", 7)}}),
              ElementsAre(kOk, kOk, kOk));
  CheckpointRecord again = Saved("b", 9);
  again.digest = "other";
  EXPECT_THAT(
      Apply({PutCheckpoint{again}, DropCheckpoint{ResumeKey("a"), {7, "p"}, 3},
             DropCheckpoint{ResumeKey("a"), {7, "q"}, 7},
             DropCheckpoint{ResumeKey("a"), {8, "p"}, 7},
             DropCheckpoint{ResumeKey("a"), {7, "p"}, 8}}),
      Each(kOk));
  Reopen();
  const std::vector<CheckpointRecord> found = store_->LoadCheckpoints().value();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].render, ResumeKey("a"));
  EXPECT_EQ(found[0].arithmetic, (Arithmetic{7, "p"}));
  EXPECT_EQ(found[0].iteration, 7);
  EXPECT_EQ(found[0].digest, "digesta");
  EXPECT_EQ(found[0].size_bytes, 1234);
  EXPECT_EQ(found[0].kept_at, absl::FromUnixMicros(5'000'001));
  EXPECT_EQ(found[1].digest, "other") << "replaced, and younger for it";
}

TEST_P(StoreContractTest, CheckpointsOfTwoEngineVersionsAreTwo) {
  CheckpointRecord newer = Saved("a", 3);
  newer.arithmetic.engine_version = 8;
  ASSERT_THAT(Apply({PutCheckpoint{Saved("a", 3)}, PutCheckpoint{newer}}),
              Each(kOk));
  EXPECT_THAT(store_->LoadCheckpoints().value(), SizeIs(2));
}

TEST_P(StoreContractTest, TheLastEngineVersionIsKept) {
  EXPECT_EQ(store_->LastEngineVersion().value(), 0);
  ASSERT_THAT(Apply({SetEngineVersion{9}, SetEngineVersion{8}}), Each(kOk));
  Reopen();
  EXPECT_EQ(store_->LastEngineVersion().value(), 8);
}

TEST_P(StoreContractTest, EpochsRiseAndOutliveTheirWriters) {
  Reopen();
  EXPECT_EQ(store_->BeginEpoch().value(), 3);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContractTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
