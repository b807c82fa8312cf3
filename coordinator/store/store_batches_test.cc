// What a transaction with many rows of one table does, for every store.
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoreBatchesTest : public StoreContractTest {};

constexpr int kTasks = 100;

AttemptRecord AttemptOf(int64_t index, int number) {
  AttemptRecord attempt;
  attempt.task = {JobId("a"), index};
  attempt.number = number;
  attempt.worker = WorkerName("w");
  return attempt;
}

TEST_P(StoreBatchesTest, EachOfManyRowsIsWritten) {
  std::vector<AnyChange> changes = {NewJob("a", 1, kTasks)};
  std::set<RenderKey> keys;
  for (int i = 0; i < kTasks; ++i) {
    const TaskRecord done = Succeeded(Leased("a", i, i + 1));
    changes.insert(changes.end(),
                   {Inserted(done), AttemptOf(i, i + 1), ResultOf(done)});
    keys.insert(done.token.render_key);
  }
  ASSERT_EQ(Apply(changes), kOk);
  const auto listed = store_->ListTasks(JobId("a"), 0, 2 * kTasks);
  ASSERT_THAT(listed->rows, SizeIs(kTasks));
  for (int i = 0; i < kTasks; ++i) {
    EXPECT_EQ(listed->rows[i].token, Token(i + 1));
    EXPECT_THAT(store_->ListAttempts({JobId("a"), i}).value(),
                ElementsAre(Field(&AttemptRecord::number, i + 1)));
  }
  EXPECT_THAT(store_->FindResults(keys).value(), SizeIs(kTasks));
}

TEST_P(StoreBatchesTest, OneThatHasARowUndoesTheOthers) {
  const TaskRecord there = Leased("a", 50, 1000);
  ASSERT_EQ(Apply({NewJob("a", 1, kTasks), Inserted(there)}), kOk);
  std::vector<AnyChange> changes;
  for (int i = 0; i < kTasks; ++i) {
    changes.emplace_back(Inserted(Leased("a", i, i + 1)));
  }
  EXPECT_EQ(Apply(changes), kFailedPrecondition);
  EXPECT_THAT(store_->ListTasks(JobId("a"), 0, kTasks)->rows, SizeIs(1));
  EXPECT_EQ(Row("a", 50).token, there.token);
}

TEST_P(StoreBatchesTest, ATaskThatIsAddedTwiceIsRefused) {
  const TaskRecord first = Leased("a", 0, 1);
  const TaskRecord done = Succeeded(first);
  ASSERT_EQ(Apply({NewJob("a", 1, 2)}), kOk);
  EXPECT_EQ(Apply({Inserted(first), Inserted(first)}), kFailedPrecondition);
  EXPECT_EQ(Apply({Inserted(first), Changed(first, done), Inserted(first)}),
            kFailedPrecondition);
  EXPECT_EQ(Apply({Changed(first, done), Inserted(first)}), kFailedPrecondition)
      << "what was to be changed had no row";
  EXPECT_THAT(store_->ListTasks(JobId("a"), 0, 2)->rows, IsEmpty());
}

TEST_P(StoreBatchesTest, TheLastAttemptOfAPlaceStays) {
  ASSERT_EQ(
      Apply({NewJob("a", 1, 1), Inserted(Leased("a", 0, 1)), AttemptOf(0, 1),
             AttemptOf(0, 2), AttemptOf(0, 1 + kKeptAttempts)}),
      kOk);
  EXPECT_THAT(store_->ListAttempts({JobId("a"), 0}).value(),
              ElementsAre(Field(&AttemptRecord::number, 2),
                          Field(&AttemptRecord::number, 1 + kKeptAttempts)));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreBatchesTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
