// Where a command's output and results go, and what becomes of them.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/cli/job_run.h"
#include "client/lib/fake_jobs.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/output_stream.h"
#include "common/rpc/render_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class OutputTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("output_test").ok());
  }

  OutputTest() : server_({&jobs_, &artifacts_}) {}

  int RunTo(std::ostream& out, std::vector<std::string> arguments) {
    err_.str("");
    Interruption interruption;
    Environment environment =
        EnvironmentOver(server_, out, err_, interruption, clock_,
                        /*columns=*/0);
    return RunAtelier(std::move(arguments), environment);
  }
  int Run(std::vector<std::string> arguments) {
    out_.str("");
    return RunTo(out_, std::move(arguments));
  }

  // Returns the id of a job whose tasks have these results.
  std::string AddJob(const std::vector<std::string>& digests) {
    v1::SubmitJobRequest request;
    request.set_request_id("job-1");
    request.mutable_spec()->set_name("job");
    v1::Axis& axis = *request.mutable_spec()->add_axes();
    axis.set_name("seed");
    std::vector<v1::Task> tasks;
    for (const std::string& digest : digests) {
      const std::string label = absl::StrCat(tasks.size());
      axis.add_values()->set_label(label);
      v1::Task& task = tasks.emplace_back();
      task.add_labels(label);
      task.set_state(v1::TASK_STATE_SUCCEEDED);
      Render render;
      render.params.content_weight = 1;
      render.params.content_layers = {{"conv_1", 1}};
      render.inputs.content = std::string(64, 'a');
      render.inputs.weights = std::string(64, 'b');
      *task.mutable_render() = ToProto(render);
      task.mutable_result()->set_image_digest(digest);
    }
    jobs_.SetTasks(std::move(tasks));
    v1::Job job;
    EXPECT_TRUE(jobs_.SubmitJob(nullptr, &request, &job).ok());
    return job.job_id();
  }

  static std::string Png() {
    return Encode({4, 3, std::vector<float>(36, 0.5f)}, "png").value();
  }

  const TempFolder folder_;
  FakeJobs jobs_;
  FakeArtifacts artifacts_;
  InProcessServer server_;
  std::ostringstream out_;
  std::ostringstream err_;
  FakeClock clock_{absl::UnixEpoch()};
};

TEST_F(OutputTest, OutputThatIsLostIsAFailure) {
  AddJob({});
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"},
        {"--version"},
        {"jobs", "--help"},
        {"jobs"},
        {"jobs", "--json"},
        {"show", "job-1"},
        {"show", "job-1", "--json"},
        {"watch", "job-1", "--json"},
        {"weights", "list"}}) {
    SCOPED_TRACE(arguments.back());
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    OutputStream out(full);
    EXPECT_EQ(RunTo(out, arguments), 1);
    EXPECT_EQ(err_.str(),
              "atelier: standard output: No space left on device\n");
    close(full);
  }
}

TEST_F(OutputTest, AReaderThatIsGoneIsNotMentioned) {
  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  OutputStream out(ends[1]);
  EXPECT_EQ(RunTo(out, {"jobs"}), kExitBrokenPipe);
  EXPECT_THAT(err_.str(), IsEmpty());
  close(ends[1]);
  signal(SIGPIPE, SIG_DFL);
}

TEST_F(OutputTest, AFetchNamesWhatIsBadAndBringsTheRest) {
  const std::string job = AddJob({std::string(64, 'e'), artifacts_.Add(Png())});
  const std::string folder = folder_.File("out");
  EXPECT_EQ(Run({"fetch", job, "--output", folder, "--quiet"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("atelier: task 0 (seed-0.png): "));
  EXPECT_THAT(err_.str(),
              HasSubstr("1 of 2 results could not be fetched whole"));
  EXPECT_TRUE(std::filesystem::exists(folder + "/seed-1.png"));
  EXPECT_EQ(Run({"fetch", job, "--output", folder, "--json"}), 1);
  EXPECT_THAT(out_.str(), HasSubstr("\"problems\":[{\"index\":0,"));

  artifacts_.AddAs(std::string(64, 'e'), "");
  EXPECT_EQ(Run({"fetch", job, "--output", folder}), 1) << "damaged";
}

TEST_F(OutputTest, AFetchRefusesAnothersFolder) {
  const std::string job = AddJob({artifacts_.Add(Png())});
  const std::string folder = folder_.File("out");
  ASSERT_TRUE(MakeFolders(folder).ok());
  ASSERT_TRUE(WriteOutput(folder + "/.atelier-job", "job-0\n").ok());
  EXPECT_EQ(Run({"fetch", job, "--output", folder}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("has the results of job 'job-0'"));
  EXPECT_THAT(err_.str(), HasSubstr("--force"));
  EXPECT_EQ(Run({"fetch", job, "--output", folder, "--force"}), 0);
  EXPECT_EQ(Run({"fetch", job, "--output", folder}), 0);
}

TEST_F(OutputTest, AFetchPlacesAxesAndMarksTheBest) {
  const std::string job = AddJob({artifacts_.Add(Png())});
  const std::string folder = folder_.File("out");
  EXPECT_EQ(Run({"fetch", job, "--output", folder, "--rows", "size"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--rows: 'size' is no axis of job "));
  EXPECT_THAT(err_.str(), HasSubstr("its axes: seed"));
  EXPECT_EQ(Run({"fetch", job, "--output", folder, "--mark", "sssim"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'ssim'?"));
  EXPECT_FALSE(std::filesystem::exists(folder));

  EXPECT_EQ(Run({"fetch", job, "--output", folder, "--rows", "seed", "--mark",
                 "ssim"}),
            0)
      << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("has the measure 'ssim'; the sheet marks "
                                    "none\n"));
}

TEST_F(OutputTest, AMarkNeedsAnOutput) {
  EXPECT_EQ(Run({"submit", "no-such.yaml", "--wait", "--mark", "ssim"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--mark: needs --output"));
}

TEST_F(OutputTest, AFetchIntoAFileSaysSo) {
  const std::string job = AddJob({});
  const std::string file = folder_.File("file");
  ASSERT_TRUE(WriteOutput(file, "mine").ok());
  for (const std::string& path : {file, file + "/sub/folder"}) {
    EXPECT_EQ(Run({"fetch", job, "--output", path}), 2);
    EXPECT_THAT(err_.str(), HasSubstr(file + " is a file; name a folder"));
  }
}

TEST_F(OutputTest, ARenderSaysWhatIsWrongWithItsOutputAtOnce) {
  const struct {
    std::string path;
    const char* message;
  } kCases[] = {
      {folder_.path(), "is a folder; name a file"},
      {folder_.File("new") + "/", "is a folder; name a file"},
      {folder_.File("x.png") + "/", "is a folder; name a file"},
      {folder_.File(std::string(300, 'n') + ".png"), "File name too long"},
      {"/proc/result.png",
       "/proc: nothing can be written there: No such file or directory\n"},
      {folder_.File("circle.png"), "lead in a circle"},
  };
  std::filesystem::create_symlink("circle.png", folder_.File("circle.png"));
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.path);
    EXPECT_EQ(
        Run({"render", "--content", "a", "--style", "b", "--output", c.path}),
        2);
    EXPECT_THAT(err_.str(), HasSubstr("output: "));
    EXPECT_THAT(err_.str(), HasSubstr(c.message));
  }
}

TEST_F(OutputTest, AnOutputMayBeALinkOrADevice) {
  std::filesystem::create_symlink("real", folder_.File("folder"));
  EXPECT_TRUE(PrepareOutputFolder(folder_.File("folder")).ok());
  EXPECT_TRUE(std::filesystem::is_directory(folder_.File("real")));
  std::filesystem::create_symlink("deep/real.png", folder_.File("link.png"));
  EXPECT_TRUE(PrepareOutputFile(folder_.File("link.png")).ok());
  EXPECT_TRUE(std::filesystem::is_directory(folder_.File("deep")));
  EXPECT_TRUE(PrepareOutputFile("/dev/null").ok());
  EXPECT_TRUE(PrepareOutputFile("relative.png").ok());
}

TEST_F(OutputTest, ArgumentsThatAreNoTextAreRefusedByName) {
  const struct {
    std::vector<std::string> arguments;
    const char* field;
  } kCases[] = {
      {{"show", "\xe9"}, "job"},
      {{"drain", "\xe9"}, "worker"},
      {{"weights", "fetch", "\xe9"}, "name"},
      {{"jobs", "--coordinator", "\xe9:1"}, "--coordinator"},
      {{"render", "--content", "a", "--output", "o.png", "--user", "\xe9"},
       "--user"},
      {{"render", "--content", "a", "--output", "o.png", "--style-layers",
        "\xe9"},
       "--style-layers"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.field);
    EXPECT_EQ(Run(c.arguments), 2);
    EXPECT_THAT(err_.str(),
                HasSubstr(absl::StrCat("atelier: ", c.field, ": '")));
    EXPECT_THAT(err_.str(), HasSubstr("\\xe9"));
    EXPECT_THAT(err_.str(), HasSubstr("is not text in UTF-8"));
  }
  Run({"render", "--content", "\xe9", "--style", "b", "--output",
       folder_.File("o.png")});
  EXPECT_THAT(err_.str(), Not(HasSubstr("UTF-8"))) << "a file may be called so";
}

}  // namespace
}  // namespace atelier
