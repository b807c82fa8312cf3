#include "common/lru_map.h"

#include "gmock/gmock.h"

namespace atelier {
namespace {

std::vector<std::string> Keys(const LruMap<int>& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map.entries()) keys.push_back(entry.key);
  return keys;
}

TEST(LruMapTest, TheLeastRecentlyUsedGoesFirst) {
  LruMap<int> map;
  map.Add("a", 1, 40);
  map.Add("b", 2, 40);
  map.Add("c", 3, 20);
  EXPECT_EQ(*map.Find("a"), 1);
  EXPECT_THAT(Keys(map), testing::ElementsAre("b", "c", "a"));
  map.MakeRoom(/*more_bytes=*/30, /*max_bytes=*/100);
  EXPECT_THAT(Keys(map), testing::ElementsAre("c", "a"));
  EXPECT_EQ(map.size_bytes(), 60);
  EXPECT_EQ(map.Find("b"), nullptr);
}

TEST(LruMapTest, CountsEachKeyOnce) {
  LruMap<int> map;
  map.Add("a", 1, 40);
  map.Add("b", 2, 1);
  map.Add("a", 9, 50);
  EXPECT_EQ(map.size_bytes(), 41);
  EXPECT_EQ(*map.Find("a"), 1);
  EXPECT_THAT(Keys(map), testing::ElementsAre("b", "a"));
  map.Erase("a");
  map.Erase("a");
  EXPECT_EQ(map.size_bytes(), 1);
}

TEST(LruMapTest, MoreThanEverFitsLeavesNothing) {
  LruMap<int> map;
  map.Add("a", 1, 40);
  map.MakeRoom(200, 100);
  EXPECT_TRUE(map.entries().empty());
  map.Add("a", 2, 7);
  map.Clear();
  EXPECT_EQ(map.size_bytes(), 0);
  EXPECT_EQ(map.Find("a"), nullptr);
}

}  // namespace
}  // namespace atelier
