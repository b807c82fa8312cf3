#include "client/lib/sweep_flags.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/points.h"
#include "client/lib/sheet_layout.h"
#include "client/lib/spec.h"
#include "common/render/parameters.h"
#include "common/rpc/render_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

using Given = std::vector<std::pair<std::string, std::string>>;

SweepFlags FlagsOf(const Given& given) {
  SweepFlags flags;
  for (const auto& [name, text] : given) {
    flags.parameters.push_back({FindParameter(name), text});
    EXPECT_NE(flags.parameters.back().parameter, nullptr) << name;
  }
  return flags;
}

// All that a job is made of.
std::string TextOf(const JobDraft& job) {
  std::string text =
      absl::StrCat(job.name, "|", ToProto(job.base.patch).ShortDebugString(),
                   "|", static_cast<int>(job.sweep), "|", job.sample_count, "|",
                   job.sample_seed, "|", job.sheet_columns, "|", job.user, "|",
                   job.priority, "|", job.profile, "|", job.no_cache);
  for (const AxisDraft& axis : job.axes) {
    absl::StrAppend(&text, "\n", axis.name);
    for (const AxisValueDraft& value : axis.values) {
      absl::StrAppend(&text, "\n  ", value.label, ": ",
                      ToProto(value.set.patch).ShortDebugString());
    }
  }
  for (const LeaveOut& rule : job.exclude) {
    absl::StrAppend(&text, "\n- ", absl::StrJoin(rule, " "));
  }
  return text;
}

JobDraft ReadOk(const SweepFlags& flags) {
  const absl::StatusOr<JobDraft> job = ReadSweep(flags);
  EXPECT_TRUE(job.ok()) << job.status();
  return job.ok() ? *job : JobDraft();
}

void ExpectSameAsSpec(const SweepFlags& flags, const std::string& spec) {
  const absl::StatusOr<JobDraft> job = ParseSpec(spec, "s.yaml");
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(TextOf(ReadOk(flags)), TextOf(*job));
}

std::vector<std::string> AxesOf(const JobDraft& job) {
  std::vector<std::string> axes;
  for (const AxisDraft& axis : job.axes) axes.push_back(axis.name);
  return axes;
}

std::vector<std::string> LabelsOf(const JobDraft& job, size_t axis = 0) {
  std::vector<std::string> labels;
  if (axis >= job.axes.size()) return labels;
  for (const AxisValueDraft& value : job.axes[axis].values) {
    labels.push_back(value.label);
  }
  return labels;
}

std::vector<std::string> GivenLabels(const Given& given) {
  return LabelsOf(ReadOk(FlagsOf(given)));
}

std::string ErrorOf(const SweepFlags& flags) {
  return std::string(ReadSweep(flags).status().message());
}

TEST(SweepFlagsTest, IsTheJobOfTheSameSpec) {
  SweepFlags flags = FlagsOf({{"content", "a.jpg"},
                              {"style_weight", "1500, 1.8e3"},
                              {"style", "b.jpg"},
                              {"seed", "0-3,4-10:3"},
                              {"tv_weight", "{from: 0, to: 1, count: 5}"},
                              {"content_weight", "{log: [1e3, 1e6], count: 4}"},
                              {"style_layers", "{low: conv_1-5, high: conv_6}"},
                              {"content_layers", "conv_1;conv_2,conv_3:0.5"}});
  flags.name = "all kinds";
  flags.exclude = {"{style_weight: 1800, content_weight: 1e3}",
                   "style_layers: high"};
  ExpectSameAsSpec(flags, R"(
name: all kinds
base: {content: a.jpg, style: b.jpg}
axes:
  style_weight: [1500, 1.8e3]
  seed: [0-3, 4-10:3]
  tv_weight: {from: 0, to: 1, count: 5}
  content_weight: {log: [1e3, 1e6], count: 4}
  style_layers: {low: conv_1-5, high: conv_6}
  content_layers: [conv_1, "conv_2,conv_3:0.5"]
exclude: [{style_weight: 1.8e3, content_weight: 1000}, {style_layers: high}]
)");
}

TEST(SweepFlagsTest, SaysWhatIsNoRuleOfExclusion) {
  SweepFlags flags = FlagsOf({{"content", "a.jpg"}, {"seed", "1,2"}});
  for (const auto& [rule, message] :
       {std::pair("seed", "--exclude: 'seed' is no rule; write '{AXIS: VALUE"),
        std::pair("{seed: [", "--exclude: '{seed: [' is not YAML: "),
        std::pair("{seed: &a 1}",
                  "--exclude: '{seed: &a 1}' is no value: '&a' is an anchor"),
        std::pair("{seed: [1]}", "--exclude: seed: must be a single value"),
        std::pair("{sed: 1}",
                  "--exclude: 'sed' is no axis; did you mean 'seed'"),
        std::pair("{seed: 3}", "--exclude: '3' is not a value of seed")}) {
    flags.exclude = {rule};
    EXPECT_THAT(ErrorOf(flags), StartsWith(message));
  }
}

TEST(SweepFlagsTest, ExpandsAsSpecsDo) {
  SweepFlags flags = FlagsOf({{"seed", "0-1"}, {"style_weight", "1,2"}});
  flags.name = "x";
  const std::string axes =
      "name: x\naxes: {seed: 0-1, style_weight: [1, 2]}\nexpand: ";
  flags.zip = true;
  ExpectSameAsSpec(flags, axes + "zip");
  flags.zip = false;
  flags.sample_count = 3;
  ExpectSameAsSpec(flags, axes + "{sample: 3}");
  flags.sample_seed = 7;
  ExpectSameAsSpec(flags, axes + "{sample: 3, seed: 7}");
}

TEST(SweepFlagsTest, OneValueGoesToTheBaseAndARangeOfOneDoesNot) {
  const JobDraft job = ReadOk(FlagsOf({{"content", "a.jpg"},
                                       {"style_layers", "conv_1,conv_2"},
                                       {"style_blend", "2,1"},
                                       {"style_weight", "[1500]"},
                                       {"seed", "5-5"}}));
  EXPECT_EQ(job.base.patch.content_digest, "a.jpg");
  EXPECT_EQ(job.base.patch.style_layers->size(), 2);
  EXPECT_THAT(*job.base.patch.style_blend, ElementsAre(2, 1));
  EXPECT_THAT(AxesOf(job), ElementsAre("style_weight", "seed"));
  EXPECT_THAT(LabelsOf(job, 1), ElementsAre("5"));
}

TEST(SweepFlagsTest, AFlagGivenAgainAddsValues) {
  EXPECT_THAT(GivenLabels({{"style_weight", "3"}, {"style_weight", "1,2"}}),
              ElementsAre("3", "1", "2"));
  EXPECT_THAT(GivenLabels({{"style_layers", "conv_1,conv_2"},
                           {"style_layers", "conv_3"}}),
              ElementsAre("conv_1,conv_2", "conv_3"));
}

TEST(SweepFlagsTest, AStyleGivenAgainBlends) {
  const JobDraft job = ReadOk(
      FlagsOf({{"style", "a.jpg"}, {"seed", "0-1"}, {"style", "b.jpg"}}));
  EXPECT_THAT(*job.base.patch.style_digests, ElementsAre("a.jpg", "b.jpg"));
  EXPECT_THAT(AxesOf(job), ElementsAre("seed"));
}

TEST(SweepFlagsTest, CommasWithinStylesBlend) {
  const JobDraft job =
      ReadOk(FlagsOf({{"style", "a.jpg, b.jpg; c.jpg"}, {"seed", "1"}}));
  EXPECT_THAT(LabelsOf(job), ElementsAre("a.jpg,b.jpg", "c.jpg"));
  EXPECT_THAT(*job.axes[0].values[0].set.patch.style_digests,
              ElementsAre("a.jpg", "b.jpg"));
}

TEST(SweepFlagsTest, IsNamedAfterItsAxes) {
  EXPECT_EQ(ReadOk(FlagsOf({{"seed", "1,2"}, {"init", "content,noise"}})).name,
            "sweep of seed, init");
  EXPECT_EQ(ReadOk(FlagsOf({{"seed", "1"}})).name, "sweep");
}

TEST(SweepFlagsTest, RowsComeFirstAndColumnsLast) {
  SweepFlags flags = FlagsOf({{"seed", "1,2"},
                              {"size", "64,65,66"},
                              {"content", "a.jpg"},
                              {"init", "content,noise"}});
  EXPECT_THAT(AxesOf(ReadOk(flags)), ElementsAre("seed", "size", "init"));
  flags.rows = "init";
  EXPECT_THAT(AxesOf(ReadOk(flags)), ElementsAre("init", "seed", "size"));
  flags.columns = "seed";
  EXPECT_THAT(AxesOf(ReadOk(flags)), ElementsAre("init", "size", "seed"));
  flags.rows = "";
  EXPECT_THAT(AxesOf(ReadOk(flags)), ElementsAre("size", "init", "seed"));
  flags.columns = "no-such";
  EXPECT_EQ(ErrorOf(flags),
            "--columns: 'no-such' is no axis of this sweep; its axes: seed, "
            "size, init");
}

// How many rows the sheet of a sweep of `values` has.
size_t SheetRows(const SweepFlags& flags) {
  const JobDraft job = ReadOk(flags);
  v1::JobSpec spec;
  spec.set_sheet_columns(job.sheet_columns);
  for (const AxisDraft& axis : job.axes) {
    v1::Axis& added = *spec.add_axes();
    added.set_name(axis.name);
    for (const AxisValueDraft& value : axis.values) {
      added.add_values()->set_label(value.label);
    }
  }
  std::vector<SheetTask> tasks(CountPoints(job));
  for (size_t i = 0; i < tasks.size(); ++i) {
    for (const AxisValueDraft* value :
         PointAt(job, static_cast<int64_t>(i)).values) {
      tasks[i].labels.push_back(value->label);
    }
  }
  return LayOutSheet(spec, std::move(tasks)).blocks.at(0).rows.size();
}

TEST(SweepFlagsTest, TheSheetHasRowsAndColumnsAsAsked) {
  SweepFlags two = FlagsOf({{"seed", "1,2"}, {"size", "64,65,66"}});
  EXPECT_EQ(SheetRows(two), 2);
  two.rows = "size";
  EXPECT_EQ(SheetRows(two), 3);
  SweepFlags one = FlagsOf({{"style_weight", "1,2,3"}});
  EXPECT_EQ(SheetRows(one), 1);
  one.columns = "style-weight";
  EXPECT_EQ(SheetRows(one), 1);
  one.columns = "";
  one.rows = "style-weight";
  EXPECT_EQ(SheetRows(one), 3);
}

TEST(SweepFlagsTest, ErrorsNameTheFlagWhatWasGivenAndWhatIsAllowed) {
  const std::string long_label =
      "conv1_1:0.25,conv2_1:0.25,conv3_1:0.25,conv4_1:0.25,conv5_1:0.255";
  const std::pair<Given, std::string> kCases[] = {
      {{{"style_weight", "1500,,2000"}},
       "--style-weight: '1500,,2000' has an empty value; write VALUE,VALUE"},
      {{{"style_layers", "conv_1;"}},
       "--style-layers: 'conv_1;' has an empty value; write VALUE;VALUE"},
      {{{"style", "a.jpg,;b.jpg"}}, "--style: 'a.jpg,' has an empty value"},
      {{{"style_weight", "1500,1500"}},
       "--style-weight: '1500' is given twice"},
      {{{"seed", "0-3,2"}}, "--seed: '2' is given twice"},
      {{{"style_weight", "15x0"}},
       "--style-weight: '15x0' is not allowed; a finite number, at least 0"},
      {{{"style_weight", "1,-2"}}, "--style-weight: -2 is not allowed; a"},
      {{{"style_weight", "0-3"}},
       "--style-weight: '0-3' is not allowed; a finite number, at least 0"},
      {{{"init", "{from: 0, to: 1, count: 3}"}},
       "--init: is no number and has no ranges"},
      {{{"seed", "3-1"}}, "--seed: '3-1' is no range; write FIRST-LAST"},
      {{{"seed", "0-100000"}}, "--seed: the range has more than 100000 values"},
      {{{"style_layers", absl::StrCat("conv_1;", long_label)}},
       absl::StrCat("--style-layers: '", long_label,
                    "' is no label, which is 1 to 64 printable characters; "
                    "write the value as an entry of a map")},
      {{{"style_layers", "{'': conv_1}"}}, "--style-layers: label: '' is not"},
      {{{"style_weight", "[]"}}, "--style-weight: needs at least one value"},
      {{{"style_weight", "{}"}}, "--style-weight: needs at least one value"},
      {{{"style_weight", "{from: 0"}},
       "--style-weight: '{from: 0' is not YAML: "},
      {{{"content", "[a].jpg"}},
       "--content: '[a].jpg' has more behind its end (a value that begins with "
       "{ or [ is read as YAML, as under 'axes' of a spec; write the name of a "
       "file as ./NAME)"},
      {{{"style_weight", "[1] 2"}},
       "--style-weight: '[1] 2' has more behind its end"},
      {{{"style_weight", "[1]\n---\n[2]"}},
       "--style-weight: '[1]\\n---\\n[2]' has more behind its end"},
      {{{"style_weight", "{a: {size: 64}}"}},
       "--style-weight: must be a single value"},
      {{{"seed", "[1, 2]"}, {"seed", "3"}},
       "--seed: is given 2 times; a value that begins with { or [ is YAML"},
      {{{"style", "a.jpg,b.jpg"}},
       "--style: 'a.jpg,b.jpg' is one value that is a list, or several values; "
       "write 'VALUE;VALUE' for several"},
      {{{"style", "a.jpg;b.jpg"}, {"style", "c.jpg"}},
       "--style: is given 2 times, each one entry of a list as in 'atelier "
       "render', but 'a.jpg;b.jpg' is no single file"},
      {{{"content", "nothing-*.jpg"}},
       "--content: 'nothing-*.jpg' matches no file"},
  };
  for (const auto& [given, error] : kCases) {
    EXPECT_THAT(ErrorOf(FlagsOf(given)), StartsWith(error));
  }
}

TEST(SweepFlagsTest, TooManyAxesAreRefused) {
  Given given;
  for (const char* name :
       {"style_weight", "content_weight", "tv_weight", "seed", "size",
        "iterations", "learning_rate", "style_scale", "lbfgs_history"}) {
    given.emplace_back(name, "1,2");
  }
  EXPECT_EQ(ErrorOf(FlagsOf(given)), "sweep: axes: 9 given; at most 8");
}

TEST(SweepFlagsTest, FlagsThatDoNotGoTogetherAreRefused) {
  const auto error_with = [](void (*change)(SweepFlags&)) {
    SweepFlags flags = FlagsOf({{"seed", "0-2"}, {"style_weight", "1,2"}});
    change(flags);
    return ErrorOf(flags);
  };
  EXPECT_THAT(error_with([](SweepFlags& flags) { flags.zip = true; }),
              StartsWith("--zip: axes: mode zip needs axes of one length; seed "
                         "has 3 values, style_weight has 2"));
  EXPECT_THAT(error_with([](SweepFlags& flags) {
                flags.zip = true;
                flags.sample_count = 2;
              }),
              StartsWith("--sample: takes points of the grid"));
  EXPECT_EQ(error_with([](SweepFlags& flags) { flags.sample_seed = 2; }),
            "--sample-seed: needs --sample");
  EXPECT_EQ(error_with([](SweepFlags& flags) { flags.sample_count = 0; }),
            "--sample: 0 is not allowed; at least 1");
  EXPECT_THAT(error_with([](SweepFlags& flags) {
                flags.sample_count = 2;
                flags.rows = "seed";
              }),
              StartsWith("--rows: with --sample the sheet has tasks"));
  EXPECT_THAT(error_with([](SweepFlags& flags) {
                flags.rows = "seed";
                flags.columns = "seed";
              }),
              StartsWith("--columns: 'seed' is what --rows names"));
  EXPECT_THAT(error_with([](SweepFlags& flags) { flags.name = "a\nb"; }),
              StartsWith("--name: 'a\\nb' is not 1 to 128 printable"));
}

class SweepFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"p10.jpg", "p2.jpg", "q,r.png", "a;b.png"}) {
      std::ofstream(folder_.File(name)) << "x";
    }
  }

  std::vector<std::string> Labels(const std::string& text) {
    return GivenLabels({{"style", absl::StrCat(folder_.path(), "/", text)}});
  }

  TempFolder folder_;
};

TEST_F(SweepFilesTest, PatternsAreAxesWhateverTheyMatch) {
  EXPECT_THAT(Labels("p*.jpg"), ElementsAre("p2.jpg", "p10.jpg"));
  EXPECT_THAT(Labels("p1*.jpg"), ElementsAre("p10.jpg"));
  EXPECT_THAT(Labels("p1*.jpg;x.jpg"), ElementsAre("p10.jpg", "x.jpg"));
}

TEST_F(SweepFilesTest, SeparatorsInTheNameOfAFileThatExistsAreNone) {
  for (const char* name : {"q,r.png", "a;b.png"}) {
    const JobDraft job = ReadOk(FlagsOf({{"content", folder_.File(name)}}));
    EXPECT_EQ(job.base.patch.content_digest, folder_.File(name));
    EXPECT_TRUE(job.axes.empty());
  }
}

TEST_F(SweepFilesTest, AFileThatExistsIsNoYaml) {
  std::ofstream(folder_.File("[1].png")) << "x";
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const JobDraft job = ReadOk(FlagsOf({{"content", "[1].png"}}));
  std::filesystem::current_path(before);
  EXPECT_EQ(job.base.patch.content_digest, "[1].png");
}

TEST_F(SweepFilesTest, IsPrintedAsASpecOfTheSameJob) {
  SweepFlags flags =
      FlagsOf({{"content", folder_.File("p[12]*.jpg")},
               {"style", "a: b.jpg,#c.jpg;'null';null"},
               {"init", absl::StrCat(folder_.File("q,r.png"))},
               {"style_layers", "{low: conv_1-5, \"~\": ['conv_6:0.5']}"},
               {"seed", "1-10:3,20"},
               {"tv_weight", "['1', 2]"}});
  flags.columns = "seed";
  flags.exclude = {"{seed: 4, tv_weight: 2}", "style_layers: '~'"};
  JobDraft job = ReadOk(flags);
  EXPECT_EQ(job.exclude.size(), 2u);
  job.user = "anna";
  job.priority = -3;
  job.profile = "abc";
  job.no_cache = true;
  const absl::StatusOr<std::string> spec = PrintSweep(flags, job);
  ASSERT_TRUE(spec.ok()) << spec.status();
  const absl::StatusOr<JobDraft> read = ParseSpec(*spec, "s.yaml");
  ASSERT_TRUE(read.ok()) << read.status() << "\n" << *spec;
  EXPECT_EQ(TextOf(*read), TextOf(job)) << *spec;
}

TEST(SweepFlagsTest, WhatASpecCannotSayIsNotPrinted) {
  const SweepFlags flags = FlagsOf({{"content", "a\xff.jpg"}});
  EXPECT_THAT(std::string(PrintSweep(flags, ReadOk(flags)).status().message()),
              StartsWith("--content: 'a\\xff.jpg' is not UTF-8"));
}

}  // namespace
}  // namespace atelier
