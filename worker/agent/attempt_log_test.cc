#include "worker/agent/attempt_log.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/quoted_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

const absl::Time kNow = absl::FromUnixMillis(1796228507123);

TEST(AttemptLogTest, ALineIsATimeAndWhatHappened) {
  AttemptLog log;
  log.Add(kNow, "fetched the content");
  log.Add(kNow + absl::Milliseconds(1), "rendered");
  EXPECT_EQ(log.Text(),
            "2026-12-02T16:21:47.123Z fetched the content\n"
            "2026-12-02T16:21:47.124Z rendered\n");
}

TEST(AttemptLogTest, WhatOthersSaidStaysOnItsLineAndIsText) {
  AttemptLog log;
  log.Add(kNow, "decoder: \x1b[2J\nforged\xff");
  EXPECT_EQ(log.Text(),
            "2026-12-02T16:21:47.123Z decoder: \\x1b[2J\\nforged\\xff\n");
  log.Add(kNow, std::string(1 << 20, '\n'));
  EXPECT_LT(log.Text().size(), 6000u);
  EXPECT_TRUE(IsUtf8(log.Text()));
}

TEST(AttemptLogTest, TheBeginningAndTheEndStayAndOneLineSaysWhatIsLeftOut) {
  AttemptLog log;
  size_t added_bytes = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string line = absl::StrCat("line ", i, ".");
    added_bytes += line.size() + 26;
    log.Add(kNow, line);
  }
  const std::string text = log.Text();
  EXPECT_LE(text.size(), AttemptLog::kMaxBytes);
  EXPECT_GT(text.size(), AttemptLog::kMaxBytes * 3 / 4);
  EXPECT_THAT(text, AllOf(StartsWith("2026-12-02T16:21:47.123Z line 0.\n"),
                          EndsWith(" line 9999.\n")));
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.pop_back();
  int left_out = 0;
  size_t kept_bytes = 0;
  std::string gap;
  for (const std::string& line : lines) {
    if (absl::StrContains(line, "left out")) {
      gap = line;
      ++left_out;
    } else {
      kept_bytes += line.size() + 1;
    }
  }
  ASSERT_EQ(left_out, 1);
  EXPECT_EQ(gap, absl::StrCat("... ", 10'000 - (lines.size() - 1), " lines of ",
                              added_bytes - kept_bytes,
                              " bytes are left out here ..."));
}

TEST(AttemptLogTest, TheLongestLinesAreBoundedToo) {
  AttemptLog log;
  for (int i = 0; i < 100; ++i) {
    log.Add(kNow, absl::StrCat(i, std::string(9000, 'x')));
    EXPECT_LE(log.Text().size(), AttemptLog::kMaxBytes);
  }
  EXPECT_THAT(log.Text(), HasSubstr("Z 99xxx"));
}

}  // namespace
}  // namespace atelier
