#include "common/cli/completion.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/cli/command_line.h"
#include "common/cli/parameter_flags.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// What a command prints.
std::string OutputOf(const std::string& command) {
  std::string text;
  FILE* const pipe = popen(command.c_str(), "r");
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) {
    text += static_cast<char>(c);
  }
  return pclose(pipe) == 0 ? text : absl::StrCat("failed: ", text);
}

bool IsThere(const std::string& program) {
  return std::system(
             absl::StrCat("command -v ", program, " >/dev/null").c_str()) == 0;
}

class CompletionTest : public ::testing::Test {
 protected:
  CompletionTest() : app_("tool", "Does it all.") {
    app_.SetVersion("tool 1.2.3");
    Command& render = app_.AddCommand("render", "Render it's [all]: one");
    parameters_.AddTo(render);
    render.AddOption("-o,--output", output_, "Where to").Type("FILE");
    render.AddOption("--level", level_, "How loud").OneOf({"debug", "info"});
    Command& weights = app_.AddCommand("weights", "Networks");
    weights.AddCommand("list", "All of them").AddFlag("--json", json_, "JSON");
    weights.AddCommand("fetch", "One")
        .AddOption("name", level_, "Which")
        .Type("NAME");
  }
  ~CompletionTest() override { std::remove(script_.c_str()); }

  // The script's file.
  const std::string& Write(const std::string& shell) {
    script_ = absl::StrCat(::testing::TempDir(), "completion.", getpid());
    std::ostringstream out;
    EXPECT_FALSE(*app_.Parse({"--completion", shell}, out));
    std::ofstream(script_) << out.str();
    return script_;
  }

  // What bash offers for the last word.
  std::vector<std::string> Bash(const std::string& words) {
    const std::string text = OutputOf(
        absl::StrCat("bash -c 'source ", Write("bash"), "; COMP_WORDS=(", words,
                     "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tool; "
                     "printf \"%s\\n\" \"${COMPREPLY[@]}\"'"));
    return absl::StrSplit(text, '\n', absl::SkipEmpty());
  }

  Command app_;
  ParameterFlags parameters_;
  std::string output_;
  std::string level_;
  bool json_ = false;
  std::string script_;
};

TEST_F(CompletionTest, BashKnowsCommandsFlagsAndWords) {
  EXPECT_THAT(Bash("tool \"\""),
              AllOf(Contains("render"), Contains("weights"),
                    Contains("--version"), Not(Contains("--output"))));
  EXPECT_THAT(
      Bash("tool weights \"\""),
      AllOf(Contains("list"), Contains("fetch"), Not(Contains("render"))));
  EXPECT_THAT(Bash("tool weights list --j"), ElementsAre("--json"));
  EXPECT_THAT(Bash("tool render --style-w"), ElementsAre("--style-weight"));
  EXPECT_THAT(Bash("tool render --level \"\""),
              UnorderedElementsAre("debug", "info"));
  EXPECT_THAT(Bash("tool render --convention gord"),
              ElementsAre("gordicaleksa"));
  EXPECT_THAT(Bash("tool render --convention = gord"),
              ElementsAre("gordicaleksa"));
  EXPECT_THAT(Bash("tool render --size \"\""), IsEmpty());
  EXPECT_THAT(CompletionScript(app_.Help(), "zsh"),
              HasSubstr(":N: '"));  // No words.
  // A command's name among another's words is a word.
  EXPECT_THAT(Bash("tool render --output weights --lev"),
              ElementsAre("--level"));
}

TEST_F(CompletionTest, BashOffersFilesWhereTheyAreTaken) {
  const std::string file = absl::StrCat(::testing::TempDir(), "a b.", getpid());
  std::ofstream(file) << "x";
  const std::string begin = file.substr(0, file.rfind(' '));
  EXPECT_THAT(Bash(absl::StrCat("tool render --output ", begin)),
              Contains(file));
  EXPECT_THAT(Bash(absl::StrCat("tool render --level ", begin)), IsEmpty());
  std::remove(file.c_str());
}

class ShellTest : public CompletionTest,
                  public ::testing::WithParamInterface<std::string> {};

TEST_P(ShellTest, TakesItsScript) {
  if (!IsThere(GetParam())) {
    GTEST_SKIP() << "NOT TESTED: completion, as there is no " << GetParam();
  }
  EXPECT_EQ(
      OutputOf(absl::StrCat(GetParam(), " -n ", Write(GetParam()), " 2>&1")),
      "");
}

INSTANTIATE_TEST_SUITE_P(Shells, ShellTest,
                         ::testing::ValuesIn(CompletionShells()),
                         [](const auto& shell) { return shell.param; });

TEST_F(CompletionTest, FishOffersWhatThereIs) {
  if (!IsThere("fish")) GTEST_SKIP() << "NOT TESTED: there is no fish";
  const auto offers = [this](const std::string& line) {
    return OutputOf(absl::StrCat("fish --no-config -c 'source ", Write("fish"),
                                 "; complete -C \"", line, "\"' 2>&1"));
  };
  EXPECT_THAT(offers("tool ren"), HasSubstr("render\tRender it's [all]: one"));
  EXPECT_THAT(offers("tool render --style-w"), HasSubstr("--style-weight\t"));
  EXPECT_THAT(offers("tool render --convention gor"),
              HasSubstr("gordicaleksa"));
  EXPECT_THAT(offers("tool weights fe"), HasSubstr("fetch"));
}

TEST_F(CompletionTest, ZshFindsItsFunctions) {
  if (!IsThere("zsh")) GTEST_SKIP() << "NOT TESTED: there is no zsh";
  const std::string text = OutputOf(absl::StrCat(
      "zsh -f -c 'autoload -U compinit; compinit -D -u; source ", Write("zsh"),
      "; print ${_comps[tool]}; whence -w _tool_weights_list' 2>&1"));
  EXPECT_THAT(text, HasSubstr("_tool\n_tool_weights_list: function"));
}

TEST_F(CompletionTest, OfAnUnknownShellIsRefused) {
  std::ostringstream out;
  EXPECT_THAT(
      std::string(app_.Parse({"--completion", "tcsh"}, out).status().message()),
      HasSubstr("--completion: 'tcsh' is not allowed; one of bash, "
                "fish, zsh"));
}

}  // namespace
}  // namespace atelier
