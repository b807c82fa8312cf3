#include "coordinator/state/attempt_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kDeadline = absl::FromUnixSeconds(1000);

AttemptToken Token(int64_t number, const char* render = "k") {
  return {RenderKey(render), number, 1};
}

TEST(AttemptTableTest, AnAttemptIsFoundByTokenAndByRender) {
  AttemptTable table;
  table.Begin(Token(1), kDeadline).user = "ann";
  table.Begin(Token(2), kDeadline);
  table.Begin(Token(3, "other"), kDeadline);
  EXPECT_EQ(table.Find(Token(1))->user, "ann");
  EXPECT_EQ(table.Find(Token(4)), nullptr);
  EXPECT_THAT(table.Of(RenderKey("k")), ElementsAre(Token(1), Token(2)));
  EXPECT_THAT(table.Of(RenderKey("other")), ElementsAre(Token(3, "other")));
  EXPECT_THAT(table.Of(RenderKey("none")), IsEmpty());
}

TEST(AttemptTableTest, BegunTwiceItIsOne) {
  AttemptTable table;
  table.Begin(Token(1), kDeadline).user = "ann";
  EXPECT_EQ(table.Begin(Token(1), kDeadline).user, "ann");
  EXPECT_THAT(table.Of(RenderKey("k")), ElementsAre(Token(1)));
}

TEST(AttemptTableTest, OneThatEndedIsGoneAndItsLeaseWithIt) {
  AttemptTable table;
  table.Begin(Token(1), kDeadline).user = "ann";
  EXPECT_EQ(table.End(Token(1)).user, "ann");
  EXPECT_EQ(table.Find(Token(1)), nullptr);
  EXPECT_THAT(table.Of(RenderKey("k")), IsEmpty());
  EXPECT_THAT(table.TakeExpired(absl::InfiniteFuture()), IsEmpty());
}

TEST(AttemptTableTest, AnExtendedLeaseRunsOutLater) {
  AttemptTable table;
  table.Begin(Token(1), kDeadline);
  table.Begin(Token(2), kDeadline);
  table.Extend(Token(1), kDeadline + absl::Seconds(1));
  EXPECT_THAT(table.TakeExpired(kDeadline), ElementsAre(Token(2)));
  EXPECT_NE(table.Find(Token(2)), nullptr) << "until it is ended";
  EXPECT_THAT(table.TakeExpired(kDeadline + absl::Seconds(1)),
              ElementsAre(Token(1)));
}

}  // namespace
}  // namespace atelier
