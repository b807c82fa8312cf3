#include "coordinator/state/user_quotas.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;

TEST(UserQuotasTest, WhatIsNotSetIsTheDefault) {
  UserQuotas quotas({10, 20, 30});
  EXPECT_TRUE(quotas.Set({"ann", 1, std::nullopt, 0}));
  EXPECT_EQ(quotas.Of("ann").max_queued_tasks, 1);
  EXPECT_EQ(quotas.Of("ann").max_running_tasks, 20);
  EXPECT_EQ(quotas.Of("ann").max_artifact_bytes, 0) << "any amount";
  EXPECT_EQ(quotas.Of("bob").max_queued_tasks, 10);
  EXPECT_EQ(quotas.Of("bob").max_artifact_bytes, 30);
}

TEST(UserQuotasTest, ALaterQuotaTakesThePlaceOfTheFirst) {
  UserQuotas quotas({10, 20, 30});
  quotas.Set({"ann", 1, 2, 3});
  EXPECT_TRUE(quotas.Set({"ann", std::nullopt, 5, std::nullopt}));
  EXPECT_EQ(quotas.Of("ann").max_queued_tasks, 10);
  EXPECT_EQ(quotas.Of("ann").max_running_tasks, 5);
}

TEST(UserQuotasTest, AQuotaOfNothingIsNone) {
  UserQuotas quotas;
  quotas.Set({"ann", 1, 2, 3});
  EXPECT_FALSE(quotas.Set({"ann", {}, {}, {}}));
  EXPECT_THAT(quotas.set(), IsEmpty());
}

TEST(UserQuotasTest, WhatIsRestoredTakesThePlaceOfAll) {
  UserQuotas quotas;
  quotas.Set({"ann", 1, 2, 3});
  quotas.Restore({{"bob", 4, {}, {}}});
  EXPECT_THAT(quotas.set(), ElementsAre(Key("bob")));
  EXPECT_EQ(quotas.Of("bob").max_queued_tasks, 4);
  EXPECT_EQ(quotas.Of("ann").max_queued_tasks, 0);
}

}  // namespace
}  // namespace atelier
