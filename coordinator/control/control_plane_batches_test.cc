// What workers are given that render together what one answer starts.
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
using ::testing::SizeIs;

SyncRequest Batching(const std::string& name, int slots) {
  SyncRequest request = From(name, slots);
  request.worker.batches = true;
  return request;
}

class ControlPlaneBatchesTest : public ControlPlaneTest {
 protected:
  JobId SubmitFor(const std::string& user, const char* tasks) {
    JobSpec spec = SpecOfTasks(tasks).value();
    spec.user = user;
    return control().Submit(Admin(), RequestId(user), spec, tasks)->id;
  }
  std::vector<JobId> JobsGivenTo(SyncRequest request) {
    std::vector<JobId> jobs;
    for (const Assignment& start : Sync(std::move(request)).start) {
      jobs.push_back(start.task.job);
    }
    return jobs;
  }
};

TEST_F(ControlPlaneBatchesTest, AnAnswerHasTasksThatAreAlikeAndNoOthers) {
  cluster_.SubmitSpec("r", "4").value();  // They differ in their iterations.
  EXPECT_THAT(Sync(From("w", 3)).start, SizeIs(3));
  EXPECT_THAT(Sync(Batching("b", 3)).start, SizeIs(1));
  cluster_.SubmitSpec("s", "s4").value();
  EXPECT_THAT(Sync(Batching("c", 3)).start, SizeIs(3));
}

TEST_F(ControlPlaneBatchesTest, NothingJoinsABatchUntilAllOfItHasEnded) {
  cluster_.SubmitSpec("s", "s5").value();
  const std::vector<Assignment> batch = Sync(Batching("b", 3)).start;
  ASSERT_THAT(batch, SizeIs(3));
  SyncRequest request = Batching("b", 3);
  for (int i = 0; i < 2; ++i) {
    request = Finished(request, batch[i].token, Outcome::kSucceeded);
  }
  EXPECT_THAT(Sync(Running(request, batch[2].token)).start, IsEmpty());
  EXPECT_THAT(
      Sync(Finished(Batching("b", 3), batch[2].token, Outcome::kSucceeded))
          .start,
      SizeIs(2));
}

TEST_F(ControlPlaneBatchesTest, ABatchIsOneUsersAsFarAsThereIsEnough) {
  // A render's usual length, so that whoever is given one is charged.
  SubmitFor("carl", "1");
  const AttemptToken first = Sync(From("v")).start.at(0).token;
  cluster_.clock().Advance(absl::Seconds(10));
  ASSERT_EQ(Report("v", first, Outcome::kSucceeded), Disposition::kCommitted);
  const JobId of_ann = SubmitFor("ann", "s4");
  const JobId of_bob = SubmitFor("bob", "s4");
  EXPECT_THAT(JobsGivenTo(Batching("w", 3)),
              ElementsAre(of_ann, of_ann, of_ann));
  EXPECT_THAT(JobsGivenTo(Batching("x", 3)),
              ElementsAre(of_bob, of_bob, of_bob));
  EXPECT_THAT(JobsGivenTo(Batching("y", 3)), ElementsAre(of_ann, of_bob));
}

// Its answer may have been lost: it gets the same again.
TEST_F(ControlPlaneBatchesTest, ABatchThatIsNotKnownIsGivenAgainWhole) {
  cluster_.SubmitSpec("s", "s5").value();
  const std::vector<Assignment> batch = Sync(Batching("b", 3)).start;
  const std::vector<Assignment> again = Sync(Batching("b", 3)).start;
  ASSERT_THAT(again, SizeIs(3));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(again[i].token, batch[i].token);
}

}  // namespace
}  // namespace atelier
