// The programs as shells start them: with outputs that are full, closed or
// gone, with signals ignored, with pipes for files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/child_process.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "tests/testing/process_table.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// What a shell makes of `script`; the binaries are $ATELIER and so on.
std::vector<std::string> Shell(const std::string& script) {
  return {"/bin/bash", "-c",
          absl::StrCat("ATELIER=", Binary("atelier"),
                       " COORDINATOR=", Binary("atelier-coordinator"),
                       " WORKER=", Binary("atelier-worker"), "\n", script)};
}

Finished RunShell(const std::string& script) {
  return RunProgram(Shell(script), absl::Seconds(120));
}

bool IgnoresSignal(pid_t process, int number) {
  std::ifstream status(absl::StrCat("/proc/", process, "/status"));
  for (std::string line; std::getline(status, line);) {
    if (!absl::StartsWith(line, "SigIgn:")) continue;
    uint64_t mask = 0;
    return absl::SimpleHexAtoi(line.substr(line.find('\t') + 1), &mask) &&
           (mask >> (number - 1) & 1) != 0;
  }
  return false;
}

TEST(LostOutputTest, AFullDiskIsExitOneWithTheReason) {
  for (const char* command :
       {"$ATELIER --help", "$ATELIER --version", "$ATELIER jobs --help",
        "$ATELIER weights list", "$ATELIER weights list --json",
        "$ATELIER weights inspect atelier-vgg19-slim", "$COORDINATOR --help",
        "$COORDINATOR --version", "$WORKER --help", "$WORKER --version"}) {
    SCOPED_TRACE(command);
    const Finished full = RunShell(absl::StrCat(command, " >/dev/full"));
    EXPECT_EQ(full.code, 1);
    EXPECT_THAT(full.err, HasSubstr("standard output: No space left"));
    EXPECT_EQ(std::count(full.err.begin(), full.err.end(), '\n'), 1);

    const Finished closed = RunShell(absl::StrCat(command, " >&-"));
    EXPECT_EQ(closed.code, 1);
    EXPECT_THAT(closed.err, HasSubstr("standard output: Bad file descriptor"));
  }
}

TEST(LostOutputTest, AScoreCountsOnlyWhereItIsRead) {
  const std::string score = absl::StrCat(
      "$WORKER score ", SamplePath("content"), " --content ",
      SamplePath("content"), " --style ", SamplePath("style"), " --size 64");
  EXPECT_EQ(RunShell(score).code, 0);
  EXPECT_EQ(RunShell(score + " >/dev/full").code, 1);
}

TEST(LostOutputTest, AReaderThatWentAwayIsNotMentioned) {
  // A FIFO whose reader has gone by the time that anything is written.
  for (const char* command :
       {"$ATELIER --help", "$ATELIER weights list --json"}) {
    SCOPED_TRACE(command);
    TemporaryFolder folder;
    const Finished gone = RunShell(
        absl::StrCat("mkfifo ", folder / "fifo", "\nexec 3<>", folder / "fifo",
                     " 4>", folder / "fifo", " 3>&-\n", command, " >&4"));
    EXPECT_EQ(gone.code, 141);
    EXPECT_THAT(gone.err, IsEmpty());
    EXPECT_EQ(RunShell(absl::StrCat("set -o pipefail\n", command,
                                    " | head -1 >/dev/null"))
                  .err,
              "");
  }
}

TEST(LostOutputTest, AJobThatWasSubmittedIsNamedAllTheSame) {
  Cluster cluster;
  TemporaryFolder folder;
  WriteFile(folder / "s.yaml", SweepOfSeeds(1, 32, 1));
  for (const char* json : {"", "--json"}) {
    const Finished finished = RunShell(
        absl::StrCat("$ATELIER submit ", folder / "s.yaml", " ", json,
                     " --coordinator ", cluster.address(), " >/dev/full"));
    EXPECT_EQ(finished.code, 1);
    EXPECT_THAT(finished.err, HasSubstr("No space left"));
    const size_t at = finished.err.find("submitted as ");
    ASSERT_NE(at, std::string::npos) << finished.err;
    const std::string id = finished.err.substr(at + 13, 32);
    const Finished shown = RunShell(absl::StrCat(
        "$ATELIER show ", id, " --coordinator ", cluster.address()));
    EXPECT_EQ(shown.code, 0) << shown.err;
  }
}

TEST(IgnoredSignalsTest, AClusterOfOurOwnIgnoresWhatWeWereToldTo) {
  TemporaryFolder folder;
  const std::string fifo = folder / "out";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string mark = NewMark();
  ChildProcess up(Shell(absl::StrCat(
                      "trap '' HUP TERM\nexec $ATELIER up --json --workers 1 "
                      "--listen 127.0.0.1:0 --http 127.0.0.1:0 >",
                      fifo)),
                  {mark});
  std::string line;
  std::ifstream reader(fifo);
  std::getline(reader, line);
  ASSERT_THAT(line, HasSubstr("\"coordinator\":\""));
  const std::vector<std::string> parts = absl::StrSplit(line, '"');
  const std::string address = parts.at(3);

  const std::vector<pid_t> processes = MarkedProcesses(mark);
  EXPECT_EQ(processes.size(), 3);
  for (pid_t process : processes) {
    EXPECT_TRUE(IgnoresSignal(process, SIGHUP)) << process;
    EXPECT_TRUE(IgnoresSignal(process, SIGTERM)) << process;
    kill(process, SIGHUP);
    kill(process, SIGTERM);
  }
  EXPECT_EQ(
      RunShell(absl::StrCat("$ATELIER workers --coordinator ", address)).code,
      0);
  EXPECT_EQ(MarkedProcesses(mark).size(), 3);

  up.Signal(SIGINT);
  const auto finished = up.Wait(absl::Seconds(60));
  ASSERT_TRUE(finished.has_value()) << "still runs";
  EXPECT_EQ(finished->code, 0) << finished->err;
  EXPECT_THAT(MarkedProcesses(mark), IsEmpty());
}

TEST(IgnoredSignalsTest, NothingIsLeftWhereTheParentIsKilled) {
  TemporaryFolder folder;
  const std::string fifo = folder / "out";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string mark = NewMark();
  ChildProcess up(
      Shell(absl::StrCat("trap '' HUP TERM INT\nexec $ATELIER up --json "
                         "--workers 1 --listen 127.0.0.1:0 --http "
                         "127.0.0.1:0 >",
                         fifo)),
      {mark});
  std::string line;
  std::ifstream reader(fifo);
  std::getline(reader, line);
  ASSERT_THAT(line, Not(IsEmpty()));
  const std::vector<pid_t> processes = MarkedProcesses(mark);
  EXPECT_EQ(processes.size(), 3);
  up.Kill();
  EXPECT_TRUE(WaitUntilGone(processes, absl::Seconds(60)));
}

TEST(IgnoredSignalsTest, TheServersIgnoreThemToo) {
  TemporaryFolder folder;
  ChildProcess coordinator(Shell(absl::StrCat(
      "trap '' TERM INT\nexec $COORDINATOR --listen 127.0.0.1:0 --http "
      "127.0.0.1:0 --data ",
      folder / "data", " --ready-file ", folder / "ready")));
  ASSERT_TRUE(WaitForFile(folder / "ready", absl::Seconds(60)));
  coordinator.Signal(SIGTERM);
  coordinator.Signal(SIGINT);
  const std::vector<std::string> parts =
      absl::StrSplit(ReadFile(folder / "ready"), '"');
  const auto listen = std::find(parts.begin(), parts.end(), "listen");
  ASSERT_GE(parts.end() - listen, 3);
  const std::string address = *(listen + 2);

  const std::string mark = NewMark();
  ChildProcess worker(
      Shell(absl::StrCat("trap '' TERM HUP\nexec $WORKER --name w --threads 1 "
                         "--coordinator ",
                         address)),
      {mark});
  WriteFile(folder / "s.yaml", SweepOfSeeds(1, 32, 1));
  const std::string render = absl::StrCat(
      "$ATELIER submit --wait ", folder / "s.yaml", " --coordinator ", address);
  EXPECT_EQ(RunShell(render).code, 0) << "the coordinator ignored two signals";
  worker.Signal(SIGTERM);
  worker.Signal(SIGHUP);
  EXPECT_EQ(RunShell(render + " --no-cache").code, 0)
      << "the worker ignored two signals";

  worker.Signal(SIGINT);
  const auto stopped = worker.Wait(absl::Seconds(60));
  ASSERT_TRUE(stopped.has_value());
  EXPECT_EQ(stopped->code, 0) << stopped->err;
  coordinator.Signal(SIGUSR1);
  const auto ended = coordinator.Wait(absl::Seconds(60));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->code, 0) << ended->err;
}

TEST(PipesTest, TheFirstSignalEndsAReadThatNobodyAnswers) {
  TemporaryFolder folder;
  const std::string fifo = folder / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string style = absl::StrCat(" --style ", SamplePath("style"));
  const std::string output = absl::StrCat(" --output ", folder / "out.png");
  for (const std::string& arguments :
       {absl::StrCat("render --content ", fifo, style, output),
        absl::StrCat("render --content ", SamplePath("content"), style,
                     " --weights ", fifo, output),
        absl::StrCat("submit ", fifo), absl::StrCat("submit - <", fifo),
        absl::StrCat("weights inspect ", fifo)}) {
    for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
      SCOPED_TRACE(absl::StrCat(arguments, ", signal ", signal));
      ChildProcess atelier(Shell(absl::StrCat("exec $ATELIER ", arguments)));
      // Opens once the program has opened its end.
      const int writer = open(fifo.c_str(), O_WRONLY | O_CLOEXEC);
      ASSERT_GE(writer, 0);
      atelier.Signal(signal);
      const auto finished = atelier.Wait(absl::Seconds(60));
      close(writer);
      ASSERT_TRUE(finished.has_value()) << "still runs";
      // A shell that waits for its "<" is ended by the signal itself.
      EXPECT_TRUE(finished->code == 130 || finished->code == 128 + signal)
          << finished->code << finished->err;
    }
  }
}

TEST(PipesTest, PicturesAndSpecsComeThroughPipes) {
  TemporaryFolder folder;
  Cluster cluster;
  cluster.StartWorker("w");
  const std::string to = absl::StrCat(" --coordinator ", cluster.address());
  const Finished rendered = RunShell(
      absl::StrCat("$ATELIER render --content <(cat ", SamplePath("content"),
                   ") --style /dev/stdin --size 32 --iterations 1 --output ",
                   folder / "out.png", to, " <", SamplePath("style")));
  EXPECT_EQ(rendered.code, 0) << rendered.err;

  const Finished submitted = RunShell(absl::StrCat(
      "cd ", folder.path(), "\ncat ", SamplePath("content"),
      " >c.png\necho 'base: {content: c.png, style: c.png, size: 32, "
      "iterations: 1}' | $ATELIER submit - --wait",
      to));
  EXPECT_EQ(submitted.code, 0) << submitted.err;
}

TEST(BytesTest, FilesHaveAnyNameAndTextIsUtf8) {
  TemporaryFolder folder;
  Cluster cluster;
  cluster.StartWorker("w");
  const std::string to = absl::StrCat(" --coordinator ", cluster.address());
  const Finished rendered = RunShell(absl::StrCat(
      "cd ", folder.path(), "\ncp ", SamplePath("content"),
      " $'caf\\xe9.png'\n$ATELIER render --content $'caf\\xe9.png' --style "
      "$'caf\\xe9.png' --size 32 --iterations 1 --output $'r\\xe9sultat.png'",
      to));
  EXPECT_EQ(rendered.code, 0) << rendered.err;
  EXPECT_THAT(rendered.err, Not(HasSubstr("libprotobuf")));

  for (const char* arguments :
       {"show $'\\xe9'", "watch $'\\xe9'", "fetch $'\\xe9' --output o",
        "cancel $'\\xe9'", "drain $'\\xe9'", "release $'\\xe9'",
        "priority $'\\xe9' 1",
        "render --content a --style b --output c.png --user $'\\xe9'",
        "render --content a --style b --output c.png --profile $'\\xe9'"}) {
    SCOPED_TRACE(arguments);
    const Finished refused = RunShell(absl::StrCat("$ATELIER ", arguments, to));
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("'\\xe9' is not text in UTF-8"));
    EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1);
  }
}

}  // namespace
}  // namespace atelier
