// What every store promises of tokens, run against all of them.
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TokenRecord Made(const std::string& accessor) {
  TokenRecord token;
  token.accessor = accessor;
  token.hash = "hash of " + accessor;
  token.role = "submit";
  token.user = "ann";
  token.worker_pattern = "gpu-*";
  token.max_slots = 4;
  token.created_at = absl::FromUnixMicros(1'000'001);
  return token;
}

class StoreTokensTest : public StoreContractTest {
 protected:
  std::vector<TokenRecord> Tokens() { return store_->ListTokens().value(); }
  std::vector<std::string> Accessors() {
    std::vector<std::string> accessors;
    for (const TokenRecord& one : Tokens()) accessors.push_back(one.accessor);
    return accessors;
  }
};

TEST_P(StoreTokensTest, ATokenComesBackWhole) {
  EXPECT_THAT(Tokens(), IsEmpty());
  TokenRecord bounded = Made("b");
  bounded.expires_at = absl::FromUnixMicros(2'000'002);
  bounded.last_used_at = absl::FromUnixMicros(3'000'003);
  bounded.revoked_at = absl::FromUnixMicros(4'000'004);
  ASSERT_EQ(Apply({TokenChange{bounded}, TokenChange{Made("a")}}), kOk);
  Reopen();
  const std::vector<TokenRecord> found = Tokens();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].accessor, "a");
  EXPECT_EQ(found[0].hash, "hash of a");
  EXPECT_EQ(found[0].role, "submit");
  EXPECT_EQ(found[0].user, "ann");
  EXPECT_EQ(found[0].worker_pattern, "gpu-*");
  EXPECT_EQ(found[0].max_slots, 4);
  EXPECT_EQ(found[0].created_at, absl::FromUnixMicros(1'000'001));
  EXPECT_FALSE(found[0].expires_at.has_value());
  EXPECT_FALSE(found[0].last_used_at.has_value());
  EXPECT_FALSE(found[0].revoked_at.has_value());
  EXPECT_EQ(found[1].accessor, "b");
  EXPECT_EQ(found[1].expires_at, absl::FromUnixMicros(2'000'002));
  EXPECT_EQ(found[1].last_used_at, absl::FromUnixMicros(3'000'003));
  EXPECT_EQ(found[1].revoked_at, absl::FromUnixMicros(4'000'004));
}

TEST_P(StoreTokensTest, ALaterRowTakesThePlaceOfTheFirst) {
  TokenRecord first = Made("a");
  first.expires_at = absl::FromUnixMicros(2'000'002);
  ASSERT_EQ(Apply({TokenChange{first}, TokenChange{Made("b")}}), kOk);
  TokenRecord later = Made("a");
  later.role = "work";
  later.user = "";
  later.worker_pattern = "";
  later.max_slots = 0;
  later.created_at = absl::FromUnixMicros(1'000'002);
  later.last_used_at = absl::FromUnixMicros(3'000'003);
  later.revoked_at = absl::FromUnixMicros(4'000'004);
  ASSERT_EQ(Apply({TokenChange{later}}), kOk);
  Reopen();
  EXPECT_THAT(Accessors(), ElementsAre("a", "b"));
  const TokenRecord found = Tokens().at(0);
  EXPECT_EQ(found.role, "work");
  EXPECT_EQ(found.user, "");
  EXPECT_EQ(found.worker_pattern, "");
  EXPECT_EQ(found.max_slots, 0);
  EXPECT_EQ(found.created_at, later.created_at);
  EXPECT_FALSE(found.expires_at.has_value());
  EXPECT_EQ(found.last_used_at, later.last_used_at);
  EXPECT_EQ(found.revoked_at, later.revoked_at);
}

TEST_P(StoreTokensTest, ADroppedTokenIsGoneAndItsHashIsFree) {
  ASSERT_EQ(Apply({TokenChange{Made("a")}, TokenChange{Made("b")}}), kOk);
  TokenChange dropped;
  dropped.token.accessor = "a";
  dropped.keep = false;
  TokenRecord heir = Made("c");
  heir.hash = "hash of a";
  ASSERT_EQ(Apply({dropped, dropped, TokenChange{heir}}), kOk);
  Reopen();
  EXPECT_THAT(Accessors(), ElementsAre("b", "c"));
}

TEST_P(StoreTokensTest, ATransactionThatNamesAnothersHashIsRefusedWhole) {
  ASSERT_EQ(Apply({TokenChange{Made("a")}, TokenChange{Made("b")}}), kOk);
  TokenRecord with_hash_of_a = Made("c");
  with_hash_of_a.hash = "hash of a";
  TokenRecord b_with_hash_of_a = Made("b");
  b_with_hash_of_a.hash = "hash of a";
  TokenRecord b_with_new_hash = Made("b");
  b_with_new_hash.hash = "new";
  TokenRecord revoked = Made("a");
  revoked.revoked_at = absl::FromUnixMicros(4'000'004);
  TokenChange dropped{Made("b")};
  dropped.keep = false;
  for (const TokenRecord& refused :
       {with_hash_of_a, b_with_hash_of_a, b_with_new_hash}) {
    SCOPED_TRACE(refused.accessor + " with the hash " + refused.hash);
    RowChanges changes = Rows({TokenChange{Made("d")}, TokenChange{revoked},
                               TokenChange{refused}, dropped});
    const absl::Status status = store_->Apply(changes);
    EXPECT_EQ(status.code(), kFailedPrecondition);
    EXPECT_THAT(status.message(), HasSubstr("token " + refused.accessor));
    EXPECT_THAT(status.message(), Not(HasSubstr(refused.hash)));
    EXPECT_THAT(Accessors(), ElementsAre("a", "b"));
    EXPECT_FALSE(Tokens().at(0).revoked_at.has_value());
    EXPECT_EQ(Tokens().at(1).hash, "hash of b");
  }
}

TEST_P(StoreTokensTest, ARefusedRemovalTakesTheTokensBesideItBack) {
  ASSERT_EQ(Apply({TokenChange{Made("a")}}), kOk);
  TokenChange dropped{Made("a")};
  dropped.keep = false;
  RowChanges changes = Rows({TokenChange{Made("b")}, dropped});
  changes.removed_jobs.push_back({JobId("none"), {}});
  EXPECT_EQ(store_->Apply(changes).code(), kFailedPrecondition);
  EXPECT_THAT(Accessors(), ElementsAre("a"));
}

TEST(RowChangesTest, ATokenCountsAsARow) {
  EXPECT_EQ(Rows({TokenChange{Made("a")}}).size(), 1);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreTokensTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
