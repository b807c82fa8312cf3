#include "worker/agent/preview_series.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const absl::Time kStart = absl::UnixEpoch();

TEST(PreviewPaceTest, NoneWithoutAnInterval) {
  const PreviewPace pace(0.01, kStart);
  EXPECT_FALSE(pace.Due(kStart + absl::Hours(1000), absl::InfiniteDuration()));
}

TEST(PreviewPaceTest, NoMoreOftenThanTheIntervalOfTheMoment) {
  PreviewPace pace(0.01, kStart);
  EXPECT_FALSE(pace.Due(kStart + absl::Milliseconds(1999), absl::Seconds(2)));
  EXPECT_TRUE(pace.Due(kStart + absl::Seconds(2), absl::Seconds(2)));
  pace.Made(kStart + absl::Seconds(2), absl::Milliseconds(1));
  EXPECT_FALSE(pace.Due(kStart + absl::Seconds(3), absl::Seconds(2)));
  EXPECT_TRUE(pace.Due(kStart + absl::Seconds(3), absl::Seconds(1)));
  EXPECT_FALSE(pace.Due(kStart + absl::Seconds(9), absl::Seconds(10)));
}

TEST(PreviewPaceTest, TheyTakeNoMoreThanTheirShareOfTheTime) {
  PreviewPace pace(0.01, kStart);
  absl::Duration spent;
  absl::Time now = kStart;
  for (int i = 0; i < 100'000; ++i) {
    now += absl::Milliseconds(1);
    if (!pace.Due(now, absl::ZeroDuration())) continue;
    // Taken from the render, then encoded beside it.
    pace.Made(now, absl::Milliseconds(2));
    pace.Took(absl::Milliseconds(3));
    spent += absl::Milliseconds(5);
  }
  EXPECT_LE(spent, 0.0101 * (now - kStart));
  EXPECT_GE(spent, 0.0099 * (now - kStart));
}

std::vector<int> Kept(const PreviewSeries& series) {
  std::vector<int> iterations;
  for (const v1::PicturePreview& preview : series.kept()) {
    iterations.push_back(preview.iteration());
  }
  return iterations;
}

void Add(PreviewSeries& series, int iteration) {
  v1::PicturePreview preview;
  preview.set_iteration(iteration);
  series.Add(preview);
}

TEST(PreviewSeriesTest, SixteenAreKeptEvenlyWithTheFirstAndTheLast) {
  PreviewSeries series;
  for (int i = 1; i <= 10'000; ++i) {
    Add(series, 3 * i);
    const std::vector<int> kept = Kept(series);
    ASSERT_THAT(kept, SizeIs(std::min(i, 16)));
    ASSERT_EQ(kept.front(), 3);
    ASSERT_EQ(kept.back(), 3 * i);
    if (i <= 16) continue;
    // No gap is three times another.
    int least = kept[1] - kept[0];
    int most = least;
    for (size_t k = 1; k + 2 < kept.size(); ++k) {
      least = std::min(least, kept[k + 1] - kept[k]);
      most = std::max(most, kept[k + 1] - kept[k]);
    }
    ASSERT_LE(most, 3 * least) << i;
    ASSERT_LE(kept.back() - kept[kept.size() - 2], 3 * least) << i;
  }
}

TEST(PreviewSeriesTest, IterationsRise) {
  PreviewSeries series;
  for (const int iteration : {5, 5, 3, 8, 7}) Add(series, iteration);
  EXPECT_THAT(Kept(series), ElementsAre(5, 8));
}

}  // namespace
}  // namespace atelier
