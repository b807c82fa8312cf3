// Stars and judgements, of every store.
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {

inline bool operator==(const TaskRating& a, const TaskRating& b) {
  return a.task_index == b.task_index && a.star_sum == b.star_sum &&
         a.people == b.people && a.own_stars == b.own_stars &&
         a.times_shown == b.times_shown && a.times_worst == b.times_worst;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

RatingChange Stars(int64_t index, const std::string& user, int stars) {
  RatingChange change;
  change.key = {{JobId("a"), index}, user, ""};
  change.value = stars;
  change.keep = stars != 0;
  return change;
}

RatingChange Judged(int64_t index, const std::string& user,
                    const std::string& tasks, bool is_worst) {
  RatingChange change;
  change.key = {{JobId("a"), index}, user, tasks};
  change.value = is_worst ? 1 : 0;
  return change;
}

class StoreRatingsTest : public StoreContractTest {
 protected:
  void SetUp() override { ASSERT_EQ(Apply({NewJob("a", 1, 9)}), kOk); }
  std::vector<TaskRating> List(const std::string& user, int64_t first = 0,
                               int64_t end = 99, int limit = 99) {
    return store_->ListRatings({JobId("a"), user, first, end, limit}).value();
  }
  int64_t Count() { return store_->CountRatings(JobId("a")).value(); }
};

TEST_P(StoreRatingsTest, StarsAreAddedUpForEachTask) {
  EXPECT_THAT(List(""), IsEmpty());
  ASSERT_EQ(Apply({Stars(7, "ann", 5), Stars(3, "ann", 4), Stars(3, "", 1)}),
            kOk);
  Reopen();
  EXPECT_THAT(List("ann"), ElementsAre(TaskRating{3, 5, 2, 4, 0, 0},
                                       TaskRating{7, 5, 1, 5, 0, 0}));
  EXPECT_THAT(List("bob"), ElementsAre(TaskRating{3, 5, 2, 0, 0, 0},
                                       TaskRating{7, 5, 1, 0, 0, 0}));
  EXPECT_EQ(Count(), 3);
  EXPECT_EQ(store_->CountRatings(JobId("b")).value(), 0);
}

TEST_P(StoreRatingsTest, ALaterOneOfTheSameKeyTakesItsPlace) {
  ASSERT_EQ(Apply({Stars(3, "ann", 4), Judged(3, "ann", "3 4", true),
                   Judged(4, "ann", "3 4", false)}),
            kOk);
  ASSERT_EQ(Apply({Stars(3, "ann", 2), Judged(3, "ann", "3 4", false),
                   Judged(4, "ann", "3 4", true)}),
            kOk);
  EXPECT_THAT(List("ann"), ElementsAre(TaskRating{3, 2, 1, 2, 1, 0},
                                       TaskRating{4, 0, 0, 0, 1, 1}));
  EXPECT_EQ(Count(), 3);
  ASSERT_EQ(Apply({Stars(3, "ann", 0), Stars(8, "ann", 0)}), kOk);
  EXPECT_THAT(List("ann"), ElementsAre(TaskRating{3, 0, 0, 0, 1, 0},
                                       TaskRating{4, 0, 0, 0, 1, 1}));
}

TEST_P(StoreRatingsTest, APartOfTheTasksCanBeListed) {
  ASSERT_EQ(Apply({Stars(1, "", 1), Stars(2, "", 2), Stars(4, "", 4),
                   Stars(8, "", 5)}),
            kOk);
  EXPECT_THAT(List("", 2, 8), ElementsAre(TaskRating{2, 2, 1, 2, 0, 0},
                                          TaskRating{4, 4, 1, 4, 0, 0}));
  EXPECT_THAT(List("", 2, 99, 1), ElementsAre(TaskRating{2, 2, 1, 2, 0, 0}));
}

TEST_P(StoreRatingsTest, OfNoJobTheyAreRefused) {
  RatingChange other = Stars(1, "", 3);
  other.key.task.job = JobId("none");
  EXPECT_EQ(Apply({Stars(1, "", 3), other}), kFailedPrecondition);
  EXPECT_THAT(List(""), IsEmpty()) << "nor is the other written";
  JobRecord deleted = Job("a");
  const JobRecord before = deleted;
  deleted.state = JobState::kDeleted;
  ASSERT_EQ(Apply({JobChange{VersionOf(before), deleted}}), kOk);
  EXPECT_EQ(Apply({Stars(1, "", 3)}), kFailedPrecondition);
}

TEST_P(StoreRatingsTest, TheyGoWithTheirTasks) {
  ASSERT_EQ(Apply({Stars(1, "", 3), Stars(2, "", 3), Stars(5, "", 3),
                   Judged(2, "", "2 5", true), Judged(5, "", "2 5", false)}),
            kOk);
  RowChanges removal;
  removal.removed_tasks.push_back({JobId("a"), 0, 5});
  ASSERT_TRUE(store_->Apply(removal).ok());
  Reopen();
  EXPECT_THAT(List(""), SizeIs(1));
  EXPECT_EQ(List("")[0].task_index, 5);
  RowChanges refused;
  refused.removed_tasks.push_back({JobId("a"), 5, 9});
  refused.removed_jobs.push_back({JobId("none"), {}});
  EXPECT_EQ(store_->Apply(refused).code(), kFailedPrecondition);
  EXPECT_THAT(List(""), SizeIs(1)) << "put back";
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreRatingsTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
