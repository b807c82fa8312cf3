// What every store promises of crashes, run against all of them.
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StoreCrashesTest : public StoreContractTest {};

CountCrash Crash(const std::string& job, int64_t index, TaskState from,
                 TaskState to, int64_t generation = 0) {
  CountCrash crash;
  crash.task = {JobId(job), index};
  crash.generation = generation;
  crash.from = from;
  crash.to = to;
  crash.costs.failures = 1;
  crash.costs.interruptions = 2;
  crash.costs.memory_floor_bytes = 3;
  crash.costs.furthest_iteration = 4;
  crash.costs.crashes = {"\"a\": x", "\"b\": y, z"};
  crash.message = "crashed";
  return crash;
}

EndAttempt Lost(const std::string& job, int64_t index, int64_t number) {
  return End(job, index, number, TaskState::kQueued, Outcome::kLost);
}

TEST_P(StoreCrashesTest, WhatAnAttemptHasCostComesBackWhole) {
  EndAttempt end = Lost("a", 0, 1);
  end.costs = Crash("a", 0, TaskState::kQueued, TaskState::kQueued).costs;
  ASSERT_THAT(Apply({NewJob("a", 1, 1), Lease("a", 0, 1), end}),
              ElementsAre(kOk, kOk, kOk));
  Reopen();
  const AttemptCosts costs = Row("a", 0).costs;
  EXPECT_EQ(costs.failures, 1);
  EXPECT_EQ(costs.interruptions, 2);
  EXPECT_EQ(costs.memory_floor_bytes, 3);
  EXPECT_EQ(costs.furthest_iteration, 4);
  EXPECT_THAT(costs.crashes, ElementsAre("\"a\": x", "\"b\": y, z"));
  ASSERT_THAT(Apply({Lease("a", 0, 2), Success("a", 0, 2)}),
              ElementsAre(kOk, kOk));
}

TEST_P(StoreCrashesTest, ALateCrashLeavesTheTaskWhereItIs) {
  ASSERT_THAT(Apply({NewJob("a", 1, 2), Lease("a", 0, 1), Lost("a", 0, 1),
                     Lease("a", 1, 2)}),
              ElementsAre(kOk, kOk, kOk, kOk));
  ASSERT_THAT(Apply({Crash("a", 0, TaskState::kQueued, TaskState::kQueued),
                     Crash("a", 1, TaskState::kLeased, TaskState::kLeased)}),
              ElementsAre(kOk, kOk));
  Reopen();
  EXPECT_EQ(Job("a").counts, (TaskCounts{1, 1, 0, 0, 0}));
  for (int index : {0, 1}) {
    SCOPED_TRACE(index);
    EXPECT_EQ(Row("a", index).costs.crashes.size(), 2);
    EXPECT_EQ(Row("a", index).costs.furthest_iteration, 4);
    EXPECT_EQ(Row("a", index).outcome, Outcome::kCrashed);
    EXPECT_EQ(Row("a", index).message, "crashed");
  }
  EXPECT_THAT(Apply({Success("a", 1, 2)}), ElementsAre(kOk))
      << "its attempt goes on";
}

TEST_P(StoreCrashesTest, ALateCrashMayFailATaskThatWaits) {
  ASSERT_THAT(Apply({NewJob("a", 1, 1), Lease("a", 0, 1), Lost("a", 0, 1),
                     Crash("a", 0, TaskState::kQueued, TaskState::kFailed),
                     EndJob{JobId("a"), 0, JobState::kFailed, absl::Now()}}),
              ElementsAre(kOk, kOk, kOk, kOk, kOk));
  Reopen();
  EXPECT_EQ(Job("a").counts, (TaskCounts{0, 0, 0, 1, 0}));
  EXPECT_EQ(Row("a", 0).state, TaskState::kFailed);
}

TEST_P(StoreCrashesTest, ACrashOfAnotherStateOrGenerationIsRefused) {
  ASSERT_THAT(Apply({NewJob("a", 1, 2), Lease("a", 0, 1), Lease("a", 1, 2),
                     Failure("a", 1, 2)}),
              ElementsAre(kOk, kOk, kOk, kOk));
  EXPECT_THAT(
      Apply({Crash("a", 0, TaskState::kQueued, TaskState::kFailed),
             Crash("a", 1, TaskState::kQueued, TaskState::kQueued),
             Crash("a", 0, TaskState::kLeased, TaskState::kLeased, 1),
             Crash("b", 0, TaskState::kLeased, TaskState::kLeased),
             CancelJob{JobId("a"), 0, absl::Now()},
             Crash("a", 0, TaskState::kLeased, TaskState::kLeased)}),
      ElementsAre(kFailedPrecondition, kFailedPrecondition, kFailedPrecondition,
                  kNotFound, kOk, kFailedPrecondition));
}

TEST_P(StoreCrashesTest, ARetryForgetsThem) {
  ASSERT_THAT(Apply({NewJob("a", 1, 2), Lease("a", 0, 1), Lost("a", 0, 1),
                     Crash("a", 0, TaskState::kQueued, TaskState::kFailed),
                     RetryFailedTasks{JobId("a"), 0}, Lease("a", 0, 2, 1)}),
              ElementsAre(kOk, kOk, kOk, kOk, kOk, kOk));
  EXPECT_THAT(Row("a", 0).costs.crashes, IsEmpty());
  EXPECT_EQ(Row("a", 0).costs.furthest_iteration, 0);
  EXPECT_FALSE(Row("a", 0).outcome.has_value());
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreCrashesTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
