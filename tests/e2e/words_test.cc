// What people read where something outside the flags is wrong, or they change
// their mind: words that fit, once, and nothing that steers a terminal.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/child_process.h"
#include "tests/testing/cluster.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Mistake {
  std::vector<std::string> argv;
  std::vector<std::string> variables;
  const char* message;
};

void ExpectOneLine(const Mistake& mistake, int code) {
  SCOPED_TRACE(absl::StrJoin(mistake.argv, " "));
  std::vector<std::string> argv = mistake.argv;
  argv[0] = Binary(argv[0]);
  ChildProcess child(argv, mistake.variables);
  const auto finished = child.Wait(absl::Seconds(60));
  ASSERT_TRUE(finished.has_value()) << "still runs";
  EXPECT_EQ(finished->code, code) << finished->err;
  EXPECT_TRUE(absl::StartsWith(finished->err, mistake.argv[0]))
      << finished->err;
  EXPECT_THAT(finished->err, HasSubstr(mistake.message));
  EXPECT_THAT(finished->err, Not(HasSubstr("\x1b")));
  EXPECT_EQ(std::count(finished->err.begin(), finished->err.end(), '\n'), 1)
      << finished->err;
  EXPECT_THAT(finished->out, IsEmpty());
}

TEST(WordsTest, MistakesInAddresses) {
  const Mistake kMistakes[] = {
      {{"atelier", "jobs", "--coordinator", "http://studio:7070"},
       {},
       "coordinator: 'http://studio:7070' is not HOST:PORT: it is a URL; write "
       "studio:7070"},
      {{"atelier", "jobs"},
       {"ATELIER_COORDINATOR=https://studio/"},
       "ATELIER_COORDINATOR: 'https://studio/' is not HOST:PORT: it is a URL; "
       "write studio:7070"},
      {{"atelier", "jobs", "--coordinator", "studio"}, {}, "write studio:7070"},
      {{"atelier", "jobs", "--coordinator", "::1"}, {}, "write [::1]:7070"},
      {{"atelier", "jobs", "--coordinator", "\x1b[2J"}, {}, "'\\x1b[2J'"},
      {{"atelier", "up", "--listen", "0.0.0.0"}, {}, "there is no port"},
      {{"atelier", "up", "--listen", "0.0.0.0:7070"},
       {},
       "listen: '0.0.0.0:7070' can be reached from other machines; 'up' serves "
       "this one: write 127.0.0.1:7070"},
      {{"atelier", "up", "--http", "[::]:80"}, {}, "http: '[::]:80' can be"},
      {{"atelier", "up", "--http", "127.0.0.1:7070"}, {}, "what --listen has"},
      {{"atelier-worker", "--coordinator", "http://studio:7070"},
       {},
       "--coordinator: 'http://studio:7070' is not HOST:PORT: it is a URL"},
      {{"atelier-worker"}, {"ATELIER_COORDINATOR=studio"}, "write studio:7070"},
      {{"atelier-coordinator", "--data", "d", "--listen", "http://0.0.0.0:1"},
       {},
       "it is a URL; write 0.0.0.0:1"},
  };
  for (const Mistake& mistake : kMistakes) ExpectOneLine(mistake, 2);
}

TEST(WordsTest, MistakesInFlagsOfEveryProgram) {
  const Mistake kMistakes[] = {
      {{"atelier", "jobs", "--limt", "3"}, {}, "did you mean '--limit'?"},
      {{"atelier", "weights", "fetch", "x", "--form", "y"},
       {},
       "did you mean '--from'? (see 'atelier weights fetch --help')"},
      {{"atelier-coordinator", "--dat", "d"}, {}, "did you mean '--data'?"},
      {{"atelier-coordinator", "--data="}, {}, "--data: is empty"},
      {{"atelier-coordinator", "--data", "--insecure"},
       {},
       "--data: a value is missing before '--insecure'"},
      {{"atelier-coordinator", "--data", "d", "b", "a"},
       {},
       "unexpected arguments: 'b' 'a'"},
      {{"atelier-coordinator", "--data", "d", "--max-size", "0"},
       {},
       "--max-size: '0' is not allowed; from 1 to 65536"},
      {{"atelier-coordinator", "--data", "d", "--log-level", "warn"},
       {},
       "one of debug, info, warning, error; did you mean 'warning'?"},
      {{"atelier-worker", "--threds", "1"}, {}, "did you mean '--threads'?"},
      {{"atelier-worker", "--cache="}, {}, "--cache: is empty"},
      {{"atelier-worker", "--tag", "a", "b"}, {}, "unknown command 'b'"},
      {{"atelier-worker", "scor"}, {}, "did you mean 'score'?"},
      {{"atelier-worker", "score"}, {}, "image and --content are required"},
      {{"atelier-worker", "score", "a", "--contnt", "b"},
       {},
       "did you mean '--content'?"},
      {{"atelier-worker", "--cache-bytes", "\x1b[2J"}, {}, "'\\x1b[2J' is not"},
  };
  for (const Mistake& mistake : kMistakes) ExpectOneLine(mistake, 2);
}

TEST(WordsTest, ATemporaryFolderThatIsNotThere) {
  TemporaryFolder folder;
  WriteFile(folder / "file", "");
  const std::string png = folder / "out.png";
  for (const std::string& place : {folder / "missing", folder / "file"}) {
    const std::string variable = absl::StrCat("TMPDIR=", place);
    const Mistake kMistakes[] = {
        {{"atelier", "render", "--content", SamplePath("content"), "--style",
          SamplePath("style"), "--output", png, "--iterations", "1", "--size",
          "32"},
         {variable},
         "TMPDIR: no folder can be made in '"},
        {{"atelier", "up", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"},
         {variable},
         "set TMPDIR to a folder that can be written to"},
        {{"atelier-worker", "--coordinator", "127.0.0.1:1"},
         {variable},
         "give --cache a folder that can be written to, or set TMPDIR"},
    };
    for (const Mistake& mistake : kMistakes) {
      SCOPED_TRACE(place);
      // The worker says first what it is.
      if (mistake.argv[0] == "atelier-worker") {
        std::vector<std::string> argv = mistake.argv;
        argv[0] = Binary(argv[0]);
        ChildProcess child(argv, mistake.variables);
        const auto finished = child.Wait(absl::Seconds(60));
        ASSERT_TRUE(finished.has_value());
        EXPECT_EQ(finished->code, 2);
        EXPECT_THAT(finished->err, HasSubstr(mistake.message));
        continue;
      }
      ExpectOneLine(mistake, 2);
    }
  }
}

TEST(WordsTest, CtrlCOfALocalRenderSaysOnceWhatBecomesOfIt) {
  TemporaryFolder folder;
  ChildProcess render({Binary("atelier"), "render", "--content",
                       SamplePath("content"), "--style", SamplePath("style"),
                       "--output", folder / "out.png", "--size", "64",
                       "--iterations", "1000000"});
  for (int i = 0; i < 1200 && !absl::StrContains(render.Errors(), "1 running");
       ++i) {
    ASSERT_FALSE(render.Wait(absl::Milliseconds(100)).has_value());
  }
  render.Signal(SIGINT);
  const auto finished = render.Wait(absl::Seconds(60));
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->code, 130);
  std::vector<std::string> lines;
  for (absl::string_view line :
       absl::StrSplit(finished->err, '\n', absl::SkipEmpty())) {
    // Progress, of which there may be any number of lines.
    if (absl::StartsWith(line, "out: ")) continue;
    lines.emplace_back(line);
  }
  ASSERT_EQ(lines.size(), 1) << finished->err;
  EXPECT_TRUE(absl::StartsWith(lines[0], "atelier: interrupted; the cluster "))
      << lines[0];
  EXPECT_THAT(finished->err, Not(HasSubstr("connection")));
  EXPECT_NE(access((folder / "out.png").c_str(), F_OK), 0);
}

TEST(WordsTest, LogsKeepToTheirLines) {
  TemporaryFolder folder;
  ChildProcess coordinator(
      {Binary("atelier-coordinator"), "--listen", "127.0.0.1:0", "--http",
       "127.0.0.1:0", "--ready-file", folder / "ready.json", "--data",
       folder / "d\x1b[2J\n2026-01-01T00:00:00.000 error forged"});
  ASSERT_TRUE(WaitForFile(folder / "ready.json", absl::Seconds(60)));
  coordinator.Signal(SIGTERM);
  const auto finished = coordinator.Wait(absl::Seconds(60));
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->code, 0) << finished->err;
  EXPECT_THAT(finished->err, HasSubstr("d\\x1b[2J\\n2026-01-01"));
  EXPECT_THAT(finished->err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(finished->err, Not(HasSubstr("\n2026-01-01")));
}

}  // namespace
}  // namespace atelier
