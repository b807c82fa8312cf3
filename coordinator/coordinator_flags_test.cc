#include "coordinator/coordinator_flags.h"

#include <set>
#include <string>

#include "common/cli/command_help.h"
#include "common/cli/command_line.h"
#include "common/cli/help_rules_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(CoordinatorFlagsTest, TheHelpSaysWhatIsTheDefaultAndWhatIsAllowed) {
  CoordinatorFlags flags;
  Command app("atelier-coordinator", "");
  AddCoordinatorFlags(app, flags);
  const CommandHelp help = app.Help();
  EXPECT_THAT(HelpProblems(help), testing::IsEmpty());
  std::set<std::string> repeating;
  for (const OptionHelp& option : help.options) {
    if (option.repeats) repeating.insert(option.names.front());
  }
  EXPECT_THAT(repeating, testing::ElementsAre("--user-weight"));
}

}  // namespace
}  // namespace atelier
