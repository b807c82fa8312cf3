// `atelier study`: what it lists and shows, and what it takes for a study.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command_fixture_testing.h"
#include "client/studies/studies.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class StudyCommandTest : public CommandFixture {
 protected:
  void Write(const std::string& path, const std::string& text) {
    ASSERT_TRUE(WriteFile(path, text, Durability::kAtomic).ok());
  }

  int RunStudy(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "study");
    return Run(arguments);
  }

  // Renders a study; returns the job that the coordinator got.
  v1::Job Rendered(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--output", folder_.File("out"),
                                       "--coordinator", "127.0.0.1:1"});
    EXPECT_EQ(RunStudy(std::move(arguments)), 0) << err_.str();
    v1::ListJobsResponse list;
    EXPECT_TRUE(jobs_.ListJobs(nullptr, nullptr, &list).ok());
    return list.jobs_size() == 1 ? list.jobs(0) : v1::Job();
  }

  const std::string picture_ = Picture("a.png");
};

TEST_F(StudyCommandTest, ChecksItsSheetsBeforeItRenders) {
  const auto error_of = [this](const std::vector<std::string>& sheet) {
    std::vector<std::string> arguments = {
        "all",    "--content", picture_,           "--style",
        picture_, "--output",  folder_.File("out")};
    arguments.insert(arguments.end(), sheet.begin(), sheet.end());
    EXPECT_EQ(RunStudy(arguments), 2);
    return err_.str();
  };
  EXPECT_THAT(error_of({"--rows", "start"}),
              HasSubstr("--rows: 'start' is no axis of job 'content-layers'; "
                        "its axes: content_layers"));
  EXPECT_THAT(error_of({"--mark", "beauty"}),
              HasSubstr("--mark: 'beauty' is no measure; there are psnr, "));
  EXPECT_EQ(jobs_.submits(), 0);
}

TEST_F(StudyCommandTest, AllEndWithOneReport) {
  const std::string folder = folder_.File("out");
  EXPECT_EQ(RunStudy({"all", "--content", picture_, "--style", picture_,
                      "--output", folder, "--coordinator", "127.0.0.1:1"}),
            0)
      << err_.str();
  const auto page = ReadFile(folder + "/report.html", 1 << 26);
  ASSERT_TRUE(page.ok()) << page.status();
  for (const absl::string_view study : StudyNames()) {
    EXPECT_THAT(*page, HasSubstr(absl::StrCat("\"", study, "\"")));
  }
  EXPECT_THAT(err_.str(), HasSubstr(folder + "/report.html"));
}

TEST_F(StudyCommandTest, ListsWhatIsBuiltIn) {
  EXPECT_EQ(RunStudy({"--list"}), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            "STUDY           TASKS  QUESTION\n"
            "content-layers  7      How much of a picture does a layer keep?\n"
            "style-layers    4      What do sets of layers know of a style?\n"
            "initialisation  6      Does it matter where the picture starts?\n"
            "style-weight    10     How does the balance of content and style "
            "look?\n");
  EXPECT_EQ(RunStudy({"--list", "--json"}), 0) << err_.str();
  const auto studies = nlohmann::json::parse(out_.str())["studies"];
  ASSERT_EQ(studies.size(), 4);
  EXPECT_EQ(studies[1]["name"], "style-layers");
  EXPECT_EQ(studies[1]["task_count"], 4);
  EXPECT_EQ(studies[1]["question"], "What do sets of layers know of a style?");
}

TEST_F(StudyCommandTest, ShowsTheSpecOfOne) {
  EXPECT_EQ(RunStudy({"--show", "style-weight"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), StudySpec("style-weight").value());
  EXPECT_EQ(RunStudy({"--show", "style-weight", "--json"}), 0) << err_.str();
  const auto study = nlohmann::json::parse(out_.str());
  EXPECT_EQ(study["name"], "style-weight");
  EXPECT_EQ(study["task_count"], 10);
  EXPECT_EQ(study["spec"], std::string(StudySpec("style-weight").value()));
}

TEST_F(StudyCommandTest, ASpecFileIsAStudy) {
  const std::string file = folder_.File("mine.yaml");
  Write(file,
        "base: {content: a.png, style: a.png}\n"
        "axes: {seed: 0-2}\n");
  const v1::Job job = Rendered({file});
  EXPECT_EQ(job.spec().name(), "mine");
  EXPECT_EQ(job.spec().study(), "");
  EXPECT_EQ(job.spec().axes(0).values_size(), 3);
}

TEST_F(StudyCommandTest, FlagsGoOverTheBaseOfASpecFile) {
  const std::string file = folder_.File("mine.yaml");
  Write(file, "base: {iterations: 9}\n");
  const v1::Job job = Rendered(
      {file, "--content", picture_, "--style", picture_, "--iterations", "5"});
  EXPECT_EQ(job.spec().base().iterations(), 5);
}

TEST_F(StudyCommandTest, WhatIsShownIsWhatRuns) {
  EXPECT_EQ(RunStudy({"--show", "style-layers"}), 0);
  const std::string file = folder_.File("style-layers.yaml");
  Write(file, out_.str());
  const v1::Job job =
      Rendered({file, "--content", picture_, "--style", picture_});
  EXPECT_EQ(job.spec().name(), "style-layers");
  EXPECT_EQ(job.spec().axes(0).values_size(), 4);
}

TEST_F(StudyCommandTest, ABuiltInNameWinsOverAFile) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  Write("style-layers", "name: mine\nbase: {content: a.png, style: a.png}\n");
  const v1::Job built_in =
      Rendered({"style-layers", "--content", picture_, "--style", picture_});
  const int file_code = RunStudy(
      {"./style-layers", "--output", "o", "--coordinator", "127.0.0.1:1"});
  std::filesystem::current_path(before);
  EXPECT_EQ(built_in.spec().study(), "style-layers");
  EXPECT_EQ(file_code, 0) << err_.str();
  EXPECT_EQ(jobs_.size(), 2);
}

TEST_F(StudyCommandTest, WhatIsWrongIsOneLineAndExitTwo) {
  const std::string broken = folder_.File("broken.yaml");
  Write(broken, "base:\n  seed: 010\n");
  const std::string bare = folder_.File("bare.yaml");
  Write(bare, "base: {}\n");
  const struct {
    std::vector<std::string> arguments;
    std::string message;
  } kCases[] = {
      {{"style-wieght"},
       "study: 'style-wieght' is unknown; did you mean 'style-weight'? There "
       "are content-layers, style-layers, initialisation, style-weight, all; "
       "or give a spec file that exists"},
      {{"moon.yaml", "--output", "o"},
       "study: 'moon.yaml' is unknown; there are content-layers, style-layers, "
       "initialisation, style-weight, all; or give a spec file that exists"},
      {{folder_.path()}, "is unknown; there are"},
      {{"--show", "moon"},
       "study: 'moon' is unknown; there are content-layers, style-layers, "
       "initialisation, style-weight\n"},
      {{"--show", "all"}, "study: 'all' is unknown"},
      {{"all", "--list"}, "--list: renders nothing; 'all' was given, too"},
      {{"all", "--show", "style-weight"}, "--show: renders nothing; 'all'"},
      {{"--list", "--show", "style-weight"}, "--list: --show was given, too"},
      {{}, "study, --content, --style and --output are required (see"},
      {{"all", "--output", "o"}, "--content and --style are required (see"},
      {{bare}, "--output is required (see"},
      {{bare, "--output", folder_.File("o")}, "content: missing"},
      {{broken, "--output", "o"},
       absl::StrCat(broken, ":2:9: seed: '010' is not a number; write 10")},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_EQ(RunStudy(c.arguments), 2);
    EXPECT_THAT(out_.str(), IsEmpty());
    EXPECT_THAT(err_.str(), HasSubstr(c.message));
    EXPECT_EQ(err_.str().find('\n'), err_.str().size() - 1);
  }
  EXPECT_EQ(jobs_.size(), 0);
}

}  // namespace
}  // namespace atelier
