#include "common/cli/manual.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/cli/command_line.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class ManualTest : public ::testing::Test {
 protected:
  ManualTest() : app_("tool", "Does it all") {
    app_.SetVersion("tool 1.2.3");
    app_.SetFooter(".nothing is a request\nC:\\path 'quoted'");
    Command& fetch = app_.AddCommand("fetch", "Fetch one");
    fetch.AddOption("job", job_, "Which").Type("JOB").Required();
    fetch.AddOption("-o,--output", job_, "Where -- to").Type("FILE");
    fetch.AddOption("--limit", limit_, "Rows").Range(1, 9).ShowDefault();
    std::ostringstream out;
    EXPECT_FALSE(*app_.Parse({"--manual"}, out));
    page_ = out.str();
  }

  Command app_;
  std::string job_;
  int limit_ = 3;
  std::string page_;
};

TEST_F(ManualTest, HasWhatTheHelpHas) {
  EXPECT_THAT(page_, HasSubstr(".TH \"TOOL\" 1 \"\" \"tool 1.2.3\"\n"));
  EXPECT_THAT(page_, HasSubstr(".SS \"tool fetch\"\nFetch one.\n"));
  EXPECT_THAT(page_, HasSubstr("\\fBtool fetch\\fR \\fIjob\\fR"));
  EXPECT_THAT(page_, HasSubstr("\\fB\\-\\-output\\fR, \\fB\\-o\\fR \\fIFILE"));
  EXPECT_THAT(page_, HasSubstr("\\fIjob\\fR\nWhich (required)\n"));
  EXPECT_THAT(page_, HasSubstr("Rows (from 1 to 9) [3]"));
  EXPECT_THAT(page_, HasSubstr("\n\\&.nothing is a request\n"));
}

TEST_F(ManualTest, IsAPageWithoutFaults) {
  const std::string file =
      absl::StrCat(::testing::TempDir(), "tool.", getpid());
  std::ofstream(file) << page_;
  if (std::system("command -v groff >/dev/null") != 0) {
    GTEST_SKIP() << "NOT TESTED: the manual's form, as there is no groff";
  }
  FILE* const pipe = popen(
      absl::StrCat("groff -ww -man -z -Tutf8 ", file, " 2>&1").c_str(), "r");
  std::string warnings;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) {
    warnings += static_cast<char>(c);
  }
  EXPECT_EQ(pclose(pipe), 0);
  EXPECT_EQ(warnings, "");
  std::remove(file.c_str());
}

}  // namespace
}  // namespace atelier
