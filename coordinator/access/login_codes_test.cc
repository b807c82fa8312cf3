#include "coordinator/access/login_codes.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

class LoginCodesTest : public ::testing::Test {
 protected:
  FakeClock clock_{absl::UnixEpoch()};
  LoginCodes codes_{clock_};
};

TEST_F(LoginCodesTest, ACodeGivesItsTokenOnce) {
  const std::string anna = codes_.Create("token-a");
  const std::string ben = codes_.Create("token-b");
  EXPECT_NE(anna, ben);
  EXPECT_EQ(codes_.Take(ben), "token-b");
  EXPECT_EQ(codes_.Take(anna), "token-a");
  EXPECT_EQ(codes_.Take(anna), std::nullopt);
}

TEST_F(LoginCodesTest, WhatIsNoCodeGivesNothing) {
  codes_.Create("token-a");
  EXPECT_EQ(codes_.Take(""), std::nullopt);
  EXPECT_EQ(codes_.Take("token-a"), std::nullopt);
}

TEST_F(LoginCodesTest, ACodeIsOverAfterItsLifetime) {
  const std::string first = codes_.Create("token-a");
  clock_.Advance(LoginCodes::kLifetime - absl::Milliseconds(1));
  const std::string second = codes_.Create("token-b");
  clock_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(codes_.Take(first), std::nullopt);
  EXPECT_EQ(codes_.Take(second), "token-b");
}

TEST_F(LoginCodesTest, KeepsABoundedNumber) {
  const std::string oldest = codes_.Create("oldest");
  const std::string next = codes_.Create("next");
  for (size_t i = 1; i < LoginCodes::kMost; ++i) {
    codes_.Create(absl::StrCat("more ", i));
  }
  EXPECT_EQ(codes_.Take(oldest), std::nullopt);
  EXPECT_EQ(codes_.Take(next), "next");
}

TEST_F(LoginCodesTest, OneTokensCodesPushNoOthersOut) {
  const std::string other = codes_.Create("token-b");
  const std::string first = codes_.Create("token-a");
  const std::string second = codes_.Create("token-a");
  for (size_t i = 1; i < LoginCodes::kMostOfToken; ++i)
    codes_.Create("token-a");
  EXPECT_EQ(codes_.Take(first), std::nullopt);
  EXPECT_EQ(codes_.Take(second), "token-a");
  EXPECT_EQ(codes_.Take(other), "token-b");
}

}  // namespace
}  // namespace atelier
