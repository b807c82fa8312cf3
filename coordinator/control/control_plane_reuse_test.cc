// The same render is never done twice, unless somebody asks for it.
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/control/control_plane.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ControlPlaneReuseTest : public ControlPlaneTest {
 protected:
  JobId Submit(const std::string& request, const std::string& spec) {
    return cluster_.SubmitSpec(request, spec)->id;
  }
  // Decides in bounded steps: lets them all come.
  void Settle() {
    for (int i = 0; i < 50; ++i) cluster_.Settle();
  }
  void RenderAll(const std::string& worker) {
    AttemptToken token = Sync(From(worker)).start.at(0).token;
    while (true) {
      const SyncResponse response =
          Sync(Finished(From(worker), token, Outcome::kSucceeded));
      if (response.start.empty()) break;
      token = response.start.at(0).token;
    }
  }
};

TEST_F(ControlPlaneReuseTest, AResultIsTakenWithoutAWorker) {
  const JobId first = Submit("first", "c3");
  RenderAll("w");
  ASSERT_EQ(Job(first).state, JobState::kSucceeded);

  const JobId again = Submit("again", "c3");
  Settle();
  EXPECT_EQ(Job(again).state, JobState::kSucceeded);
  EXPECT_EQ(Task(again, 2).attempts, 0);
  EXPECT_EQ(Task(again, 2).result->image_digest, std::string(64, 'a'));
  EXPECT_EQ(Task(again, 2).result->worker, WorkerName("w"));
  EXPECT_EQ(control().Counts().decisions.tasks_reused, 3);
  EXPECT_EQ(control().Counts().decisions.leases_granted, 3);
}

TEST_F(ControlPlaneReuseTest, ResultsOutliveTheCoordinator) {
  Submit("first", "c3");
  RenderAll("w");
  cluster_.Restart();
  const JobId again = Submit("again", "c3");
  Settle();
  EXPECT_EQ(Job(again).state, JobState::kSucceeded);
}

TEST_F(ControlPlaneReuseTest, ABigJobIsTakenInSteps) {
  Submit("first", "c2000");
  RenderAll("w");
  const int64_t before = control().Counts().commits;
  const JobId again = Submit("again", "c2000");
  Settle();
  EXPECT_EQ(Job(again).counts, (TaskCounts{0, 0, 2000, 0, 0}));
  EXPECT_EQ(Job(again).state, JobState::kSucceeded);
  EXPECT_GE(control().Counts().commits - before, 2000 / 256);
}

TEST_F(ControlPlaneReuseTest, WhatIsMissingIsRenderedAndTheRestTaken) {
  Submit("first", "c100");
  RenderAll("w");
  const JobId more = Submit("more", "c103");
  Settle();
  EXPECT_EQ(Job(more).counts, (TaskCounts{3, 0, 100, 0, 0}));
  RenderAll("w");
  EXPECT_EQ(Job(more).state, JobState::kSucceeded);
  EXPECT_EQ(control().Counts().decisions.leases_granted, 103);
}

TEST_F(ControlPlaneReuseTest, NoCacheRendersAgain) {
  Submit("first", "c2");
  RenderAll("w");
  const JobId again = Submit("again", "2");
  Settle();
  EXPECT_EQ(Job(again).counts, (TaskCounts{2, 0, 0, 0, 0}));
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Submit("beside", "1");
  EXPECT_NE(Sync(From("v")).start.at(0).token, token) << "nor does it join";
}

TEST_F(ControlPlaneReuseTest, APictureThatIsGoneIsRenderedAgain) {
  Submit("first", "c1");
  RenderAll("w");
  cluster_.LosePictures();
  const JobId again = Submit("again", "c1");
  Settle();
  EXPECT_EQ(Job(again).counts, (TaskCounts{1, 0, 0, 0, 0}));
}

TEST_F(ControlPlaneReuseTest, EqualTasksInFlightAreOneAttempt) {
  const JobId one = Submit("one", "c1");
  const JobId two = Submit("two", "c1");
  const JobId three = Submit("three", "c2");
  const SyncResponse first = Sync(From("w"));
  const SyncResponse second = Sync(From("v"));
  EXPECT_EQ(second.start.at(0).task, (TaskId{three, 1}));
  EXPECT_EQ(Task(two, 0).state, TaskState::kLeased);
  EXPECT_EQ(Task(three, 0).worker, WorkerName("w"));

  EXPECT_EQ(Report("w", first.start.at(0).token, Outcome::kSucceeded),
            Disposition::kCommitted);
  EXPECT_EQ(Job(one).state, JobState::kSucceeded);
  EXPECT_EQ(Job(two).state, JobState::kSucceeded);
  EXPECT_EQ(Job(three).counts, (TaskCounts{0, 1, 1, 0, 0}));
  EXPECT_EQ(Count(Outcome::kSucceeded), 1) << "one attempt";
}

TEST_F(ControlPlaneReuseTest, CancellingOneJobLeavesTheAttemptToTheOther) {
  const JobId one = Submit("one", "c1");
  const JobId two = Submit("two", "c2");
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(From("v"));  // Joins two's first task on the way to its second.
  ASSERT_TRUE(control().Cancel(Admin(), one).ok());
  EXPECT_THAT(Sync(Running(From("w"), token)).stop, IsEmpty());
  EXPECT_EQ(Task(two, 0).state, TaskState::kLeased);
  EXPECT_EQ(Count(Outcome::kCancelled), 0);

  ASSERT_TRUE(control().Pause(Admin(), two).ok());
  EXPECT_THAT(Sync(Running(From("w"), token)).stop, SizeIs(1)) << "nobody left";
}

TEST_F(ControlPlaneReuseTest, AnAttemptKeepsAllItsTasksOverARestart) {
  const JobId one = Submit("one", "c1");
  const JobId two = Submit("two", "c2");
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(From("v"));
  cluster_.Restart();
  EXPECT_EQ(Report("w", token, Outcome::kSucceeded), Disposition::kCommitted);
  EXPECT_EQ(Job(one).state, JobState::kSucceeded);
  EXPECT_EQ(Task(two, 0).state, TaskState::kSucceeded);
}

TEST_F(ControlPlaneReuseTest, AFailedAttemptFailsForEachAndIsBlamedOnce) {
  const JobId one = Submit("one", "c1");
  const JobId two = Submit("two", "c1");
  const JobId other = Submit("other", "9");
  AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(From("v"));
  EXPECT_EQ(Report("w", token, Outcome::kInvalidInput, "no picture"),
            Disposition::kCommitted);
  EXPECT_EQ(Job(one).state, JobState::kFailed);
  EXPECT_EQ(Job(two).state, JobState::kFailed);
  EXPECT_EQ(Job(two).message, "task 0: invalid-input: no picture");
  EXPECT_EQ(Job(other).state, JobState::kRunning);
}

TEST_F(ControlPlaneReuseTest, AProfileIsPinned) {
  Submit("first", "c1");
  SyncRequest wrong = From("w");
  wrong.worker.arithmetic.profile = "p";
  const AttemptToken token = Sync(wrong).start.at(0).token;
  wrong = Finished(wrong, token, Outcome::kSucceeded);
  Sync(wrong);

  const JobId pinned = Submit("pinned", "cq1");
  const JobId free = Submit("free", "c1");
  Settle();
  EXPECT_EQ(Job(free).state, JobState::kSucceeded);
  EXPECT_EQ(Job(pinned).state, JobState::kRunning) << "p is not q";
  wrong.finished.clear();
  const auto waiting = cluster_.Synchronize(wrong);
  cluster_.Settle();
  EXPECT_FALSE(waiting->answered());
  SyncRequest right = From("v");
  right.worker.arithmetic.profile = "q";
  EXPECT_THAT(Sync(right).start, SizeIs(1));
}

}  // namespace
}  // namespace atelier
