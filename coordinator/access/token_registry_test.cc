#include "coordinator/access/token_registry.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/token/token_text.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class TokenRegistryTest : public ::testing::Test {
 protected:
  TokenRegistryTest() {
    EXPECT_TRUE(store_.BeginEpoch().ok());
    Reopen();
  }

  // As a new process does.
  void Reopen() {
    tokens_ = std::make_unique<TokenRegistry>(store_, clock_);
    EXPECT_TRUE(tokens_->Load().ok());
  }
  NewToken Make(Role role, const std::string& user = "",
                absl::Duration expires_in = absl::InfiniteDuration()) {
    return tokens_->Create(AnonymousAdmin(), {role, user, "", expires_in})
        .value();
  }
  absl::StatusOr<Caller> Call(const std::string& token) {
    return tokens_->Authenticate(token);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  std::shared_ptr<InMemoryTables> tables_{std::make_shared<InMemoryTables>()};
  InMemoryStore store_{tables_};
  std::unique_ptr<TokenRegistry> tokens_;
};

TEST_F(TokenRegistryTest, ATokenSaysWhoCallsAlsoAfterARestart) {
  const NewToken made = Make(Role::kSubmit, "anna");
  EXPECT_TRUE(CheckToken(made.text).ok());
  for (int start = 0; start < 2; ++start) {
    const Caller caller = Call(made.text).value();
    EXPECT_EQ(caller.name, "anna");
    EXPECT_EQ(caller.accessor, made.record.accessor);
    EXPECT_TRUE(caller.roles.Has(Role::kSubmit));
    EXPECT_FALSE(
        caller.roles.Overlaps({Role::kRead, Role::kWork, Role::kAdmin}));
    EXPECT_TRUE(CheckStillValid(caller).ok());
    Reopen();
  }
}

TEST_F(TokenRegistryTest, TheTokenItselfIsKeptNowhere) {
  const NewToken made = Make(Role::kAdmin);
  const TokenRecord stored = store_.ListTokens()->front();
  EXPECT_EQ(stored.hash, TokenHash(made.text));
  const std::string secret = made.text.substr(5, 32);
  for (const std::string& text : {stored.accessor, stored.hash, stored.role,
                                  stored.user, stored.worker_pattern}) {
    EXPECT_THAT(text, Not(HasSubstr(secret)));
  }
}

TEST_F(TokenRegistryTest, WhatIsNoTokenHereIsRefusedWithoutAWordOfWhy) {
  const NewToken made = Make(Role::kAdmin);
  std::string changed = made.text;
  changed[10] = changed[10] == 'a' ? 'b' : 'a';
  const absl::Status unknown = Call(MakeToken('a')).status();
  EXPECT_TRUE(absl::IsUnauthenticated(unknown));
  for (const std::string& token :
       {changed, made.text.substr(0, 20), made.text + "x", std::string("x")}) {
    EXPECT_EQ(Call(token).status(), unknown) << token;
  }
  ASSERT_TRUE(tokens_->Revoke(AnonymousAdmin(), made.record.accessor).ok());
  EXPECT_EQ(Call(made.text).status(), unknown);
  EXPECT_TRUE(absl::IsUnauthenticated(Call("").status()));
}

TEST_F(TokenRegistryTest, ARevokedTokenEndsWhatItHasOpen) {
  const NewToken made = Make(Role::kRead);
  const NewToken other = Make(Role::kRead);
  const Caller caller = Call(made.text).value();
  const TokenRecord revoked =
      tokens_->Revoke(AnonymousAdmin(), made.record.accessor).value();
  EXPECT_EQ(revoked.revoked_at, clock_.Now());
  EXPECT_TRUE(absl::IsUnauthenticated(CheckStillValid(caller)));
  EXPECT_TRUE(CheckStillValid(Call(other.text).value()).ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(tokens_->Revoke(AnonymousAdmin(), made.record.accessor)->revoked_at,
            revoked.revoked_at);
  EXPECT_TRUE(
      absl::IsNotFound(tokens_->Revoke(AnonymousAdmin(), "nobody").status()));
  Reopen();
  EXPECT_FALSE(Call(made.text).ok());
}

TEST_F(TokenRegistryTest, AnExpiredTokenEndsWhatItHasOpen) {
  const NewToken made = Make(Role::kRead, "", absl::Minutes(5));
  const Caller caller = Call(made.text).value();
  clock_.Advance(absl::Minutes(5) - absl::Seconds(1));
  tokens_->Tick();
  EXPECT_TRUE(Call(made.text).ok());
  EXPECT_TRUE(CheckStillValid(caller).ok());
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(Call(made.text).ok());
  tokens_->Tick();
  EXPECT_FALSE(CheckStillValid(caller).ok());
}

TEST_F(TokenRegistryTest, TheLastUseIsWrittenByAndBy) {
  const NewToken made = Make(Role::kRead);
  EXPECT_EQ(made.record.last_used_at, std::nullopt);
  tokens_->Tick();
  ASSERT_TRUE(Call(made.text).ok());
  EXPECT_EQ(tokens_->List().front().last_used_at, clock_.Now());
  EXPECT_EQ(store_.ListTokens()->front().last_used_at, std::nullopt);
  const absl::Time used = clock_.Now();
  clock_.Advance(TokenRegistry::kUseWrittenWithin);
  tokens_->Tick();
  EXPECT_EQ(store_.ListTokens()->front().last_used_at, used);
}

TEST_F(TokenRegistryTest, WhatEndedLongAgoGoes) {
  const NewToken made = Make(Role::kRead);
  const NewToken other = Make(Role::kRead);
  ASSERT_TRUE(tokens_->Revoke(AnonymousAdmin(), made.record.accessor).ok());
  clock_.Advance(TokenRegistry::kKeptAfterEnd - absl::Minutes(2));
  tokens_->Tick();
  EXPECT_THAT(tokens_->List(), SizeIs(2));
  clock_.Advance(absl::Minutes(2));
  tokens_->Tick();
  ASSERT_THAT(tokens_->List(), SizeIs(1));
  EXPECT_EQ(tokens_->List().front().accessor, other.record.accessor);
  EXPECT_THAT(store_.ListTokens().value(), SizeIs(1));
}

TEST_F(TokenRegistryTest, ARevokedAdminStaysRevokedHoweverLateItsFileIsRead) {
  const std::string text = MakeToken('a');
  ASSERT_TRUE(
      tokens_->Revoke(AnonymousAdmin(), tokens_->Adopt(text, "anna")->accessor)
          .ok());
  clock_.Advance(2 * TokenRegistry::kKeptAfterEnd);
  tokens_->Tick();
  Reopen();
  EXPECT_TRUE(IsOver(tokens_->Adopt(text, "anna").value(), clock_.Now()));
  EXPECT_FALSE(Call(text).ok());
}

TEST_F(TokenRegistryTest, NoTokenOfAnotherRoleBecomesAnAdmins) {
  for (const char role : {'r', 's', 'w'}) {
    const std::string text = MakeToken(role);
    EXPECT_TRUE(absl::IsInvalidArgument(tokens_->Adopt(text, "a").status()));
    EXPECT_FALSE(Call(text).ok());
  }
}

TEST_F(TokenRegistryTest, WhatMakesNoSenseIsRefusedAndNothingIsMade) {
  const auto refused = [this](const TokenRequest& request) {
    return std::string(
        tokens_->Create(AnonymousAdmin(), request).status().message());
  };
  EXPECT_THAT(refused({Role::kSubmit}), HasSubstr("user: not given"));
  EXPECT_THAT(refused({Role::kWork, "anna"}), HasSubstr("user: "));
  EXPECT_THAT(refused({Role::kRead, "", "gpu-*"}), HasSubstr("worker_pattern"));
  EXPECT_THAT(refused({Role::kAdmin, "", "", absl::InfiniteDuration(),
                       /*max_slots=*/4}),
              HasSubstr("max_slots: 4 given"));
  EXPECT_THAT(refused({Role::kRead, "", "", absl::ZeroDuration()}),
              HasSubstr("expires_in: "));
  EXPECT_THAT(tokens_->List(), IsEmpty());
}

TEST_F(TokenRegistryTest, ATokenFromElsewhereIsAdoptedOnce) {
  const std::string text = MakeToken('a');
  const TokenRecord adopted = tokens_->Adopt(text, "anna").value();
  EXPECT_TRUE(Call(text)->roles.Has(Role::kAdmin));
  Reopen();
  EXPECT_EQ(tokens_->Adopt(text, "anna")->accessor, adopted.accessor);
  EXPECT_THAT(tokens_->List(), SizeIs(1));
  ASSERT_TRUE(tokens_->Revoke(AnonymousAdmin(), adopted.accessor).ok());
  EXPECT_TRUE(tokens_->Adopt(text, "anna")->revoked_at.has_value());
  EXPECT_FALSE(Call(text).ok()) << "it stays revoked";
}

TEST(MatchesPatternTest, AStarStandsForAnything) {
  EXPECT_TRUE(MatchesPattern("", "any"));
  EXPECT_TRUE(MatchesPattern("gpu-1", "gpu-1"));
  EXPECT_FALSE(MatchesPattern("gpu-1", "gpu-11"));
  EXPECT_FALSE(MatchesPattern("gpu-1", "gpu-"));
  EXPECT_TRUE(MatchesPattern("gpu-*", "gpu-"));
  EXPECT_TRUE(MatchesPattern("gpu-*", "gpu-11"));
  EXPECT_FALSE(MatchesPattern("gpu-*", "cpu-1"));
  EXPECT_TRUE(MatchesPattern("*-a-*b", "x-a-a-bb"));
  EXPECT_FALSE(MatchesPattern("*-a-*b", "x-a-a-bc"));
  EXPECT_TRUE(MatchesPattern("*", ""));
}

TEST_F(TokenRegistryTest, AWorkersTokenSaysHowManySlotsItMayOffer) {
  const NewToken made =
      tokens_
          ->Create(AnonymousAdmin(),
                   {Role::kWork, "", "gpu-*", absl::InfiniteDuration(), 4})
          .value();
  EXPECT_EQ(Call(made.text)->max_slots, 4);
  Reopen();
  EXPECT_EQ(Call(made.text)->max_slots, 4);
  EXPECT_EQ(tokens_->List().at(0).max_slots, 4);
  EXPECT_EQ(Call(Make(Role::kWork).text)->max_slots, 0);
}

}  // namespace
}  // namespace atelier
