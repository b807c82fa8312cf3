#include <sstream>
#include <utility>

#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/cli/exit_code.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/progress.h"
#include "client/cli/status_line.h"
#include "client/cli/table.h"
#include "client/lib/fake_jobs.h"
#include "client/lib/parameters.h"
#include "common/cell_width.h"
#include "common/cli/command_line.h"
#include "common/cli/parameter_flags.h"
#include "common/quoted_text.h"
#include "common/rpc/channel.h"
#include "common/rpc/denial.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class CliTest : public testing::Test {
 protected:
  CliTest() : server_({&jobs_}) {}

  int Run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    Environment environment = EnvironmentOver(
        server_, out_, err_, interruption_, clock_, /*columns=*/0);
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
  Command app("tool", "");
  ParameterFlags flags;
  flags.AddTo(app);
  std::string study;
  app.AddOption("study", study, "");
  std::ostringstream out;
  ASSERT_TRUE(app.Parse({"--style", "a.png", "--content", "1.png",
                         "--style-mask", "none", "--content", "2.png",
                         "--style", "b.png", "all", "--style-blend", "2,1"},
                        out)
                  .ok());
  const RenderPatch patch = flags.Parse().value();
  EXPECT_EQ(patch.content_digest, "2.png");
  EXPECT_THAT(*patch.style_digests, ElementsAre("a.png", "b.png"));
  EXPECT_THAT(*patch.style_mask_digests, ElementsAre(""));
  EXPECT_THAT(*patch.style_blend, ElementsAre(2, 1));
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
      {{"jobs", "--coordinator", "farm:1", "--ca", "no-such.pem"},
       "ca: open no-such.pem"},
      {{"jobs", "--coordinator", "farm:1", "--token-file", "/no/such/token"},
       "token-file: /no/such/token: no such file"},
      {{"jobs", "--token-file", "/dev/null"},
       "token-file: /dev/null: not a regular file; allowed is"},
      {{"jobs", "--coordinator", "grpc://farm:1", "--token-file", "/dev/null"},
       "token-file: a token does not go to grpc://farm:1"},
      {{"render", "--output", "x.png"}, "--content"},
      {{"render", "--contnt", "a", "--output", "x.png"}, "--contnt"},
      {{"render", "--content", "a", "--output", "x.gif"}, "x.gif"},
      {{"render", "--content", "a", "--output", "x.png", "--iterations", "-3"},
       "iterations: -3"},
      {{"render", "--content", "a", "--output", "x.png", "--seed", "010"},
       "atelier: seed: '010' is not a number; write 10\n"},
      {{"render", "--content", "a", "--output", "x.png", "--init", "nosie"},
       "init: 'nosie' is unknown; did you mean 'noise'?"},
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
      {{"gc", "--max-bytes", "-5"}, "--max-bytes: -5 is not allowed"},
      {{"priority", "J", "high"},
       "priority: 'high' is not allowed; from -1000"},
      {{"study"}, "study, --content, --style and --output are required"},
      {{"weights", "fetch", "vgg19", "--output", "/no/such/x"}, "'/no/such'"},
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

TEST(ExitCodeTest, SaysWhatToDoNext) {
  using Code = absl::StatusCode;
  const std::pair<Code, ExitCode> kCases[] = {
      {Code::kOk, kExitOk},
      {Code::kInvalidArgument, kExitUsage},
      {Code::kUnavailable, kExitUnreachable},
      {Code::kUnauthenticated, kExitUnreachable},
      {Code::kPermissionDenied, kExitUnreachable},
      {Code::kCancelled, kExitInterrupted},
      {Code::kAborted, kExitFailed},
      {Code::kNotFound, kExitFailed},
      {Code::kInternal, kExitFailed},
  };
  for (const auto& [code, exit_code] : kCases) {
    SCOPED_TRACE(absl::StatusCodeToString(code));
    EXPECT_EQ(ExitCodeOf(FromServer(absl::Status(code, "x"))), exit_code);
  }
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("open a.png")), kExitFailed)
      << "a file of this machine";
}

TEST_F(CliTest, ADeniedCallIsOneLineAndExitThree) {
  jobs_.DenySteering();
  EXPECT_EQ(Run({"cancel", "j1", "--coordinator", "127.0.0.1:1"}), 3);
  EXPECT_EQ(err_.str(), "atelier: job j1: it is bob's\n");
  EXPECT_THAT(out_.str(), IsEmpty());
}

// Knows nobody.
class ClosedJobs : public v1::Jobs::Service {
 public:
  grpc::Status ListJobs(grpc::ServerContext* /*context*/,
                        const v1::ListJobsRequest* /*request*/,
                        v1::ListJobsResponse* /*response*/) override {
    return {grpc::StatusCode::UNAUTHENTICATED, "a token is needed"};
  }
};

class DeniedCliTest : public ::testing::Test {
 protected:
  ClosedJobs jobs_;
  InProcessServer server_{&jobs_};
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
  Environment environment_ = EnvironmentOver(server_, out_, err_, interruption_,
                                             clock_, /*columns=*/0);
};

TEST_F(DeniedCliTest, WithoutATokenItSaysWhereOneIsLookedForAndExitsThree) {
  environment_.token_variables.home = "/no/such/home";
  EXPECT_EQ(RunAtelier({"jobs"}, environment_), 3);
  EXPECT_EQ(err_.str(),
            "atelier: the coordinator at 127.0.0.1:7070 does not know who "
            "calls: a token is needed; a token was looked for in: --token-file "
            "(not given), ATELIER_TOKEN (not set), ATELIER_TOKEN_FILE (not "
            "set), the default file (/no/such/home/.config/atelier/token: no "
            "such file)\n");
  err_.str("");
  environment_.token_variables.token = "atl_secret";
  EXPECT_EQ(RunAtelier({"jobs"}, environment_), 3);
  EXPECT_THAT(err_.str(), HasSubstr("ATELIER_TOKEN (used)"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("secret")));
  err_.str("");
  environment_.token_variables.token = "two\nlines";
  EXPECT_EQ(RunAtelier({"jobs"}, environment_), 2);
  EXPECT_THAT(err_.str(), StartsWith("atelier: ATELIER_TOKEN: it is no token"));
}

TEST_F(DeniedCliTest, ACertificateThatIsNotTrustedIsNoMatterOfTokens) {
  environment_.dial = [](const Endpoint&, const TlsClientFiles&,
                         const std::shared_ptr<TokenSource>&) {
    return MakeChannel(*ParseEndpoint("unix:/no/such/socket"));
  };
  environment_.probe = [](const Endpoint&, const TlsClientFiles&,
                          absl::Duration) {
    return absl::UnauthenticatedError("not trusted");
  };
  EXPECT_EQ(RunAtelier({"jobs"}, environment_), 3);
  EXPECT_EQ(err_.str(), "atelier: not trusted\n");
}

TEST_F(CliTest, EveryCommandExplainsItself) {
  for (const char* command :
       {"render", "study",    "submit",    "sweep",  "jobs",    "show",
        "log",    "watch",    "fetch",     "cancel", "retry",   "pause",
        "resume", "priority", "workers",   "drain",  "release", "gc",
        "up",     "weights",  "login-link"}) {
    SCOPED_TRACE(command);
    EXPECT_EQ(Run({command, "--help"}), 0);
    EXPECT_THAT(out_.str(), HasSubstr("Examples:"));
    EXPECT_THAT(out_.str(), HasSubstr("Exit codes:"));
    EXPECT_EQ(out_.str().find("--coordinator") == std::string::npos,
              out_.str().find("--token-file") == std::string::npos);
    EXPECT_THAT(err_.str(), IsEmpty());
  }
}

TEST_F(CliTest, JobsPrintsATableOrJson) {
  EXPECT_EQ(Run({"jobs"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("JOB  NAME  STATE"));
  EXPECT_EQ(Run({"jobs", "--json"}), 0);
  EXPECT_EQ(out_.str(), "{\"jobs\":[]}\n");
}

// Says what it was asked, with a job that runs.
class AskedJobs : public v1::Jobs::Service {
 public:
  grpc::Status ListJobs(grpc::ServerContext* /*context*/,
                        const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override {
    asked = *request;
    // A page without a match, and more to look at.
    if (request->page_token().empty()) {
      response->set_next_page_token("7");
      return grpc::Status::OK;
    }
    v1::Job& job = *response->add_jobs();
    job.set_job_id("j1");
    job.set_state(v1::JOB_STATE_RUNNING);
    job.mutable_time_left()->set_seconds(3725);
    return grpc::Status::OK;
  }

  v1::ListJobsRequest asked;
};

TEST(JobsCommandTest, SearchesAsFarAsThereIsMoreAndSaysTheTimeLeft) {
  AskedJobs jobs;
  InProcessServer server{&jobs};
  std::ostringstream out;
  std::ostringstream err;
  Interruption interruption;
  FakeClock clock(absl::UnixEpoch());
  Environment environment =
      EnvironmentOver(server, out, err, interruption, clock, /*columns=*/0);
  EXPECT_EQ(
      RunAtelier({"jobs", "--search", "night", "--user", "anna", "--state",
                  "running", "--state", "queued", "--state", "running"},
                 environment),
      0)
      << err.str();
  EXPECT_EQ(jobs.asked.search(), "night");
  EXPECT_EQ(jobs.asked.user(), "anna");
  EXPECT_EQ(jobs.asked.page_token(), "7");
  EXPECT_THAT(jobs.asked.states(), testing::ElementsAre(v1::JOB_STATE_RUNNING,
                                                        v1::JOB_STATE_QUEUED));
  EXPECT_THAT(out.str(), HasSubstr("1h2m"));
  EXPECT_THAT(out.str(), Not(HasSubstr("1h2m5s")));
  out.str("");
  EXPECT_EQ(RunAtelier({"jobs", "--json"}, environment), 0);
  EXPECT_THAT(out.str(), HasSubstr("\"time_left_seconds\":3725"));
  EXPECT_EQ(RunAtelier({"jobs", "--state", "paused"}, environment), 2);
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
  for (const char* name :
       {"job", "画風転写の研究",
        "👩🏽‍🎨👩🏽‍🎨👩🏽‍🎨", "\x1b[2J\u202e",
        "a name that is longer than the terminal is wide"}) {
    for (int columns = 1; columns < 80; ++columns) {
      const std::string bar = ProgressBar(name, 0.5, "1/2 tasks", columns);
      EXPECT_LT(CellWidth(bar), columns) << bar;
      EXPECT_EQ(EscapedText(bar), bar);
    }
  }
  EXPECT_EQ(ProgressBar("画風転写の研究所", 0.5, "text", 24),
            "画風転写… [###---] text");
}

TEST(TableTest, LinesUpInCellsAndKeepsControlCharactersOut) {
  Table table({"A", "B"});
  table.Add({"long", "x\033[31m\u202e\n"});
  table.Add({"画風", "y"});
  table.Add({"e\u0301", "z"});
  EXPECT_EQ(table.TakeText(),
            "A     B\nlong  x\\x1b[31m\\u202e\\n\n画風  y\ne\u0301     z\n");
}

TEST(TableTest, ComesInPartsWhoseColumnsNeverNarrow) {
  Table table({"A", "B"});
  table.Add({"long", "x"});
  EXPECT_EQ(table.TakeText(), "A     B\nlong  x\n");
  table.Add({"s", "y"});
  EXPECT_EQ(table.TakeText(), "s     y\n");
  EXPECT_EQ(table.TakeText(), "");
}

TEST(StatusLineTest, WritesOverItselfWithoutEscapes) {
  std::ostringstream err;
  {
    StatusLine line(err, 10);
    line.Show("画風転写の研究");
    line.Show("ab");
    line.Show("c");
  }
  EXPECT_EQ(err.str(), "\r画風転写…\rab       \rc \r \r");
  StatusLine nowhere(err, 0);
  err.str("");
  nowhere.Show("text");
  EXPECT_THAT(err.str(), IsEmpty());
}

TEST(JsonTest, KeepsWhatSteersATerminalAsNumbers) {
  const std::string name = "\x1b[2J\u202e\u009b\U000E0001画";
  const std::string line = JsonObject().Add("name", name).Line();
  EXPECT_EQ(line, "{\"name\":\"\\u001b[2J\\u202e\\u009b\\udb40\\udc01画\"}\n");
  EXPECT_EQ(nlohmann::json::parse(line)["name"], name);
}

TEST(JsonTest, KnowsEveryKindOfValue) {
  JsonObject inner;
  EXPECT_EQ(inner.Text(), "{}");
  inner.Add(JsonObject())
      .Add("n", nullptr)
      .Add("t", true)
      .Add("i", int64_t{-7});
  EXPECT_EQ(JsonObject()
                .Add("d", 1e-7)
                .Add("w", 2.0)
                .Add("o", std::optional<int>())
                .Add("e", NullIfEmpty(""))
                .Add("l", std::vector<std::vector<int>>{{1, 2}, {}})
                .Add("inner", inner)
                .Add(inner)
                .Text(),
            R"({"d":1e-07,"w":2.0,"o":null,"e":null,"l":[[1,2],[]],)"
            R"("inner":{"n":null,"t":true,"i":-7},"n":null,"t":true,"i":-7})");
}

}  // namespace
}  // namespace atelier
