#include "common/task_ranges.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::vector<std::pair<int64_t, int64_t>> Parsed(const std::string& text) {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  const auto parsed = ParseTaskRanges("tasks", text, 100);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  if (!parsed.ok()) return ranges;
  for (const TaskRange& range : *parsed) {
    ranges.emplace_back(range.first, range.end);
  }
  return ranges;
}

TEST(TaskRangesTest, AreByIndexAndApart) {
  EXPECT_THAT(Parsed(""), ElementsAre(Pair(0, 100)));
  EXPECT_THAT(Parsed("7"), ElementsAre(Pair(7, 8)));
  EXPECT_THAT(Parsed("12,0-9"), ElementsAre(Pair(0, 10), Pair(12, 13)));
  EXPECT_THAT(Parsed("5-8,3,4,6-20,6,99"),
              ElementsAre(Pair(3, 21), Pair(99, 100)));
  EXPECT_EQ(CountOf({{3, 21}, {99, 100}}), 19);
}

TEST(TaskRangesTest, WhatIsNoneIsNamed) {
  for (const char* const text :
       {",", "1,", "-", "1-", "-1", "1-2-3", " 1", "1 2", "+1", "a", "0x1",
        "99999999999999999999", "1;2"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(
        std::string(ParseTaskRanges("tasks", text, 100).status().message()),
        HasSubstr("an index or a range of them, with commas between"));
  }
  EXPECT_EQ(ParseTaskRanges("tasks", "1,5-3", 100).status().message(),
            "tasks: 5-3 is not allowed; the lower index first");
  EXPECT_EQ(ParseTaskRanges("tasks", "98-100", 100).status().message(),
            "tasks: 100 is not allowed; from 0 to 99");
}

}  // namespace
}  // namespace atelier
