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

absl::Status Complete(CoordinatorFlags& flags) {
  flags.data = "data";
  return CompleteCoordinatorFlags(flags);
}

TEST(CoordinatorFlagsTest, PreviewsAreAskedForUnlessNobodyWantsOrKeepsThem) {
  CoordinatorFlags flags;
  ASSERT_TRUE(Complete(flags).ok());
  EXPECT_EQ(flags.state.preview_every, absl::Seconds(5));
  flags.preview_every = "90s";
  ASSERT_TRUE(Complete(flags).ok());
  EXPECT_EQ(flags.state.preview_every, absl::Seconds(90));
  flags.preview_every = "0";
  ASSERT_TRUE(Complete(flags).ok());
  EXPECT_EQ(flags.state.preview_every, absl::ZeroDuration());
  flags.preview_every = "5s";
  flags.storage.aged.preview_bytes = 0;
  ASSERT_TRUE(Complete(flags).ok());
  EXPECT_EQ(flags.state.preview_every, absl::ZeroDuration());
}

TEST(CoordinatorFlagsTest, WhatPreviewsAndLogsTakeIsChecked) {
  CoordinatorFlags flags;
  flags.preview_every = "10ms";
  EXPECT_THAT(std::string(Complete(flags).message()),
              testing::StartsWith("--preview-every: "));
  flags = CoordinatorFlags();
  flags.storage.aged.preview_bytes = -1;
  EXPECT_EQ(Complete(flags).message(),
            "--preview-bytes: -1 is not allowed; at least 0");
  flags = CoordinatorFlags();
  flags.storage.aged.log_bytes = -1;
  EXPECT_EQ(Complete(flags).message(),
            "--log-bytes: -1 is not allowed; at least 0");
}

}  // namespace
}  // namespace atelier
