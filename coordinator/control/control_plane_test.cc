#include "coordinator/control/control_plane.h"

#include <string>
#include <vector>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(ControlPlaneTest, AJobGoesFromSubmitToSuccess) {
  const JobId id = cluster_.Submit("r", 2)->id;
  SyncResponse response = Sync(From("w"));
  ASSERT_THAT(response.start, SizeIs(1));
  EXPECT_EQ(response.start[0].task, (TaskId{id, 0}));
  EXPECT_EQ(response.start[0].render.params.iterations, 1);
  EXPECT_EQ(response.epoch, 1);
  EXPECT_EQ(response.call_again_after, absl::Seconds(2));
  EXPECT_EQ(Job(id).counts, (TaskCounts{1, 1, 0, 0, 0}));

  response =
      Sync(Finished(From("w"), response.start[0].token, Outcome::kSucceeded));
  ASSERT_THAT(response.acknowledged, SizeIs(1));
  EXPECT_EQ(response.acknowledged[0].disposition, Disposition::kCommitted);
  ASSERT_THAT(response.start, SizeIs(1));
  EXPECT_EQ(response.start[0].render.params.iterations, 2);
  EXPECT_EQ(Job(id).state, JobState::kRunning);

  EXPECT_EQ(Report("w", response.start[0].token, Outcome::kSucceeded),
            Disposition::kCommitted);
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
  EXPECT_EQ(Job(id).ended_at, cluster_.clock().Now());
  EXPECT_EQ(Task(id, 1).result->worker, WorkerName("w"));
  EXPECT_EQ(Count(Outcome::kSucceeded), 2);
}

TEST_F(ControlPlaneTest, TheSameRequestGivesTheFirstJob) {
  const JobId id = cluster_.Submit("r", 2)->id;
  EXPECT_EQ(cluster_.Submit("r", 2)->id, id);
  EXPECT_EQ(cluster_.Submit("r", 3).status().code(),
            absl::StatusCode::kAlreadyExists);
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  EXPECT_EQ(cluster_.Submit("r", 2)->id, id) << "also once it has ended";
  EXPECT_EQ(cluster_.Submit("r", 3).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(control().ListJobs(Admin(), 10).value(), SizeIs(1));
}

TEST_F(ControlPlaneTest, AnIdleWorkerWaitsForTheLengthOfTheLongPoll) {
  const auto call = cluster_.Synchronize(From("w"));
  cluster_.Advance(absl::Seconds(20) - absl::Nanoseconds(1));
  EXPECT_FALSE(call->answered());
  cluster_.Advance(absl::Nanoseconds(1));
  ASSERT_TRUE(call->answered());
  EXPECT_THAT(call->get()->start, IsEmpty());
  EXPECT_EQ(call->get()->call_again_after, absl::ZeroDuration());
}

TEST_F(ControlPlaneTest, ATaskWakesExactlyOneWaitingWorker) {
  std::vector<std::shared_ptr<PendingSync>> calls;
  for (int i = 0; i < 4; ++i) {
    calls.push_back(cluster_.Synchronize(From(absl::StrCat("w", i))));
  }
  cluster_.Submit("one", 1).value();
  cluster_.Settle();
  EXPECT_TRUE(calls[0]->answered()) << "the longest waiting";
  EXPECT_FALSE(calls[1]->answered());
  cluster_.Submit("two", 2).value();
  cluster_.Settle();
  EXPECT_TRUE(calls[1]->answered());
  EXPECT_TRUE(calls[2]->answered());
  EXPECT_FALSE(calls[3]->answered());
  EXPECT_EQ(control().Counts().parked_calls, 1);
}

TEST_F(ControlPlaneTest, AWithdrawnCallGetsNoWork) {
  const auto gone = cluster_.Synchronize(From("gone"));
  const auto next = cluster_.Synchronize(From("next"));
  control().Withdraw(gone->id);
  cluster_.Submit("r", 1).value();
  EXPECT_TRUE(absl::IsCancelled(gone->get().status()));
  EXPECT_THAT(next->get()->start, SizeIs(1));
}

TEST_F(ControlPlaneTest, ANewerCallOfTheSameWorkerEndsTheOlder) {
  const auto older = cluster_.Synchronize(From("w"));
  const auto newer = cluster_.Synchronize(From("w"));
  cluster_.Submit("r", 1).value();
  EXPECT_TRUE(absl::IsAborted(older->get().status()));
  EXPECT_THAT(newer->get()->start, SizeIs(1));
}

TEST_F(ControlPlaneTest, SlotsAreRespected) {
  cluster_.Submit("r", 5).value();
  const SyncResponse first = Sync(From("w", 3));
  EXPECT_THAT(first.start, SizeIs(3));
  SyncRequest request = From("w", 3);
  for (const Assignment& start : first.start) {
    request = Running(std::move(request), start.token);
  }
  EXPECT_THAT(Sync(request).start, IsEmpty());
}

// Its iteration may last for seconds; what is given meanwhile is handed back,
// until the task has been interrupted too often.
TEST_F(ControlPlaneTest, WhatIsToldToStopHoldsItsSlotUntilItHas) {
  const JobId cancelled = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  cluster_.Submit("s", 1).value();
  ASSERT_TRUE(control().Cancel(Admin(), cancelled).ok());
  for (int i = 0; i < 3; ++i) {
    const SyncResponse response = Sync(Running(From("w"), token));
    EXPECT_THAT(response.stop, ElementsAre(token));
    EXPECT_THAT(response.start, IsEmpty());
    EXPECT_GT(response.call_again_after, absl::ZeroDuration());
  }
  EXPECT_THAT(Sync(From("w")).start, SizeIs(1));
}

TEST_F(ControlPlaneTest, ACallThatIsToldToStopGetsNoWorkInItsPlace) {
  const JobId cancelled = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w", 2)).start.at(0).token;
  const auto waiting = cluster_.Synchronize(Running(From("w", 2), token));
  cluster_.Settle();
  ASSERT_TRUE(control().Cancel(Admin(), cancelled).ok());
  cluster_.Submit("s", 2).value();
  EXPECT_THAT(waiting->get()->stop, ElementsAre(token));
  EXPECT_THAT(Sync(Running(From("w", 2), token)).start, SizeIs(1));
}

TEST_F(ControlPlaneTest, ALeaseExpiresExactlyAtItsDeadline) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  cluster_.Advance(absl::Seconds(30) - absl::Nanoseconds(1));
  EXPECT_EQ(Task(id, 0).state, TaskState::kLeased);
  cluster_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(Task(id, 0).state, TaskState::kQueued);
  EXPECT_EQ(Task(id, 0).outcome, Outcome::kLost);
  EXPECT_THAT(Task(id, 0).message, HasSubstr("worker \"w\" was not heard of"));
  EXPECT_EQ(control().Counts().decisions.leases_expired, 1);
  EXPECT_THAT(control().ListWorkers(Admin()).value(), IsEmpty());

  EXPECT_EQ(Report("w", token, Outcome::kSucceeded), Disposition::kIgnored);
  EXPECT_EQ(control().Counts().decisions.late_reports, 1);
}

TEST_F(ControlPlaneTest, ListingAnAttemptExtendsItsLease) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  for (int i = 1; i <= 4; ++i) {
    cluster_.Advance(absl::Seconds(29));
    EXPECT_THAT(Sync(Running(From("w"), token, i)).stop, IsEmpty());
  }
  EXPECT_EQ(Task(id, 0).state, TaskState::kLeased);
  EXPECT_EQ(Task(id, 0).iteration, 4);
  EXPECT_THAT(control().ListRunning(Admin(), id, 10).value(), SizeIs(1));
}

TEST_F(ControlPlaneTest, ADoubledReportCommitsOnce) {
  const JobId id = cluster_.Submit("r", 2)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  SyncRequest twice = Finished(From("w"), token, Outcome::kSucceeded);
  twice.finished.push_back(twice.finished[0]);
  const SyncResponse response = Sync(twice);
  EXPECT_EQ(response.acknowledged[0].disposition, Disposition::kCommitted);
  EXPECT_EQ(response.acknowledged[1].disposition, Disposition::kIgnored);
  EXPECT_EQ(Report("w", token, Outcome::kSucceeded), Disposition::kIgnored);
  EXPECT_EQ(Job(id).counts.succeeded, 1);
  EXPECT_EQ(control().Counts().decisions.late_reports, 2);
}

TEST_F(ControlPlaneTest, ThreeFailuresFailTheTaskAndTheJobSaysWhy) {
  const JobId id = cluster_.Submit("r", 1)->id;
  AttemptToken token = Sync(From("w")).start.at(0).token;
  token = ReportAndTake(token, Outcome::kDiverged);
  token = ReportAndTake(token, Outcome::kOutOfMemory);
  Report("w", token, Outcome::kInternal, "boom");
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_EQ(Job(id).message, "task 0: internal: boom (failed 3 times)");
  EXPECT_EQ(Task(id, 0).attempts, 3);
  EXPECT_EQ(Task(id, 0).outcome, Outcome::kInternal);
}

TEST_F(ControlPlaneTest, InvalidInputIsNotTriedAgain) {
  const JobId id = cluster_.Submit("r", 1)->id;
  Report("w", Sync(From("w")).start.at(0).token, Outcome::kInvalidInput, "bad");
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_EQ(Job(id).message, "task 0: invalid-input: bad");
}

TEST_F(ControlPlaneTest, InterruptionsCostNoRetryUpToABound) {
  const JobId id = cluster_.Submit("r", 1)->id;
  AttemptToken token = Sync(From("w")).start.at(0).token;
  for (int i = 0; i < 20; ++i) {
    token = ReportAndTake(token, Outcome::kPreempted);
  }
  EXPECT_EQ(Job(id).state, JobState::kRunning);
  Report("w", token, Outcome::kPreempted);
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_EQ(Count(Outcome::kPreempted), 21);
}

TEST_F(ControlPlaneTest, AHandedBackTaskGoesBeforeNewOnes) {
  cluster_.Submit("r", 3).value();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  EXPECT_EQ(Sync(From("v")).start.at(0).task.index, 1);
  EXPECT_EQ(Sync(Finished(From("w"), token, Outcome::kPreempted))
                .start.at(0)
                .task.index,
            0);
}

TEST_F(ControlPlaneTest, CancellingTellsTheWorkerAndIgnoresItsLateSuccess) {
  const JobId id = cluster_.Submit("r", 3)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  EXPECT_EQ(control().Cancel(Admin(), id)->state, JobState::kCancelled);
  EXPECT_EQ(Job(id).counts, (TaskCounts{0, 0, 0, 0, 3}));
  EXPECT_THAT(Sync(Running(From("w"), token)).stop, ElementsAre(token));
  EXPECT_EQ(Report("w", token, Outcome::kSucceeded), Disposition::kIgnored);
  EXPECT_EQ(Task(id, 0).state, TaskState::kCancelled);
  EXPECT_EQ(Task(id, 2).state, TaskState::kCancelled);
  EXPECT_EQ(Count(Outcome::kCancelled), 1);
  EXPECT_EQ(control().Cancel(Admin(), id)->state, JobState::kCancelled)
      << "again";
}

TEST_F(ControlPlaneTest, CancellingAnswersAWaitingWorkerAtOnce) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w", 2)).start.at(0).token;
  const auto waiting = cluster_.Synchronize(Running(From("w", 2), token));
  cluster_.Settle();
  ASSERT_FALSE(waiting->answered());
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  EXPECT_THAT(waiting->get()->stop, ElementsAre(token));
}

TEST_F(ControlPlaneTest, CancellingAndRetryingWriteTheJobAndNoTask) {
  const JobId id = cluster_.Submit("r", 1000)->id;
  const int64_t before = control().Counts().rows;
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  // And each an entry of the audit log.
  EXPECT_EQ(control().Counts().rows, before + 2);
  ASSERT_TRUE(control().Retry(Admin(), id).ok());
  EXPECT_EQ(control().Counts().rows, before + 4);
}

TEST_F(ControlPlaneTest, UnknownJobsAreNotFound) {
  const JobId id("none");
  EXPECT_TRUE(absl::IsNotFound(control().GetJob(Admin(), id).status()));
  EXPECT_TRUE(absl::IsNotFound(control().Cancel(Admin(), id).status()));
  EXPECT_TRUE(absl::IsNotFound(control().Retry(Admin(), id).status()));
  EXPECT_TRUE(
      absl::IsNotFound(control().ListTasks(Admin(), id, 0, 1).status()));
}

TEST_F(ControlPlaneTest, ARetryQueuesOnlyWhatFailedOrWasCancelled) {
  const JobId id = cluster_.Submit("r", 4)->id;
  EXPECT_EQ(control().Retry(Admin(), id)->generation, 0);
  AttemptToken token = Sync(From("w")).start.at(0).token;
  token = ReportAndTake(token, Outcome::kSucceeded);
  token = ReportAndTake(token, Outcome::kInvalidInput);
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());  // 2 is leased, 3 never was.

  const JobRecord retried = control().Retry(Admin(), id).value();
  EXPECT_EQ(retried.state, JobState::kRunning);
  EXPECT_EQ(retried.counts, (TaskCounts{3, 0, 1, 0, 0}));
  EXPECT_EQ(retried.message, "");
  EXPECT_EQ(Task(id, 0).state, TaskState::kSucceeded);
  EXPECT_EQ(Task(id, 1).state, TaskState::kQueued);
  std::vector<int64_t> indices;
  SyncResponse next = Sync(From("w"));
  while (!next.start.empty()) {
    indices.push_back(next.start[0].task.index);
    next = Sync(Finished(From("w"), next.start[0].token, Outcome::kSucceeded));
  }
  EXPECT_THAT(indices, testing::UnorderedElementsAre(1, 2, 3));
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
  EXPECT_EQ(control().Retry(Admin(), id)->state, JobState::kSucceeded);
}

TEST_F(ControlPlaneTest, ARetryWhileTheJobRunsDisturbsNothingElse) {
  const JobId id = cluster_.Submit("r", 3)->id;
  const AttemptToken held = Sync(From("v")).start.at(0).token;
  AttemptToken token = Sync(From("w")).start.at(0).token;
  token = ReportAndTake(token, Outcome::kInvalidInput);
  ASSERT_EQ(Job(id).counts, (TaskCounts{0, 2, 0, 1, 0}));

  const JobRecord retried = control().Retry(Admin(), id).value();
  EXPECT_EQ(retried.counts, (TaskCounts{1, 2, 0, 0, 0}));
  EXPECT_EQ(retried.message, "");
  EXPECT_THAT(Sync(Running(From("v"), held)).stop, IsEmpty());
  cluster_.Restart();
  Sync(Running(From("w"), token));
  const SyncResponse next =
      Sync(Finished(From("w"), token, Outcome::kSucceeded));
  ASSERT_THAT(next.start, SizeIs(1));
  EXPECT_EQ(next.start[0].task.index, 1);
  Sync(Finished(From("v"), held, Outcome::kSucceeded));
  Sync(Finished(From("w"), next.start[0].token, Outcome::kSucceeded));
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
  EXPECT_EQ(Task(id, 0).attempts, 1);
  EXPECT_EQ(Task(id, 1).attempts, 2);
}

TEST_F(ControlPlaneTest, ARetryOfManyFailuresPagesThemIn) {
  const JobId id = cluster_.Submit("r", 200)->id;
  SyncResponse next = Sync(From("w"));
  for (int i = 0; i < 200; ++i) {
    next = Sync(
        Finished(From("w"), next.start.at(0).token, Outcome::kInvalidInput));
  }
  ASSERT_EQ(Job(id).counts.failed, 200);
  ASSERT_TRUE(control().Retry(Admin(), id).ok());
  next = Sync(From("w"));
  for (int i = 0; i < 200; ++i) {
    // In the middle, the coordinator goes away and comes back.
    if (i == 90) {
      cluster_.Restart();
      next = Sync(Running(From("w"), next.start.at(0).token));
      next = Sync(From("w"));
      // It lists the attempt no more: lost, queued again, given out first.
    }
    ASSERT_THAT(next.start, SizeIs(1)) << i;
    next = Sync(Finished(From("w"), next.start[0].token, Outcome::kSucceeded));
  }
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
}

TEST_F(ControlPlaneTest, ARestartAdoptsWhatIsRunning) {
  const JobId id = cluster_.Submit("r", 2)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  cluster_.Restart();
  EXPECT_EQ(control().epoch(), 2);
  cluster_.Advance(absl::Seconds(29));
  EXPECT_THAT(Sync(Running(From("w"), token)).stop, IsEmpty());
  cluster_.Advance(absl::Seconds(29));
  const SyncResponse response =
      Sync(Finished(From("w"), token, Outcome::kSucceeded));
  EXPECT_EQ(response.acknowledged[0].disposition, Disposition::kCommitted);
  EXPECT_EQ(response.start.at(0).task.index, 1);
  EXPECT_EQ(response.start.at(0).token.epoch, 2);
  EXPECT_EQ(Job(id).counts.succeeded, 1);
}

TEST_F(ControlPlaneTest, ARestartGivesLeasesAFullLength) {
  const JobId id = cluster_.Submit("r", 1)->id;
  Sync(From("w"));
  cluster_.clock().Advance(absl::Hours(1));
  cluster_.Restart();
  cluster_.Advance(absl::Seconds(30) - absl::Nanoseconds(1));
  EXPECT_EQ(Task(id, 0).state, TaskState::kLeased);
  cluster_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(Task(id, 0).state, TaskState::kQueued);
}

TEST_F(ControlPlaneTest, UnknownAttemptsAreStopped) {
  const AttemptToken unknown{RenderKey("k"), 5, 1};
  EXPECT_THAT(Sync(Running(From("w"), unknown)).stop, ElementsAre(unknown));
}

TEST_F(ControlPlaneTest, ALostAssignmentIsSentAgainUnderItsToken) {
  cluster_.Submit("r", 1).value();
  const Assignment lost = Sync(From("w")).start.at(0);
  const SyncResponse again = Sync(From("w"));
  ASSERT_THAT(again.start, SizeIs(1));
  EXPECT_EQ(again.start[0].token, lost.token);
  EXPECT_EQ(again.start[0].task, lost.task);
  EXPECT_EQ(again.start[0].render.params.iterations,
            lost.render.params.iterations);
  EXPECT_EQ(control().Counts().decisions.leases_granted, 1);
  EXPECT_EQ(control().Counts().decisions.assignments_resent, 1);
}

TEST_F(ControlPlaneTest, AnAttemptThatItsWorkerForgotIsLost) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Running(From("w"), token));
  const SyncResponse response = Sync(From("w"));
  ASSERT_THAT(response.start, SizeIs(1));
  EXPECT_NE(response.start[0].token, token);
  EXPECT_EQ(Task(id, 0).outcome, Outcome::kLost);
}

TEST_F(ControlPlaneTest, ALiveNameIsNotTakenByAnotherInstance) {
  cluster_.Submit("r", 1).value();
  Sync(From("w"));
  const auto other = cluster_.Synchronize(From("w", 1, "2"));
  EXPECT_EQ(other->get().status().code(), absl::StatusCode::kAlreadyExists);
  cluster_.Advance(absl::Seconds(30));
  EXPECT_THAT(Sync(From("w", 1, "2")).start, SizeIs(1));
}

TEST_F(ControlPlaneTest, AWorkerThatLeftIsReplacedAtOnce) {
  SyncRequest leaving = From("w");
  leaving.draining = true;
  Sync(leaving);
  cluster_.Submit("r", 1).value();
  EXPECT_THAT(Sync(From("w", 1, "2")).start, SizeIs(1));
}

TEST_F(ControlPlaneTest, ADrainingWorkerFinishesAndGetsNothingNew) {
  cluster_.Submit("r", 3).value();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  EXPECT_TRUE(control().DrainWorker(Admin(), WorkerName("w"))->draining);
  EXPECT_TRUE(absl::IsNotFound(
      control().DrainWorker(Admin(), WorkerName("x")).status()));
  const SyncResponse response =
      Sync(Finished(From("w"), token, Outcome::kSucceeded));
  EXPECT_TRUE(response.drain);
  EXPECT_THAT(response.start, IsEmpty());
  EXPECT_EQ(response.acknowledged[0].disposition, Disposition::kCommitted);
  EXPECT_GT(response.call_again_after, absl::ZeroDuration());
}

TEST_F(ControlPlaneTest, DrainingWakesAWaitingWorker) {
  const auto waiting = cluster_.Synchronize(From("w"));
  cluster_.Settle();
  ASSERT_TRUE(control().DrainWorker(Admin(), WorkerName("w")).ok());
  EXPECT_TRUE(waiting->get()->drain);
}

TEST_F(ControlPlaneTest, ListsTasksByPage) {
  const JobId id = cluster_.Submit("r", 5)->id;
  Sync(From("w"));
  const TaskPage first = control().ListTasks(Admin(), id, 0, 2).value();
  ASSERT_THAT(first.tasks, SizeIs(2));
  EXPECT_EQ(first.tasks[0].state, TaskState::kLeased);
  EXPECT_EQ(first.tasks[0].worker, WorkerName("w"));
  EXPECT_EQ(first.tasks[1].state, TaskState::kQueued);
  EXPECT_THAT(first.tasks[1].labels, ElementsAre("i2"));
  EXPECT_EQ(first.tasks[1].render.params.iterations, 2);
  EXPECT_NE(first.tasks[0].key, first.tasks[1].key);
  EXPECT_EQ(first.next_index, 2);
  const TaskPage last = control().ListTasks(Admin(), id, 4, 2).value();
  EXPECT_THAT(last.tasks, SizeIs(1));
  EXPECT_FALSE(last.next_index.has_value());
  EXPECT_THAT(control().ListTasks(Admin(), id, 99, 2)->tasks, IsEmpty());
}

TEST_F(ControlPlaneTest, ListsJobsNewestFirst) {
  const JobId first = cluster_.Submit("1", 1)->id;
  const JobId second = cluster_.Submit("2", 1)->id;
  const auto jobs = control().ListJobs(Admin(), 1).value();
  ASSERT_THAT(jobs, SizeIs(1));
  EXPECT_EQ(jobs[0].id, second);
  EXPECT_EQ(control().ListJobs(Admin(), 9, jobs[0].sequence)->at(0).id, first);
}

TEST_F(ControlPlaneTest, AWatcherHearsOfProgressUntilItLeaves) {
  const JobId id = cluster_.Submit("r", 2)->id;
  cluster_.Settle();  // The submit itself is no news to a later watcher.
  int changes = 0;
  const auto watch =
      control().Watch(Admin(), id, [&changes] { ++changes; }).value();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  cluster_.Settle();
  EXPECT_EQ(changes, 1) << "leased";
  Sync(Running(From("w"), token, 7));
  cluster_.Settle();
  EXPECT_EQ(changes, 2) << "progress";
  control().Unwatch(watch);
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  cluster_.Settle();
  EXPECT_EQ(changes, 2);
}

TEST_F(ControlPlaneTest, ATaskThatDoesNotResolveFailsAlone) {
  JobSpec spec = SpecOfTasks("3").value();
  spec.axes[0].values[1].set.content_layers =
      std::vector<LayerWeight>{{"no_such_layer", 1}};
  const JobId id = control().Submit(Admin(), RequestId("r"), spec, "3")->id;
  const SyncResponse response = Sync(From("w", 3));
  ASSERT_THAT(response.start, SizeIs(2));
  EXPECT_EQ(response.start[1].task.index, 2);
  EXPECT_EQ(Task(id, 1).state, TaskState::kFailed);
  EXPECT_EQ(Task(id, 1).outcome, Outcome::kInvalidInput);
  EXPECT_THAT(Job(id).message, HasSubstr("task 1: invalid-input"));
}

TEST_F(ControlPlaneTest, AJobWhoseTasksAllFailToResolveEnds) {
  JobSpec spec = SpecOfTasks("300").value();
  spec.base.size_px = -3;
  const JobId id = control().Submit(Admin(), RequestId("r"), spec, "300")->id;
  const auto worker = cluster_.Synchronize(From("w"));
  for (int i = 0; i < 10; ++i) cluster_.Settle();
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_EQ(Job(id).counts.failed, 300);
  EXPECT_FALSE(worker->answered());
}

}  // namespace
}  // namespace atelier
