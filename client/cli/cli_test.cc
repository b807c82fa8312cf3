#include <algorithm>
#include <sstream>

#include "client/cli/app.h"
#include "client/cli/flags.h"
#include "client/cli/progress.h"
#include "client/cli/table.h"
#include "client/lib/fake_jobs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class CliTest : public testing::Test {
 protected:
  CliTest() : server_({&jobs_}) {}

  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    Environment environment{
        out_,
        err_,
        0,
        "",
        [this](const Endpoint&) { return server_.Channel(); },
        [](const LocalClusterOptions&)
            -> absl::StatusOr<std::unique_ptr<Cluster>> {
          return absl::InternalError("no cluster in this test");
        },
        interruption_,
        clock_};
    return RunAtelier(std::move(arguments), environment);
  }

  FakeJobs jobs_;
  InProcessServer server_;
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
};

TEST(ParameterFlagsTest, EveryStyleCountsAndOtherwiseTheLast) {
  CLI::App app;
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  ParameterFlags flags;
  flags.AddTo(app);
  std::string study;
  app.add_option("study", study);
  std::vector<std::string> arguments = {
      "--style", "a.png",         "--content", "1.png",   "--style-mask",
      "none",    "--content",     "2.png",     "--style", "b.png",
      "all",     "--style-blend", "2,1"};
  std::reverse(arguments.begin(), arguments.end());  // As CLI11 takes them.
  app.parse(arguments);
  const RenderDraft draft = flags.Parse().value();
  EXPECT_EQ(draft.content, "2.png");
  EXPECT_THAT(*draft.styles, ElementsAre("a.png", "b.png"));
  EXPECT_THAT(*draft.style_masks, ElementsAre(""));
  EXPECT_THAT(*draft.patch.style_blend, ElementsAre(2, 1));
  EXPECT_EQ(study, "all");
}

TEST_F(CliTest, WrongCommandLinesAreOneLineAndExitTwo) {
  const struct {
    std::vector<std::string> arguments;
    const char* message;
  } kCases[] = {
      {{}, "no command"},
      {{"frobnicate"}, "frobnicate"},
      {{"jobs", "--no-such-flag"}, "--no-such-flag"},
      {{"jobs", "--coordinator", "nonsense"}, "nonsense"},
      {{"render", "--output", "x.png"}, "--content"},
      {{"render", "--contnt", "a", "--output", "x.png"}, "--contnt"},
      {{"render", "--content", "a", "--output", "x.gif"}, "x.gif"},
      {{"render", "--content", "a", "--output", "x.png", "--iterations", "-3"},
       "iterations: -3"},
      {{"study", "style-wieght", "--content", "a", "--style", "b", "--output",
        "o"},
       "did you mean 'style-weight'?"},
      {{"study", "all", "--style-weight", "9", "--content", "a", "--style", "b",
        "--output", "o"},
       "--style-weight: is what 'initialisation' varies"},
      {{"submit", "no-such.yaml"}, "no-such.yaml"},
      {{"gc", "--keep", "-3d"}, "--keep: -3d is not allowed"},
      {{"gc", "--keep", "soon"}, "--keep: soon is not allowed"},
      {{"gc", "--max-bytes", "lots"}, "--max-bytes"},
      {{"render", "--content", "a", "--output", "x.png", "--priority", "1001"},
       "--priority"},
      {{"render", "--content", "a", "--content", "the-last.jpg", "--style", "b",
        "--output", "x.png"},
       "the-last.jpg"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_EQ(Run(c.arguments), 2);
    EXPECT_THAT(out_.str(), IsEmpty());
    EXPECT_THAT(err_.str(), StartsWith("atelier: "));
    EXPECT_THAT(err_.str(), HasSubstr(c.message));
    EXPECT_EQ(err_.str().find('\n'), err_.str().size() - 1);
  }
}

TEST_F(CliTest, EveryCommandExplainsItself) {
  for (const char* command :
       {"render", "study", "submit", "jobs", "show", "watch", "fetch", "cancel",
        "retry", "pause", "resume", "priority", "workers", "drain", "release",
        "gc", "up", "weights"}) {
    SCOPED_TRACE(command);
    EXPECT_EQ(Run({command, "--help"}), 0);
    EXPECT_THAT(out_.str(), HasSubstr("Examples:"));
    EXPECT_THAT(out_.str(), HasSubstr("Exit codes:"));
    EXPECT_THAT(err_.str(), IsEmpty());
  }
}

TEST_F(CliTest, JobsPrintsATableOrJson) {
  EXPECT_EQ(Run({"jobs"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("JOB  NAME  STATE"));
  EXPECT_EQ(Run({"jobs", "--json"}), 0);
  EXPECT_EQ(out_.str(), "{\"jobs\":[]}\n");
}

TEST_F(CliTest, AnUnknownJobExitsOne) {
  EXPECT_EQ(Run({"show", "no-such-job"}), 1);
  EXPECT_EQ(err_.str(), "atelier: no job 'no-such-job'\n");
}

TEST(ProgressTest, CountsTheIterationsOfWhatRuns) {
  v1::JobSnapshot snapshot;
  snapshot.mutable_job()->set_task_count(4);
  snapshot.mutable_job()->mutable_tasks()->set_succeeded(1);
  snapshot.mutable_job()->mutable_tasks()->set_leased(1);
  v1::Task& task = *snapshot.add_running();
  task.mutable_render()->set_iterations(100);
  task.set_iteration(50);
  EXPECT_DOUBLE_EQ(FractionDone(snapshot), 0.375);
  EXPECT_EQ(ProgressText(snapshot, absl::Seconds(80)),
            "1/4 tasks, 1 running, 37%, 1m20s left");
}

TEST(ProgressTest, ABarFitsItsTerminal) {
  EXPECT_EQ(ProgressBar("job", 0.5, "text", 22), "job [#####-----] text");
  EXPECT_LT(ProgressBar("job", 0.5, "a long text", 10).size(), 10);
}

TEST(TableTest, LinesUpAndKeepsControlCharactersOut) {
  Table table({"A", "B"});
  table.Add({"long", "x\033[31m"});
  EXPECT_EQ(table.Text(), "A     B\nlong  x [31m\n");
}

}  // namespace
}  // namespace atelier
