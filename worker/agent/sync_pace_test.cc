#include "worker/agent/sync_pace.h"

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
