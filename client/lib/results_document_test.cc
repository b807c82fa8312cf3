#include "client/lib/results_document.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/lib/measure_names.h"
#include "client/lib/prepare.h"
#include "client/lib/spec.h"
#include "client/lib/spec_json.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/rpc/render_conversion.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::nlohmann::json;
using ::testing::HasSubstr;

v1::Job JobOf() {
  v1::Job job;
  job.set_job_id("job-1");
  job.set_state(v1::JOB_STATE_SUCCEEDED);
  job.set_task_count(2);
  job.mutable_spec()->set_name("harbour \"night\"\n");
  v1::Axis& axis = *job.mutable_spec()->add_axes();
  axis.set_name("seed");
  for (int i = 0; i < 2; ++i) {
    v1::AxisValue& value = *axis.add_values();
    value.set_label(absl::StrCat(i));
    value.mutable_set()->set_seed(i);
  }
  v1::ImageDescription& image = *job.mutable_spec()->add_images();
  image.set_digest(std::string(64, 'a'));
  image.set_name("harbour.png");
  image.set_width_px(64);
  image.set_height_px(48);
  v1::NetworkDescription& network = *job.mutable_spec()->add_networks();
  network.set_weights_digest(std::string(64, 'b'));
  network.set_name("atelier-vgg19-slim");
  return job;
}

v1::Task DoneTask(int64_t index) {
  Render render;
  render.params.content_weight = 1;
  render.params.content_layers = {{"conv_1", 1}};
  render.inputs.content = std::string(64, 'a');
  render.inputs.weights = std::string(64, 'b');
  v1::Task task;
  task.set_index(index);
  task.add_labels(absl::StrCat(index));
  task.set_state(v1::TASK_STATE_SUCCEEDED);
  *task.mutable_render() = ToProto(render);
  v1::TaskResult& result = *task.mutable_result();
  result.set_image_digest(std::string(64, 'c'));
  *result.mutable_losses() = ToProto(Losses{{{"content", 2}}, 3});
  v1::Measures& measures = *result.mutable_measures();
  measures.mutable_by()->set_weights_digest(
      LoadWeights(std::string(kBuiltinNetwork))->digest);
  measures.mutable_by()->set_size_px(256);
  measures.mutable_by()->set_pooling(v1::POOLING_MAX);
  measures.set_version(1);
  (*measures.mutable_values())["psnr"] = 21.5;
  measures.mutable_iteration_time()->set_nanos(500'000'000);
  measures.set_peak_memory_bytes(1 << 20);
  measures.mutable_curve()->add_iterations(1);
  measures.mutable_curve()->add_total(7);
  v1::LossCurve::TermCurve& term = *measures.mutable_curve()->add_terms();
  term.set_term("content");
  term.add_losses(std::numeric_limits<float>::quiet_NaN());
  return task;
}

class ResultsDocumentTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("results_document_test").ok());
  }

  json Written(const v1::Job& job, const std::vector<v1::Task>& tasks) {
    ResultsDocument document(job, path_);
    for (const v1::Task& task : tasks) {
      EXPECT_TRUE(document.Add(task, "x.png", "fine").ok());
    }
    EXPECT_TRUE(document.Finish().ok());
    return json::parse(ReadFile(path_, 1 << 20).value());
  }

  const TempFolder folder_;
  const std::string path_ = folder_.File("results.json");
};

TEST_F(ResultsDocumentTest, HasTheJobAndItsTasks) {
  const json all = Written(JobOf(), {DoneTask(0), v1::Task()});
  EXPECT_EQ(all["format"], "atelier-results");
  EXPECT_EQ(all["version"], 1);
  EXPECT_EQ(all["job"]["name"], "harbour \"night\"\n");
  EXPECT_EQ(all["axes"][0]["labels"], json({"0", "1"}));
  EXPECT_EQ(all["inputs"][0]["name"], "harbour.png");
  EXPECT_EQ(all["measured_by"]["size_px"], 256);
  EXPECT_EQ(all["measured_by"]["pooling"], "max");
  const json& task = all["tasks"][0];
  EXPECT_EQ(task["file"], "x.png");
  EXPECT_EQ(task["parameters"]["content"], "harbour.png");
  EXPECT_EQ(task["render"]["content_digest"], std::string(64, 'a'));
  EXPECT_EQ(task["result"]["losses"], json({{"content", 2.0}, {"total", 3.0}}));
  EXPECT_EQ(task["measures"], json({{"psnr", 21.5},
                                    {"seconds_per_iteration", 0.5},
                                    {"peak_memory_bytes", 1048576.0}}));
  EXPECT_EQ(task["curve"]["terms"]["content"], json::array({nullptr}));
  EXPECT_TRUE(all["tasks"][1]["result"].is_null());
  EXPECT_TRUE(all["tasks"][1]["measures"].is_null());
}

TEST_F(ResultsDocumentTest, MeasuresByAnotherChoiceAreAbsent) {
  v1::Job asked = JobOf();
  asked.mutable_spec()->mutable_measure()->set_size_px(128);
  v1::Task of_others = DoneTask(0);
  v1::MeasureSpec& by =
      *of_others.mutable_result()->mutable_measures()->mutable_by();
  by.set_weights_digest(std::string(64, 'b'));
  for (const json& all :
       {Written(asked, {DoneTask(0)}), Written(JobOf(), {of_others})}) {
    EXPECT_TRUE(all["tasks"][0]["measures"].is_null());
    EXPECT_TRUE(all["measured_by"].is_null());
    EXPECT_FALSE(all["tasks"][0]["curve"].is_null());
  }
}

TEST_F(ResultsDocumentTest, TextIsWhatTheFileHolds) {
  const v1::Job job = JobOf();
  ResultsText results(job);
  std::string text = results.Add(DoneTask(0), "x.png", "fine");
  absl::StrAppend(&text, results.Add(DoneTask(1), "x.png", "fine"));
  absl::StrAppend(&text, results.Finish());
  EXPECT_EQ(json::parse(text), Written(job, {DoneTask(0), DoneTask(1)}));
  EXPECT_EQ(ReadFile(path_, 1 << 20).value(), text);
}

TEST_F(ResultsDocumentTest, WhatIsNotFinishedIsNotThere) {
  {
    const v1::Job job = JobOf();
    ResultsDocument document(job, path_);
    ASSERT_TRUE(document.Add(DoneTask(0), "x.png", "").ok());
    EXPECT_EQ(folder_.FileCount(), 1);
    EXPECT_FALSE(ReadFile(path_, 1 << 20).ok());
  }
  EXPECT_EQ(folder_.FileCount(), 0);
}

TEST_F(ResultsDocumentTest, AFolderThatIsGoneIsAnErrorWithThePath) {
  const v1::Job job = JobOf();
  ResultsDocument document(job, folder_.File("none/results.json"));
  const absl::Status status = document.Add(DoneTask(0), "", "");
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("none/results.json"));
}

TEST_F(ResultsDocumentTest, MatchesItsSchema) {
  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "NOT TESTED: results.json against its schema, as "
                    "python3-jsonschema is not installed";
  }
  const std::string command = absl::StrCat(
      "python3 -c \"import json,jsonschema,sys; "
      "jsonschema.validate(json.load(open(sys.argv[1])), "
      "json.load(open(sys.argv[2])))\" ",
      path_, " " ATELIER_SOURCE_DIR "/docs/schema/results.schema.json");
  Written(JobOf(), {DoneTask(0), v1::Task()});
  EXPECT_EQ(std::system(command.c_str()), 0);
  Written(JobOf(), {});
  EXPECT_EQ(std::system(command.c_str()), 0);
  json broken = Written(JobOf(), {DoneTask(0)});
  broken["tasks"][0].erase("render");
  ASSERT_TRUE(WriteFile(path_, broken.dump(), Durability::kAtomic).ok());
  EXPECT_NE(std::system(absl::StrCat(command, " 2>/dev/null").c_str()), 0);
}

TEST(MeasureNamesTest, KnowWhichWayIsBetter) {
  EXPECT_TRUE(HigherIsBetter("psnr"));
  EXPECT_TRUE(HigherIsBetter("ssim"));
  EXPECT_FALSE(HigherIsBetter("gram_distance"));
  EXPECT_FALSE(HigherIsBetter("beauty"));
  EXPECT_EQ(BetterOf("ssim"), Better::kHigher);
  EXPECT_EQ(BetterOf("gram_distance"), Better::kLower);
  EXPECT_EQ(BetterOf("mean_wavelength"), Better::kNeither);
  EXPECT_EQ(BetterOf("beauty"), Better::kLower);
}

TEST(MeasureNamesTest, ValuesAreShownWithTheirUnits) {
  EXPECT_EQ(MeasureText("psnr", 21.345), "21.3 dB");
  EXPECT_EQ(MeasureText("ssim", 0.41251), "0.413");
  EXPECT_EQ(MeasureText("mean_wavelength", 38.87), "38.9 px");
  EXPECT_EQ(MeasureText("peak_memory_bytes", 512 << 20), "512 MiB");
  EXPECT_EQ(MeasureText("wasserstein_relu4_1", 1234.5), "1234");
  EXPECT_EQ(MeasureText("beauty", -0.5), "-0.5");
}

TEST(MeasureNamesTest, WhatIsNotFiniteIsAbsent) {
  v1::Task task;
  EXPECT_TRUE(MeasuresOf(task).empty());
  v1::Measures& measures = *task.mutable_result()->mutable_measures();
  (*measures.mutable_values())["psnr"] =
      std::numeric_limits<double>::infinity();
  EXPECT_TRUE(MeasuresOf(task).empty());
}

// The spec of a document is the job that it is of.
TEST_F(ResultsDocumentTest, SpecIsReadBackAsTheSameJob) {
  const auto write = [&](const std::string& name, float grey) {
    const std::string png =
        Encode({64, 48, std::vector<float>(3 * 64 * 48, grey)}, "png").value();
    ASSERT_TRUE(WriteFile(folder_.File(name), png, Durability::kAtomic).ok());
  };
  write("a.png", 0.1F);
  write("copy of a.png", 0.1F);
  write("123", 0.2F);
  write("mask.png", 0.3F);
  constexpr char kSpec[] = R"(
name: "all: \"kinds\""
base: {content: a.png, style: [copy of a.png, '123'], style_mask: [mask.png, none], style_blend: [2, 1], size: 64, preset: fine}
axes:
  style_weight: [1500, 1e5]
  init: [noise, '123']
  layers:
    near: {content_layers: conv_1}
    far: {content_layers: "conv_3:0.5", content_weight: 2, convention: gatys}
expand: {sample: 5, seed: 3}
exclude: [{style_weight: 1500, init: noise}]
measure: {weights: atelier-vgg19-slim, size: 128, pooling: avg, preprocessing: imagenet-255-rgb}
user: ann
no_cache: true
worker_tags: [big]
)";
  ASSERT_TRUE(
      WriteFile(folder_.File("job.yaml"), kSpec, Durability::kAtomic).ok());
  const auto prepared = [&](const std::string& file) {
    const absl::StatusOr<JobDraft> draft = ReadSpec(folder_.File(file));
    EXPECT_TRUE(draft.ok()) << draft.status();
    const absl::StatusOr<PreparedJob> job = Prepare(*draft);
    EXPECT_TRUE(job.ok()) << job.status();
    return job->spec;
  };
  const v1::JobSpec spec = prepared("job.yaml");
  const absl::StatusOr<JsonObject> text = SpecJson(spec);
  ASSERT_TRUE(text.ok()) << text.status();
  ASSERT_TRUE(
      WriteFile(folder_.File("again.json"), text->Text(), Durability::kAtomic)
          .ok());
  const v1::JobSpec again = prepared("again.json");
  std::string differences;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(spec, again)) << differences << text->Text();
}

}  // namespace
}  // namespace atelier
