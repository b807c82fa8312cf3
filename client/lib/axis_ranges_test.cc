#include "client/lib/axis_ranges.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int64_t kMost = 1000;

TEST(AxisRangesTest, StepsAreShortNumbers) {
  EXPECT_THAT(SteppedRange(0, 0.5, 0.1, kMost).value(),
              ElementsAre("0", "0.1", "0.2", "0.3", "0.4", "0.5"));
  EXPECT_THAT(SteppedRange(1, 0, -0.25, kMost).value(),
              ElementsAre("1", "0.75", "0.5", "0.25", "0"));
  EXPECT_THAT(SteppedRange(1500, 3500, 500, kMost).value(),
              ElementsAre("1500", "2000", "2500", "3000", "3500"));
  // The last need not be one of them.
  EXPECT_THAT(SteppedRange(0, 1, 0.4, kMost).value(),
              ElementsAre("0", "0.4", "0.8"));
  EXPECT_THAT(SteppedRange(5, 5, 1, kMost).value(), ElementsAre("5"));
  EXPECT_THAT(SteppedRange(1e-9, 3e-9, 1e-9, kMost).value(),
              ElementsAre("1e-09", "2e-09", "3e-09"));
}

TEST(AxisRangesTest, CountsHaveBothEnds) {
  EXPECT_THAT(CountedRange(0, 1, 5, kMost).value(),
              ElementsAre("0", "0.25", "0.5", "0.75", "1"));
  EXPECT_THAT(CountedRange(0, 1, 4, kMost).value(),
              ElementsAre("0", "0.333333", "0.666667", "1"));
  EXPECT_THAT(CountedRange(1e6, 1e6 + 2, 3, kMost).value(),
              ElementsAre("1000000", "1000001", "1000002"));
  EXPECT_THAT(CountedRange(-1, 1, 3, kMost).value(),
              ElementsAre("-1", "0", "1"));
}

TEST(AxisRangesTest, LogarithmsToo) {
  EXPECT_THAT(LogRange(1e3, 1e6, 4, kMost).value(),
              ElementsAre("1000", "10000", "100000", "1000000"));
  EXPECT_THAT(LogRange(1, 10, 3, kMost).value(),
              ElementsAre("1", "3.16228", "10"));
  EXPECT_THAT(LogRange(100, 1, 3, kMost).value(),
              ElementsAre("100", "10", "1"));
}

TEST(AxisRangesTest, EndsMayBeAsFarApartAsNumbersAre) {
  EXPECT_THAT(CountedRange(-1.5e308, 1.5e308, 3, kMost).value(),
              ElementsAre("-1.5e+308", "0", "1.5e+308"));
  EXPECT_THAT(LogRange(1e-300, 1e300, 3, kMost).value(),
              ElementsAre("1e-300", "1", "1e+300"));
}

TEST(AxisRangesTest, WholeNumbers) {
  EXPECT_THAT(WholeRange("0-3", kMost).value().value(),
              ElementsAre("0", "1", "2", "3"));
  EXPECT_THAT(WholeRange("1-10:3", kMost).value().value(),
              ElementsAre("1", "4", "7", "10"));
  EXPECT_THAT(WholeRange("7-7", kMost).value().value(), ElementsAre("7"));
  EXPECT_THAT(WholeRange("18446744073709551614-18446744073709551615", kMost)
                  .value()
                  .value(),
              ElementsAre("18446744073709551614", "18446744073709551615"));
  for (const char* other : {"3", "-3", "1-", "-1-3", "1-3-5", "a-b", "1 - 3",
                            "1e3-1e4", "1-3:", "1.5-2", "", ":", "1-2:x"}) {
    EXPECT_FALSE(WholeRange(other, kMost).value().has_value()) << other;
  }
}

TEST(AxisRangesTest, WhatIsNoRangeIsRefused) {
  const auto message = [](const auto& result) {
    return std::string(result.status().message());
  };
  EXPECT_THAT(message(SteppedRange(0, 1, 0, kMost)), HasSubstr("step: 0 "));
  EXPECT_THAT(message(SteppedRange(0, 1, -0.1, kMost)),
              HasSubstr("step: -0.1 does not lead from 0 to 1"));
  EXPECT_THAT(message(SteppedRange(0, 1, 1e-9, kMost)),
              HasSubstr("more than 1000 values"));
  EXPECT_THAT(message(SteppedRange(0, 1e300, 1e-300, kMost)),
              HasSubstr("more than 1000 values"));
  EXPECT_THAT(message(CountedRange(0, 1, 1, kMost)),
              HasSubstr("count: 1 is not 2 to 1000"));
  EXPECT_THAT(message(CountedRange(2, 2, 3, kMost)),
              HasSubstr("both ends are 2"));
  EXPECT_THAT(message(LogRange(0, 1, 3, kMost)), HasSubstr("0 is not above 0"));
  EXPECT_THAT(message(WholeRange("3-0", kMost)), HasSubstr("'3-0'"));
  EXPECT_THAT(message(WholeRange("0-3:0", kMost)), HasSubstr("'0-3:0'"));
  EXPECT_THAT(message(WholeRange("0-1000", kMost)),
              HasSubstr("more than 1000 values"));
  EXPECT_THAT(WholeRange("0-999", kMost).value().value(), SizeIs(1000));
}

}  // namespace
}  // namespace atelier
