#include "coordinator/access/failed_callers.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

const absl::Time kStart = absl::UnixEpoch() + absl::Hours(24 * 365);

class FailedCallersTest : public ::testing::Test {
 protected:
  absl::Duration Fail(int times, absl::Time now = kStart) {
    absl::Duration wait;
    for (int i = 0; i < times; ++i) wait = callers_.Fail("a", now);
    return wait;
  }
  FailedCallers callers_;
};

TEST_F(FailedCallersTest, TheFirstFewAreAnsweredAtOnceTheNextLaterAndLater) {
  EXPECT_EQ(Fail(FailedCallers::kAtOnce), absl::ZeroDuration());
  for (absl::Duration wait = FailedCallers::kFirstWait;
       wait < FailedCallers::kMostWait; wait *= 2) {
    EXPECT_EQ(Fail(1), wait);
  }
  EXPECT_EQ(Fail(1), FailedCallers::kMostWait);
  EXPECT_EQ(Fail(1'000), FailedCallers::kMostWait);
}

TEST_F(FailedCallersTest, QuietForgivesThemOneByOneAndThenAll) {
  EXPECT_EQ(Fail(FailedCallers::kAtOnce + 2), 2 * FailedCallers::kFirstWait);
  // Two are forgiven, one comes.
  EXPECT_EQ(Fail(1, kStart + 2 * FailedCallers::kForgivenAfter),
            FailedCallers::kFirstWait);
  Fail(1'000);
  EXPECT_EQ(Fail(1, kStart + FailedCallers::kMostFailures *
                                 FailedCallers::kForgivenAfter),
            absl::ZeroDuration());
}

TEST_F(FailedCallersTest, NetworksDoNotCountForOneAnother) {
  EXPECT_EQ(Fail(1'000), FailedCallers::kMostWait);
  EXPECT_EQ(callers_.Fail("b", kStart), absl::ZeroDuration());
}

TEST_F(FailedCallersTest, OfManyNetworksTheLastAreRemembered) {
  for (int64_t i = 0; i < FailedCallers::kMostNetworks + 5; ++i) {
    Fail(FailedCallers::kMostFailures);
    callers_.Fail(absl::StrCat(i), kStart);
  }
  EXPECT_EQ(callers_.networks(), FailedCallers::kMostNetworks);
  EXPECT_EQ(Fail(1), FailedCallers::kMostWait);
}

}  // namespace
}  // namespace atelier
