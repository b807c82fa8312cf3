#include "coordinator/access/call_limits.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/retry_after.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CallLimitsTest : public ::testing::Test {
 protected:
  CallLimitsTest() {
    options_.requests_per_second = 4;
    options_.bytes_per_second = 1'000;
    options_.max_streams = 2;
    options_.max_uploads = 1;
    options_.burst = absl::Seconds(2);
    options_.refused = [this](absl::string_view bound) {
      refused_.emplace_back(bound);
    };
  }
  CallLimits& limits() {
    if (!limits_.has_value()) limits_.emplace(clock_, options_);
    return *limits_;
  }
  std::shared_ptr<CallMeter> MustBegin(const std::string& caller,
                                       CallKind kind) {
    auto meter = limits().Begin(caller, kind);
    EXPECT_TRUE(meter.ok()) << meter.status();
    return meter.value_or(nullptr);
  }
  bool Call(const std::string& caller) {
    return limits().Begin(caller, CallKind::kShort).ok();
  }
  void UseUp(const std::string& caller) {
    for (int i = 0; i < 8; ++i) EXPECT_TRUE(Call(caller)) << i;
  }
  // The refusal's time; nothing where it is admitted.
  std::optional<absl::Duration> WaitOf(const std::string& caller,
                                       CallKind kind) {
    return RetryAfterOf(limits().Begin(caller, kind).status());
  }

  FakeClock clock_{absl::UnixEpoch() + absl::Hours(1)};
  CallLimitsOptions options_;
  std::vector<std::string> refused_;
  std::optional<CallLimits> limits_;
};

TEST_F(CallLimitsTest, RequestsComeBackExactlyAtTheTimeThatIsSaid) {
  UseUp("anna");
  const absl::Status refused =
      limits().Begin("anna", CallKind::kShort).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("requests: at most 4 a second"),
                    HasSubstr("(--max-requests-per-second)"),
                    HasSubstr("come back in 250ms")));
  EXPECT_EQ(RetryAfterOf(refused), absl::Milliseconds(250));
  clock_.Advance(absl::Milliseconds(250) - absl::Nanoseconds(1));
  EXPECT_FALSE(Call("anna"));
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_TRUE(Call("anna"));
  EXPECT_FALSE(Call("anna"));
  EXPECT_THAT(refused_, ElementsAre("requests", "requests", "requests"));
}

TEST_F(CallLimitsTest, WhatIsNotUsedIsThereAtOnceUpToTheBurst) {
  UseUp("anna");
  clock_.Advance(absl::Hours(1));
  UseUp("anna");
  EXPECT_FALSE(Call("anna"));
}

TEST_F(CallLimitsTest, OneCallerAtItsBoundsTakesNothingFromAnother) {
  const auto stream = MustBegin("anna", CallKind::kDownload);
  const auto upload = MustBegin("anna", CallKind::kUpload);
  stream->AddBytes(1'000'000);
  while (Call("anna")) continue;
  const auto of_bob = MustBegin("bob", CallKind::kUpload);
  MustBegin("bob", CallKind::kDownload);
  EXPECT_TRUE(Call("bob"));
}

TEST_F(CallLimitsTest, DebtOfBytesIsPaidBeforeTheNextUploadOrDownload) {
  MustBegin("anna", CallKind::kUpload)->AddBytes(2'000);  // The burst.
  MustBegin("anna", CallKind::kDownload)->AddBytes(5'000);
  EXPECT_EQ(WaitOf("anna", CallKind::kDownload), absl::Seconds(5));
  EXPECT_EQ(WaitOf("anna", CallKind::kUpload), absl::Seconds(5));
  EXPECT_THAT(refused_, ElementsAre("bytes", "bytes"));
  // A worker in debt keeps its lease.
  EXPECT_TRUE(Call("anna"));
  MustBegin("anna", CallKind::kStream);
  clock_.Advance(absl::Seconds(5) - absl::Nanoseconds(1));
  EXPECT_EQ(WaitOf("anna", CallKind::kUpload), absl::Milliseconds(1));
  clock_.Advance(absl::Nanoseconds(1));
  MustBegin("anna", CallKind::kUpload);
}

TEST_F(CallLimitsTest, PlacesOfStreamsAndUploadsAreFreeOnceTheyEnd) {
  const auto first = MustBegin("anna", CallKind::kStream);
  auto second = MustBegin("anna", CallKind::kDownload);
  auto upload = MustBegin("anna", CallKind::kUpload);
  EXPECT_EQ(WaitOf("anna", CallKind::kStream), CallLimits::kPlaceRetry);
  EXPECT_EQ(WaitOf("anna", CallKind::kDownload), CallLimits::kPlaceRetry);
  EXPECT_EQ(WaitOf("anna", CallKind::kUpload), CallLimits::kPlaceRetry);
  EXPECT_THAT(refused_, ElementsAre("streams", "streams", "uploads"));
  second.reset();
  upload.reset();
  MustBegin("anna", CallKind::kStream);
  MustBegin("anna", CallKind::kUpload);
}

TEST_F(CallLimitsTest, ACallOfSeveralRequestsCountsEach) {
  const auto meter = MustBegin("anna", CallKind::kStream);
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(meter->AddRequest().ok()) << i;
  EXPECT_EQ(RetryAfterOf(meter->AddRequest()), absl::Milliseconds(250));
  EXPECT_FALSE(Call("anna"));
  clock_.Advance(absl::Milliseconds(250));
  EXPECT_TRUE(meter->AddRequest().ok());
  EXPECT_THAT(refused_, ElementsAre("requests", "requests"));
}

TEST_F(CallLimitsTest, WhatIsRefusedCountsForNothing) {
  const auto upload = MustBegin("anna", CallKind::kUpload);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(WaitOf("anna", CallKind::kUpload).has_value());
  }
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(Call("anna")) << i;
}

TEST_F(CallLimitsTest, ZeroIsNoBound) {
  options_.requests_per_second = 0;
  options_.bytes_per_second = 0;
  options_.max_streams = 0;
  options_.max_uploads = 0;
  std::vector<std::shared_ptr<CallMeter>> meters;
  for (int i = 0; i < 1'000; ++i) {
    meters.push_back(MustBegin("anna", CallKind::kUpload));
    meters.push_back(MustBegin("anna", CallKind::kDownload));
    meters.back()->AddBytes(int64_t{1} << 40);
  }
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_F(CallLimitsTest, IdleCallersAreForgotten) {
  const auto upload = MustBegin("busy", CallKind::kUpload);
  for (int i = 0; i < 100'000; ++i) {
    Call(absl::StrCat("caller ", i));
    clock_.Advance(absl::Milliseconds(10));
  }
  EXPECT_LE(limits().callers(), 3'000u);
  EXPECT_EQ(WaitOf("busy", CallKind::kUpload), CallLimits::kPlaceRetry);
}

TEST_F(CallLimitsTest, CallersBeyondTheMostShareTheirBounds) {
  for (size_t i = 0; i < CallLimits::kMostCallers; ++i) {
    ASSERT_TRUE(Call(absl::StrCat("caller ", i)));
  }
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(Call(absl::StrCat("late ", i)));
  EXPECT_FALSE(Call("late"));
  EXPECT_TRUE(Call("caller 0"));
  EXPECT_EQ(limits().callers(), CallLimits::kMostCallers + 1);
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(Call("late"));
  EXPECT_EQ(limits().callers(), 1u);
}

TEST_F(CallLimitsTest, AMeterMayOutliveThem) {
  auto meter = MustBegin("anna", CallKind::kUpload);
  limits_.reset();
  meter->AddBytes(1);
  meter.reset();
}

}  // namespace
}  // namespace atelier
