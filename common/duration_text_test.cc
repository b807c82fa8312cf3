#include "common/duration_text.h"

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(DurationTextTest, TakesWhatIsWithinBothBounds) {
  const absl::Duration least = absl::Seconds(1), most = absl::Hours(1);
  EXPECT_EQ(*ParseBetween("--f", "1s", least, most), least);
  EXPECT_EQ(*ParseBetween("--f", "1m30s", least, most), absl::Seconds(90));
  EXPECT_EQ(*ParseBetween("--f", "60m", least, most), most);
  for (const char* text : {"999ms", "61m", "-1s", "soon", ""}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(ParseBetween("--f", text, least, most).ok());
  }
}

TEST(DurationTextTest, TakesDays) {
  EXPECT_EQ(*ParseBetween("--f", "90d", absl::Hours(1), absl::Hours(24 * 90)),
            absl::Hours(24 * 90));
  EXPECT_EQ(*ParseBetween("--f", "0.5d", absl::Hours(1), absl::Hours(24)),
            absl::Hours(12));
  for (const char* text : {"d", "1dd", "nand", "1e400d", "-1d", "1d12h"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(
        ParseBetween("--f", text, absl::Hours(1), absl::Hours(24)).ok());
  }
}

TEST(DurationTextTest, SaysWhatIsAllowed) {
  const absl::Status status =
      ParseBetween("--f", "5", absl::Seconds(1), absl::Hours(1)).status();
  EXPECT_EQ(status.message(), "--f: 5 is not allowed; from 1s to 1h");
}

}  // namespace
}  // namespace atelier
