// Jobs that are deleted, by a caller or for their age.
#include "absl/status/status.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ControlPlaneDeletionTest : public ControlPlaneTest {
 protected:
  // A job whose tasks have all been rendered.
  JobId MakeEnded(const std::string& request, int tasks = 1) {
    const JobId id = cluster_.Submit(request, tasks)->id;
    for (int i = 0; i < tasks; ++i) {
      const AttemptToken token = Sync(From("w")).start.at(0).token;
      Sync(Finished(From("w"), token, Outcome::kSucceeded));
    }
    EXPECT_EQ(Job(id).state, JobState::kSucceeded);
    return id;
  }
  bool Remove(absl::Duration keep = absl::InfiniteDuration()) {
    return control().RemoveOldRows(keep).value();
  }
};

TEST_F(ControlPlaneDeletionTest, ADeletedJobIsSeenNoMoreAndThenIsGone) {
  const JobId id = MakeEnded("r", 2);
  const JobId other = MakeEnded("other");
  EXPECT_EQ(control().DeleteJob(Admin(), id)->state, JobState::kSucceeded)
      << "as it was";
  for (bool removed : {false, true}) {
    SCOPED_TRACE(removed);
    EXPECT_TRUE(absl::IsNotFound(control().GetJob(Admin(), id).status()));
    EXPECT_TRUE(
        absl::IsNotFound(control().ListTasks(Admin(), id, 0, 9).status()));
    EXPECT_TRUE(absl::IsNotFound(control().Cancel(Admin(), id).status()));
    EXPECT_TRUE(absl::IsNotFound(control().Retry(Admin(), id).status()));
    EXPECT_TRUE(absl::IsNotFound(control().Pause(Admin(), id).status()));
    EXPECT_TRUE(absl::IsNotFound(control().DeleteJob(Admin(), id).status()));
    ASSERT_THAT(control().ListJobs(Admin(), 9).value(), SizeIs(1));
    EXPECT_EQ(control().ListJobs(Admin(), 1)->at(0).id, other);
    cluster_.Restart();
    if (!removed) {
      EXPECT_TRUE(Remove());
    }
  }
  EXPECT_FALSE(Remove());
  EXPECT_TRUE(absl::IsNotFound(cluster_.store().GetJob(id).status()));
  EXPECT_EQ(Job(other).state, JobState::kSucceeded);
}

TEST_F(ControlPlaneDeletionTest, AJobThatHasNotEndedIsNotDeleted) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const absl::Status status = control().DeleteJob(Admin(), id).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("cancel it"));
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  EXPECT_TRUE(control().DeleteJob(Admin(), id).ok());
}

TEST_F(ControlPlaneDeletionTest, ItsRequestMakesNoOtherJobUntilItIsGone) {
  const JobId id = MakeEnded("r");
  ASSERT_TRUE(control().DeleteJob(Admin(), id).ok());
  EXPECT_TRUE(absl::IsAlreadyExists(cluster_.Submit("r", 1).status()));
  EXPECT_TRUE(Remove());
  EXPECT_TRUE(cluster_.Submit("r", 1).ok());
}

TEST_F(ControlPlaneDeletionTest, ALargeJobGoesInSteps) {
  const JobId id = cluster_.Submit("r", 2500)->id;
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  ASSERT_TRUE(control().DeleteJob(Admin(), id).ok());
  int steps = 0;
  while (Remove()) ++steps;
  EXPECT_GT(steps, 2);
  EXPECT_TRUE(absl::IsNotFound(cluster_.store().GetJob(id).status()));
}

TEST_F(ControlPlaneDeletionTest, AnOlderJobThatIsDeletedMeanwhileGoesWhole) {
  const JobId older = MakeEnded("older", 3);
  const JobId other = MakeEnded("other", 3);
  const JobId large = cluster_.Submit("large", 2500)->id;
  ASSERT_TRUE(control().Cancel(Admin(), large).ok());
  ASSERT_TRUE(control().DeleteJob(Admin(), large).ok());
  EXPECT_TRUE(Remove());
  ASSERT_TRUE(control().DeleteJob(Admin(), older).ok());
  while (Remove()) {
  }
  for (const JobId& id : {older, large}) {
    EXPECT_TRUE(absl::IsNotFound(cluster_.store().GetJob(id).status()));
  }
  EXPECT_EQ(Task(other, 2).state, TaskState::kSucceeded);
  EXPECT_EQ(control().Counts().store_failures, 0);
}

TEST_F(ControlPlaneDeletionTest, AStepThatFailedIsDoneAgain) {
  const JobId id = MakeEnded("r", 3);
  ASSERT_TRUE(control().DeleteJob(Admin(), id).ok());
  cluster_.store().FailNext(Fault::kLost);
  EXPECT_FALSE(control().RemoveOldRows(absl::InfiniteDuration()).ok());
  EXPECT_TRUE(Remove());
  EXPECT_TRUE(absl::IsNotFound(cluster_.store().GetJob(id).status()));
}

TEST_F(ControlPlaneDeletionTest, JobsGoByThemselvesWhenTheyAreOld) {
  const JobId old = MakeEnded("old");
  cluster_.clock().Advance(absl::Hours(24));
  const JobId young = MakeEnded("young");
  const JobId runs = cluster_.Submit("runs", 1)->id;
  EXPECT_FALSE(Remove(absl::Hours(48)));
  cluster_.clock().Advance(absl::Hours(24));
  while (Remove(absl::Hours(47))) {
  }
  EXPECT_TRUE(absl::IsNotFound(control().GetJob(Admin(), old).status()));
  EXPECT_EQ(Job(young).state, JobState::kSucceeded);
  EXPECT_EQ(Job(runs).state, JobState::kRunning);
}

}  // namespace
}  // namespace atelier
