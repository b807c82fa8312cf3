// What `atelier study`, `submit` and `fetch` say of the results of a study.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "client/cli/command_fixture_testing.h"
#include "client/lib/spec.h"
#include "client/studies/studies.h"
#include "common/file.h"
#include "common/render/params.h"
#include "common/rpc/render_conversion.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

constexpr char kPsnrOfLayers[] =
    "content-layers: psnr (dB) by content_layers\n"
    "  conv_1  conv_2\n"
    "  20      21*\n"
    "* chosen by the original study\n";

class StudyFindingsTest : public CommandFixture {
 protected:
  // Every job has a task for each of these, measured: 20 dB and upwards.
  void SetTasks(const std::vector<std::string>& labels) {
    const std::string digest = artifacts_.Add(
        Encode({4, 3, std::vector<float>(36, 0.5f)}, "png").value());
    std::vector<v1::Task> tasks;
    for (const std::string& label : labels) {
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
      v1::Measures& measures = *task.mutable_result()->mutable_measures();
      measures.mutable_by()->set_size_px(256);
      measures.mutable_by()->set_weights_digest(
          LoadWeights(std::string(kBuiltinNetwork))->digest);
      (*measures.mutable_values())["psnr"] =
          20.0 + static_cast<double>(tasks.size() - 1);
    }
    jobs_.SetTasks(std::move(tasks));
  }

  int RunStudy(const std::string& study, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "study",         study,        "--content", picture_,
        "--style",       picture_,     "--output",  folder_.File("out"),
        "--coordinator", "127.0.0.1:1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }

  // A spec of a study of one's own; returns its path.
  std::string Mine(const std::string& notes) {
    const std::string path = folder_.File("mine.yaml");
    EXPECT_TRUE(WriteFile(path, absl::StrCat("axes: {seed: [1, 2]}\n", notes),
                          Durability::kAtomic)
                    .ok());
    return path;
  }

  const std::string picture_ = Picture("a.png");
};

TEST_F(StudyFindingsTest, AStudyEndsWithItsNumbers) {
  SetTasks({"conv_1", "conv_2"});
  EXPECT_EQ(RunStudy("content-layers"), 0) << err_.str();
  EXPECT_EQ(out_.str(), kPsnrOfLayers);
}

TEST_F(StudyFindingsTest, AllStudiesEndWithTheirs) {
  SetTasks({"conv_1", "conv_2"});
  EXPECT_EQ(RunStudy("all"), 0) << err_.str();
  EXPECT_THAT(out_.str(),
              HasSubstr("psnr (dB) by content_layers\n  conv_1  conv_2\n"));
  // What no result has is said in a few words.
  EXPECT_THAT(
      out_.str(),
      HasSubstr("initialisation: content_distance by start: absent, as no"));
  EXPECT_THAT(out_.str(), HasSubstr("style-weight: style_distance by "));
  EXPECT_THAT(out_.str(), HasSubstr("style-layers: mean_wavelength (px) by "));
  EXPECT_THAT(out_.str(), EndsWith("* chosen by the original study\n"));
}

TEST_F(StudyFindingsTest, JsonAndResultsHaveTheSame) {
  SetTasks({"conv_1", "conv_2"});
  EXPECT_EQ(RunStudy("content-layers", {"--json"}), 0) << err_.str();
  const auto line = nlohmann::json::parse(out_.str());
  const auto& finding = line["findings"][0];
  EXPECT_EQ(finding["measure"], "psnr");
  EXPECT_EQ(finding["chosen_by"], "the original study");
  EXPECT_EQ(finding["rows"][0]["values"][1],
            nlohmann::json::parse(
                R"({"label": "conv_2", "value": 21.0, "chosen": true})"));
  const auto text = ReadFile(folder_.File("out/results.json"), 1 << 24);
  ASSERT_TRUE(text.ok()) << text.status();
  const auto spec = nlohmann::json::parse(*text)["job"]["spec"];
  EXPECT_EQ(spec["shows"],
            nlohmann::json::parse(
                R"([{"measure": "psnr", "by": "content_layers"}])"));
  EXPECT_EQ(spec["chosen"],
            nlohmann::json::parse(R"([{"content_layers": "conv_2"}])"));
  EXPECT_EQ(spec["chosen_by"], "the original study");
}

TEST_F(StudyFindingsTest, WhatIsFetchedLaterHasThemForBuiltInStudies) {
  SetTasks({"conv_1", "conv_2"});
  ASSERT_EQ(RunStudy("content-layers"), 0) << err_.str();
  v1::ListJobsResponse list;
  ASSERT_TRUE(jobs_.ListJobs(nullptr, nullptr, &list).ok());
  EXPECT_EQ(Run({"fetch", list.jobs(0).job_id(), "--output",
                 folder_.File("later"), "--coordinator", "127.0.0.1:1"}),
            0)
      << err_.str();
  EXPECT_EQ(out_.str(), kPsnrOfLayers);
}

TEST_F(StudyFindingsTest, ASpecOfOnesOwnSaysWhatItShows) {
  SetTasks({"1", "2"});
  const std::string mine = Mine("shows: psnr\nchosen: {seed: 1}\n");
  EXPECT_EQ(RunStudy(mine), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            "mine: psnr (dB) by seed\n"
            "  1    2\n"
            "  20*  21\n"
            "* chosen\n");
  EXPECT_EQ(
      Run({"submit", mine, "--content", picture_, "--style", picture_, "--wait",
           "--output", folder_.File("other"), "--coordinator", "127.0.0.1:1"}),
      0)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("mine: psnr (dB) by seed\n"));
  // And so does its results.json.
  EXPECT_EQ(RunStudy(folder_.File("other/results.json")), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("  20*  21\n"));
}

TEST_F(StudyFindingsTest, WithoutNotesThereAreNone) {
  SetTasks({"1", "2"});
  EXPECT_EQ(RunStudy(Mine("")), 0) << err_.str();
  EXPECT_EQ(out_.str(), "");
}

TEST_F(StudyFindingsTest, WhatIsWrongWithThemIsALineOfTheFile) {
  EXPECT_EQ(RunStudy(Mine("shows: pnsr\n")), 2);
  EXPECT_THAT(err_.str(), HasSubstr("mine.yaml:2:8: shows: 'pnsr' is no "
                                    "measure; did you mean 'psnr'?"));
  EXPECT_EQ(jobs_.submits(), 0);
}

TEST_F(StudyFindingsTest, EveryBuiltInStudySaysWhatItShowsAndWhatWasChosen) {
  for (const absl::string_view name : StudyNames()) {
    SCOPED_TRACE(std::string(name));
    const JobDraft study = Study(name).value();
    EXPECT_EQ(study.notes.shows.size(), 1);
    EXPECT_FALSE(study.notes.chosen.empty());
    EXPECT_EQ(study.notes.chosen_by, "the original study");
    EXPECT_EQ(Run({"study", "--show", std::string(name)}), 0);
    EXPECT_THAT(out_.str(), HasSubstr("\nchosen: "));
  }
}

}  // namespace
}  // namespace atelier
