#include "common/rpc/retry.h"

#include <optional>
#include <thread>

#include "common/retry_after.h"
#include "common/rpc/denial.h"
#include "common/rpc/grpc_status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

const absl::Time kStart = absl::UnixEpoch();

RetryPolicy Eager() {
  RetryPolicy policy;
  policy.first_wait = policy.most_wait = absl::ZeroDuration();
  return policy;
}

TEST(RetryTest, KeepsCodeAndMessageFromGrpc) {
  EXPECT_TRUE(FromGrpc(grpc::Status::OK).ok());
  EXPECT_EQ(FromGrpc({grpc::StatusCode::OUT_OF_RANGE, "past the end"}),
            absl::OutOfRangeError("past the end"));
  EXPECT_EQ(FromGrpc({grpc::StatusCode::UNAVAILABLE, "away"}),
            absl::UnavailableError("away"));
}

TEST(RetryTest, TellsAServersDenialFromAFiles) {
  const absl::Status denied =
      FromGrpc({grpc::StatusCode::PERMISSION_DENIED, "no"});
  EXPECT_EQ(denied.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(denied.message(), "no");
  EXPECT_TRUE(IsDenial(denied));
  EXPECT_FALSE(IsDenial(absl::PermissionDeniedError("open a.png")));
  EXPECT_TRUE(IsDenial(FromGrpc({grpc::StatusCode::UNAUTHENTICATED, "who"})));
  EXPECT_FALSE(IsDenial(absl::UnauthenticatedError("not trusted")));
  EXPECT_FALSE(IsDenial(FromGrpc({grpc::StatusCode::NOT_FOUND, "none"})));
}

TEST(RetryTest, OneThatAwaitsATokenRepeatsWhatLacksIt) {
  const absl::Status unknown = absl::UnauthenticatedError("a token is needed");
  RetryPolicy policy;
  RetrySchedule eager(policy, absl::UnixEpoch(), /*seed=*/1);
  EXPECT_FALSE(eager.WaitAfter(unknown, absl::UnixEpoch()).has_value());
  policy.awaits_token = true;
  RetrySchedule patient(policy, absl::UnixEpoch(), /*seed=*/1);
  EXPECT_TRUE(patient.WaitAfter(unknown, absl::UnixEpoch()).has_value());
  EXPECT_FALSE(
      patient.WaitAfter(absl::PermissionDeniedError("no"), absl::UnixEpoch())
          .has_value());
}

TEST(RetryTest, OnlyUnavailableIsRepeated) {
  for (int code = 0; code <= 16; ++code) {
    const auto status = absl::Status(static_cast<absl::StatusCode>(code), "x");
    EXPECT_EQ(IsSafeToRepeat(status),
              status.code() == absl::StatusCode::kUnavailable)
        << status;
  }
}

TEST(RetryTest, WhatIsRefusedWithATimeIsRepeatedAfterIt) {
  const absl::Status refused = WithRetryAfter(
      absl::ResourceExhaustedError("requests: ..."), absl::Milliseconds(1500));
  EXPECT_TRUE(IsSafeToRepeat(refused));
  RetrySchedule eager(Eager(), kStart, /*seed=*/1);
  EXPECT_EQ(eager.WaitAfter(refused, kStart), absl::Milliseconds(1500));
  // Those that were refused together come back one after another.
  RetryPolicy policy;
  RetrySchedule one(policy, kStart, /*seed=*/1);
  RetrySchedule another(policy, kStart, /*seed=*/2);
  EXPECT_NE(one.WaitAfter(refused, kStart), another.WaitAfter(refused, kStart));
  // Not where that is later than anybody waits.
  policy.give_up_after = absl::Seconds(1);
  RetrySchedule hasty(policy, kStart, /*seed=*/1);
  EXPECT_FALSE(hasty.WaitAfter(refused, kStart).has_value());
  EXPECT_FALSE(IsSafeToRepeat(absl::ResourceExhaustedError("a quota")));
}

TEST(RetryTest, TheTimeToComeBackTravelsOverGrpc) {
  const absl::Status refused =
      WithRetryAfter(absl::ResourceExhaustedError("requests: 'x'"),
                     absl::Milliseconds(61'001));
  const grpc::Status sent = ToGrpc(refused);
  EXPECT_EQ(FromGrpc(sent), refused);
  // As clients in other languages read it.
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(sent.error_details()));
  EXPECT_EQ(details.code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(details.message(), "requests: 'x'");
  google::rpc::RetryInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.retry_delay().seconds(), 61);
  EXPECT_EQ(info.retry_delay().nanos(), 1'000'000);
  // Nobody's else.
  const grpc::Status strange(grpc::StatusCode::RESOURCE_EXHAUSTED, "x", "\xff");
  EXPECT_EQ(RetryAfterOf(FromGrpc(strange)), std::nullopt);
}

TEST(RetryTest, ACallThatWentWithoutATokenIsRepeatedOnce) {
  RetrySchedule schedule(RetryPolicy(), absl::UnixEpoch(), /*seed=*/1);
  const absl::Status denied =
      FromServer(absl::UnauthenticatedError("a token is needed"));
  EXPECT_TRUE(schedule.WaitAfter(denied, absl::UnixEpoch()).has_value());
  EXPECT_FALSE(schedule.WaitAfter(denied, absl::UnixEpoch()).has_value());
  schedule.Progressed(absl::UnixEpoch());
  EXPECT_TRUE(schedule.WaitAfter(denied, absl::UnixEpoch()).has_value());
  EXPECT_FALSE(
      schedule.WaitAfter(absl::UnauthenticatedError("ours"), absl::UnixEpoch())
          .has_value());
}

TEST(RetryScheduleTest, WaitsDoubleUpToTheMost) {
  RetryPolicy policy;
  policy.first_wait = absl::Seconds(1);
  policy.most_wait = absl::Seconds(3);
  RetrySchedule schedule(policy, kStart, 1);
  for (int bound_seconds : {1, 2, 3, 3}) {
    const auto wait = schedule.WaitAfter(absl::UnavailableError(""), kStart);
    ASSERT_TRUE(wait.has_value());
    EXPECT_GE(*wait, absl::Seconds(bound_seconds) / 2);
    EXPECT_LE(*wait, absl::Seconds(bound_seconds));
  }
}

TEST(RetryScheduleTest, GivesUpWhenTheNextTryWouldComeTooLate) {
  RetryPolicy policy = Eager();
  policy.give_up_after = absl::Seconds(30);
  RetrySchedule schedule(policy, kStart, 1);
  const absl::Status away = absl::UnavailableError("");
  EXPECT_TRUE(schedule.WaitAfter(away, kStart + absl::Seconds(30)).has_value());
  EXPECT_FALSE(schedule.WaitAfter(away, kStart + absl::Seconds(31)));
}

TEST(RetryScheduleTest, ProgressRenewsPatience) {
  RetrySchedule schedule(Eager(), kStart, 1);
  const absl::Time late = kStart + absl::Hours(1);
  schedule.Progressed(late);
  EXPECT_TRUE(schedule.WaitAfter(absl::UnavailableError(""), late).has_value());
}

TEST(CallWithRetryTest, RepeatsUntilItSucceeds) {
  const StopSignal stop;
  int calls = 0;
  EXPECT_TRUE(CallWithRetry(Eager(), stop, [&] {
                return ++calls < 3 ? absl::UnavailableError("")
                                   : absl::OkStatus();
              }).ok());
  EXPECT_EQ(calls, 3);
}

TEST(CallWithRetryTest, ReturnsAFinalErrorAtOnce) {
  const StopSignal stop;
  int calls = 0;
  EXPECT_EQ(CallWithRetry(Eager(), stop,
                          [&] {
                            ++calls;
                            return absl::NotFoundError("no such job");
                          }),
            absl::NotFoundError("no such job"));
  EXPECT_EQ(calls, 1);
}

TEST(CallWithRetryTest, StopsWaitingWhenTold) {
  RetryPolicy patient;
  patient.first_wait = patient.most_wait = absl::Hours(1);
  patient.give_up_after = absl::InfiniteDuration();
  StopSignal stop;
  std::thread stopper;
  const absl::Status status = CallWithRetry(patient, stop, [&] {
    stopper = std::thread([&] { stop.Stop(); });
    return absl::UnavailableError("");
  });
  stopper.join();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

}  // namespace
}  // namespace atelier
