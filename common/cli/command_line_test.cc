#include "common/cli/command_line.h"

#include <sstream>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A program with everything that ours have.
class CommandLineTest : public testing::Test {
 protected:
  absl::StatusOr<bool> Parse(const std::vector<std::string>& arguments) {
    CLI::App app("What it is for.", "tool");
    app.set_version_flag("--version", "tool 1.2.3");
    app.option_defaults()->multi_option_policy(
        CLI::MultiOptionPolicy::TakeLast);
    styles.clear();
    json = false;
    CLI::App& render = *app.add_subcommand("render", "Renders");
    render.add_option("--content", content)->required();
    render.add_option("-o,--output", output)->required();
    render.add_option("--style", styles)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    render.add_option("--limit", limit)->check(CLI::Range(1, 100));
    render.add_option("--level", level)
        ->check(CLI::IsMember({"debug", "info", "warning"}));
    render.add_option("--bytes", bytes)->transform(CLI::AsSizeValue(false));
    render.add_option("--weight", weight);
    render.add_flag("--json", json);
    CLI::App& show = *app.add_subcommand("show", "Shows");
    show.add_option("job", job)->required();
    show.add_option("priority", priority);
    CLI::App& weights = *app.add_subcommand("weights", "Weights");
    weights.require_subcommand(1);
    weights.add_subcommand("list", "Lists");
    weights.add_subcommand("fetch", "Fetches")->add_option("name", job);
    out.str("");
    return ParseCommandLine(app, arguments, out);
  }
  std::string content;
  std::string output;
  std::vector<std::string> styles;
  int limit = 7;
  std::string level;
  int64_t bytes = 0;
  double weight = 0;
  std::string job;
  int priority = 0;
  bool json = false;
  std::ostringstream out;
};

TEST_F(CommandLineTest, ReadsValuesInEveryForm) {
  const std::vector<std::string> kForms[] = {
      {"render", "--content", "a", "--output", "b", "--json"},
      {"render", "--json", "--content=a", "-o", "b"},
      {"render", "-ob", "--content=a", "--json=true"},
      {"render", "-o=b", "--content", "x", "--content", "a", "--json"},
  };
  for (const auto& form : kForms) {
    const auto parsed = Parse(form);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_EQ(content, "a");
    EXPECT_EQ(output, "b");
    EXPECT_TRUE(json);
    EXPECT_EQ(limit, 7);
  }
}

TEST_F(CommandLineTest, SomeFlagsCollect) {
  ASSERT_TRUE(Parse({"render", "--style", "a", "--content", "c", "--style",
                     "-1", "--output", "o", "--style=--json", "--style=[x,y]"})
                  .ok());
  EXPECT_THAT(styles, ElementsAre("a", "-1", "--json", "[x,y]"));
  EXPECT_FALSE(json);
}

TEST_F(CommandLineTest, NothingIsAFlagAfterTwoHyphens) {
  ASSERT_TRUE(Parse({"show", "--", "--job"}).ok());
  EXPECT_EQ(job, "--job");
  ASSERT_TRUE(Parse({"show", "J", "--"}).ok());
  ASSERT_TRUE(Parse({"show", "J", "--", "-5"}).ok());
  EXPECT_EQ(priority, -5);
  ASSERT_TRUE(Parse({"show", "J", "-5"}).ok());
  EXPECT_EQ(priority, -5);
  // Names of commands are words like others, once there is a command.
  ASSERT_TRUE(Parse({"show", "render"}).ok());
  EXPECT_EQ(job, "render");
}

TEST_F(CommandLineTest, SaysWhatIsWrong) {
  const std::string kLong(1 << 20, 'x');
  const struct {
    std::vector<std::string> arguments;
    const char* message;
  } kCases[] = {
      {{"rendr"}, "unknown command 'rendr'; did you mean 'render'? (see 'tool"},
      {{"frobnicate"}, "allowed: render, show, weights"},
      {{""}, "unknown command ''"},
      {{"render", "--contnt", "a", "--output", "o"},
       "unknown flag '--contnt'; did you mean '--content'? (see 'tool render "
       "--help')"},
      {{"render", "--contnt=a"}, "unknown flag '--contnt'; did you mean"},
      {{"render", "-output", "o"}, "did you mean '--output'?"},
      {{"render", "-output=o"}, "unknown flag '-output'; did you mean"},
      {{"render", "-x"}, "unknown flag '-x' (see"},
      {{"render", "\u2014json"}, "did you mean '--json'?"},
      {{"render", "\u2013\u2013json"}, "'\u2013\u2013json'"},
      {{"render", "--\x1b[2J"}, "unknown flag '--\\x1b[2J'"},
      {{"render", "--\xff"}, "unknown flag '--\\xff'"},
      {{"--json", "render"}, "comes after it: tool render --json"},
      {{"render", "--output=", "--content", "a"}, "--output: is empty"},
      {{"render", "--output=", "next", "--content", "a"}, "--output: is empty"},
      {{"render", "--output", "", "--content", "a"}, "--output: is empty"},
      {{"render", "--style=", "a"}, "--style: is empty"},
      {{"render", "-o="}, "--output: is empty"},
      {{"show", ""}, "job: is empty"},
      {{"render", "--content"}, "--content: a value is missing (see"},
      {{"render", "--content", "--", "a"}, "--content: a value is missing"},
      {{"render", "--content", "--style", "a"},
       "--content: a value is missing before '--style'; one that looks like a "
       "flag is written --content=VALUE"},
      {{"render", "--content", "-o", "a"}, "missing before '-o'"},
      {{"render", "--json=yes", "a"}, "--json: takes no value"},
      {{"render", "--json=", "a"}, "--json: takes no value"},
      {{"show", "a", "1", "b", "c", "d"}, "unexpected arguments: 'b' 'c' 'd'"},
      {{"show", "a", "1", "b\n"}, "unexpected argument: 'b\\n' (see"},
      {{"weights", "list", "--", "-x"}, "unexpected argument: '-x'"},
      {{"weights", "lst"}, "did you mean 'list'?"},
      {{"weights"}, "a subcommand is required: list, fetch (see 'tool weights"},
      {{"weights", "list", "render"}, "unexpected argument: 'render'"},
      {{"render"}, "--content and --output are required"},
      {{"render", "--content", "a"}, "--output is required"},
      {{"show"}, "job is required"},
      {{"render", "--content=a", "-o", "b", "--limit", "abc"},
       "--limit: 'abc' is not allowed; from 1 to 100"},
      {{"render", "--content=a", "-o", "b", "--limit", "0"},
       "--limit: '0' is not allowed; from 1 to 100"},
      {{"render", "--content=a", "-o", "b", "--limit", "1e999"}, "from 1 to"},
      {{"render", "--content=a", "-o", "b", "--limit", "x not in range q"},
       "--limit: 'x not in range q' is not allowed; from 1 to 100"},
      {{"render", "--content=a", "-o", "b", "--level", "inof"},
       "; one of debug, info, warning; did you mean 'info'?"},
      {{"render", "--content=a", "-o", "b", "--level=\x1b[2J"},
       "'\\x1b[2J' is not allowed"},
      {{"render", "--content=a", "-o", "b", "--bytes", "lots"},
       "--bytes: 'lots' is not allowed; bytes, as 500MB or 4GB"},
      {{"render", "--content=a", "-o", "b", "--bytes", "99999999999999999EB"},
       "--bytes: '99999999999999999EB' is not allowed"},
      {{"render", "--content=a", "-o", "b", "--weight", "heavy"},
       "--weight: 'heavy' is not allowed; a number"},
      {{"show", "J", "high"}, "priority: 'high' is not allowed; a number"},
      {{"show", kLong, "1", kLong}, "unexpected argument: 'xxx"},
      {{"render", "--" + kLong}, "unknown flag '--xxx"},
      {{"render", "--content=a", "-o", "b", "--limit", kLong}, "from 1 to 100"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    const absl::Status status = Parse(c.arguments).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(), HasSubstr(c.message));
    EXPECT_LT(status.message().size(), 1000);
    EXPECT_THAT(out.str(), IsEmpty());
  }
}

TEST_F(CommandLineTest, ManyUnexpectedArgumentsAreCounted) {
  std::vector<std::string> arguments = {"weights", "list"};
  for (int i = 0; i < 10'000; ++i) arguments.push_back(absl::StrCat(i));
  EXPECT_THAT(Parse(arguments).status().message(),
              HasSubstr("'0' '1' '2' '3' '4' '5' '6' '7' and 9992 more"));
}

TEST_F(CommandLineTest, HelpIsGivenWhateverElseIsWrong) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } kCases[] = {
      {{"--help"}, "What it is for."},
      {{"-h"}, "What it is for."},
      {{"render", "--help"}, "--content"},
      {{"render", "--bogus", "-h"}, "--content"},
      {{"render", "--content", "--help"}, "--content"},
      {{"weights", "fetch", "--help"}, "name"},
      {{"weights", "--help"}, "fetch"},
      {{"frobnicate", "--help"}, "What it is for."},
      {{"help"}, "What it is for."},
      {{"help", "render"}, "--content"},
      {{"help", "weights", "fetch"}, "name"},
      {{"help", "me"}, "What it is for."},
      {{"--version"}, "tool 1.2.3"},
  };
  for (const auto& c : kCases) {
    const auto parsed = Parse(c.arguments);
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    EXPECT_FALSE(*parsed);
    EXPECT_THAT(out.str(), HasSubstr(c.says));
    EXPECT_THAT(out.str(), Not(HasSubstr("\x1b")));
  }
}

TEST(ErrorLineTest, IsOneLineOfPrintableTextInBounds) {
  EXPECT_EQ(ErrorLine("tool", "why"), "tool: why\n");
  EXPECT_EQ(ErrorLine("tool", "a\nb\x1b[2J\u202e\xff"),
            "tool: a b\\x1b[2J\\u202e\\xff\n");
  const std::string line = ErrorLine("tool", std::string(1 << 20, '\n') + "x");
  EXPECT_LT(line.size(), 3000);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  std::string long_name;
  for (int i = 0; i < 10'000; ++i) long_name += "画";
  const std::string cut = ErrorLine("tool", long_name + ": not found");
  EXPECT_LE(cut.size(), 2020);
  EXPECT_TRUE(absl::StrContains(cut, "画...画"));
  EXPECT_TRUE(absl::EndsWith(cut, "画: not found\n"));
  EXPECT_EQ(cut.find("\\x"), std::string::npos);
}

}  // namespace
}  // namespace atelier
