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

TEST(CoordinatorFlagsTest, AStoreIsSqliteInTheDataFolderOrPostgresql) {
  for (const char* store : {"", "sqlite:data"}) {
    CoordinatorFlags flags;
    flags.store = store;
    ASSERT_TRUE(Complete(flags).ok()) << store;
    EXPECT_EQ(flags.storage.store, "");
  }
  for (const char* store :
       {"postgresql://ann@db/atelier", "postgres://db",
        "postgresql://a,b:5433/atelier?sslmode=verify-full&sslrootcert=ca.pem",
        "postgresql://?service=atelier&connect_timeout=3"}) {
    SCOPED_TRACE(store);
    CoordinatorFlags flags;
    flags.store = store;
    const absl::Status completed = Complete(flags);
    EXPECT_TRUE(completed.ok()) << completed;
    EXPECT_EQ(flags.storage.store, store);
  }
}

TEST(CoordinatorFlagsTest, AStoreWithAPasswordIsRefusedWithoutSayingIt) {
  for (const char* store :
       {"postgresql://ann:secret@db/atelier", "postgres://:secret@db/atelier",
        "postgresql://db/atelier?user=ann&password=secret",
        "postgresql://db/atelier?p%61ssword=secret",
        "postgresql://db/atelier?sslkey=key.pem&sslpassword=secret"}) {
    SCOPED_TRACE(store);
    CoordinatorFlags flags;
    flags.store = store;
    const absl::Status refused = Complete(flags);
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()),
                testing::AllOf(testing::StartsWith("--store: the URL has a "),
                               testing::HasSubstr("PGPASSWORD"),
                               testing::HasSubstr("PGPASSFILE"),
                               testing::HasSubstr("service file"),
                               testing::Not(testing::HasSubstr("secret")),
                               testing::Not(testing::HasSubstr("\n"))));
  }
}

TEST(CoordinatorFlagsTest, AnyOtherStoreIsRefusedWithWhatIsAllowed) {
  for (const char* store :
       {"mysql://ann:secret@db/atelier", "postgresq://ann:secret@db/atelier",
        "host=db password=secret", "://ann:secret@db", "/var/lib/atelier",
        "postgresql:ann:secret@db"}) {
    SCOPED_TRACE(store);
    CoordinatorFlags flags;
    flags.store = store;
    const absl::Status refused = Complete(flags);
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
    EXPECT_THAT(
        std::string(refused.message()),
        testing::AllOf(testing::StartsWith("--store: "),
                       testing::HasSubstr("sqlite:"),
                       testing::HasSubstr("postgresql://USER@HOST/DATABASE"),
                       testing::Not(testing::HasSubstr("secret"))));
  }
  CoordinatorFlags flags;
  flags.store = "postgresql://ann:secret@[db/atelier";
  const absl::Status no_url = Complete(flags);
  EXPECT_THAT(std::string(no_url.message()),
              testing::AllOf(testing::HasSubstr("is not as PostgreSQL's are"),
                             testing::Not(testing::HasSubstr("secret"))));
  flags.store = "postgresql://db/atelier?sslmod=require";
  EXPECT_EQ(Complete(flags).message(),
            "--store: 'sslmod' is no parameter of a PostgreSQL URL");
  flags.store = "sqlite:elsewhere";
  EXPECT_THAT(std::string(Complete(flags).message()),
              testing::HasSubstr("so sqlite:data"));
}

}  // namespace
}  // namespace atelier
