#include "worker/agent/checkpoint_pace.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

constexpr int64_t kRate = CheckpointPace::kBytesPerSecond;
constexpr absl::Time kStart = absl::UnixEpoch();

TEST(CheckpointPaceTest, IsDueExactlyAfterTheInterval) {
  CheckpointPace pace(absl::Seconds(60), kStart);
  EXPECT_FALSE(pace.Due(kStart + absl::Seconds(60) - absl::Nanoseconds(1)));
  EXPECT_TRUE(pace.Due(kStart + absl::Seconds(60)));
  pace.Made(kRate, /*sent=*/true, kStart + absl::Seconds(70));
  EXPECT_FALSE(pace.Due(kStart + absl::Seconds(129)));
  EXPECT_TRUE(pace.Due(kStart + absl::Seconds(130)));
}

TEST(CheckpointPaceTest, IsWorthItsWayAfterThatMuchWork) {
  const CheckpointPace pace(absl::Seconds(60), kStart);
  EXPECT_FALSE(pace.IsWorth(10 * kRate, kStart + absl::Seconds(9)));
  EXPECT_TRUE(pace.IsWorth(10 * kRate, kStart + absl::Seconds(10)));
  EXPECT_TRUE(pace.IsWorth(1000, kStart + absl::Seconds(1)));
}

TEST(CheckpointPaceTest, LargeOnesAreDueMoreSeldom) {
  CheckpointPace pace(absl::Seconds(60), kStart);
  const absl::Time first = kStart + absl::Seconds(60);
  ASSERT_TRUE(pace.Due(first)) << "their size is not known yet";
  ASSERT_FALSE(pace.IsWorth(150 * kRate, first));
  pace.Made(150 * kRate, /*sent=*/false, first);
  EXPECT_FALSE(pace.Due(kStart + absl::Seconds(149)));
  EXPECT_TRUE(pace.Due(kStart + absl::Seconds(150)));
}

}  // namespace
}  // namespace atelier
