// Pausing, priorities, and whom the coordinator trusts with work.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/control/control_plane.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(ControlPlaneTest, PausingTakesBackWhatRunsAtNoCost) {
  const JobId id = cluster_.Submit("r", 3)->id;
  AttemptToken token = Sync(From("w")).start.at(0).token;
  for (int i = 0; i < 30; ++i) {  // More often than it may be interrupted.
    EXPECT_TRUE(control().Pause(Admin(), id)->paused);
    EXPECT_EQ(Task(id, 0).state, TaskState::kQueued);
    EXPECT_EQ(Task(id, 0).message, "paused");
    EXPECT_FALSE(control().Resume(Admin(), id)->paused);
    token = Sync(From("w")).start.at(0).token;
  }
  EXPECT_EQ(Job(id).counts, (TaskCounts{2, 1, 0, 0, 0}));
  EXPECT_EQ(Report("w", token, Outcome::kSucceeded), Disposition::kCommitted);
}

TEST_F(ControlPlaneTest, PausingTellsAWaitingWorkerAtOnceAndGivesNothingMore) {
  const JobId id = cluster_.Submit("r", 9)->id;
  const AttemptToken token = Sync(From("w", 2)).start.at(0).token;
  const AttemptToken other =
      Sync(Running(From("w", 2), token)).start.at(0).token;
  SyncRequest both = Running(Running(From("w", 3), token), other);
  ASSERT_TRUE(control().Pause(Admin(), id).ok());
  EXPECT_THAT(Sync(both).stop, testing::UnorderedElementsAre(token, other));
  EXPECT_EQ(Report("w", token, Outcome::kSucceeded), Disposition::kIgnored);
  const auto waiting = cluster_.Synchronize(From("w", 3));
  cluster_.Settle();
  EXPECT_FALSE(waiting->answered());
  ASSERT_TRUE(control().Resume(Admin(), id).ok());
  EXPECT_THAT(waiting->get()->start, SizeIs(3));
}

TEST(ClusterStateTest, WhatIsTakenBackBeforeItIsSentIsNotSent) {
  const absl::Time now = absl::FromUnixSeconds(1'000'000);
  FairSharePolicy policy;
  ClusterState state(policy, /*epoch=*/1, {});
  for (int64_t sequence : {1, 2}) {
    JobRecord record;
    record.id = JobId(absl::StrCat("job", sequence));
    record.request_id = RequestId(record.id.value());
    record.sequence = sequence;
    record.task_count = record.counts.queued = 1;
    state.AddJob(std::move(record),
                 std::make_shared<const JobSpec>(SpecOfTasks("1").value()));
  }
  state.Synchronize(/*call=*/1, From("w"), now);
  state.AssignWork(now);
  state.TakeDecisions();  // The answer gets lost.

  state.Synchronize(/*call=*/2, From("w"), now);
  state.Steer(JobId("job1"), /*paused=*/true, 0, now);
  state.AssignWork(now);
  const Decisions decisions = state.TakeDecisions();
  ASSERT_THAT(decisions.answers, SizeIs(1));
  const SyncResponse& response = *decisions.answers[0].second;
  ASSERT_THAT(response.start, SizeIs(1)) << "the worker has one slot";
  EXPECT_EQ(response.start[0].task.job, JobId("job2"));
  EXPECT_THAT(response.stop, IsEmpty());
}

TEST_F(ControlPlaneTest, APauseOutlivesARestartAndWritesOnlyWhatRuns) {
  const JobId id = cluster_.Submit("r", 1000)->id;
  Sync(From("w"));
  const int64_t before = control().Counts().rows;
  ASSERT_TRUE(control().Pause(Admin(), id).ok());
  EXPECT_EQ(control().Counts().rows, before + 4)
      << "job, task, attempt and an entry of the audit log";
  ASSERT_TRUE(control().Pause(Admin(), id).ok());
  EXPECT_EQ(control().Counts().rows, before + 5) << "it was paused";
  cluster_.Restart();
  const auto waiting = cluster_.Synchronize(From("w"));
  cluster_.Settle();
  EXPECT_FALSE(waiting->answered());
  ASSERT_TRUE(control().Resume(Admin(), id).ok());
  EXPECT_EQ(waiting->get()->start.at(0).task.index, 0);
}

TEST_F(ControlPlaneTest, APriorityCountsFromTheNextAssignmentOn) {
  const JobId first = cluster_.Submit("r", 9)->id;
  const JobId second = cluster_.Submit("s", 9)->id;
  EXPECT_EQ(Sync(From("w")).start.at(0).task.job, first);
  EXPECT_EQ(control().SetPriority(Admin(), second, 3)->priority, 3);
  EXPECT_EQ(Sync(From("v")).start.at(0).task.job, second);
  cluster_.Restart();
  EXPECT_EQ(Sync(From("u")).start.at(0).task.job, second) << "it is kept";
}

TEST_F(ControlPlaneTest, WhatHasEndedCannotBeSteered) {
  const JobId id = cluster_.Submit("r", 1)->id;
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(control().Pause(Admin(), id).status()));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(control().Resume(Admin(), id).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      control().SetPriority(Admin(), id, 1).status()));
  EXPECT_TRUE(
      absl::IsNotFound(control().Pause(Admin(), JobId("none")).status()));
}

TEST_F(ControlPlaneTest, APausedJobThatIsCancelledAndRetriedRuns) {
  const JobId id = cluster_.Submit("r", 1)->id;
  ASSERT_TRUE(control().Pause(Admin(), id).ok());
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  EXPECT_FALSE(control().Retry(Admin(), id)->paused);
  EXPECT_THAT(Sync(From("w")).start, SizeIs(1));
}

TEST_F(ControlPlaneTest, ARestartFindsWhatWasPassedOver) {
  // A worker that holds nothing takes tasks in order; one that holds the third
  // picture takes that one first.
  const JobId id = cluster_.SubmitPictures("r", 5)->id;
  SyncRequest picky = From("w");
  picky.worker.held_inputs = {PictureDigest(2)};
  EXPECT_EQ(Sync(picky).start.at(0).task.index, 2);
  cluster_.Restart();
  std::vector<int64_t> indices;
  for (int i = 0; i < 4; ++i) {
    indices.push_back(Sync(From(absl::StrCat("v", i))).start.at(0).task.index);
  }
  EXPECT_THAT(indices, ElementsAre(0, 1, 3, 4));
  EXPECT_EQ(Job(id).counts, (TaskCounts{0, 5, 0, 0, 0}));
}

TEST_F(ControlPlaneTest, OutOfMemoryMovesToALargerWorker) {
  const JobId id = cluster_.Submit("r", 1)->id;
  SyncRequest small = From("small");
  small.worker.memory_bytes = 8;
  SyncRequest large = From("large");
  large.worker.memory_bytes = 16;
  const AttemptToken token = Sync(small).start.at(0).token;
  const auto waiting = cluster_.Synchronize(large);
  const auto report =
      cluster_.Synchronize(Finished(small, token, Outcome::kOutOfMemory));
  EXPECT_THAT(report->get()->start, IsEmpty());
  const AttemptToken second = waiting->get()->start.at(0).token;
  Sync(Finished(large, second, Outcome::kOutOfMemory));
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_THAT(Job(id).message, HasSubstr("needs more than 16 bytes"));
}

// One that is busy counts too: the task waits for it.
TEST_F(ControlPlaneTest, OutOfMemoryWaitsForALargerWorkerThatIsBusy) {
  const JobId busy = cluster_.Submit("busy", 1)->id;
  SyncRequest small = From("small");
  small.worker.memory_bytes = 8;
  SyncRequest large = From("large");
  large.worker.memory_bytes = 16;
  const AttemptToken other = Sync(large).start.at(0).token;
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(small).start.at(0).token;
  EXPECT_THAT(Sync(Finished(small, token, Outcome::kOutOfMemory)).start,
              IsEmpty());
  EXPECT_EQ(Task(id, 0).state, TaskState::kQueued);
  const SyncResponse next = Sync(Finished(large, other, Outcome::kSucceeded));
  EXPECT_EQ(Job(busy).state, JobState::kSucceeded);
  ASSERT_THAT(next.start, SizeIs(1));
  Sync(Finished(large, next.start[0].token, Outcome::kSucceeded));
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
}

class QuarantineTest : public ControlPlaneTest {
 protected:
  // "bad" fails a task that "good" then completes, or both fail.
  void FailOnce(Outcome elsewhere = Outcome::kSucceeded) {
    cluster_.Submit(absl::StrCat("r", ++jobs_), 1).value();
    const AttemptToken token = Sync(Bad()).start.at(0).token;
    const auto reported =
        cluster_.Synchronize(Finished(Bad(), token, Outcome::kInternal));
    // It gets the task again; its operator's drain would not hide that.
    const SyncResponse again = reported->get().value();
    AttemptToken next;
    if (again.start.empty()) {
      next = Sync(From("good")).start.at(0).token;
    } else {
      Sync(
          Finished(Draining(Bad()), again.start[0].token, Outcome::kPreempted));
      next = Sync(From("good")).start.at(0).token;
    }
    Sync(Finished(Draining(From("good")), next, elsewhere));
  }
  static SyncRequest Draining(SyncRequest request) {
    request.draining = true;
    return request;
  }
  bool IsQuarantined(const std::string& name) {
    const auto workers = control().ListWorkers(Admin());
    for (const WorkerView& worker : *workers) {
      if (worker.description.name == WorkerName(name)) {
        return worker.quarantined;
      }
    }
    return false;
  }

  int slots_ = 1;  // Of "bad", which renders in batches if it has several.

 private:
  SyncRequest Bad() const {
    SyncRequest request = From("bad", slots_);
    request.worker.batches = slots_ > 1;
    return request;
  }

  int jobs_ = 0;
};

TEST_F(QuarantineTest, AWorkerThatFailsWhatOthersCompleteIsSetAside) {
  FailOnce();
  FailOnce();
  EXPECT_FALSE(IsQuarantined("bad"));
  FailOnce();
  EXPECT_TRUE(IsQuarantined("bad"));
  EXPECT_FALSE(IsQuarantined("good"));
  EXPECT_EQ(control().Counts().quarantined_workers, 1);

  cluster_.Submit("more", 1).value();
  EXPECT_THAT(Sync(From("bad")).start, IsEmpty());
  ASSERT_FALSE(
      control().ReleaseWorker(Admin(), WorkerName("bad"))->quarantined);
  EXPECT_THAT(Sync(From("bad")).start, SizeIs(1));
}

// What goes wrong once is a failure of each.
TEST_F(QuarantineTest, AsManyTasksOfABatchCountAsOne) {
  slots_ = 2;
  for (int i = 0; i < 5; ++i) FailOnce();
  EXPECT_FALSE(IsQuarantined("bad"));
  FailOnce();
  EXPECT_TRUE(IsQuarantined("bad"));
}

TEST_F(QuarantineTest, WhatFailsEverywhereIsNobodysFault) {
  for (int i = 0; i < 5; ++i) FailOnce(Outcome::kInvalidInput);
  EXPECT_FALSE(IsQuarantined("bad"));
}

TEST_F(ControlPlaneTest, ReleasingEndsADrain) {
  const auto waiting = cluster_.Synchronize(From("w"));
  cluster_.Settle();
  ASSERT_TRUE(control().DrainWorker(Admin(), WorkerName("w"))->draining);
  EXPECT_TRUE(waiting->get()->drain);
  EXPECT_FALSE(control().ReleaseWorker(Admin(), WorkerName("w"))->draining);
  cluster_.Submit("r", 1).value();
  EXPECT_THAT(Sync(From("w")).start, SizeIs(1));
  EXPECT_TRUE(absl::IsNotFound(
      control().ReleaseWorker(Admin(), WorkerName("nobody")).status()));
}

}  // namespace
}  // namespace atelier
