#include "coordinator/state/job_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

Job Named(const std::string& id, int64_t sequence) {
  JobRecord record;
  record.id = JobId(id);
  record.request_id = RequestId("request-" + id);
  record.sequence = sequence;
  record.spec_bytes = "spec";
  record.task_count = record.counts.queued = 2;
  return Job(std::move(record), std::make_shared<const JobSpec>());
}

TEST(JobTableTest, ANewJobIsWrittenWithItsSpecAndOnce) {
  JobTable table;
  table.Add(Named("a", 1));
  table.Update(JobId("a"), [](Job& job) { job.Steer(/*paused=*/true, 3); });
  std::vector<JobChange> changes = table.TakeChanges();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_FALSE(changes[0].before.has_value());
  EXPECT_EQ(changes[0].after.spec_bytes, "spec");
  EXPECT_TRUE(changes[0].after.paused);
  EXPECT_THAT(table.TakeChanges(), IsEmpty());
  EXPECT_EQ(table.Find(JobId("a"))->record().spec_bytes, "")
      << "it is not needed any more";
}

TEST(JobTableTest, AChangeGoesFromTheFirstVersionToTheLastRow) {
  JobTable table;
  table.Restore(Named("a", 1));
  EXPECT_THAT(table.TakeChanges(), IsEmpty()) << "the store has it";
  const auto lease = [](Job& job) {
    return job.Lease(0, {RenderKey("k"), 1, 1}, WorkerName("w"),
                     InstanceId("i"), kNow);
  };
  table.Update(JobId("a"), lease);
  table.Update(JobId("a"), [](Job& job) {
    return job.End(0, TaskEvent::kGiveUp, Outcome::kDiverged, {}, "said");
  });
  table.Update(JobId("a"), [](Job& job) { return job.RetryFailed(); });
  table.Update(JobId("a"), [](Job& job) { job.Cancel(kNow); });
  table.Remove(JobId("a"));
  const std::vector<JobChange> changes = table.TakeChanges();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].before->state, JobState::kRunning);
  EXPECT_EQ(changes[0].before->generation, 0);
  EXPECT_EQ(changes[0].after.state, JobState::kCancelled);
  EXPECT_EQ(changes[0].after.generation, 1);
  EXPECT_EQ(table.Find(JobId("a")), nullptr);
}

TEST(JobTableTest, WhatIsNotInTheRowIsNotWritten) {
  JobTable table;
  table.Restore(Named("a", 1));
  table.Fill(JobId("a"), [](Job& job) { job.RestorePassedOver(0); });
  EXPECT_THAT(table.TakeChanges(), IsEmpty());
}

TEST(JobTableTest, ClearingForgetsWhatWasToBeWritten) {
  JobTable table;
  table.Add(Named("a", 1));
  table.Clear();
  EXPECT_THAT(table.TakeChanges(), IsEmpty());
  EXPECT_FALSE(table.CanGive());
  EXPECT_EQ(table.memory_bytes(), 0);
}

TEST(JobTableTest, JobsAreFoundByIdAndByRequest) {
  JobTable table;
  table.Add(Named("a", 1));
  table.Add(Named("b", 2));
  EXPECT_EQ(table.FindByRequestId(RequestId("request-b")),
            table.Find(JobId("b")));
  table.Remove(JobId("b"));
  EXPECT_EQ(table.FindByRequestId(RequestId("request-b")), nullptr);
  EXPECT_EQ(table.Find(JobId("b")), nullptr);
  ASSERT_EQ(table.users().size(), 1);
  EXPECT_EQ(table.users().begin()->second.jobs, 1);
}

TEST(JobTableTest, AUsersQueuedTasksAreThoseOfItsUnfinishedJobs) {
  JobTable table;
  table.Add(Named("a", 1));
  table.Restore(Named("b", 2));
  EXPECT_EQ(table.QueuedOf(""), 4);
  EXPECT_EQ(table.QueuedOf("ann"), 0);
  table.Update(JobId("a"), [](Job& job) {
    return job.Lease(0, {RenderKey("k"), 1, 1}, WorkerName("w"),
                     InstanceId("i"), kNow);
  });
  EXPECT_EQ(table.QueuedOf(""), 3);
  table.Update(JobId("a"), [](Job& job) {
    return job.End(0, TaskEvent::kHandBack, Outcome::kPreempted, {}, "");
  });
  EXPECT_EQ(table.QueuedOf(""), 4);
  table.Update(JobId("a"), [](Job& job) { job.Cancel(kNow); });
  table.Remove(JobId("a"));
  EXPECT_EQ(table.QueuedOf(""), 2);
  table.Remove(JobId("b"));
  EXPECT_EQ(table.QueuedOf(""), 0);
}

}  // namespace
}  // namespace atelier
