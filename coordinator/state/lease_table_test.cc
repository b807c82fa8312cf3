#include "coordinator/state/lease_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kNanosecond = absl::Nanoseconds(1);
const absl::Time kDeadline = absl::FromUnixSeconds(1000);

AttemptToken Token(int64_t number) { return {RenderKey("k"), number, 1}; }

TEST(LeaseTableTest, ExpiresExactlyAtTheDeadline) {
  LeaseTable leases;
  leases.Set(Token(1), kDeadline);
  EXPECT_THAT(leases.TakeExpired(kDeadline - kNanosecond), IsEmpty());
  EXPECT_TRUE(leases.Holds(Token(1)));
  EXPECT_THAT(leases.TakeExpired(kDeadline), ElementsAre(Token(1)));
  EXPECT_FALSE(leases.Holds(Token(1)));
  EXPECT_THAT(leases.TakeExpired(absl::InfiniteFuture()), IsEmpty());
}

TEST(LeaseTableTest, AnExtendedLeaseKeepsOnlyItsNewDeadline) {
  LeaseTable leases;
  leases.Set(Token(1), kDeadline);
  leases.Set(Token(1), kDeadline + absl::Seconds(5));
  EXPECT_THAT(leases.TakeExpired(kDeadline), IsEmpty());
  EXPECT_THAT(leases.TakeExpired(kDeadline + absl::Seconds(5)),
              ElementsAre(Token(1)));
}

TEST(LeaseTableTest, AReleasedLeaseNeverExpires) {
  LeaseTable leases;
  leases.Set(Token(1), kDeadline);
  leases.Release(Token(1));
  leases.Release(Token(2));
  EXPECT_THAT(leases.TakeExpired(absl::InfiniteFuture()), IsEmpty());
}

TEST(LeaseTableTest, TheEarliestGoesFirst) {
  LeaseTable leases;
  leases.Set(Token(1), kDeadline + kNanosecond);
  leases.Set(Token(3), kDeadline);
  leases.Set(Token(2), kDeadline);
  leases.Set(Token(4), kDeadline + absl::Seconds(1));
  EXPECT_THAT(leases.TakeExpired(kDeadline + kNanosecond),
              ElementsAre(Token(2), Token(3), Token(1)));
}

}  // namespace
}  // namespace atelier
