#include "client/lib/spec.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "client/lib/points.h"
#include "common/file.h"
#include "common/quoted_text.h"
#include "common/unicode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SpecTest, ReadsBothFormsOfAxes) {
  const JobDraft job = ParseSpec(R"(
name: sweep
base: {content: a.png, style: b.png, style_layers: [conv_1, "conv_2:0.5"]}
axes:
  - name: layers
    values:
      - {label: shallow, content_layers: conv_1}
      - {label: deep, content_layers: conv_13, content_weight: 2}
  - parameter: style_weight
    values: [1500, 1.8e3]
)",
                                 "s.yaml")
                           .value();
  EXPECT_EQ(job.name, "sweep");
  EXPECT_EQ(job.base.patch.content_digest, "a.png");
  ASSERT_EQ(job.base.patch.style_layers->size(), 2);
  EXPECT_EQ(job.base.patch.style_layers->at(1).weight, 0.5);
  ASSERT_EQ(CountPoints(job), 4);
  const Point last = PointAt(job, 3);
  EXPECT_EQ(DescribePoint(job, last), "layers=deep, style_weight=1.8e3");
  EXPECT_EQ(last.render.patch.style_weight, 1800);
  EXPECT_EQ(last.render.patch.content_weight, 2);
  EXPECT_EQ(DescribePoint(job, PointAt(job, 1)),
            "layers=shallow, style_weight=1.8e3");
}

TEST(SpecTest, ReadsStylesAsOneOrAsAList) {
  const JobDraft job = ParseSpec(R"(
base: {style: [a.png, "b,c.png"], style_blend: [2, 1], style_mask: [none, m.png]}
axes:
  - parameter: style
    values: [d.png, [e/f.png, g.png]]
)",
                                 "s.yaml")
                           .value();
  EXPECT_THAT(*job.base.patch.style_digests, ElementsAre("a.png", "b,c.png"));
  EXPECT_THAT(*job.base.patch.style_blend, ElementsAre(2, 1));
  EXPECT_THAT(*job.base.patch.style_mask_digests, ElementsAre("", "m.png"));
  const Point last = PointAt(job, 1);
  EXPECT_EQ(DescribePoint(job, last), "style=f.png,g.png");
  EXPECT_THAT(*last.render.patch.style_digests,
              ElementsAre("e/f.png", "g.png"));
}

TEST(SpecTest, ReadsJson) {
  const JobDraft job =
      ParseSpec("{\"name\": \"j\",\n\t\"base\": {\"iterations\": 5}}", "j.json")
          .value();
  EXPECT_EQ(job.base.patch.iterations, 5);
}

TEST(SpecTest, ZipGoesAlongAllAxesTogether) {
  const JobDraft job = ParseSpec(
                           "mode: zip\naxes:\n"
                           "  - {parameter: seed, values: [1, 2]}\n"
                           "  - {parameter: size, values: [64, 96]}\n",
                           "z.yaml")
                           .value();
  ASSERT_EQ(CountPoints(job), 2);
  EXPECT_EQ(DescribePoint(job, PointAt(job, 1)), "seed=2, size=96");
  const std::vector<Point> checked = PointsToCheck(job, 1);
  ASSERT_EQ(checked.size(), 2);
  EXPECT_EQ(DescribePoint(job, checked[1]), "seed=2, size=96");
}

TEST(SpecTest, SaysWhenAndWhereAJobRuns) {
  const absl::StatusOr<JobDraft> job = ParseSpec(
      "no_cache: true\nprofile: abc\nuser: ann\npriority: -5\nmax_running: "
      "8\nworker_tags: [gpu, lab]\n"
      "worker_memory_bytes: 1000000\n",
      "s.yaml");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->user, "ann");
  EXPECT_EQ(job->priority, -5);
  EXPECT_EQ(job->max_running, 8);
  EXPECT_TRUE(job->no_cache);
  EXPECT_EQ(job->profile, "abc");
  EXPECT_EQ(job->worker_tags, (std::vector<std::string>{"gpu", "lab"}));
  EXPECT_EQ(job->worker_memory_bytes, 1'000'000);
}

TEST(SpecTest, SaysByWhatResultsAreMeasured) {
  const absl::StatusOr<JobDraft> job = ParseSpec(
      "measure: {weights: vgg19, size: 5.12e2, pooling: l2, preprocessing: "
      "caffe-255-bgr}\n",
      "s.yaml");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->measure.weights_digest, "vgg19");
  EXPECT_EQ(job->measure.size_px, 512);
  EXPECT_EQ(job->measure.pooling, Pooling::kL2);
  EXPECT_EQ(job->measure.preprocessing, "caffe-255-bgr");
  EXPECT_EQ(ParseSpec("", "s.yaml").value_or(JobDraft()).measure,
            MeasureChoice());
}

TEST(SpecTest, ErrorsNameTheLineTheFieldAndWhatIsAllowed) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"name: x\nbase:\n  contnt: a.png\n",
       "s.yaml:3:3: 'contnt' is unknown; did you mean 'content'?"},
      {"nam: x\n", "s.yaml:1:1: 'nam' is unknown; did you mean 'name'?"},
      {"base: {iterations: -3}\n",
       "s.yaml:1:20: iterations: -3 is not allowed; from 1 to 1000000"},
      {"base:\n  seed: 1\n  seed: 2\n", "s.yaml:3:3: seed: is given twice"},
      {"mode: gird\n",
       "s.yaml:1:7: mode: 'gird' is unknown; did you mean 'grid'?"},
      {"axes:\n  - parameter: seed\n",
       "s.yaml:2:5: axis: needs 'values', a list of at least one value"},
      {"axes:\n  - parameter: seed\n    values: [1, 1]\n",
       "s.yaml:2:5: axis seed: '1' is given twice"},
      {"axes:\n  - name: Layers\n    values: [{label: a, seed: 1}]\n",
       "s.yaml:2:5: axis name: 'Layers' is not 1 to 64 of a-z, 0-9, _ and -"},
      {"axes:\n  - name: a\n    values: [{seed: 1}]\n",
       "s.yaml:3:14: label: is missing"},
      {"mode: random\n",
       "s.yaml:1:1: sample_count: is needed with mode random, and only there"},
      {"sheet_columns: -1\n",
       "s.yaml:1:16: sheet_columns: '-1' is not a whole number from 0 to 1000"},
      {"priority: 1001\n",
       "s.yaml:1:11: priority: '1001' is not a whole number from -1000 to "
       "1000"},
      {"measure: {size: 31}\n",
       "s.yaml:1:17: measure.size: '31' is not a whole number from 32 to 1024"},
      {"measure: {pooling: mean}\n",
       "s.yaml:1:20: measure.pooling: 'mean' is unknown; allowed: max, avg, "
       "l2"},
      {"measure: {preprocessing: caffe}\n",
       "s.yaml:1:26: measure.preprocessing: 'caffe' is unknown; did you mean "
       "'caffe-255-bgr'?"},
      {"measure: {network: x}\n",
       "s.yaml:1:11: 'network' is unknown; allowed: weights, size, pooling, "
       "preprocessing"},
      {"measure: big\n", "s.yaml:1:10: measure: must be a map of fields"},
      {"no_cache: maybe\n",
       "s.yaml:1:11: no_cache: 'maybe' is not allowed; true or false"},
      {"worker_tags: gpu\n",
       "s.yaml:1:14: worker_tags: must be a list of names"},
      {"mode: zip\naxes:\n  - {parameter: seed, values: [1]}\n"
       "  - {parameter: size, values: [64, 96]}\n",
       "s.yaml:1:1: axes: mode zip needs axes of one length; seed has 1 "
       "values, size has 2"},
      {"axes:\n  - {parameter: seed, values: [1]}\n"
       "  - {name: b, values: [{label: x, seed: 2}]}\n",
       "s.yaml:1:1: axes: both seed and b set seed; let one of them"},
      {"- a\n- b\n", "s.yaml:1:1: a job: must be a map of fields"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const absl::Status status = ParseSpec(c.text, "s.yaml").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()), c.message);
  }
}

TEST(SpecTest, EmptySpecsAndFieldsAreToldWithTheirLine) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"", "s.yaml:1:1: a job: is empty; it must be a map of fields"},
      {"\n# nothing\n",
       "s.yaml:1:1: a job: is empty; it must be a map of fields"},
      {"\n\n~\n",
       "s.yaml:3:1: a job: '~' is empty; it must be a map of fields"},
      {"null\n",
       "s.yaml:1:1: a job: 'null' is empty; it must be a map of fields"},
      {"name: x\nbase:\n\n# none\nmode: grid\n",
       "s.yaml:2:6: base: is empty; it must be a map of fields"},
      {"name:\nbase: {seed: 1}\n",
       "s.yaml:1:6: name: is empty; it must be a single value"},
      {"base:\n  seed:   # later\n\n  size: 64\n",
       "s.yaml:2:8: seed: is empty; it must be a single value"},
      {"base:\n  seed: ~\n  size: 64\n",
       "s.yaml:2:9: seed: '~' is empty; it must be a single value"},
      {"base:\n  style:\n    - a.png\n    -\n    - b.png\n",
       "s.yaml:4:6: style: is empty; it must be a single value"},
      {"axes:\n- parameter: seed\n  values:\n  -\n  - 2\n",
       "s.yaml:4:4: seed: is empty; it must be a single value"},
      {"axes:\n-\n- {parameter: seed, values: [1]}\n",
       "s.yaml:2:2: an axis: is empty; it must be a map of fields"},
      {"axes:\n",
       "s.yaml:1:6: axes: must be a map of parameters and their values, or a "
       "list of axes"},
      {"name: x\n~: 3\n", "s.yaml:2:1: a job: a field has no name"},
      {"name: x\n: 3\n", "s.yaml:2:1: a job: a field has no name"},
      {"base:\n  null: 1\n", "s.yaml:2:3: base: a field has no name"},
      {"worker_tags:\n- gpu\n- ~\n",
       "s.yaml:3:3: worker_tags: '~' is empty; it must be a single value"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(std::string(ParseSpec(c.text, "s.yaml").status().message()),
              c.message);
  }
}

TEST(SpecTest, ASpecIsOneDocument) {
  const struct {
    const char* text;
    int line;
  } kCases[] = {
      {"name: a\n---\nname: b\n", 2},
      {"---\nname: a\n...\n---\n", 4},
      {"name: a\n...\nname: b\n", 3},
      {"---\n---\nname: a\n", 2},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_THAT(
        std::string(ParseSpec(c.text, "s.yaml").status().message()),
        HasSubstr(absl::StrCat("s.yaml:", c.line, ":1: a second document")));
  }
  EXPECT_TRUE(ParseSpec("%YAML 1.2\n---\nname: a\n...\n", "s.yaml").ok());
}

TEST(SpecTest, TextIsUtf8AndFilesHaveAnyName) {
  const struct {
    const char* text;
    const char* message;
  } kCases[] = {
      {"base: {seed: 1}\nname: \"caf\xe9\"\n",
       "s.yaml:2:7: name: 'caf\\xe9' is not text in UTF-8"},
      {"user: \xff\n", "s.yaml:1:7: user: '\\xff' is not text in UTF-8"},
      {"worker_tags: [a, \xe9]\n",
       "s.yaml:1:18: worker_tags: '\\xe9' is not text in UTF-8"},
      {"profile: \xe9\n", "s.yaml:1:10: profile: '\\xe9' is not text in UTF-8"},
      {"base: {style_layers: conv\xe9}\n",
       "s.yaml:1:22: style_layers: 'conv\\xe9' is not text in UTF-8"},
      {"axes: [{name: a, values: [{label: \xe9, seed: 1}]}]\n",
       "s.yaml:1:35: label: '\\xe9' is not text in UTF-8"},
      {"b\xe9: 1\n", "s.yaml:1:1: key: 'b\\xe9' is not text in UTF-8"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_EQ(std::string(ParseSpec(c.text, "s.yaml").status().message()),
              c.message);
  }
  const JobDraft job = ParseSpec(
                           "# caf\xe9\nbase: {content: caf\xe9.png}\naxes:\n"
                           "- {parameter: style, values: [\xe9.png, b.png]}\n",
                           "s.yaml")
                           .value();
  EXPECT_EQ(job.base.patch.content_digest, "caf\xe9.png");
  EXPECT_EQ(job.axes[0].values[0].set.patch.style_digests->at(0), "\xe9.png");
  EXPECT_EQ(job.axes[0].values[0].label, "\xef\xbf\xbd.png");
}

TEST(SpecTest, FilesOfOneNameHaveLabelsOfTheirOwn) {
  const JobDraft job = ParseSpec(
                           "axes:\n- parameter: content\n"
                           "  values: [shot1/frame.png, shot2/frame.png]\n",
                           "s.yaml")
                           .value();
  EXPECT_EQ(DescribePoint(job, PointAt(job, 0)), "content=shot1/frame.png");
  EXPECT_EQ(DescribePoint(job, PointAt(job, 1)), "content=shot2/frame.png");
  EXPECT_THAT(std::string(ParseSpec("axes:\n- parameter: content\n"
                                    "  values: [a/f.png, ./a/f.png]\n",
                                    "s.yaml")
                              .status()
                              .message()),
              HasSubstr("'f.png' is given twice"));
}

TEST(SpecTest, TheLabelOfALongValueCanBeGiven) {
  const std::string layers =
      "conv1_1:0.25,conv2_1:0.25,conv3_1:0.25,conv4_1:0.25,conv5_1:0.25,"
      "conv_2:0.5";
  EXPECT_EQ(
      std::string(ParseSpec(absl::StrCat("axes:\n- parameter: style_layers\n"
                                         "  values:\n  - conv_1\n  - ",
                                         layers, "\n"),
                            "s.yaml")
                      .status()
                      .message()),
      absl::StrCat("s.yaml:5:5: values: '", layers,
                   "' is no label, which is 1 to 64 printable characters; "
                   "write the value as {label: NAME, style_layers: VALUE}"));
  const JobDraft job =
      ParseSpec(absl::StrCat("axes:\n- parameter: style_layers\n"
                             "  values:\n  - conv_1\n  - {label: deep, "
                             "style_layers: \"",
                             layers, "\"}\n"),
                "s.yaml")
          .value();
  EXPECT_EQ(DescribePoint(job, PointAt(job, 0)), "style_layers=conv_1");
  EXPECT_EQ(DescribePoint(job, PointAt(job, 1)), "style_layers=deep");
  EXPECT_EQ(PointAt(job, 1).render.patch.style_layers->size(), 6);
  EXPECT_THAT(std::string(ParseSpec("axes:\n- parameter: seed\n"
                                    "  values: [{label: a, size: 64}]\n",
                                    "s.yaml")
                              .status()
                              .message()),
              HasSubstr("s.yaml:3:12: values: 'a' does not set seed"));
}

TEST(SpecTest, ALongFileNameMakesAShorterLabel) {
  const JobDraft job =
      ParseSpec(absl::StrCat("axes:\n- parameter: content\n  values: [",
                             std::string(80, 'p'), ".png, q.png]\n"),
                "s.yaml")
          .value();
  EXPECT_EQ(DescribePoint(job, PointAt(job, 0)),
            absl::StrCat("content=", std::string(61, 'p'), "..."));
}

TEST(SpecTest, LimitsAreInCharacters) {
  std::string mountains;
  for (int i = 0; i < 64; ++i) mountains += "\xe5\xb1\xb1";
  EXPECT_TRUE(ParseSpec(absl::StrCat("name: ", mountains, mountains,
                                     "\naxes: [{name: a, values: [{label: ",
                                     mountains, ", seed: 1}]}]\n"),
                        "s.yaml")
                  .ok());
  EXPECT_FALSE(
      ParseSpec(absl::StrCat("name: ", mountains, mountains, "x\n"), "s.yaml")
          .ok());
}

TEST(SpecTest, WhatIsNotYamlIsToldWithItsLine) {
  const absl::Status status = ParseSpec("name: [\n", "s.yaml").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("s.yaml:"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("is not YAML"));
}

class ReadSpecTest : public testing::Test {
 protected:
  const TempFolder folder_;
};

TEST_F(ReadSpecTest, PathsAreRelativeToTheFolderOfAFile) {
  const std::string path = folder_.File("night.yaml");
  ASSERT_TRUE(
      WriteFile(path, "base: {content: a.png}\n", Durability::kAtomic).ok());
  const JobDraft job = ReadSpec(path).value();
  EXPECT_EQ(job.base.patch.content_digest, folder_.File("a.png"));
  EXPECT_EQ(job.name, "night");
}

TEST_F(ReadSpecTest, PathsInAPipeAreRelativeToTheCurrentFolder) {
  const std::string path = folder_.File("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  std::thread writer(
      [&] { ASSERT_TRUE(WriteOutput(path, "base: {content: a.png}\n").ok()); });
  const absl::StatusOr<JobDraft> job = ReadSpec(path);
  writer.join();
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->base.patch.content_digest, "a.png");
}

TEST_F(ReadSpecTest, ADashIsStandardInput) {
  const std::string path = folder_.File("in.yaml");
  ASSERT_TRUE(
      WriteFile(path, "base: {content: a.png}\n", Durability::kAtomic).ok());
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int kept = dup(STDIN_FILENO);
  dup2(file, STDIN_FILENO);
  const absl::StatusOr<JobDraft> job = ReadSpec("-");
  dup2(kept, STDIN_FILENO);
  close(kept);
  close(file);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->base.patch.content_digest, "a.png");
  EXPECT_EQ(job->name, "stdin");
}

TEST_F(ReadSpecTest, TheNameOfAFileIsMadeAName) {
  std::string long_name;
  for (int i = 0; i < 70; ++i) long_name += "\xc3\xa4";  // 140 bytes.
  for (const std::string& stem :
       {long_name + std::string(70, 'x'), std::string("caf\xe9")}) {
    const std::string path = folder_.File(stem + ".yaml");
    ASSERT_TRUE(WriteFile(path, "{}\n", Durability::kAtomic).ok());
    const JobDraft job = ReadSpec(path).value();
    EXPECT_TRUE(IsUtf8(job.name));
    EXPECT_LE(CountCharacters(job.name), kMaxJobNameCharacters);
  }
}

TEST(SpecTest, HoldsItsBounds) {
  SpecLimits limits;
  limits.max_axis_values = 2;
  EXPECT_THAT(
      std::string(ParseSpec("axes:\n  - {parameter: seed, values: [1, 2, 3]}\n",
                            "s.yaml", limits)
                      .status()
                      .message()),
      HasSubstr("3 given; at most 2"));
  limits.max_file_bytes = 3;
  EXPECT_THAT(
      std::string(ParseSpec("name: x", "s.yaml", limits).status().message()),
      HasSubstr("at most 3"));
}

TEST(SpecTest, FlagsGoOverTheBaseButNotOverWhatVaries) {
  JobDraft job = ParseSpec(
                     "name: n\nbase: {iterations: 9}\n"
                     "axes: [{parameter: style_weight, values: [1]}]\n",
                     "s.yaml")
                     .value();
  RenderDraft flags;
  flags.patch.iterations = 5;
  ASSERT_TRUE(OverrideBase(flags, job).ok());
  EXPECT_EQ(job.base.patch.iterations, 5);
  flags.patch.style_weight = 3;
  EXPECT_THAT(std::string(OverrideBase(flags, job).message()),
              HasSubstr("--style-weight: is what 'n' varies"));
}

TEST(SpecTest, ABigGridIsCheckedValueByValue) {
  const JobDraft job = ParseSpec(
                           "axes:\n"
                           "  - {parameter: seed, values: [1, 2, 3]}\n"
                           "  - {parameter: size, values: [64, 96]}\n",
                           "s.yaml")
                           .value();
  EXPECT_EQ(PointsToCheck(job, 6).size(), 6);
  EXPECT_EQ(PointsToCheck(job, 5).size(), 5);
}

}  // namespace
}  // namespace atelier
