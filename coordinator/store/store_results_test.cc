// What every store promises of results, run against all of them.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class StoreResultsTest : public StoreContractTest {};

TEST_P(StoreResultsTest,
       ResultsAreFoundByRenderAndTheLastOfAnArithmeticCounts) {
  EndAttempt other = Success("a", 1, 2);
  other.result->arithmetic.profile = "other";
  EndAttempt newer = Success("a", 4, 1);
  newer.result->arithmetic.engine_version = 9;
  EndAttempt later = Success("a", 2, 1);
  later.result->image_digest = "later";
  ASSERT_THAT(
      Apply({NewJob("a", 1, 5), Lease("a", 0, 1), Lease("a", 1, 2),
             Lease("a", 2, 1), Lease("a", 3, 4), Lease("a", 4, 1),
             Success("a", 0, 1), other, newer, later, Failure("a", 3, 4)}),
      Each(kOk));
  Reopen();
  std::set<RenderKey> keys = {Token(1).render_key, Token(2).render_key,
                              Token(4).render_key};
  for (int i = 0; i < 200; ++i) keys.insert(RenderKey(std::to_string(i)));
  const auto is = [](int number, const Arithmetic& arithmetic,
                     const char* digest) {
    return AllOf(Field(&StoredResult::key, Token(number).render_key),
                 Field(&StoredResult::result,
                       AllOf(Field(&TaskResult::arithmetic, arithmetic),
                             Field(&TaskResult::image_digest, digest),
                             Field(&TaskResult::iterations, 40))));
  };
  EXPECT_THAT(store_->FindResults(keys).value(),
              UnorderedElementsAre(is(1, {8, "profile"}, "later"),
                                   is(1, {9, "profile"}, "digest"),
                                   is(2, {8, "other"}, "digest")));
  EXPECT_THAT(store_->FindResults({}).value(), IsEmpty());
}

TEST_P(StoreResultsTest, AReusedResultEndsAQueuedTask) {
  ASSERT_THAT(
      Apply({NewJob("a", 1, 4), Reuse("a", 0), Reuse("a", 0), Lease("a", 1, 1),
             Reuse("a", 1), End("a", 1, 1, TaskState::kQueued, Outcome::kLost),
             Reuse("a", 1), Reuse("a", 4)}),
      ElementsAre(kOk, kOk, kFailedPrecondition, kOk, kFailedPrecondition, kOk,
                  kOk, kFailedPrecondition));
  Reopen();
  EXPECT_EQ(Job("a").counts, (TaskCounts{2, 0, 2, 0, 0}));
  EXPECT_EQ(Job("a").cursor, 2);
  EXPECT_EQ(Row("a", 0).state, TaskState::kSucceeded);
  EXPECT_EQ(Row("a", 0).attempts, 0);
  EXPECT_EQ(Row("a", 0).token.render_key, Token(1).render_key);
  EXPECT_EQ(Row("a", 0).result->image_digest, "digest");
  EXPECT_EQ(Row("a", 0).result->losses.total, 1e-300);
  EXPECT_EQ(Row("a", 0).result->worker, WorkerName("w"));
  EXPECT_EQ(Row("a", 1).attempts, 1);
  EXPECT_THAT(store_->FindResults({Token(1).render_key}).value(), IsEmpty())
      << "it is a copy";
}

TEST_P(StoreResultsTest, AReusedResultEndsWhatARetryQueuedAgain) {
  ASSERT_THAT(Apply({NewJob("a", 1, 1), Lease("a", 0, 1), Failure("a", 0, 1),
                     EndJob{JobId("a"), 0, JobState::kFailed, absl::Now()},
                     RetryJob{JobId("a"), 0}, Reuse("a", 0, 1)}),
              Each(kOk));
  EXPECT_EQ(Job("a").counts, (TaskCounts{0, 0, 1, 0, 0}));
  EXPECT_EQ(Row("a", 0).generation, 1);
}

TEST_P(StoreResultsTest, JobsNamePicturesUntilTheyHaveEndedForLong) {
  const absl::Time noon = absl::FromUnixSeconds(1'000'000);
  const auto success = [](const char* job, int number) {
    EndAttempt end = Success(job, 0, number);
    end.result->image_digest = job;
    return end;
  };
  ASSERT_THAT(
      Apply({NewJob("runs", 1, 2), NewJob("new", 2, 1), NewJob("old", 3, 1),
             Lease("runs", 0, 1), Lease("new", 0, 2), Lease("old", 0, 3),
             success("runs", 1), success("new", 2), success("old", 3),
             EndJob{JobId("new"), 0, JobState::kSucceeded, noon},
             EndJob{JobId("old"), 0, JobState::kSucceeded,
                    noon - absl::Microseconds(1)}}),
      Each(kOk));
  const auto named = store_->ListNamed(noon).value();
  EXPECT_TRUE(named->Has("runs").value());
  EXPECT_TRUE(named->Has("new").value());
  EXPECT_FALSE(named->Has("old").value());
  EXPECT_TRUE(
      store_->ListNamed(absl::InfinitePast()).value()->Has("old").value());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(named->Add("input").ok());
  EXPECT_TRUE(named->Has("input").value());
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreResultsTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
