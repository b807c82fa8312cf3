// Some tasks of a job are retried.
#include <set>
#include <string>

#include "coordinator/control/control_plane.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ControlPlaneRetryTest : public ControlPlaneTest {
 protected:
  // A job of `tasks`, of which all but the first failed.
  JobId Failed(int tasks) {
    const JobId id = cluster_.Submit("r", tasks)->id;
    SyncResponse next = Sync(From("w"));
    for (int i = 0; i < tasks; ++i) {
      next =
          Sync(Finished(From("w"), next.start.at(0).token,
                        i == 0 ? Outcome::kSucceeded : Outcome::kInvalidInput));
    }
    EXPECT_EQ(Job(id).state, JobState::kFailed);
    return id;
  }
  // What a worker gets, one after another.
  std::set<int64_t> RenderAll() {
    std::set<int64_t> indices;
    SyncResponse next = Sync(From("w"));
    while (!next.start.empty()) {
      indices.insert(next.start[0].task.index);
      next =
          Sync(Finished(From("w"), next.start[0].token, Outcome::kSucceeded));
    }
    return indices;
  }
};

TEST_F(ControlPlaneRetryTest, AnEndedJobRunsAgainForTheseAlone) {
  const JobId id = Failed(4);
  const std::string message = Job(id).message;
  ASSERT_FALSE(message.empty());
  const JobRecord retried = control().Retry(Admin(), id, {0, 1, 3}).value();
  EXPECT_EQ(retried.state, JobState::kRunning);
  EXPECT_EQ(retried.counts, (TaskCounts{2, 0, 1, 1, 0})) << "0 has succeeded";
  EXPECT_EQ(retried.message, message) << "2 has failed still";
  EXPECT_EQ(RenderAll(), (std::set<int64_t>{1, 3}));
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_EQ(Task(id, 2).state, TaskState::kFailed);
  EXPECT_EQ(Task(id, 2).attempts, 1);
  EXPECT_EQ(Task(id, 3).attempts, 2);

  EXPECT_EQ(control().Retry(Admin(), id, {2})->message, "");
  EXPECT_EQ(RenderAll(), (std::set<int64_t>{2}));
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
  EXPECT_EQ(control().Retry(Admin(), id, {2})->state, JobState::kSucceeded);
}

TEST_F(ControlPlaneRetryTest, ARunningJobGoesOnBesideIt) {
  const JobId id = cluster_.Submit("r", 4)->id;
  const AttemptToken held = Sync(From("v")).start.at(0).token;
  AttemptToken token = Sync(From("w")).start.at(0).token;
  token = ReportAndTake(token, Outcome::kInvalidInput);
  token = ReportAndTake(token, Outcome::kInvalidInput);
  ASSERT_EQ(Job(id).counts, (TaskCounts{0, 2, 0, 2, 0}));
  EXPECT_EQ(control().Retry(Admin(), id, {0, 2, 3})->counts,
            (TaskCounts{1, 2, 0, 1, 0}));
  EXPECT_THAT(Sync(Running(From("v"), held)).stop, IsEmpty());
  EXPECT_EQ(control().Retry(Admin(), id, {2})->counts,
            (TaskCounts{1, 2, 0, 1, 0}))
      << "it is queued already";
}

TEST_F(ControlPlaneRetryTest, OutlivesTheCoordinator) {
  const JobId id = Failed(3);
  ASSERT_TRUE(control().Retry(Admin(), id, {2}).ok());
  cluster_.Restart();
  EXPECT_EQ(Job(id).counts, (TaskCounts{1, 0, 1, 1, 0}));
  EXPECT_EQ(RenderAll(), (std::set<int64_t>{2}));
  EXPECT_EQ(Job(id).state, JobState::kFailed);
}

TEST_F(ControlPlaneRetryTest, WhatIsRetriedAsAWholeIsQueuedOnce) {
  const JobId id = Failed(3);
  ASSERT_TRUE(control().Retry(Admin(), id).ok());
  EXPECT_EQ(control().Retry(Admin(), id, {1, 2})->counts,
            (TaskCounts{2, 0, 1, 0, 0}));
  EXPECT_EQ(RenderAll(), (std::set<int64_t>{1, 2}));
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
  EXPECT_EQ(Task(id, 1).attempts, 2);
}

TEST_F(ControlPlaneRetryTest, AfterItAllThatFailedCanBeRetried) {
  const JobId id = Failed(3);
  ASSERT_TRUE(control().Retry(Admin(), id, {1}).ok());
  EXPECT_EQ(control().Retry(Admin(), id)->counts, (TaskCounts{2, 0, 1, 0, 0}));
  EXPECT_EQ(RenderAll(), (std::set<int64_t>{1, 2}));
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
}

TEST_F(ControlPlaneRetryTest, OfACancelledJobNoneAlone) {
  const JobId id = Failed(3);
  ASSERT_TRUE(control().Retry(Admin(), id).ok());
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  const absl::Status refused = control().Retry(Admin(), id, {1}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              testing::HasSubstr("retry all of it"));
  EXPECT_EQ(Job(id).state, JobState::kCancelled);
  EXPECT_TRUE(
      absl::IsNotFound(control().Retry(Admin(), JobId("none"), {1}).status()));
}

}  // namespace
}  // namespace atelier
