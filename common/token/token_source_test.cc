#include "common/token/token_source.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/field_error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

PortOwner Ours(const Endpoint& /*server*/) { return PortOwner::kUs; }

class TokenSourceTest : public ::testing::Test {
 protected:
  TokenSourceTest() {
    variables_.xdg_config_home = folder_.path();
    std::filesystem::create_directory(folder_.File("atelier"));
  }

  // With an end of line; the file is its owner's alone unless said otherwise.
  std::string Write(const std::string& name, const std::string& token,
                    mode_t mode = 0600) const {
    const std::string path = folder_.File(name);
    std::filesystem::remove(path);
    std::ofstream(path) << token << "\n";
    chmod(path.c_str(), mode);
    return path;
  }
  void WriteDefault(const std::string& token, mode_t mode = 0600) const {
    Write("atelier/token", token, mode);
  }
  std::string DefaultPath() const { return folder_.File("atelier/token"); }

  const TempFolder folder_;
  const Endpoint here_ = *ParseEndpoint("127.0.0.1:7070");
  const Endpoint socket_ = *ParseEndpoint("unix:/run/atelier.sock");
  const Endpoint farm_ = *ParseEndpoint("farm.example:7070");
  const Endpoint in_the_clear_ = *ParseEndpoint("grpc://farm.example:7070");
  TokenVariables variables_;
  FakeClock clock_{absl::UnixEpoch()};
};

TEST_F(TokenSourceTest, TheFirstPlaceThatIsGivenCounts) {
  WriteDefault("default_");
  EXPECT_EQ(TokenSource("", variables_, clock_, Ours).TokenFor(here_),
            "default_");
  variables_.token_file = Write("variable", "file_variable");
  EXPECT_EQ(TokenSource("", variables_, clock_, Ours).TokenFor(here_),
            "file_variable");
  variables_.token = "variable";
  EXPECT_EQ(TokenSource("", variables_, clock_, Ours).TokenFor(here_),
            "variable");
  EXPECT_EQ(TokenSource(Write("flag", "flag"), variables_, clock_, Ours)
                .TokenFor(here_),
            "flag");
}

TEST_F(TokenSourceTest, APlaceThatCannotBeUsedIsNotPassedOver) {
  WriteDefault("default_");
  variables_.token = "variable";
  TokenSource tokens(folder_.File("none"), variables_, clock_, Ours);
  EXPECT_EQ(tokens.TokenFor(here_), "");
}

TEST_F(TokenSourceTest, ItGoesNowhereInTheClear) {
  variables_.token = "t";
  TokenSource tokens("", variables_, clock_, Ours);
  EXPECT_EQ(tokens.TokenFor(here_), "t");
  EXPECT_EQ(tokens.TokenFor(*ParseEndpoint("[::1]:7070")), "t");
  EXPECT_EQ(tokens.TokenFor(socket_), "t");
  EXPECT_EQ(tokens.TokenFor(farm_), "t");
  EXPECT_EQ(tokens.TokenFor(in_the_clear_), "");
  EXPECT_EQ(tokens.TokenFor(*ParseEndpoint("grpc://10.0.0.5:7070")), "");
}

TEST_F(TokenSourceTest, TheDefaultFileStaysOnThisMachine) {
  WriteDefault("t");
  TokenSource tokens("", variables_, clock_, Ours);
  EXPECT_EQ(tokens.TokenFor(here_), "t");
  EXPECT_EQ(tokens.TokenFor(socket_), "t");
  EXPECT_EQ(tokens.TokenFor(*ParseEndpoint("grpcs://127.0.0.1:7070")), "t");
  EXPECT_EQ(tokens.TokenFor(farm_), "");
  EXPECT_EQ(tokens.TokenFor(in_the_clear_), "");
}

TEST_F(TokenSourceTest, ItsDefaultIsWhereXdgSays) {
  EXPECT_EQ(DefaultTokenFile({"", "", "/etc/xdg", "/home/a"}),
            "/etc/xdg/atelier/token");
  EXPECT_EQ(DefaultTokenFile({"", "", "", "/home/a"}),
            "/home/a/.config/atelier/token");
  EXPECT_EQ(DefaultTokenFile({"", "", "relative", "/home/a"}),
            "/home/a/.config/atelier/token");
  EXPECT_EQ(DefaultTokenFile({"", "", "", "relative"}), "");
  EXPECT_THAT(TokenSource("", {}, clock_, Ours).Explain(here_),
              HasSubstr("neither XDG_CONFIG_HOME nor HOME names a folder"));
}

TEST_F(TokenSourceTest, VariablesAreReadByTheirNames) {
  const TokenVariables read =
      TokenVariablesFrom([](const char* name) -> const char* {
        return std::string(name) == "HOME" ? nullptr : name;
      });
  EXPECT_EQ(read.token, "ATELIER_TOKEN");
  EXPECT_EQ(read.token_file, "ATELIER_TOKEN_FILE");
  EXPECT_EQ(read.xdg_config_home, "XDG_CONFIG_HOME");
  EXPECT_EQ(read.home, "");
}

TEST_F(TokenSourceTest, ARotatedFileIsTakenUpWithinASecond) {
  const std::string path = Write("flag", "first");
  TokenSource tokens(path, variables_, clock_, Ours);
  EXPECT_EQ(tokens.TokenFor(here_), "first");
  Write("flag", "second");
  EXPECT_EQ(tokens.TokenFor(here_), "first") << "looked at a moment ago";
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(tokens.TokenFor(here_), "second");
}

TEST_F(TokenSourceTest, ADefaultFileMayComeLater) {
  TokenSource tokens("", variables_, clock_, Ours);
  EXPECT_TRUE(tokens.CheckFor(here_).ok());
  EXPECT_EQ(tokens.TokenFor(here_), "");
  WriteDefault("late");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(tokens.TokenFor(here_), "late");
}

TEST_F(TokenSourceTest, AFileThatCanNoLongerBeUsedLeavesWhatItWas) {
  WriteDefault("first");
  TokenSource tokens("", variables_, clock_, Ours);
  WriteDefault("second", 0644);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(tokens.TokenFor(here_), "first");
  EXPECT_THAT(tokens.Explain(here_), AllOf(HasSubstr("its mode is 0644"),
                                           HasSubstr("read before is used")));
  chmod(DefaultPath().c_str(), 0600);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(tokens.TokenFor(here_), "second");
}

TEST_F(TokenSourceTest, WhatWasNamedAndCannotBeUsedIsAnErrorOfItsField) {
  const std::string open_to_all = Write("open", "secret", 0644);
  const absl::Status flag =
      TokenSource(open_to_all, variables_, clock_, Ours).CheckFor(here_);
  EXPECT_EQ(FieldOf(flag), "token-file");
  EXPECT_THAT(std::string(flag.message()),
              AllOf(HasSubstr(open_to_all), HasSubstr("0644"),
                    HasSubstr("0600 or 0400"), Not(HasSubstr("secret"))));
  variables_.token_file = folder_.File("none");
  const absl::Status file =
      TokenSource("", variables_, clock_, Ours).CheckFor(here_);
  EXPECT_EQ(file, FieldError("ATELIER_TOKEN_FILE",
                             variables_.token_file + ": no such file"));
  variables_.token = "secret\r\nrole: admin";
  const absl::Status value =
      TokenSource("", variables_, clock_, Ours).CheckFor(here_);
  EXPECT_EQ(FieldOf(value), "ATELIER_TOKEN");
  EXPECT_THAT(std::string(value.message()), Not(HasSubstr("secret")));
  EXPECT_EQ(TokenSource("", variables_, clock_, Ours).TokenFor(here_), "");
}

TEST_F(TokenSourceTest, OnlyAFlagIsAnErrorWhereNoTokenMayGo) {
  TokenSource flag(Write("flag", "t"), variables_, clock_, Ours);
  EXPECT_EQ(FieldOf(flag.CheckFor(in_the_clear_)), "token-file");
  EXPECT_TRUE(flag.CheckFor(farm_).ok());
  // It may be set for another coordinator.
  variables_.token_file = folder_.File("none");
  EXPECT_TRUE(
      TokenSource("", variables_, clock_, Ours).CheckFor(in_the_clear_).ok());
  EXPECT_FALSE(TokenSource("", variables_, clock_, Ours).CheckFor(farm_).ok());
}

TEST_F(TokenSourceTest, ExplainsEachPlace) {
  EXPECT_EQ(TokenSource("", variables_, clock_, Ours).Explain(here_),
            absl::StrCat("a token was looked for in: --token-file (not given), "
                         "ATELIER_TOKEN (not set), ATELIER_TOKEN_FILE (not "
                         "set), the default file (",
                         DefaultPath(), ": no such file)"));
  WriteDefault("secret");
  EXPECT_THAT(TokenSource("", variables_, clock_, Ours).Explain(here_),
              HasSubstr("the default file (used)"));
  EXPECT_THAT(TokenSource("", variables_, clock_, Ours).Explain(farm_),
              HasSubstr("not sent: it is for coordinators of this machine"));
  variables_.token = "secret";
  const std::string text =
      TokenSource("", variables_, clock_, Ours).Explain(here_);
  EXPECT_EQ(text,
            "a token was looked for in: --token-file (not given), "
            "ATELIER_TOKEN (used), ATELIER_TOKEN_FILE (not needed), the "
            "default file (not needed)");
  EXPECT_THAT(TokenSource("", variables_, clock_, Ours).Explain(in_the_clear_),
              HasSubstr("not sent: grpc://farm.example:7070 is without TLS"));
}

TEST_F(TokenSourceTest, ManyThreadsAskWhileTheFileIsReplaced) {
  TokenSource tokens(Write("flag", "first"), variables_, Clock::Steady(), Ours);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) {
        EXPECT_NE(tokens.TokenFor(here_), "");
      }
    });
  }
  std::filesystem::rename(Write("next", "second"), folder_.File("flag"));
  for (std::thread& thread : threads) thread.join();
}

TEST_F(TokenSourceTest, TheLocalTokenGoesToNoStranger) {
  Write("atelier/token", "default_");
  PortOwner owner = PortOwner::kUs;
  const auto who = [&owner](const Endpoint&) { return owner; };
  TokenSource tokens("", variables_, clock_, who);
  EXPECT_EQ(tokens.TokenFor(here_), "default_");
  for (const PortOwner other : {PortOwner::kNobody, PortOwner::kStranger}) {
    owner = other;
    clock_.Advance(absl::Milliseconds(50));
    EXPECT_EQ(tokens.TokenFor(here_), "");
    EXPECT_THAT(tokens.Explain(here_), HasSubstr("not sent: at port "));
  }
  variables_.token = "named";
  EXPECT_EQ(TokenSource("", variables_, clock_, who).TokenFor(here_), "named");
}

}  // namespace
}  // namespace atelier
