#include "coordinator/control/ratings.h"

#include <string>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RatingsTest : public ControlPlaneTest {
 protected:
  std::vector<TaskRating> List(const Caller& caller, const JobId& id) {
    return control().ratings().List(caller, id, 0, 99, 99).value();
  }

  const Caller ann_{"ann", {Role::kSubmit}};
  const Caller bob_{"bob", {Role::kSubmit}};
};

TEST_F(RatingsTest, EachUserHasStarsOfItsOwn) {
  const JobId id = cluster_.Submit("r", 3)->id;
  EXPECT_EQ(control().ratings().Star(ann_, {id, 1}, 4)->star_sum, 4);
  EXPECT_EQ(control().ratings().Star(ann_, {id, 1}, 4)->people, 1) << "again";
  const TaskRating both = *control().ratings().Star(bob_, {id, 1}, 1);
  EXPECT_EQ(both.star_sum, 5);
  EXPECT_EQ(both.people, 2);
  EXPECT_EQ(both.own_stars, 1);
  cluster_.Restart();
  EXPECT_EQ(List(ann_, id).at(0).own_stars, 4);
  EXPECT_EQ(control().ratings().Star(ann_, {id, 1}, 0)->people, 1);
  EXPECT_EQ(control().ratings().Star(bob_, {id, 1}, 0)->people, 0);
  EXPECT_THAT(List(ann_, id), IsEmpty());
}

TEST_F(RatingsTest, AnotherJudgementOfTheSameTasksTakesItsPlace) {
  const JobId id = cluster_.Submit("r", 4)->id;
  ASSERT_THAT(*control().ratings().Judge(ann_, id, {3, 0, 2}, 2), SizeIs(3));
  const auto again = *control().ratings().Judge(ann_, id, {0, 2, 3}, 0);
  EXPECT_EQ(again[0].task_index, 0);
  EXPECT_EQ(again[0].times_worst, 1);
  EXPECT_EQ(again[1].times_worst, 0);
  EXPECT_EQ(again[1].times_shown, 1);
  const auto other = *control().ratings().Judge(ann_, id, {0, 2}, 2);
  EXPECT_EQ(other[1].times_shown, 2);
  EXPECT_EQ(other[1].times_worst, 1);
}

TEST_F(RatingsTest, ATaskThatTheJobHasNotIsNamed) {
  const JobId id = cluster_.Submit("r", 2)->id;
  const absl::Status star = control().ratings().Star(ann_, {id, 2}, 1).status();
  EXPECT_EQ(star.message(), "task_index: 2 is not allowed; from 0 to 1");
  const absl::Status judge =
      control().ratings().Judge(ann_, id, {1, 9}, 1).status();
  EXPECT_EQ(judge.message(), "task_indexes: 9 is not allowed; from 0 to 1");
  EXPECT_THAT(List(ann_, id), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(
      control().ratings().Star(ann_, {JobId("none"), 0}, 1).status()));
}

TEST_F(RatingsTest, WhoMayNotReadTheJobMayNotRateIt) {
  const JobId id = cluster_.Submit("r", 2)->id;
  const Caller worker{"w", {Role::kWork}};
  for (const absl::Status& status :
       {control().ratings().Star(worker, {id, 0}, 1).status(),
        control().ratings().Judge(worker, id, {0, 1}, 1).status(),
        control().ratings().List(worker, id, 0, 9, 9).status()}) {
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  }
  EXPECT_THAT(List(ann_, id), IsEmpty());
}

TEST_F(RatingsTest, WhoOnlyReadsSeesThemAndGivesNone) {
  const JobId id = cluster_.Submit("r", 2)->id;
  const Caller ray{"ray", {Role::kRead}};
  ASSERT_TRUE(control().ratings().Star(ann_, {id, 1}, 3).ok());
  for (const absl::Status& status :
       {control().ratings().Star(ray, {id, 0}, 1).status(),
        control().ratings().Judge(ray, id, {0, 1}, 1).status()}) {
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  }
  EXPECT_THAT(List(ray, id), SizeIs(1));
}

TEST_F(RatingsTest, AJobsRatingsAreBounded) {
  const JobId id = cluster_.Submit("r", 2)->id;
  RowChanges many;
  for (int64_t i = 0; i < Ratings::kMostRows; ++i) {
    RatingChange& one = many.ratings.emplace_back();
    one.key = {{id, 0}, std::to_string(i), ""};
    one.value = 1;
  }
  ASSERT_TRUE(cluster_.store().Apply(many).ok());
  const absl::Status full = control().ratings().Star(ann_, {id, 1}, 1).status();
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(std::string(full.message()), HasSubstr("at most 100000"));
  const Caller first{"0", {Role::kSubmit}};
  EXPECT_TRUE(control().ratings().Star(first, {id, 0}, 0).ok())
      << "to take away is allowed";
}

TEST_F(RatingsTest, TheyGoWithTheirJob) {
  const JobId id = cluster_.Submit("r", 2)->id;
  ASSERT_TRUE(control().ratings().Star(ann_, {id, 1}, 3).ok());
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  ASSERT_TRUE(control().DeleteJob(Admin(), id).ok());
  EXPECT_TRUE(
      absl::IsNotFound(control().ratings().Star(ann_, {id, 1}, 4).status()));
  while (control().RemoveOldRows(absl::InfiniteDuration()).value()) {
  }
  EXPECT_EQ(cluster_.store().CountRatings(id).value(), 0);
}

TEST_F(RatingsTest, WhatIsNotWrittenIsNotAnsweredWith) {
  const JobId id = cluster_.Submit("r", 2)->id;
  cluster_.store().FailNext(Fault::kLost);
  EXPECT_TRUE(
      absl::IsUnavailable(control().ratings().Star(ann_, {id, 1}, 3).status()));
  EXPECT_THAT(List(ann_, id), IsEmpty());
}

}  // namespace
}  // namespace atelier
