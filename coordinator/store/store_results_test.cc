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
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

class StoreResultsTest : public StoreContractTest {};

TEST_P(StoreResultsTest,
       ResultsAreFoundByRenderAndTheLastOfAnArithmeticCounts) {
  const TaskRecord first = Succeeded("a", 0, 1);
  TaskRecord other = Succeeded("a", 1, 2);
  other.result->arithmetic.profile = "other";
  TaskRecord newer = Succeeded("a", 4, 1);
  newer.result->arithmetic.engine_version = 9;
  TaskRecord later = Succeeded("a", 2, 1);
  later.result->image_digest = "later";
  ASSERT_EQ(Apply({NewJob("a", 1, 5), Inserted(first), Inserted(other),
                   Inserted(later), Inserted(newer), ResultOf(first),
                   ResultOf(other), ResultOf(newer), ResultOf(later)}),
            kOk);
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

TEST_P(StoreResultsTest, ARowThatHasLostItsResultIsNotFound) {
  const TaskRecord done = Succeeded("a", 0, 1);
  TaskRecord queued = done;
  queued.state = TaskState::kQueued;
  queued.result.reset();
  ASSERT_EQ(Apply({NewJob("a", 1, 1), Inserted(done), ResultOf(done)}), kOk);
  EXPECT_THAT(store_->FindResults({Token(1).render_key}).value(), SizeIs(1));
  ASSERT_EQ(Apply({Changed(done, queued)}), kOk);
  EXPECT_THAT(store_->FindResults({Token(1).render_key}).value(), IsEmpty());
  EXPECT_FALSE(
      store_->ListNamed(absl::InfinitePast()).value()->Has("digest").value());
}

TEST_P(StoreResultsTest, ARowWithoutAResultRecordIsACopy) {
  ASSERT_EQ(Apply({NewJob("a", 1, 1), Inserted(Succeeded("a", 0, 1))}), kOk);
  EXPECT_THAT(store_->FindResults({Token(1).render_key}).value(), IsEmpty());
}

TEST_P(StoreResultsTest, JobsNamePicturesUntilTheyHaveEndedForLong) {
  const absl::Time noon = absl::FromUnixSeconds(1'000'000);
  const auto success = [](const char* job, int number) {
    TaskRecord row = Succeeded(job, 0, number);
    row.result->image_digest = job;
    return Inserted(row);
  };
  const auto ended = [](JobChange job, absl::Time at) {
    job.after.state = JobState::kSucceeded;
    job.after.ended_at = at;
    return job;
  };
  ASSERT_EQ(Apply({NewJob("runs", 1, 2), ended(NewJob("new", 2, 1), noon),
                   ended(NewJob("old", 3, 1), noon - absl::Microseconds(1)),
                   success("runs", 1), success("new", 2), success("old", 3)}),
            kOk);
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
