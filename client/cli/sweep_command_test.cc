#include <string>
#include <utility>
#include <vector>

#include "client/cli/command_fixture_testing.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class SweepCommandTest : public CommandFixture {
 protected:
  SweepCommandTest() { Picture("b.png"); }

  int RunSweep(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"sweep", "--content", picture_});
    return Run(arguments);
  }

  const std::string picture_ = Picture("a.png");
};

TEST_F(SweepCommandTest, SubmitsTheJobOfTheSameSpec) {
  ASSERT_EQ(RunSweep({"--style",
                      picture_,
                      "--style-weight",
                      "1500,1800",
                      "--style-layers",
                      "{low: conv_1-2, high: conv_3}",
                      "--init",
                      "content,noise",
                      "--size",
                      "64",
                      "--name",
                      "weights",
                      "--user",
                      "anna",
                      "--priority",
                      "-5",
                      "--measure-size",
                      "64",
                      "--measure-pooling",
                      "max"}),
            0)
      << err_.str();
  const v1::JobSpec swept = Submitted();
  const std::string spec = folder_.File("s.yaml");
  ASSERT_TRUE(WriteFile(spec, R"(
name: weights
base: {content: a.png, style: a.png, size: 64}
axes:
  style_weight: [1500, 1800]
  style_layers: {low: conv_1-2, high: conv_3}
  init: [content, noise]
user: anna
priority: -5
measure: {size: 64, pooling: max}
)",
                        Durability::kAtomic)
                  .ok());
  ASSERT_EQ(Run({"submit", spec}), 0) << err_.str();
  EXPECT_EQ(swept.DebugString(), Submitted().DebugString());
  EXPECT_EQ(swept.axes_size(), 3);
}

TEST_F(SweepCommandTest, WrongMeasuresNameTheirFlag) {
  const struct {
    const char* flag;
    const char* value;
    const char* message;
  } kCases[] = {
      {"--measure-size", "31", "--measure-size"},
      {"--measure-pooling", "mean", "--measure-pooling: 'mean'"},
      {"--measure-preprocessing", "caffe", "--measure-preprocessing: 'caffe'"},
      {"--measure-weights", "no-such-file", "measure: weights: "},
  };
  for (const auto& one : kCases) {
    EXPECT_EQ(RunSweep({"--style", picture_, one.flag, one.value}), 2);
    EXPECT_THAT(err_.str(), HasSubstr(one.message));
  }
}

TEST_F(SweepCommandTest, AxesAreInTheOrderOfTheirFlags) {
  const auto axes = [&](const std::vector<std::string>& arguments) {
    EXPECT_EQ(RunSweep(arguments), 0) << err_.str();
    const v1::JobSpec spec = Submitted();
    std::string names;
    for (const v1::Axis& axis : spec.axes()) names += axis.name() + " ";
    return names;
  };
  EXPECT_EQ(axes({"--seed", "0-1", "--size=64,65", "--style", picture_,
                  "--init=noise,content", "--seed=5"}),
            "seed size init ");
  EXPECT_EQ(axes({"--init", "noise,content", "--seed", "0-1", "--size", "64,65",
                  "--style", picture_, "--rows", "size", "--columns", "init"}),
            "size seed init ");
}

TEST_F(SweepCommandTest, PrintsASpecThatIsTheSameJob) {
  const std::vector<std::string> sweep = {
      "--style", folder_.File("?.png"), "--seed", "0-5",       "--sample",
      "3",       "--sample-seed",       "9",      "--no-cache"};
  ASSERT_EQ(RunSweep(sweep), 0) << err_.str();
  const v1::JobSpec swept = Submitted();
  EXPECT_EQ(swept.axes(0).values_size(), 2);
  std::vector<std::string> print = sweep;
  print.push_back("--print-spec");
  ASSERT_EQ(RunSweep(print), 0) << err_.str();
  EXPECT_EQ(jobs_.submits(), 1);
  const std::string spec = folder_.File("s.yaml");
  ASSERT_TRUE(WriteFile(spec, out_.str(), Durability::kAtomic).ok());
  ASSERT_EQ(Run({"submit", spec}), 0) << err_.str();
  EXPECT_EQ(swept.DebugString(), Submitted().DebugString());
}

TEST_F(SweepCommandTest, WaitsAndPrintsJsonAsSubmitDoes) {
  ASSERT_EQ(RunSweep({"--style", picture_, "--seed", "0-1", "--wait",
                      "--coordinator", "127.0.0.1:1", "--json"}),
            0)
      << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\"name\":\"sweep of seed\""),
                                HasSubstr("\"state\":\"succeeded\"")));
}

TEST_F(SweepCommandTest, WrongOnesAreOneLineAndExitTwo) {
  const std::pair<std::vector<std::string>, std::string> kCases[] = {
      {{"--style-wieght", "1"}, "did you mean '--style-weight'?"},
      {{"--style-weight", "1500,,2000"}, "--style-weight: '1500,,2000' has an"},
      {{"--style-weight", "{}"}, "--style-weight: needs at least one value"},
      {{"--style-weight", "[1,1]"}, "--style-weight: '1' is given twice"},
      {{"--seed", "0-1", "--rows", "size"},
       "--rows: 'size' is no axis of this sweep; its axes: seed"},
      {{"--sample", "0", "--seed", "0-1"}, "--sample: 0 is not allowed"},
      {{"--sample", "all", "--seed", "0-1"}, "--sample: 'all' is not allowed"},
      {{"--seed", "0-1", "--output", "x"}, "output: needs --wait"},
      {{"photos/p1.jpg"}, "unexpected argument: 'photos/p1.jpg'"},
  };
  for (const auto& [arguments, message] : kCases) {
    SCOPED_TRACE(message);
    EXPECT_EQ(RunSweep(arguments), 2);
    EXPECT_THAT(out_.str(), IsEmpty());
    EXPECT_THAT(err_.str(), AllOf(StartsWith("atelier: "), HasSubstr(message)));
    EXPECT_EQ(err_.str().find('\n'), err_.str().size() - 1);
  }
  EXPECT_EQ(Run({"sweep", "--seed", "0-1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--content is required"));
  EXPECT_EQ(jobs_.submits(), 0);
}

}  // namespace
}  // namespace atelier
