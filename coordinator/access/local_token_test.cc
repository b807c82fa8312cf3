#include "coordinator/access/local_token.h"

#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>

#include "common/clock.h"
#include "common/file.h"
#include "common/token/token_text.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class LocalTokenTest : public ::testing::Test {
 protected:
  LocalTokenTest() { EXPECT_TRUE(store_.BeginEpoch().ok()); }

  absl::StatusOr<TokenRecord> Adopt() {
    return AdoptLocalToken(tokens_, path_, "anna");
  }
  std::string Written() {
    const std::string text = ReadFile(path_, 4096).value();
    return text.substr(0, text.find('\n'));
  }
  void Write(const std::string& text, mode_t mode) {
    std::ofstream(path_) << text;
    EXPECT_EQ(chmod(path_.c_str(), mode), 0);
  }

  TempFolder folder_;
  const std::string path_ = folder_.File("config") + "/atelier/token";
  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  InMemoryStore store_{std::make_shared<InMemoryTables>()};
  TokenRegistry tokens_{store_, clock_};
};

TEST_F(LocalTokenTest, TheFirstStartMakesOneForItsUserAlone) {
  const TokenRecord made = Adopt().value();
  EXPECT_EQ(made.user, "anna");
  struct stat found;
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600);
  const Caller caller = tokens_.Authenticate(Written()).value();
  EXPECT_TRUE(caller.roles.Has(Role::kAdmin));
  EXPECT_EQ(Adopt()->accessor, made.accessor) << "the next start keeps it";
}

TEST_F(LocalTokenTest, AnotherCoordinatorTakesUpTheSame) {
  ASSERT_TRUE(Adopt().ok());
  const std::string text = Written();
  InMemoryStore other_store{std::make_shared<InMemoryTables>()};
  ASSERT_TRUE(other_store.BeginEpoch().ok());
  TokenRegistry other(other_store, clock_);
  ASSERT_TRUE(AdoptLocalToken(other, path_, "anna").ok());
  EXPECT_EQ(Written(), text);
  EXPECT_TRUE(other.Authenticate(text).ok());
}

TEST_F(LocalTokenTest, AFileThatOthersReadIsNotTaken) {
  ASSERT_TRUE(Adopt().ok());
  Write(MakeToken('a') + "\n", 0640);
  const absl::Status status = Adopt().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(path_), HasSubstr("0640"), HasSubstr("0600")));
}

TEST_F(LocalTokenTest, AFileWithoutATokenIsSaidAndLeft) {
  ASSERT_TRUE(Adopt().ok());
  Write("secret words", 0600);
  const absl::Status status = Adopt().status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
  EXPECT_THAT(std::string(status.message()),
              ::testing::Not(HasSubstr("secret")));
  EXPECT_EQ(Written(), "secret words");
}

}  // namespace
}  // namespace atelier
