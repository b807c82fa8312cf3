#include "coordinator/state/job.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

JobRecord Record(int64_t tasks, int64_t generation = 0) {
  JobRecord record;
  record.id = JobId("a");
  record.task_count = record.counts.queued = tasks;
  record.generation = generation;
  return record;
}

Job NewJob(JobRecord record) {
  return Job(std::move(record), std::make_shared<const JobSpec>());
}

TaskChange Lease(Job& job, int64_t index) {
  return job.Lease(index, {RenderKey("k"), index + 1, 1}, WorkerName("w"),
                   InstanceId("i"), kNow);
}

TaskChange Fail(Job& job, int64_t index) {
  return job.End(index, TaskEvent::kGiveUp, Outcome::kDiverged, {}, "said");
}

TaskRecord Row(int64_t index, TaskState state, int64_t generation) {
  TaskRecord row;
  row.id = {JobId("a"), index};
  row.state = state;
  row.generation = generation;
  return row;
}

TEST(JobTest, ChangesOfTasksMoveCountsAndCursor) {
  Job job = NewJob(Record(6));
  Lease(job, 0);
  Lease(job, 2);  // Passes over 1.
  EXPECT_EQ(job.record().counts, (TaskCounts{4, 2, 0, 0, 0}));
  EXPECT_EQ(job.record().cursor, 3);
  EXPECT_EQ(job.NextClaimable(), 1);
  Fail(job, 0);
  job.End(2, TaskEvent::kHandBack, Outcome::kPreempted, {}, "said");
  EXPECT_EQ(job.record().counts, (TaskCounts{5, 0, 0, 1, 0}));
  EXPECT_EQ(job.NextClaimable(), 2) << "what was handed back goes first";
  job.Refuse(1, "why");
  job.Reuse(3, RenderKey("k"), {});
  EXPECT_EQ(job.record().counts, (TaskCounts{3, 0, 1, 2, 0}));
  EXPECT_EQ(job.record().cursor, 4);
  EXPECT_EQ(Lease(job, 2).after.attempts, 2) << "its row was kept";
}

TEST(JobTest, ACancelledJobHasEndedAndItsTasksWithIt) {
  Job job = NewJob(Record(3));
  Lease(job, 0);
  job.Cancel(kNow);
  EXPECT_EQ(job.record().state, JobState::kCancelled);
  EXPECT_EQ(job.record().ended_at, kNow);
  EXPECT_EQ(job.record().counts, (TaskCounts{0, 0, 0, 0, 3}));
}

TEST(JobTest, TheLastTaskDecidesHowAJobEnds) {
  for (bool fails : {true, false}) {
    Job job = NewJob(Record(1));
    Lease(job, 0);
    EXPECT_FALSE(job.HasEnded());
    if (fails) {
      Fail(job, 0);
    } else {
      job.End(0, TaskEvent::kSucceed, Outcome::kSucceeded, {}, "",
              TaskResult());
    }
    ASSERT_TRUE(job.HasEnded());
    job.End(kNow);
    EXPECT_EQ(job.record().state,
              fails ? JobState::kFailed : JobState::kSucceeded);
    EXPECT_EQ(job.record().ended_at, kNow);
  }
}

TEST(JobTest, ARetryAfterTheEndQueuesAllButTheSucceeded) {
  JobRecord ended = Record(4, /*generation=*/1);
  ended.state = JobState::kCancelled;
  ended.counts = {0, 0, 1, 1, 2};
  ended.cursor = 4;
  ended.paused = true;
  ended.ended_at = kNow;
  ended.message = "why";
  Job job = NewJob(ended);
  job.Retry();
  EXPECT_EQ(job.record().state, JobState::kRunning);
  EXPECT_EQ(job.record().generation, 2);
  EXPECT_EQ(job.record().counts, (TaskCounts{3, 0, 1, 0, 0}));
  EXPECT_FALSE(job.record().paused);
  EXPECT_FALSE(job.record().ended_at.has_value());
  EXPECT_EQ(job.record().message, "");
  EXPECT_TRUE(job.NeedsPageAfter().has_value()) << "what failed is paged in";
  // What it left unfinished is there at once.
  job.RestoreOpen(Row(1, TaskState::kLeased, 1));
  EXPECT_EQ(job.NextClaimable(), 1);
  EXPECT_THAT(job.leased(), IsEmpty());
}

TEST(JobTest, ARetryOfARunningJobCarriesTheOthersOver) {
  Job job = NewJob(Record(4));
  Lease(job, 0);
  Lease(job, 1);
  job.End(1, TaskEvent::kHandBack, Outcome::kPreempted, {}, "said");
  Lease(job, 2);
  Fail(job, 2);
  job.SetFailureReason("why");
  const std::vector<TaskChange> carried = job.RetryFailed();
  EXPECT_EQ(job.record().generation, 1);
  EXPECT_EQ(job.record().counts, (TaskCounts{3, 1, 0, 0, 0}));
  EXPECT_EQ(job.record().message, "");
  ASSERT_THAT(carried, SizeIs(2));
  for (const TaskChange& change : carried) {
    EXPECT_EQ(change.before->generation, 0);
    EXPECT_EQ(change.after.generation, 1);
    EXPECT_EQ(change.after.state, change.before->state);
  }
  job.End(0, TaskEvent::kSucceed, Outcome::kSucceeded, {}, "", TaskResult());
  EXPECT_EQ(job.record().counts, (TaskCounts{3, 0, 1, 0, 0}));
}

TEST(JobTest, WhatFailedBeforeARetryComesInPages) {
  JobRecord record = Record(5, /*generation=*/1);
  record.cursor = 4;
  Job job = NewJob(record);
  EXPECT_FALSE(job.NextClaimable().has_value()) << "a page comes first";
  job.AddPage({Row(3, TaskState::kFailed, 0)}, /*last=*/false);
  EXPECT_EQ(job.NextClaimable(), 3);
  EXPECT_FALSE(job.NeedsPageAfter().has_value()) << "it has some";
  const TaskChange lease = Lease(job, 3);
  EXPECT_EQ(lease.before->state, TaskState::kFailed);
  EXPECT_EQ(lease.after.generation, 1);
  ASSERT_TRUE(job.NeedsPageAfter().has_value());
  EXPECT_EQ(job.NeedsPageAfter()->index, 3);
  EXPECT_EQ(job.NeedsPageAfter()->generation, 0);
  job.AddPage({}, /*last=*/true);
  EXPECT_EQ(job.NextClaimable(), 4) << "then what was never tried";
}

TEST(JobTest, ARetryPagesInAgainWhatHadBeenPagedIn) {
  JobRecord record = Record(3, /*generation=*/1);
  record.counts = {2, 0, 0, 1, 0};
  record.cursor = 3;
  Job job = NewJob(record);
  job.AddPage({Row(1, TaskState::kFailed, 0)}, /*last=*/false);
  EXPECT_THAT(job.RetryFailed(), IsEmpty()) << "the store has it as failed";
  EXPECT_FALSE(job.NextClaimable().has_value());
  EXPECT_EQ(job.NeedsPageAfter()->index, TaskPosition().index);
  job.AddPage({Row(1, TaskState::kFailed, 0), Row(2, TaskState::kFailed, 1)},
              /*last=*/true);
  EXPECT_EQ(Lease(job, 1).after.generation, 2);
  EXPECT_EQ(Lease(job, 2).after.generation, 2);
  EXPECT_EQ(job.record().counts, (TaskCounts{1, 2, 0, 0, 0}));
}

TEST(JobTest, TheFirstReasonStays) {
  Job job = NewJob(Record(1));
  job.SetFailureReason("first");
  job.SetFailureReason("second");
  EXPECT_EQ(job.record().message, "first");
}

TEST(JobTest, ARepairedTaskIsReadyInThisGeneration) {
  JobRecord record = Record(2, /*generation=*/3);
  record.counts = {0, 0, 2, 0, 0};
  record.cursor = 2;
  record.state = JobState::kSucceeded;
  Job job = NewJob(record);
  job.Reopen();
  EXPECT_EQ(job.record().state, JobState::kRunning);
  EXPECT_EQ(job.record().generation, 3);
  const TaskChange change = job.QueueAgain(Row(1, TaskState::kSucceeded, 0));
  EXPECT_EQ(change.before->generation, 0);
  EXPECT_EQ(change.after.generation, 3);
  EXPECT_EQ(job.record().counts, (TaskCounts{1, 0, 1, 0, 0}));
  EXPECT_EQ(job.NextClaimable(), 1);
}

TEST(JobTest, TheReasonOfAFailureGoesWithTheLastTaskThatFailed) {
  JobRecord record = Record(3, /*generation=*/1);
  record.counts = {0, 0, 1, 2, 0};
  record.cursor = 3;
  record.state = JobState::kFailed;
  record.message = "why";
  Job job = NewJob(record);
  job.Reopen();
  job.QueueAgain(Row(0, TaskState::kFailed, 1));
  EXPECT_EQ(job.record().counts, (TaskCounts{1, 0, 1, 1, 0}));
  EXPECT_EQ(job.record().message, "why");
  EXPECT_EQ(job.ready().count(0), 1);
  job.QueueAgain(Row(2, TaskState::kFailed, 1));
  EXPECT_EQ(job.record().counts, (TaskCounts{2, 0, 1, 0, 0}));
  EXPECT_EQ(job.record().message, "");
}

TEST(JobTest, AtMostAWindowIsPassedOver) {
  Job job = NewJob(Record(1000));
  Lease(job, Job::kWindow - 1);
  const std::vector<int64_t> window = job.FreshWindow();
  EXPECT_THAT(window, SizeIs(Job::kWindow - 1));
  EXPECT_EQ(window.back(), Job::kWindow - 2);
  job.RestorePassedOver(0);
  EXPECT_THAT(job.Upcoming(), SizeIs(Job::kWindow - 1));
}

}  // namespace
}  // namespace atelier
