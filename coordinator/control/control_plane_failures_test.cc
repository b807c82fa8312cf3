#include <string>
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

TEST_F(ControlPlaneTest, WhatTheDiskRefusedDidNotHappen) {
  cluster_.store().FailNext(Fault::kLost);
  EXPECT_TRUE(absl::IsUnavailable(cluster_.Submit("r", 1).status()));
  EXPECT_THAT(control().Health().message(), HasSubstr("disk full"));
  EXPECT_THAT(control().ListJobs(Admin(), 9).value(), IsEmpty());
  EXPECT_EQ(control().Counts().unfinished_jobs, 0);
  EXPECT_TRUE(cluster_.Submit("r", 1).ok());
  EXPECT_TRUE(control().Health().ok());
  EXPECT_THAT(Sync(From("w")).start, SizeIs(1));
}

TEST_F(ControlPlaneTest, HealthReturnsWithTheDiskEvenWhenNobodyAsks) {
  cluster_.store().FailNext(Fault::kLost);
  EXPECT_FALSE(cluster_.Submit("r", 1).ok());
  EXPECT_FALSE(control().Health().ok());
  control().Tick();
  EXPECT_TRUE(control().Health().ok());
}

TEST_F(ControlPlaneTest, AnUnconfirmedLeaseIsSentAgain) {
  const JobId id = cluster_.Submit("r", 1)->id;
  cluster_.store().FailNext(Fault::kUnconfirmed);
  EXPECT_TRUE(
      absl::IsUnavailable(cluster_.Synchronize(From("w"))->get().status()));
  const SyncResponse response = Sync(From("w"));
  ASSERT_THAT(response.start, SizeIs(1));
  EXPECT_EQ(Task(id, 0).attempts, 1) << "the lease stands, once";
}

TEST_F(ControlPlaneTest, AnUnconfirmedReportIsIgnoredWhenRepeated) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  cluster_.store().FailNext(Fault::kUnconfirmed);
  const auto failed =
      cluster_.Synchronize(Finished(From("w"), token, Outcome::kSucceeded));
  EXPECT_TRUE(absl::IsUnavailable(failed->get().status()));
  EXPECT_EQ(Report("w", token, Outcome::kSucceeded), Disposition::kIgnored);
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
}

TEST_F(ControlPlaneTest, AFailureAnswersTheWaitingCalls) {
  const auto waiting = cluster_.Synchronize(From("w"));
  cluster_.Settle();
  cluster_.store().FailNext(Fault::kLost);
  EXPECT_FALSE(cluster_.Submit("r", 1).ok());
  EXPECT_TRUE(absl::IsUnavailable(waiting->get().status()));
}

TEST_F(ControlPlaneTest, AFencedCoordinatorChangesNothingMore) {
  ASSERT_TRUE(cluster_.Submit("r", 1).ok());
  InMemoryStore standby(cluster_.tables());
  ASSERT_TRUE(standby.BeginEpoch().ok());
  for (const char* request : {"s", "t"}) {
    EXPECT_TRUE(absl::IsUnavailable(cluster_.Submit(request, 1).status()));
    EXPECT_TRUE(absl::IsAborted(control().Health()));
  }
  EXPECT_THAT(standby.ListJobs(9, std::nullopt).value(), SizeIs(1));
}

TEST_F(ControlPlaneTest, StoppingAnswersEverybody) {
  const auto waiting = cluster_.Synchronize(From("w"));
  cluster_.Settle();
  control().Stop();
  EXPECT_TRUE(absl::IsUnavailable(waiting->get().status()));
  EXPECT_TRUE(absl::IsUnavailable(cluster_.Submit("r", 1).status()));
  EXPECT_TRUE(
      absl::IsUnavailable(cluster_.Synchronize(From("v"))->get().status()));
  EXPECT_FALSE(control().Health().ok());
}

}  // namespace
}  // namespace atelier
