#include "common/sweep/kept_points.h"

#include <random>
#include <set>
#include <vector>

#include "common/sweep/sweep.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kAny = kAnyValue;

// By the definition: the grid's points in order, less those that a rule has.
std::vector<std::vector<int64_t>> Walked(const std::vector<int64_t>& lengths,
                                         const std::vector<LeaveOut>& rules) {
  const SweepShape grid{SweepMode::kGrid, lengths};
  std::vector<std::vector<int64_t>> kept;
  for (int64_t i = 0; i < SweepSize(grid).value(); ++i) {
    const std::vector<int64_t> values = ValuesAt(grid, i);
    bool out = false;
    for (const LeaveOut& rule : rules) {
      bool all = true;
      for (size_t a = 0; a < values.size(); ++a) {
        all = all && (rule[a] == kAny || rule[a] == values[a]);
      }
      out = out || all;
    }
    if (!out) kept.push_back(values);
  }
  return kept;
}

TEST(KeptPointsTest, AreTheGridsInItsOrder) {
  const KeptPoints kept({2, 3}, {{0, 1}, {1, kAny}});
  ASSERT_EQ(kept.size(), 2);
  EXPECT_THAT(kept.ValuesAt(0), ElementsAre(0, 0));
  EXPECT_THAT(kept.ValuesAt(1), ElementsAre(0, 2));
  EXPECT_FALSE(kept.Has({0, 1}));
  EXPECT_TRUE(kept.Has({0, 2}));
  EXPECT_EQ(KeptPoints({2, 3}, {{0, kAny}, {1, kAny}}).size(), 0);
}

TEST(KeptPointsTest, AreThoseThatAWalkOfTheGridFinds) {
  std::mt19937 random(7);
  const auto below = [&random](int64_t n) {
    return static_cast<int64_t>(random() % n);
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<int64_t> lengths(1 + below(5));
    for (int64_t& length : lengths) length = 1 + below(5);
    std::vector<LeaveOut> rules(below(kMostLeaveOuts + 1));
    for (LeaveOut& rule : rules) {
      for (const int64_t length : lengths) {
        rule.push_back(below(2) == 0 ? kAny : below(length));
      }
    }
    const KeptPoints kept(lengths, rules);
    const std::vector<std::vector<int64_t>> walked = Walked(lengths, rules);
    ASSERT_EQ(kept.size(), static_cast<int64_t>(walked.size()));
    for (int64_t i = 0; i < kept.size(); ++i) {
      ASSERT_EQ(kept.ValuesAt(i), walked[i]) << "round " << round;
      ASSERT_TRUE(kept.Has(walked[i]));
    }
  }
}

TEST(KeptPointsTest, OfAMillionAreEachThereOnce) {
  const std::vector<int64_t> lengths = {100, 100, 100};
  const std::vector<LeaveOut> rules = {
      {3, kAny, kAny}, {kAny, 99, 0}, {50, 50, kAny}, {0, 0, 0}};
  const KeptPoints kept(lengths, rules);
  // The first 10,000; 100 less the one in row 3; 100; 1.
  ASSERT_EQ(kept.size(), 1'000'000 - 10'000 - 99 - 100 - 1);
  std::vector<int64_t> before = {-1, 0, 0};
  for (int64_t i = 0; i < kept.size(); ++i) {
    const std::vector<int64_t> values = kept.ValuesAt(i);
    ASSERT_LT(before, values) << "at " << i;
    ASSERT_TRUE(kept.Has(values)) << "at " << i;
    before = values;
  }
}

TEST(KeptPointsTest, OfTheMostRulesAreFewToCount) {
  // Rules that differ in many ways, so that many sets of them are left.
  const std::vector<int64_t> lengths(8, 100);
  std::vector<LeaveOut> rules;
  for (int r = 0; r < kMostLeaveOuts; ++r) {
    LeaveOut rule(8, kAny);
    for (int a = 0; a < 8; ++a) {
      if ((r >> (a % 4)) % 2 == 0 || a == r / 2) rule[a] = a % 3;
    }
    rules.push_back(rule);
  }
  const KeptPoints kept(lengths, rules);
  EXPECT_GT(kept.size(), 0);
  EXPECT_TRUE(kept.Has(kept.ValuesAt(kept.size() - 1)));
  EXPECT_LT(kept.MemoryBytes(), 20 << 20);
}

TEST(LeavePointsOutTest, OfZippedAxesTheyAreTogether) {
  SweepShape zip{SweepMode::kZip, {4, 4}};
  ASSERT_TRUE(LeavePointsOut({{1, kAny}, {kAny, 2}, {1, 1}}, zip).ok());
  EXPECT_EQ(SweepSize(zip).value(), 2);
  EXPECT_THAT(ValuesAt(zip, 0), ElementsAre(0, 0));
  EXPECT_THAT(ValuesAt(zip, 1), ElementsAre(3, 3));
}

TEST(LeavePointsOutTest, ASampleIsOfWhatIsKept) {
  SweepShape sample{SweepMode::kRandom, {10, 10}, 90, 5};
  ASSERT_TRUE(LeavePointsOut({{4, kAny}}, sample).ok());
  std::set<std::vector<int64_t>> seen;
  ASSERT_EQ(SweepSize(sample).value(), 90);
  for (int64_t i = 0; i < 90; ++i) {
    const std::vector<int64_t> values = ValuesAt(sample, i);
    EXPECT_NE(values[0], 4);
    EXPECT_TRUE(seen.insert(values).second);
  }
  sample.sample_count = 91;
  EXPECT_THAT(SweepSize(sample).status().message(),
              HasSubstr("91 is not allowed; from 1 to the grid's, less what is "
                        "left out, 90"));
}

TEST(LeavePointsOutTest, ValuesAreVisitedBesideAPointThatIsKept) {
  SweepShape grid{SweepMode::kGrid, {2, 3}};
  ASSERT_TRUE(LeavePointsOut({{0, kAny}, {1, 1}}, grid).ok());
  std::vector<std::vector<int64_t>> visited;
  const auto visit = [&](const std::vector<int64_t>& values) {
    visited.push_back(values);
    return visited.size() < 3 ? absl::OkStatus() : absl::AbortedError("third");
  };
  EXPECT_TRUE(absl::IsAborted(VisitEachValue(grid, visit)));
  EXPECT_THAT(visited, ElementsAre(ElementsAre(1, 0), ElementsAre(1, 0),
                                   ElementsAre(1, 2)));
}

TEST(LeavePointsOutTest, AValueThatIsNotKeptThereIsVisitedElsewhere) {
  SweepShape grid{SweepMode::kGrid, {2, 2, 100}};
  ASSERT_TRUE(LeavePointsOut({{0, 1, kAny}}, grid).ok());
  std::set<std::vector<int64_t>> visited;
  ASSERT_TRUE(VisitEachValue(grid, [&](const std::vector<int64_t>& values) {
                visited.insert(values);
                return absl::OkStatus();
              }).ok());
  EXPECT_EQ(visited.count({1, 1, 0}), 1u);
  EXPECT_EQ(visited.count({0, 1, 0}), 0u);
}

TEST(LeavePointsOutTest, WhatLeavesNothingIsRefused) {
  struct Case {
    SweepMode mode;
    std::vector<LeaveOut> rules;
    const char* message;
  };
  const Case cases[] = {
      {SweepMode::kGrid, std::vector<LeaveOut>(17, {0, 0}),
       "exclude: 17 rules given; at most 16"},
      {SweepMode::kGrid, {{0, 0}, {kAny, kAny}}, "exclude[1]: names no axis"},
      {SweepMode::kGrid, {{0, kAny}, {1, kAny}}, "exclude: leaves no point"},
      {SweepMode::kZip, {{0, 1}}, "exclude[0]: leaves nothing out"},
      {SweepMode::kZip, {{0, 0}, {kAny, 1}}, "exclude: leaves no point"},
  };
  for (const Case& c : cases) {
    SweepShape shape{c.mode, {2, 2}};
    const absl::Status status = LeavePointsOut(c.rules, shape);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.message;
    EXPECT_THAT(status.message(), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace atelier
