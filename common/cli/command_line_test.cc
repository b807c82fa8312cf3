#include "common/cli/command_line.h"

#include <optional>
#include <sstream>

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
    Command app("tool", "What it is for.");
    app.SetVersion("tool 1.2.3");
    styles.clear();
    json = false;
    Command& render = app.AddCommand("render", "Renders");
    render.AddOption("--content", content, "").Required();
    render.AddOption("-o,--output", output, "").Required();
    render.AddOption("--style", styles, "");
    render.AddOption("--limit", limit, "").Range(1, 100);
    render.AddOption("--level", level, "").OneOf({"debug", "info", "warning"});
    render.AddOption("--bytes", bytes, "").Bytes();
    render.AddOption("--weight", weight, "");
    render.AddFlag("--json", json, "");
    Command& show = app.AddCommand("show", "Shows");
    show.AddOption("job", job, "").Required();
    show.AddOption("priority", priority, "");
    Command& weights = app.AddCommand("weights", "Weights");
    weights.RequireCommand();
    weights.AddCommand("list", "Lists");
    weights.AddCommand("fetch", "Fetches").AddOption("name", job, "");
    out.str("");
    return app.Parse(arguments, out);
  }
  std::string content;
  std::string output;
  std::vector<std::string> styles;
  int limit = 7;
  std::string level;
  int64_t bytes = 0;
  std::optional<double> weight;
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

TEST_F(CommandLineTest, WholeNumbersAreWrittenInMoreThanOneWay) {
  ASSERT_TRUE(Parse({"show", "J", "1e3"}).ok());
  EXPECT_EQ(priority, 1000);
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
      {{"render", "--content=a", "-o", "b", "--limit", "010"},
       "--limit: '010' is not allowed; write 10"},
      {{"render", "--content=a", "-o", "b", "--weight", "1_000"},
       "--weight: '1_000' is not allowed; write 1000"},
      {{"render", "--content=a", "-o", "b", "--bytes", "010MB"},
       "--bytes: '010MB' is not allowed; write 10"},
      {{"show", "J", "0x10"}, "priority: '0x10' is not allowed; write 16"},
      {{"show", "J", "2.5"}, "priority: '2.5' is not allowed; write "},
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

TEST(CommandTest, AnswersOnlyForTheCommandThatWasChosen) {
  std::string shown;
  std::string sought;
  Command app("tool", "");
  std::ostringstream out;
  Command& show = app.AddCommand("show", "");
  show.AddOption("job", shown, "");
  show.SetAction([] { return absl::OkStatus(); });
  Command& find = app.AddCommand("find", "");
  find.AddOption("-j,--job", sought, "");
  std::vector<std::string> sizes;
  find.AddOption(
      "--size", [&](const std::string& size) { sizes.push_back(size); }, "");
  find.SetAction([&] { return absl::NotFoundError(sought); });
  ASSERT_TRUE(app.Parse({"find", "-j", "x", "--size=1", "--size=2"}, out).ok());
  EXPECT_TRUE(find.IsChosen());
  EXPECT_FALSE(show.IsChosen());
  EXPECT_EQ(app.ChosenAction()(), absl::NotFoundError("x"));
  EXPECT_THAT(sizes, ElementsAre("1", "2"));
  EXPECT_EQ(shown, "");
}

TEST(CommandTest, OnlyNamesOfFilesMayBeAnyBytes) {
  for (const char* type : {"FILE", "DIR", "SPEC", "NAME"}) {
    std::string value;
    Command app("tool", "");
    std::ostringstream out;
    app.AddCommand("show", "").AddOption("--it", value, "").Type(type);
    ASSERT_TRUE(app.Parse({"show", "--it", "\xe9"}, out).ok());
    EXPECT_EQ(app.CheckText().message(),
              absl::string_view(type) == "NAME"
                  ? "--it: '\\xe9' is not text in UTF-8"
                  : "");
  }
}

TEST(CommandTest, WhatIsTakenOnceIsTheLastAndOffersNoMore) {
  std::vector<std::string> once;
  std::vector<std::string> each;
  Command app("tool", "");
  std::ostringstream out;
  const auto into = [](std::vector<std::string>& texts) {
    return [&texts](const std::string& text) { texts.push_back(text); };
  };
  app.AddOption("--once", into(once), "").Type("N").Once();
  app.AddOption("--each", into(each), "").Type("N");
  ASSERT_TRUE(
      app.Parse({"--once", "1", "--each=2", "--each", "3", "--once=4"}, out)
          .ok());
  EXPECT_THAT(once, ElementsAre("4"));
  EXPECT_THAT(each, ElementsAre("2", "3"));
  Command again("tool", "");
  again.AddOption("--once", into(once), "").Type("N").Once();
  again.AddOption("--each", into(each), "").Type("N");
  ASSERT_TRUE(again.Parse({"--help"}, out).ok());
  EXPECT_THAT(out.str(), Not(HasSubstr("--once N ...")));
  EXPECT_THAT(out.str(), HasSubstr("--each N ..."));
}

TEST(CommandTest, TheHelpSaysTheRange) {
  int limit = 3;
  Command app("tool", "");
  std::ostringstream out;
  app.AddOption("--limit", limit, "Rows").Type("N").Range(1, 100).ShowDefault();
  ASSERT_TRUE(app.Parse({"--help"}, out).ok());
  EXPECT_THAT(out.str(), HasSubstr("Rows (from 1 to 100)"));
  EXPECT_THAT(out.str(), Not(HasSubstr("INT")));
}

TEST(CommandTest, NumbersMayBeInOneValue) {
  std::vector<double> numbers;
  Command app("tool", "");
  std::ostringstream out;
  app.AddOption("--share", numbers, "");
  ASSERT_TRUE(app.Parse({"--share", "1,2.5", "--share=-3"}, out).ok());
  EXPECT_THAT(numbers, ElementsAre(1, 2.5, -3));
}

TEST(CommandTest, APositionalMayTakeAllThatAreLeft) {
  const auto parse = [](const std::vector<std::string>& arguments,
                        std::string& first, std::vector<std::string>& rest) {
    Command app("tool", "");
    app.AddOption("first", first, "").Required();
    app.AddOption("rest", rest, "").Type("FILE").Required();
    app.AddOption("--flag", first, "");
    std::ostringstream out;
    return app.Parse(arguments, out);
  };
  std::string first;
  std::vector<std::string> rest;
  ASSERT_TRUE(
      parse({"a", "b", "--flag", "f", "c", "--", "-d"}, first, rest).ok());
  EXPECT_THAT(rest, ElementsAre("b", "c", "-d"));
  rest.clear();
  EXPECT_THAT(std::string(parse({"a"}, first, rest).status().message()),
              HasSubstr("rest is required"));
  EXPECT_THAT(
      std::string(parse({"a", "b", ""}, first, rest).status().message()),
      HasSubstr("rest: is empty"));
}

TEST(CommandTest, WithoutACommandThereIsNoAction) {
  Command app("tool", "");
  std::ostringstream out;
  app.AddCommand("show", "").SetAction([] { return absl::OkStatus(); });
  ASSERT_TRUE(app.Parse({}, out).ok());
  EXPECT_FALSE(app.ChosenAction());
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
