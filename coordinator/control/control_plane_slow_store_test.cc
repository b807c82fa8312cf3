// A disk that takes its time holds up nobody who only looks, and costs no
// lease.
#include <memory>
#include <thread>
#include <vector>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class SlowStoreTest : public ControlPlaneTest {
 protected:
  // Something to be written, behind which everything else waits.
  void HangOnSubmit() {
    cluster_.store().Hang(true);
    submitter_ = std::thread([this] { submitted_ = cluster_.Submit("s", 1); });
  }
  void GoOn() {
    cluster_.store().Hang(false);
    if (submitter_.joinable()) submitter_.join();
  }
  ~SlowStoreTest() override { GoOn(); }

  absl::StatusOr<JobRecord> submitted_ = absl::UnknownError("not yet");
  std::thread submitter_;
};

// Would hang here if it held them up.
TEST_F(SlowStoreTest, WhoeverLooksIsAnswered) {
  const JobId id = cluster_.Submit("r", 2)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  HangOnSubmit();
  EXPECT_THAT(control().ListWorkers(Admin()).value(), SizeIs(1));
  EXPECT_THAT(control().ListJobs(Admin(), 9).value(), SizeIs(1));
  EXPECT_EQ(Job(id).state, JobState::kRunning);
  EXPECT_EQ(Task(id, 0).state, TaskState::kLeased);
  EXPECT_THAT(control().ListRunning(Admin(), id, 9).value(), SizeIs(1));
  EXPECT_THAT(control().OutlooksOf(Admin(), {id}).value(), SizeIs(1));
  EXPECT_NE(control().FindSpec(id), nullptr);
  EXPECT_EQ(control().Counts().live_workers, 1);
  EXPECT_THAT(control().LiveWorkerNames(), SizeIs(1));
  EXPECT_FALSE(control().NamesCheckpoint("none"));
  EXPECT_TRUE(control().Health().ok());
  GoOn();
  EXPECT_TRUE(submitted_.ok()) << submitted_.status();
  EXPECT_EQ(Sync(Running(From("w"), token)).stop.size(), 0);
}

TEST_F(SlowStoreTest, WorkersThatGoOnCallingKeepTheirLeases) {
  cluster_.Submit("r", 1).value();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  HangOnSubmit();
  // Longer than a lease, with a call and a tick every two seconds.
  std::vector<std::shared_ptr<PendingSync>> calls;
  std::vector<std::thread> ticks;
  for (int i = 0; i < 30; ++i) {
    cluster_.clock().Advance(absl::Seconds(2));
    calls.push_back(cluster_.Synchronize(Running(From("w"), token, i)));
    ticks.emplace_back([this] { control().Tick(); });
  }
  GoOn();
  for (std::thread& tick : ticks) tick.join();
  for (size_t i = 0; i < calls.size(); ++i) {
    // A worker that calls again has given up the call before.
    const bool is_last = i + 1 == calls.size();
    if (!is_last) {
      calls[i]->get().status().IgnoreError();
      continue;
    }
    cluster_.Advance(absl::Seconds(2));
    ASSERT_TRUE(calls[i]->get().ok()) << calls[i]->get().status();
    EXPECT_THAT(calls[i]->get()->stop, IsEmpty());
  }
  EXPECT_EQ(Count(Outcome::kLost), 0);
  EXPECT_EQ(control().Counts().decisions.leases_expired, 0);
  EXPECT_EQ(control().Counts().tasks_leased, 1);
}

TEST_F(SlowStoreTest, AHeartbeatIsAnsweredAtOnce) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  HangOnSubmit();
  for (int i = 1; i < 40; ++i) {
    cluster_.clock().Advance(absl::Seconds(2));
    const SyncResponse response = Sync(Running(From("w"), token, i));
    EXPECT_THAT(response.stop, IsEmpty());
    EXPECT_GT(response.call_again_after, absl::ZeroDuration());
    EXPECT_EQ(Task(id, 0).iteration, i);
  }
  GoOn();
  control().Tick();
  EXPECT_EQ(control().Counts().decisions.leases_expired, 0);
  EXPECT_EQ(Task(id, 0).state, TaskState::kLeased);
}

TEST_F(SlowStoreTest, ListsAndJobsAreReadFromNoDisk) {
  const JobId id = cluster_.Submit("r", 2)->id;
  cluster_.store().HangReads(true);
  EXPECT_THAT(control().ListJobs(Admin(), 9).value(), SizeIs(1));
  EXPECT_EQ(Job(id).task_count, 2);
  EXPECT_TRUE(control().Pause(Admin(), id)->paused);
  cluster_.store().HangReads(false);
}

// What assignments wait for is read beside the loop.
TEST_F(SlowStoreTest, ASlowReadHoldsUpAssignmentsAndNothingElse) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("v")).start.at(0).token;
  cluster_.store().HangReads(true);
  const JobId cached = cluster_.SubmitSpec("c", "c2")->id;
  const auto waits = cluster_.Synchronize(From("w"));
  EXPECT_THAT(Sync(Running(From("v"), token)).stop, IsEmpty());
  EXPECT_EQ(Sync(Finished(From("v", 0), token, Outcome::kSucceeded))
                .acknowledged.at(0)
                .disposition,
            Disposition::kCommitted);
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
  EXPECT_TRUE(control().Counts().waits_for_reads);
  EXPECT_FALSE(waits->answered());
  cluster_.store().HangReads(false);
  EXPECT_EQ(waits->get()->start.at(0).task.job, cached);
}

TEST_F(SlowStoreTest, ACallWhoseTimeIsUpDoesNotWaitForAssignments) {
  cluster_.store().HangReads(true);
  cluster_.SubmitSpec("c", "c2").value();
  const auto waits = cluster_.Synchronize(From("w"));
  cluster_.clock().Advance(StateOptions().long_poll);
  control().Tick();
  EXPECT_THAT(waits->get()->start, IsEmpty());
  cluster_.store().HangReads(false);
}

TEST_F(SlowStoreTest, AJobThatEndsWhileItsResultsAreReadGetsNone) {
  cluster_.store().HangReads(true);
  const JobId id = cluster_.SubmitSpec("c", "c2")->id;
  EXPECT_EQ(control().Cancel(Admin(), id)->state, JobState::kCancelled);
  const JobId next = cluster_.Submit("r", 1)->id;
  cluster_.store().HangReads(false);
  EXPECT_EQ(Sync(From("w")).start.at(0).task.job, next);
}

TEST_F(SlowStoreTest, ResultsThatComeMeanwhileAreCommitted) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  HangOnSubmit();
  const auto report =
      cluster_.Synchronize(Finished(From("w"), token, Outcome::kSucceeded));
  EXPECT_FALSE(report->answered()) << "nothing is acknowledged that is not";
  GoOn();
  ASSERT_TRUE(report->get().ok());
  EXPECT_EQ(report->get()->acknowledged.at(0).disposition,
            Disposition::kCommitted);
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
}

TEST_F(SlowStoreTest, WhatACommandCannotReadIsItsOwnMisfortune) {
  const JobId id = cluster_.Submit("r", 1)->id;
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  const auto parked = cluster_.Synchronize(From("w"));
  cluster_.Settle();
  cluster_.store().FailNextRead();
  EXPECT_TRUE(absl::IsUnavailable(control().Retry(Admin(), id).status()));
  EXPECT_TRUE(control().Health().ok());
  EXPECT_FALSE(parked->answered());
  ASSERT_TRUE(control().Retry(Admin(), id).ok());
  EXPECT_THAT(parked->get()->start, SizeIs(1));
}

TEST_F(SlowStoreTest, WhatAnAssignmentCannotReadFailsThoseThatWait) {
  const auto waits = cluster_.Synchronize(From("w"));
  cluster_.Settle();
  cluster_.store().FailNextRead();  // The results of its renders.
  const JobId id = cluster_.SubmitSpec("r", "c2")->id;
  EXPECT_TRUE(absl::IsUnavailable(waits->get().status()));
  EXPECT_THAT(control().ListJobs(Admin(), 9).value(), SizeIs(1));
  EXPECT_EQ(Sync(From("w")).start.at(0).task.job, id);
  EXPECT_TRUE(control().Health().ok());
}

TEST_F(SlowStoreTest, AStoreThatCannotBeReadAfterAFailureIsReadLater) {
  const JobId id = cluster_.Submit("r", 1)->id;
  cluster_.store().FailNext(Fault::kLost);
  EXPECT_TRUE(absl::IsUnavailable(control().Pause(Admin(), id).status()));
  cluster_.store().FailNextRead();  // What is unfinished.
  EXPECT_TRUE(
      absl::IsUnavailable(cluster_.Synchronize(From("w"))->get().status()));
  EXPECT_TRUE(absl::IsUnavailable(control().Health()));
  ASSERT_TRUE(control().Pause(Admin(), id).ok());
  EXPECT_TRUE(control().Health().ok());
  EXPECT_TRUE(Job(id).paused);
}

}  // namespace
}  // namespace atelier
