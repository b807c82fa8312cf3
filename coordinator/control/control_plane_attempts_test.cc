// What is kept of attempts that have ended.
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ControlPlaneAttemptsTest : public ControlPlaneTest {
 protected:
  std::vector<AttemptRecord> Attempts(const JobId& id, int64_t index = 0) {
    return control().ListAttempts(Admin(), {id, index}).value();
  }
  // Also lets what was decided be written.
  absl::Time Later(absl::Duration by) {
    cluster_.Advance(by);
    return cluster_.clock().Now();
  }
};

TEST_F(ControlPlaneAttemptsTest, EachAttemptKeepsItsWorkerItsTimesAndItsEnd) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const absl::Time began = cluster_.clock().Now();
  const AttemptToken first = Sync(From("w")).start.at(0).token;
  EXPECT_THAT(Attempts(id), IsEmpty()) << "it runs";
  const absl::Time failed = Later(absl::Seconds(3));
  SyncRequest report =
      Finished(From("w"), first, Outcome::kInternal, "no such layer");
  report.draining = true;  // Or it would have the task again.
  Sync(report);
  const AttemptToken second = Sync(From("v")).start.at(0).token;
  const absl::Time done = Later(absl::Seconds(5));
  Report("v", second, Outcome::kSucceeded);

  const std::vector<AttemptRecord> attempts = Attempts(id);
  ASSERT_THAT(attempts, SizeIs(2));
  EXPECT_EQ(attempts[0].number, 1);
  EXPECT_EQ(attempts[0].worker, WorkerName("w"));
  EXPECT_EQ(attempts[0].outcome, Outcome::kInternal);
  EXPECT_THAT(attempts[0].message, HasSubstr("no such layer"));
  EXPECT_EQ(attempts[0].began_at, began);
  EXPECT_EQ(attempts[0].ended_at, failed);
  EXPECT_EQ(attempts[0].device_time, absl::Seconds(3));
  EXPECT_EQ(attempts[1].number, 2);
  EXPECT_EQ(attempts[1].worker, WorkerName("v"));
  EXPECT_EQ(attempts[1].outcome, Outcome::kSucceeded);
  EXPECT_EQ(attempts[1].message, "");
  EXPECT_EQ(attempts[1].began_at, failed);
  EXPECT_EQ(attempts[1].ended_at, done);
  EXPECT_EQ(attempts[1].device_time, absl::Seconds(5));
}

TEST_F(ControlPlaneAttemptsTest, WhatAPauseTakesBackIsPreempted) {
  const JobId id = cluster_.Submit("r", 1)->id;
  Sync(From("w"));
  const absl::Time paused = Later(absl::Seconds(2));
  ASSERT_TRUE(control().Pause(Admin(), id).ok());
  const std::vector<AttemptRecord> attempts = Attempts(id);
  ASSERT_THAT(attempts, SizeIs(1));
  EXPECT_EQ(attempts[0].outcome, Outcome::kPreempted);
  EXPECT_EQ(attempts[0].ended_at, paused);
  EXPECT_EQ(attempts[0].device_time, absl::Seconds(2));
}

TEST_F(ControlPlaneAttemptsTest, ACancelledJobsAttemptsAreCancelled) {
  const JobId id = cluster_.Submit("r", 3)->id;
  ASSERT_THAT(Sync(From("w", 2)).start, SizeIs(2));
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  for (const int index : {0, 1}) {
    SCOPED_TRACE(index);
    ASSERT_THAT(Attempts(id, index), SizeIs(1));
    EXPECT_EQ(Attempts(id, index)[0].outcome, Outcome::kCancelled);
    EXPECT_EQ(Attempts(id, index)[0].message, "its job was cancelled");
  }
  EXPECT_THAT(Attempts(id, 2), IsEmpty()) << "never begun";
}

TEST_F(ControlPlaneAttemptsTest, TasksOfOneAttemptCountItsDeviceOnce) {
  const JobId one = cluster_.SubmitSpec("one", "c1")->id;
  const JobId two = cluster_.SubmitSpec("two", "c1")->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  cluster_.Synchronize(From("v"));  // Finds that two's task can join.
  cluster_.Settle();
  ASSERT_EQ(Task(two, 0).state, TaskState::kLeased);
  const absl::Time done = Later(absl::Seconds(4));
  Report("w", token, Outcome::kSucceeded);
  ASSERT_THAT(Attempts(one), SizeIs(1));
  ASSERT_THAT(Attempts(two), SizeIs(1));
  EXPECT_EQ(Attempts(two)[0].worker, WorkerName("w"));
  EXPECT_EQ(Attempts(two)[0].ended_at, done);
  EXPECT_EQ(Attempts(one)[0].device_time + Attempts(two)[0].device_time,
            absl::Seconds(4));
}

TEST_F(ControlPlaneAttemptsTest, AResultThatWasThereTookNoAttempt) {
  const JobId one = cluster_.SubmitSpec("one", "c1")->id;
  Report("w", Sync(From("w")).start.at(0).token, Outcome::kSucceeded);
  const JobId two = cluster_.SubmitSpec("two", "c1")->id;
  cluster_.Settle();
  ASSERT_EQ(Job(two).state, JobState::kSucceeded);
  EXPECT_THAT(Attempts(one), SizeIs(1));
  EXPECT_THAT(Attempts(two), IsEmpty());
}

TEST_F(ControlPlaneAttemptsTest, RefusesTasksThatAreNotThere) {
  const JobId id = cluster_.Submit("r", 3)->id;
  for (const int64_t index : {int64_t{-1}, int64_t{3}, INT64_MAX, INT64_MIN}) {
    SCOPED_TRACE(index);
    EXPECT_EQ(control().ListAttempts(Admin(), {id, index}).status(),
              absl::InvalidArgumentError(absl::StrCat(
                  "task_index: ", index, " is not allowed; from 0 to 2")));
  }
  EXPECT_TRUE(absl::IsNotFound(
      control().ListAttempts(Admin(), {JobId("none"), 0}).status()));
}

}  // namespace
}  // namespace atelier
