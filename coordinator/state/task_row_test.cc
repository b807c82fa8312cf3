#include "coordinator/state/task_row.h"

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

class TaskRowTest : public testing::Test {
 protected:
  static AttemptToken Token(int64_t number) {
    return {RenderKey("k"), number, 1};
  }
  TaskChange Lease(int64_t number) {
    return row_.Lease(Token(number), WorkerName("w"), InstanceId("i"), kNow);
  }
  TaskChange HandBack() {
    AttemptCosts costs;
    costs.failures = 1;
    costs.crashes = {"a line"};
    return row_.End(TaskEvent::kHandBack, Outcome::kDiverged, costs, "said",
                    std::nullopt);
  }
  TaskChange Succeed() {
    TaskResult result;
    result.image_digest = "digest";
    return row_.End(TaskEvent::kSucceed, Outcome::kSucceeded, {}, "", result);
  }
  // Of this generation, handed back after a failure.
  static TaskRecord Stored(TaskState state, int64_t generation) {
    TaskRecord stored;
    stored.id = {JobId("a"), 7};
    stored.state = state;
    stored.generation = generation;
    stored.attempts = 3;
    stored.token = Token(9);
    stored.costs.failures = 2;
    stored.outcome = Outcome::kDiverged;
    stored.message = "said";
    return stored;
  }

  TaskRow row_{TaskId{JobId("a"), 7}, /*generation=*/2};
};

TEST_F(TaskRowTest, EachChangeExpectsWhatTheOneBeforeItWrote) {
  const TaskChange lease = Lease(1);
  EXPECT_FALSE(lease.before.has_value()) << "it has no row yet";
  EXPECT_EQ(lease.after.id, (TaskId{JobId("a"), 7}));
  EXPECT_EQ(lease.after.generation, 2);
  TaskVersion version = VersionOf(lease.after);
  for (const TaskChange& change :
       {HandBack(), Lease(2), Succeed(), row_.QueueAgain(3), Lease(3)}) {
    ASSERT_TRUE(change.before.has_value());
    EXPECT_EQ(change.before->state, version.state);
    EXPECT_EQ(change.before->generation, version.generation);
    EXPECT_EQ(change.before->token, version.token);
    version = VersionOf(change.after);
  }
}

TEST_F(TaskRowTest, ALeaseIsTheNextAttempt) {
  Lease(1);
  HandBack();
  const TaskRecord row = Lease(2).after;
  EXPECT_EQ(row.state, TaskState::kLeased);
  EXPECT_EQ(row.attempts, 2);
  EXPECT_EQ(row.token, Token(2));
  EXPECT_EQ(row.worker, WorkerName("w"));
  EXPECT_EQ(row.instance, InstanceId("i"));
  EXPECT_EQ(row.began_at, kNow);
  EXPECT_EQ(row.costs.failures, 1) << "it keeps its history";
  EXPECT_EQ(row.outcome, Outcome::kDiverged);
  EXPECT_EQ(row.message, "said");
}

TEST_F(TaskRowTest, ASuccessKeepsWhatWasSaidOfEarlierAttempts) {
  Lease(1);
  HandBack();
  Lease(2);
  const TaskRecord row = Succeed().after;
  EXPECT_EQ(row.state, TaskState::kSucceeded);
  EXPECT_EQ(row.result->image_digest, "digest");
  EXPECT_EQ(row.outcome, Outcome::kDiverged);
  EXPECT_EQ(row.costs.failures, 0) << "as the end says";
}

TEST_F(TaskRowTest, WhatAnOlderGenerationLeftBeginsAnew) {
  for (TaskState state :
       {TaskState::kQueued, TaskState::kLeased, TaskState::kFailed}) {
    SCOPED_TRACE(Name(state));
    TaskRow row(Stored(state, 1), /*generation=*/2);
    EXPECT_EQ(row.record().state, TaskState::kQueued);
    const TaskChange change =
        row.Lease(Token(10), WorkerName("w"), InstanceId("i"), kNow);
    EXPECT_EQ(change.before->state, state);
    EXPECT_EQ(change.before->generation, 1);
    EXPECT_EQ(change.before->token, Token(9));
    EXPECT_EQ(change.after.generation, 2);
    EXPECT_EQ(change.after.attempts, 4);
    EXPECT_EQ(change.after.costs.failures, 0);
    EXPECT_FALSE(change.after.outcome.has_value());
    EXPECT_EQ(change.after.message, "");
  }
}

TEST_F(TaskRowTest, WhatThisGenerationLeftGoesOn) {
  TaskRow row(Stored(TaskState::kLeased, 2), /*generation=*/2);
  EXPECT_EQ(row.record().state, TaskState::kLeased);
  EXPECT_EQ(row.costs().failures, 2);
}

TEST_F(TaskRowTest, ASuccessOfAnOlderGenerationStays) {
  TaskRow row(Stored(TaskState::kSucceeded, 1), /*generation=*/2);
  EXPECT_EQ(row.record().state, TaskState::kSucceeded);
  EXPECT_EQ(row.record().generation, 1);
}

TEST_F(TaskRowTest, AReusedResultEndsItWithoutAnAttempt) {
  TaskResult result;
  result.image_digest = "digest";
  result.worker = WorkerName("another");
  const TaskRecord row = row_.Reuse(RenderKey("key"), result).after;
  EXPECT_EQ(row.state, TaskState::kSucceeded);
  EXPECT_EQ(row.attempts, 0);
  EXPECT_EQ(row.token.render_key, RenderKey("key"));
  EXPECT_EQ(row.worker, WorkerName("another"));
  EXPECT_EQ(row.result->image_digest, "digest");
}

TEST_F(TaskRowTest, ARefusedOneFailsWithoutAnAttempt) {
  const TaskRecord row = row_.Refuse("why").after;
  EXPECT_EQ(row.state, TaskState::kFailed);
  EXPECT_EQ(row.outcome, Outcome::kInvalidInput);
  EXPECT_EQ(row.message, "why");
  EXPECT_EQ(row.attempts, 0);
}

TEST_F(TaskRowTest, ALateCrashLeavesItWhereItIsOrGivesItUp) {
  Lease(1);
  HandBack();
  AttemptCosts costs;
  costs.crashes = {"a", "b"};
  const TaskRecord counted = row_.CountCrash(costs, "crashed").after;
  EXPECT_EQ(counted.state, TaskState::kQueued);
  EXPECT_EQ(counted.outcome, Outcome::kCrashed);
  EXPECT_THAT(counted.costs.crashes, ElementsAre("a", "b"));
  Lease(2);
  EXPECT_EQ(row_.CountCrash(costs, "crashed").after.state, TaskState::kLeased);
  HandBack();
  const TaskRecord gone = row_.GiveUp(costs, "once too often").after;
  EXPECT_EQ(gone.state, TaskState::kFailed);
  EXPECT_EQ(gone.outcome, Outcome::kCrashed);
  EXPECT_EQ(gone.message, "once too often");
}

TEST_F(TaskRowTest, ARepairForgetsAllButHowOftenItWasTried) {
  Lease(1);
  HandBack();
  Lease(2);
  Succeed();
  const TaskRecord row = row_.QueueAgain(/*generation=*/5).after;
  EXPECT_EQ(row.state, TaskState::kQueued);
  EXPECT_EQ(row.generation, 5);
  EXPECT_EQ(row.attempts, 2);
  EXPECT_FALSE(row.result.has_value());
  EXPECT_FALSE(row.outcome.has_value());
  EXPECT_THAT(row.costs.crashes, IsEmpty());
  EXPECT_EQ(row.message, "");
}

TEST_F(TaskRowTest, WhatFailedIsQueuedAgainInItsGeneration) {
  Lease(1);
  row_.GiveUp({}, "once too often");
  const TaskChange change = row_.QueueAgain(/*generation=*/2);
  EXPECT_EQ(change.before->state, TaskState::kFailed);
  EXPECT_EQ(change.after.state, TaskState::kQueued);
  EXPECT_EQ(change.after.generation, 2);
  EXPECT_EQ(change.after.attempts, 1);
  EXPECT_FALSE(change.after.outcome.has_value());
  EXPECT_EQ(change.after.message, "");
}

TEST_F(TaskRowTest, CarriedOverItIsWhatItWas) {
  Lease(1);
  const TaskChange change = row_.CarryOver(/*generation=*/3);
  EXPECT_EQ(change.before->generation, 2);
  EXPECT_EQ(change.after.generation, 3);
  EXPECT_EQ(change.after.state, TaskState::kLeased);
  EXPECT_EQ(change.after.attempts, 1);
  EXPECT_EQ(change.after.token, Token(1));
}

TEST_F(TaskRowTest, AMoveThatTheTableDoesNotListIsNotMade) {
  EXPECT_THROW(Succeed(), absl::BadStatusOrAccess);
  Lease(1);
  EXPECT_THROW(Lease(2), absl::BadStatusOrAccess);
  EXPECT_THROW(row_.Refuse("why"), absl::BadStatusOrAccess);
}

}  // namespace
}  // namespace atelier
