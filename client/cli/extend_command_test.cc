#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "client/cli/command_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class ExtendCommandTest : public CommandFixture {
 protected:
  // Submits a sweep whose pictures are gone afterwards; returns its id.
  std::string Sweep(std::vector<std::string> flags) {
    const std::string picture = Picture("a.png", 0.5f);
    flags.insert(flags.begin(),
                 {"sweep", "--content", picture, "--style", picture});
    EXPECT_EQ(Run(flags), 0) << err_.str();
    std::filesystem::remove(picture);
    return PrintedId();
  }
};

TEST_F(ExtendCommandTest, SubmitsTheEnlargedJobWithoutItsInputs) {
  const std::string id =
      Sweep({"--style-weight", "1500,1800", "--seed", "0-1", "--exclude",
             "{style_weight: 1500, seed: 1}", "--user", "anna", "--no-cache"});
  v1::JobSpec expected = Submitted();
  const size_t asked_before = artifacts_.find_sizes().size();
  ASSERT_EQ(Run({"extend", id, "--style-weight", "4000,1800"}), 0)
      << err_.str();
  EXPECT_EQ(err_.str(),
            "atelier: warning: --style-weight: the job has '1800'\n");
  EXPECT_NE(PrintedId(), id);
  v1::AxisValue& value = *expected.mutable_axes(0)->add_values();
  value.set_label("4000");
  value.mutable_set()->set_style_weight(4000);
  expected.set_no_cache(false);
  EXPECT_EQ(Submitted().DebugString(), expected.DebugString());
  EXPECT_THAT(artifacts_.find_sizes(), SizeIs(asked_before));
}

TEST_F(ExtendCommandTest, UploadsNewFilesAlone) {
  const std::string id = Sweep({"--seed", "0-1"});
  const std::string more = Picture("more.png", 0.25f);
  ASSERT_EQ(Run({"extend", id, "--content", more}), 0) << err_.str();
  const v1::JobSpec spec = Submitted();
  ASSERT_EQ(spec.axes_size(), 2);
  EXPECT_EQ(spec.axes(1).values(0).label(), "a.png");
  EXPECT_EQ(spec.axes(1).values(1).label(), "more.png");
  EXPECT_EQ(artifacts_.find_sizes().back(), 1);
  EXPECT_TRUE(artifacts_.Find(spec.axes(1).values(1).set().content_digest())
                  .has_value());
}

TEST_F(ExtendCommandTest, AxesAreInTheOrderOfTheirFlags) {
  const std::string id = Sweep({"--seed", "0-1"});
  ASSERT_EQ(Run({"extend", id, "--size", "64", "--init", "noise"}), 0);
  EXPECT_EQ(Submitted().axes(1).name(), "size");
  ASSERT_EQ(Run({"extend", id, "--init", "noise", "--size", "64"}), 0);
  EXPECT_EQ(Submitted().axes(1).name(), "init");
}

TEST_F(ExtendCommandTest, NameAndSchedulingAreTheJobsUnlessGiven) {
  const std::string id = Sweep(
      {"--seed", "0-1", "--name", "old", "--user", "anna", "--priority", "-3"});
  ASSERT_EQ(Run({"extend", id, "--seed", "2"}), 0) << err_.str();
  EXPECT_EQ(Submitted().name(), "old");
  EXPECT_EQ(Submitted().user(), "anna");
  EXPECT_EQ(Submitted().priority(), -3);
  ASSERT_EQ(Run({"extend", id, "--seed", "2", "--name", "new", "--user", "bob",
                 "--priority", "-4", "--profile", "p", "--no-cache"}),
            0)
      << err_.str();
  EXPECT_EQ(Submitted().name(), "new");
  EXPECT_EQ(Submitted().user(), "bob");
  EXPECT_EQ(Submitted().priority(), -4);
  EXPECT_EQ(Submitted().profile(), "p");
  EXPECT_TRUE(Submitted().no_cache());
}

TEST_F(ExtendCommandTest, WaitsAndPrintsJsonAsSubmitDoes) {
  const std::string id = Sweep({"--seed", "0-1"});
  ASSERT_EQ(Run({"extend", id, "--seed", "2", "--wait", "--json"}), 0)
      << err_.str();
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\"name\":\"sweep of seed\""),
                                HasSubstr("\"state\":\"succeeded\"")));
}

TEST_F(ExtendCommandTest, WrongOnesAreOneLineAndSubmitNothing) {
  const std::string id = Sweep({"--seed", "0-1"});
  const std::string sample = Sweep({"--seed", "0-9", "--sample", "2"});
  ASSERT_EQ(jobs_.submits(), 2);
  const struct {
    std::vector<std::string> arguments;
    int exit_code;
    const char* message;
  } kCases[] = {
      {{}, 2, "job is required"},
      {{id}, 2, "extend: needs a flag of a parameter"},
      {{id, "--seed", "1"}, 2, "--seed: the job has '1'; give a value that"},
      {{id, "--seed", "x"}, 2, "--seed: 'x' is not"},
      {{id, "--seed", "2", "--name", "\x1b"}, 2, "--name: "},
      {{id, "--sed", "2"}, 2, "did you mean '--seed'?"},
      {{id, "--seed", "2", "--output", "x"}, 2, "output: needs --wait"},
      {{id, "--content", "none.png"}, 2, "content: open none.png"},
      {{sample, "--seed", "11"}, 2, "mode: the job is a random sample"},
      {{"no-such", "--seed", "2"}, 1, "no job 'no-such'"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    std::vector<std::string> arguments = c.arguments;
    arguments.insert(arguments.begin(), "extend");
    EXPECT_EQ(Run(arguments), c.exit_code);
    EXPECT_THAT(out_.str(), IsEmpty());
    EXPECT_THAT(err_.str(),
                AllOf(StartsWith("atelier: "), HasSubstr(c.message)));
    EXPECT_EQ(err_.str().find('\n'), err_.str().size() - 1);
  }
  EXPECT_EQ(jobs_.submits(), 2);
}

}  // namespace
}  // namespace atelier
