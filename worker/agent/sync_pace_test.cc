#include "worker/agent/sync_pace.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "common/retry_after.h"
#include "common/rpc/denial.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

const absl::Time kStart = absl::UnixEpoch();

v1::SynchronizeResponse CallAgainAfter(int64_t seconds) {
  v1::SynchronizeResponse response;
  response.mutable_call_again_after()->set_seconds(seconds);
  return response;
}

TEST(SyncPaceTest, WaitsAsLongAsTheCoordinatorAsksWithinReason) {
  SyncPace pace({}, 1);
  EXPECT_EQ(pace.AfterAnswer(CallAgainAfter(2)), absl::Seconds(2));
  EXPECT_EQ(pace.AfterAnswer(CallAgainAfter(0)), absl::Milliseconds(5));
  EXPECT_EQ(pace.AfterAnswer(CallAgainAfter(3600)), absl::Seconds(30));
  EXPECT_EQ(pace.link(), Link::kConnected);
}

TEST(SyncPaceTest, BacksOffWhileNobodyAnswersAndForgetsItAfterAnAnswer) {
  SyncPaceOptions options;
  options.first_wait = absl::Seconds(1);
  options.most_wait = absl::Seconds(4);
  SyncPace pace(options, 1);
  const absl::Status away = absl::UnavailableError("away");
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(pace.AfterFailure(away, kStart + absl::Hours(i)).ok());
  }
  EXPECT_GE(*pace.AfterFailure(away, kStart), absl::Seconds(2));
  EXPECT_EQ(pace.link(), Link::kAway);
  pace.AfterAnswer({});
  EXPECT_LE(*pace.AfterFailure(away, kStart), absl::Seconds(1));
}

TEST(SyncPaceTest, ARefusalThatSaysWhenToComeBackIsNoAbsence) {
  SyncPaceOptions options;
  options.first_wait = options.most_wait = absl::Milliseconds(100);
  SyncPace pace(options, 1);
  const absl::Status refused = WithRetryAfter(
      absl::ResourceExhaustedError("requests: ..."), absl::Milliseconds(700));
  for (int i = 0; i < 20; ++i) {
    const absl::Duration wait = *pace.AfterFailure(refused, kStart);
    EXPECT_GE(wait, absl::Milliseconds(700));
    EXPECT_LE(wait, absl::Milliseconds(800));
    EXPECT_EQ(pace.link(), Link::kConnected);
  }
  // One without a time, as a quota's or a proxy's, is as before.
  EXPECT_LE(*pace.AfterFailure(absl::ResourceExhaustedError("full"), kStart),
            absl::Milliseconds(100));
  EXPECT_EQ(pace.link(), Link::kAway);
}

TEST(SyncPaceTest, WaitsAwayStayUnderTheLeaseThatTheCoordinatorHas) {
  for (const absl::Duration lease :
       {absl::Seconds(1), absl::Seconds(3), absl::Seconds(30)}) {
    SCOPED_TRACE(lease);
    SyncPace pace({}, 1);
    // Not more than half a lease, by the coordinator's own rule.
    v1::SynchronizeResponse response;
    response.mutable_call_again_after()->set_nanos(0);
    const absl::Duration asked = std::min(lease / 2, absl::Seconds(2));
    response.mutable_call_again_after()->set_seconds(
        absl::ToInt64Seconds(asked));
    response.mutable_call_again_after()->set_nanos(
        static_cast<int>((asked % absl::Seconds(1)) / absl::Nanoseconds(1)));
    pace.AfterAnswer(response);
    // The answer to one that waits for work asks for nothing.
    pace.AfterAnswer({});
    for (int i = 0; i < 20; ++i) {
      EXPECT_LE(*pace.AfterFailure(absl::UnavailableError("away"), kStart),
                lease / 3);
    }
  }
}

TEST(SyncPaceTest, WhatStandsInForTheCoordinatorEndsNothing) {
  for (const absl::Status& failure :
       {absl::UnimplementedError("HTTP 404"), absl::UnauthenticatedError("401"),
        absl::PermissionDeniedError("403")}) {
    SyncPace pace({}, 1);
    pace.AfterAnswer({});
    EXPECT_TRUE(pace.AfterFailure(failure, kStart).ok());
    EXPECT_EQ(pace.link(), Link::kAway);
  }
}

TEST(SyncPaceTest, AnAbsurdAnswerIsBounded) {
  SyncPace pace({}, 1);
  for (int64_t seconds : {std::numeric_limits<int64_t>::max(),
                          std::numeric_limits<int64_t>::min()}) {
    const absl::Duration wait = pace.AfterAnswer(CallAgainAfter(seconds));
    EXPECT_GE(wait, absl::Milliseconds(5));
    EXPECT_LE(wait, absl::Seconds(30));
    EXPECT_LE(*pace.AfterFailure(absl::UnavailableError("away"), kStart),
              absl::Seconds(1));
  }
}

TEST(SyncPaceTest, AWorkerThatIsNotKnownTriesOnAndSaysSoOnceAMinute) {
  const absl::Status unknown =
      FromServer(absl::UnauthenticatedError("a token is needed"));
  SyncPace pace({}, 1);
  EXPECT_FALSE(pace.TokenHintDue(kStart)) << "nothing is known yet";
  int hints = 0;
  for (int second = 0; second <= 120; ++second) {
    const absl::Time now = kStart + absl::Seconds(second);
    const auto wait = pace.AfterFailure(unknown, now);
    ASSERT_TRUE(wait.ok()) << wait.status();
    EXPECT_LE(*wait, absl::Seconds(1));
    EXPECT_EQ(pace.link(), Link::kUnknown);
    hints += pace.TokenHintDue(now) ? 1 : 0;
  }
  EXPECT_EQ(hints, 3);
  pace.AfterAnswer({});
  EXPECT_FALSE(pace.TokenHintDue(kStart + absl::Hours(1)));
  ASSERT_TRUE(pace.AfterFailure(unknown, kStart + absl::Seconds(121)).ok());
  EXPECT_TRUE(pace.TokenHintDue(kStart + absl::Seconds(121)))
      << "it was known in between";
}

TEST(SyncPaceTest, WaitsForItsNameOnlySoLong) {
  SyncPaceOptions options;
  options.name_patience = absl::Seconds(60);
  SyncPace pace(options, 1);
  const absl::Status taken = absl::AlreadyExistsError("w1 is taken");
  EXPECT_TRUE(pace.AfterFailure(taken, kStart).ok());
  EXPECT_EQ(pace.link(), Link::kNameTaken);
  EXPECT_TRUE(pace.AfterFailure(taken, kStart + absl::Seconds(60)).ok());
  EXPECT_EQ(pace.AfterFailure(taken, kStart + absl::Seconds(61)).status(),
            taken);
}

TEST(SyncPaceTest, PatienceWithTheNameBeginsAnewAfterAnAnswer) {
  SyncPaceOptions options;
  options.name_patience = absl::Seconds(60);
  SyncPace pace(options, 1);
  const absl::Status taken = absl::AlreadyExistsError("w1 is taken");
  EXPECT_TRUE(pace.AfterFailure(taken, kStart).ok());
  pace.AfterAnswer({});
  EXPECT_TRUE(pace.AfterFailure(taken, kStart + absl::Hours(1)).ok());
}

TEST(SyncPaceTest, GivesUpOnWhatNoRepeatCanMend) {
  for (const absl::Status& failure :
       {absl::InvalidArgumentError("x"), absl::UnimplementedError("x"),
        absl::UnauthenticatedError("x"), absl::PermissionDeniedError("x")}) {
    SyncPace pace({}, 1);
    EXPECT_EQ(pace.AfterFailure(failure, kStart).status(), failure);
  }
  for (const absl::Status& failure :
       {absl::UnavailableError("x"), absl::InternalError("x"),
        absl::DeadlineExceededError("x"), absl::UnknownError("x")}) {
    SyncPace pace({}, 1);
    EXPECT_TRUE(pace.AfterFailure(failure, kStart).ok());
  }
}

}  // namespace
}  // namespace atelier
