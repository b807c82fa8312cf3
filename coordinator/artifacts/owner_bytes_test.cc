#include "coordinator/artifacts/owner_bytes.h"

#include <limits>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(OwnerBytesTest, SumsFollowTheRows) {
  OwnerBytes bytes;
  bytes.Restore({{"ann", 10}});
  bytes.Add("ann", 5);
  bytes.Add("bob", 7);
  bytes.Add("", 100);
  EXPECT_EQ(bytes.Of("ann"), 15);
  EXPECT_EQ(bytes.Of("carl"), 0);
  EXPECT_THAT(bytes.All(), ElementsAre(Pair("ann", 15), Pair("bob", 7)));
  bytes.Add("bob", -7);
  EXPECT_THAT(bytes.All(), ElementsAre(Pair("ann", 15)))
      << "who has nothing takes no memory";
}

TEST(OwnerBytesTest, WhatIsOnItsWayTakesRoomUntilItEnds) {
  OwnerBytes bytes;
  bytes.Add("ann", 40);
  auto first = bytes.Reserve({"ann", 100}, 60);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(bytes.Of("ann"), 40) << "it is not stored";
  const absl::Status refused = bytes.Reserve({"ann", 100}, 1).status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(refused.message(),
            "user ann: has 100 artifact bytes and asked for 1 more, the quota "
            "is 100; an admin can change it (atelier quota set --user ann "
            "--max-bytes N)");
  EXPECT_TRUE(bytes.Reserve({"bob", 100}, 100).ok()) << "others have theirs";
  first->reset();
  EXPECT_TRUE(bytes.Reserve({"ann", 100}, 60).ok());
}

TEST(OwnerBytesTest, WithoutABoundOrAUserThereIsRoomForAll) {
  OwnerBytes bytes;
  bytes.Add("ann", int64_t{1} << 60);
  EXPECT_TRUE(bytes.Reserve({"ann", 0}, int64_t{1} << 60).ok());
  EXPECT_EQ(*bytes.Reserve({"", 1}, 100), nullptr);
  EXPECT_THAT(bytes.Reserve({"ann", 1}, 0).status().code(),
              absl::StatusCode::kResourceExhausted)
      << "the quota was lowered";
}

TEST(OwnerBytesTest, ALargeSizeDoesNotWrapAround) {
  OwnerBytes bytes;
  bytes.Add("ann", 5);
  EXPECT_FALSE(
      bytes.Reserve({"ann", 100}, std::numeric_limits<int64_t>::max()).ok());
  EXPECT_THAT(OwnerBytes().All(), IsEmpty());
}

}  // namespace
}  // namespace atelier
