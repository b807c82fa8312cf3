#include "coordinator/state/retry_policy.h"

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
      {Outcome::kCrashed, {2, 20}, TaskEvent::kHandBack, 2, 20},
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

AttemptEnd Crash(absl::string_view worker, absl::string_view said) {
  AttemptEnd end;
  end.outcome = Outcome::kCrashed;
  end.worker = worker;
  end.said = said;
  return end;
}

TEST(RetryPolicyTest, TheThirdCrashFailsTheTaskAndNamesAllWorkers) {
  const RetryDecision one = DecideRetry({}, Crash("w1", "signal 11 (SIGSEGV)"));
  EXPECT_EQ(one.event, TaskEvent::kHandBack);
  EXPECT_EQ(one.message, "crashed the worker \"w1\": signal 11 (SIGSEGV)");
  const RetryDecision two =
      DecideRetry(one.costs, Crash("w2", "killed by the kernel"));
  EXPECT_EQ(two.event, TaskEvent::kHandBack);
  const RetryDecision three =
      DecideRetry(two.costs, Crash("w1", "signal 6 (SIGABRT)"));
  EXPECT_EQ(three.event, TaskEvent::kGiveUp);
  EXPECT_EQ(three.message,
            "crashed the worker \"w1\": signal 11 (SIGSEGV); \"w2\": killed by "
            "the kernel; \"w1\": signal 6 (SIGABRT) (crashed 3 times)");
  EXPECT_EQ(three.costs.failures, 0);
  EXPECT_EQ(three.costs.interruptions, 0);
}

TEST(RetryPolicyTest, OtherEndsBetweenThemForgetNoCrash) {
  AttemptCosts costs = DecideRetry({}, Crash("w", "a")).costs;
  AttemptEnd lost{Outcome::kLost, ""};
  lost.iteration = 70;
  costs = DecideRetry(costs, lost).costs;
  EXPECT_EQ(costs.crashes.size(), 1) << "progress resets losses only";
  EXPECT_EQ(costs.interruptions, 1);
}

TEST(RetryPolicyTest, ACrashIsOneShortLineWhateverWasSaid) {
  const std::string said = std::string("a\n\x1b") + std::string(9000, 'x');
  const AttemptCosts costs = DecideRetry({}, Crash("w", said)).costs;
  EXPECT_EQ(costs.crashes.at(0).find('\n'), std::string::npos);
  EXPECT_EQ(costs.crashes.at(0).find('\x1b'), std::string::npos);
  EXPECT_LE(costs.crashes.at(0).size(), 400);
}

TEST(RetryPolicyTest, ALateCrashTakesThePlaceOfItsLoss) {
  AttemptCosts costs;
  costs.interruptions = 20;
  costs.crashes = {"\"a\": x", "\"b\": y"};
  const RetryDecision decision = DecideLateCrash(costs, Crash("c", "z"));
  EXPECT_EQ(decision.event, TaskEvent::kGiveUp);
  EXPECT_EQ(decision.costs.interruptions, 19);
  EXPECT_EQ(
      decision.message,
      "crashed the worker \"a\": x; \"b\": y; \"c\": z (crashed 3 times)");
}

TEST(RetryPolicyTest, CompanyIsSuspectedOnce) {
  AttemptEnd crash = Crash("w", "x");
  crash.in_company = true;
  const RetryDecision one = DecideRetry({}, crash);
  EXPECT_TRUE(one.counts_as_crash);
  EXPECT_EQ(one.costs.crashes.size(), 1);
  const RetryDecision two = DecideRetry(one.costs, crash);
  EXPECT_FALSE(two.counts_as_crash);
  EXPECT_EQ(two.message,
            "crashed: x (not counted: others ran in the same process)");
  EXPECT_EQ(two.costs.crashes.size(), 1);
  EXPECT_EQ(two.costs.interruptions, 1);
  const RetryDecision late = DecideLateCrash(two.costs, crash);
  EXPECT_FALSE(late.counts_as_crash);
  EXPECT_EQ(late.costs.interruptions, 1);
  crash.in_company = false;
  EXPECT_EQ(DecideRetry(two.costs, crash).costs.crashes.size(), 2);
}

TEST(RetryPolicyTest, WhatGetsFurtherThanEverIsNotGivenUpForItsLosses) {
  AttemptCosts costs;
  AttemptEnd lost{Outcome::kLost, ""};
  for (int attempt = 1; attempt <= 100; ++attempt) {
    lost.iteration = attempt;
    const RetryDecision decision = DecideRetry(costs, lost);
    ASSERT_EQ(decision.event, TaskEvent::kHandBack) << attempt;
    costs = decision.costs;
  }
  // From here on none gets further than the hundredth iteration.
  for (int attempt = 2; attempt <= 20; ++attempt) {
    const RetryDecision decision = DecideRetry(costs, lost);
    ASSERT_EQ(decision.event, TaskEvent::kHandBack) << attempt;
    costs = decision.costs;
  }
  EXPECT_EQ(DecideRetry(costs, lost).event, TaskEvent::kGiveUp);
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
