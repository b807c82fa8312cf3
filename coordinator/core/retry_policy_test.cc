#include "coordinator/core/retry_policy.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(RetryPolicyTest, EveryOutcomeIsJudged) {
  struct Case {
    Outcome outcome;
    AttemptCosts before;
    TaskEvent event;
    int failures;
    int interruptions;
  };
  const Case cases[] = {
      {Outcome::kSucceeded, {2, 20}, TaskEvent::kSucceed, 2, 20},
      {Outcome::kPreempted, {2, 19}, TaskEvent::kHandBack, 2, 20},
      {Outcome::kPreempted, {0, 20}, TaskEvent::kGiveUp, 0, 21},
      {Outcome::kLost, {2, 19}, TaskEvent::kHandBack, 2, 20},
      {Outcome::kLost, {0, 20}, TaskEvent::kGiveUp, 0, 21},
      {Outcome::kCancelled, {0, 0}, TaskEvent::kHandBack, 0, 1},
      {Outcome::kOutOfMemory, {1, 9}, TaskEvent::kHandBack, 2, 9},
      {Outcome::kOutOfMemory, {2, 0}, TaskEvent::kGiveUp, 3, 0},
      {Outcome::kDiverged, {1, 0}, TaskEvent::kHandBack, 2, 0},
      {Outcome::kDiverged, {2, 0}, TaskEvent::kGiveUp, 3, 0},
      {Outcome::kInternal, {1, 0}, TaskEvent::kHandBack, 2, 0},
      {Outcome::kInternal, {2, 0}, TaskEvent::kGiveUp, 3, 0},
      {Outcome::kInvalidInput, {0, 0}, TaskEvent::kGiveUp, 1, 0},
      {Outcome::kCrashed, {1, 0}, TaskEvent::kHandBack, 2, 0},
      {Outcome::kCrashed, {2, 0}, TaskEvent::kGiveUp, 3, 0},
      {Outcome::kStalled, {1, 0}, TaskEvent::kHandBack, 2, 0},
      {Outcome::kStalled, {2, 0}, TaskEvent::kGiveUp, 3, 0},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << Name(c.outcome) << " after "
                                    << c.before.failures << " failures");
    const RetryDecision decision = DecideRetry(c.before, {c.outcome, ""});
    EXPECT_EQ(decision.event, c.event);
    EXPECT_EQ(decision.costs.failures, c.failures);
    EXPECT_EQ(decision.costs.interruptions, c.interruptions);
  }
}

TEST(RetryPolicyTest, TheMessageSaysWhatAndHowOften) {
  EXPECT_EQ(DecideRetry({}, {Outcome::kSucceeded, "fine"}).message, "");
  EXPECT_EQ(DecideRetry({}, {Outcome::kDiverged, "NaN"}).message,
            "diverged: NaN");
  EXPECT_EQ(DecideRetry({2, 0}, {Outcome::kDiverged, "NaN"}).message,
            "diverged: NaN (failed 3 times)");
  EXPECT_EQ(DecideRetry({0, 20}, {Outcome::kLost, ""}).message,
            "lost (interrupted 21 times)");
}

TEST(RetryPolicyTest, OutOfMemoryGoesWhereThereIsMore) {
  const RetryDecision decision =
      DecideRetry({2, 0}, {Outcome::kOutOfMemory, "", 8, 16});
  EXPECT_EQ(decision.event, TaskEvent::kHandBack);
  EXPECT_EQ(decision.costs.failures, 2) << "it is no failure of the render";
  EXPECT_EQ(decision.costs.memory_floor_bytes, 8);
}

TEST(RetryPolicyTest, OutOfMemoryOnTheLargestFailsWithTheFigure) {
  const RetryDecision decision =
      DecideRetry({0, 0, 8}, {Outcome::kOutOfMemory, "asked for 20", 16, 16});
  EXPECT_EQ(decision.event, TaskEvent::kGiveUp);
  EXPECT_EQ(decision.costs.memory_floor_bytes, 16);
  EXPECT_EQ(decision.message,
            "out-of-memory: asked for 20 (needs more than 16 bytes, and no "
            "live worker has more)");
}

}  // namespace
}  // namespace atelier
