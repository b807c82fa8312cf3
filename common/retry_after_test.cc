#include "common/retry_after.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

absl::Status Refusal(absl::Duration wait) {
  return WithRetryAfter(absl::ResourceExhaustedError("too much"), wait);
}

TEST(RetryAfterTest, TravelsBesideCodeAndMessage) {
  const absl::Status status = Refusal(absl::Milliseconds(1500));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "too much");
  EXPECT_EQ(RetryAfterOf(status), absl::Milliseconds(1500));
  EXPECT_EQ(RetryAfterOf(absl::ResourceExhaustedError("no time")),
            std::nullopt);
}

TEST(RetryAfterTest, IsNeverTooEarlyAndNeverOutOfBounds) {
  EXPECT_EQ(RetryAfterOf(Refusal(absl::Microseconds(1001))),
            absl::Milliseconds(2));
  EXPECT_EQ(RetryAfterOf(Refusal(absl::ZeroDuration())), absl::Milliseconds(1));
  EXPECT_EQ(RetryAfterOf(Refusal(absl::InfiniteDuration())), absl::Hours(24));
}

}  // namespace
}  // namespace atelier
