#include "common/backoff.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(BackoffTest, DoublesUpToItsBoundAndNeverWaitsLessThanHalf) {
  Backoff backoff(absl::Milliseconds(100), absl::Milliseconds(400), 7);
  for (int bound_ms : {100, 200, 400, 400}) {
    SCOPED_TRACE(bound_ms);
    const absl::Duration wait = backoff.Next();
    EXPECT_GE(wait, absl::Milliseconds(bound_ms) / 2);
    EXPECT_LE(wait, absl::Milliseconds(bound_ms));
  }
}

TEST(BackoffTest, StartsAgainAfterASuccess) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(60), 7);
  for (int i = 0; i < 10; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(100));
}

TEST(BackoffTest, TwoSeedsDoNotKnockTogether) {
  Backoff a(absl::Seconds(1), absl::Seconds(60), 1);
  Backoff b(absl::Seconds(1), absl::Seconds(60), 2);
  EXPECT_NE(a.Next(), b.Next());
}

}  // namespace
}  // namespace atelier
