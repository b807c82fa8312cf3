// The help of every command.
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/app.h"
#include "client/cli/command_fixture_testing.h"
#include "common/cli/command_help.h"
#include "common/cli/help_rules_testing.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ContainerEq;
using ::testing::IsEmpty;
using FlagNames = std::set<std::string>;

class HelpTest : public CommandFixture {
 protected:
  CommandHelp Help() {
    Environment environment =
        EnvironmentOver(server_, out_, err_, interruption_, clock_, 0);
    return AtelierHelp(environment);
  }
};

TEST_F(HelpTest, SaysOfEachFlagWhatItIsByDefaultAndWhatIsAllowed) {
  EXPECT_THAT(HelpProblems(Help()), IsEmpty());
}

TEST_F(HelpTest, TheRulesFindWhatIsNotSaid) {
  OptionHelp option;
  option.names = {"--limit"};
  option.takes_value = true;
  option.value_name = "N";
  option.help = "How many";
  CommandHelp program;
  program.name = "tool";
  program.options = {option};
  EXPECT_THAT(HelpProblems(program),
              testing::ElementsAre(
                  "tool --limit: what holds where it is not given is not said",
                  "tool --limit: what is allowed is not said"));
  program.options[0].value_name = "INT";
  program.options[0].help = "";
  program.options[0].value = "3";
  EXPECT_THAT(HelpProblems(program),
              testing::ElementsAre("tool --limit: the help says nothing",
                                   "tool --limit: its value has no name"));
  program.options[0] = option;
  program.options[0].help = "How many; else all (from 1 to 9)";
  EXPECT_THAT(HelpProblems(program), IsEmpty());
}

// Where a flag that is given again adds a value, and does not replace one.
TEST_F(HelpTest, OnlyWhatCollectsClaimsToRepeat) {
  FlagNames parameters;
  FlagNames collecting;
  for (const Parameter& parameter : AllParameters()) {
    parameters.insert(Flag(parameter));
    if (TakesOf(parameter) == Takes::kEach) collecting.insert(Flag(parameter));
  }
  for (const CommandHelp& command : Help().commands) {
    FlagNames expected;
    if (command.name == "render" || command.name == "study" ||
        command.name == "submit") {
      expected = collecting;
    } else if (command.name == "sweep" || command.name == "extend") {
      expected = parameters;
      if (command.name == "sweep") expected.insert("--exclude");
    } else if (command.name == "rerun") {
      expected = {"--style", "--style-mask", "--style-region"};
    } else if (command.name == "compare") {
      expected = {"images", "--style"};
    } else if (command.name == "jobs") {
      expected = {"--state"};
    }
    FlagNames repeating;
    for (const OptionHelp& option : command.options) {
      if (option.repeats) repeating.insert(option.names.front());
    }
    EXPECT_THAT(repeating, ContainerEq(expected)) << command.name;
    for (const CommandHelp& below : command.commands) {
      for (const OptionHelp& option : below.options) {
        EXPECT_FALSE(option.repeats) << below.name << option.names.front();
      }
    }
  }
}

}  // namespace
}  // namespace atelier
