// What was lost is rendered again.
#include <string>
#include <vector>

#include "coordinator/control/control_plane.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ControlPlaneRepairTest : public ControlPlaneTest {
 protected:
  // Renders all there is, by one worker.
  void RenderAll() {
    SyncResponse response = Sync(From("w"));
    while (!response.start.empty()) {
      response = Sync(
          Finished(From("w"), response.start.at(0).token, Outcome::kSucceeded));
    }
  }
  absl::StatusOr<std::vector<int64_t>> Repair(const JobId& id,
                                              std::vector<int64_t> indices) {
    std::vector<TaskPicture> lost;
    for (int64_t index : indices) {
      lost.push_back({index, std::string(64, 'a')});
    }
    return control().Repair(Admin(), id, lost);
  }
};

TEST_F(ControlPlaneRepairTest, AnEndedJobRunsAgainUntilItsPictureIsThere) {
  const JobId id = cluster_.Submit("r", 3)->id;
  RenderAll();
  ASSERT_EQ(Job(id).state, JobState::kSucceeded);

  EXPECT_THAT(*Repair(id, {1}), ElementsAre(1));
  EXPECT_EQ(Job(id).state, JobState::kRunning);
  EXPECT_EQ(Job(id).counts, (TaskCounts{1, 0, 2, 0, 0}));
  EXPECT_THAT(*Repair(id, {1}), IsEmpty()) << "it is on its way";
  RenderAll();
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
  EXPECT_TRUE(Task(id, 1).result.has_value());
  EXPECT_EQ(Task(id, 1).attempts, 2);
  EXPECT_EQ(Task(id, 0).attempts, 1);
}

TEST_F(ControlPlaneRepairTest, ARunningJobRendersItBesideTheRest) {
  const JobId id = cluster_.Submit("r", 3)->id;
  const AttemptToken first = Sync(From("w")).start.at(0).token;
  const AttemptToken second = ReportAndTake(first, Outcome::kSucceeded);
  EXPECT_THAT(*Repair(id, {0, 1, 2}), ElementsAre(0));
  EXPECT_EQ(Job(id).counts, (TaskCounts{2, 1, 0, 0, 0}));
  ReportAndTake(second, Outcome::kSucceeded);
  RenderAll();
}

TEST_F(ControlPlaneRepairTest, OutlivesTheCoordinator) {
  const JobId id = cluster_.Submit("r", 2)->id;
  RenderAll();
  ASSERT_THAT(*Repair(id, {0}), ElementsAre(0));
  cluster_.Restart();
  EXPECT_EQ(Job(id).counts, (TaskCounts{1, 0, 1, 0, 0}));
  RenderAll();
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
}

TEST_F(ControlPlaneRepairTest, AnotherTaskOfTheSameRenderKeepsItsResult) {
  const JobId id = cluster_.SubmitSpec("r", "c2")->id;
  RenderAll();
  const JobId again = cluster_.SubmitSpec("again", "c2")->id;
  for (int i = 0; i < 20; ++i) cluster_.Settle();
  ASSERT_EQ(Job(again).state, JobState::kSucceeded);
  cluster_.LosePictures();  // Or it would be taken from there.
  EXPECT_THAT(*Repair(again, {0}), ElementsAre(0));
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
  RenderAll();
  EXPECT_EQ(Job(again).state, JobState::kSucceeded);
  EXPECT_EQ(Task(again, 0).attempts, 1);
}

TEST_F(ControlPlaneRepairTest, AFailedJobKeepsItsFailuresAndItsReason) {
  const JobId id = cluster_.Submit("r", 2)->id;
  const AttemptToken first = Sync(From("w")).start.at(0).token;
  const AttemptToken second = ReportAndTake(first, Outcome::kSucceeded);
  Report("w", second, Outcome::kInvalidInput, "why");
  ASSERT_EQ(Job(id).state, JobState::kFailed);
  const std::string message = Job(id).message;
  EXPECT_THAT(*Repair(id, {0, 1}), ElementsAre(0));
  EXPECT_EQ(Job(id).counts, (TaskCounts{1, 0, 0, 1, 0}));
  RenderAll();
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_EQ(Job(id).message, message);
  EXPECT_EQ(Task(id, 0).state, TaskState::kSucceeded);
}

TEST_F(ControlPlaneRepairTest, RefusesWhatCannotBe) {
  EXPECT_TRUE(absl::IsNotFound(Repair(JobId("none"), {0}).status()));
  const JobId id = cluster_.Submit("r", 2)->id;
  const AttemptToken first = Sync(From("w")).start.at(0).token;
  ReportAndTake(first, Outcome::kSucceeded);
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Repair(id, {0}).status()));
  EXPECT_EQ(Job(id).state, JobState::kCancelled);
}

}  // namespace
}  // namespace atelier
