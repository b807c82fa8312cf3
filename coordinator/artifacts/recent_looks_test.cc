#include "coordinator/artifacts/recent_looks.h"

#include <string>

#include "absl/time/time.h"
#include "common/artifact_kind.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

BlobKey Key(const std::string& digest) {
  return {ArtifactKind::kArtifact, digest};
}

constexpr absl::Time kStart = absl::UnixEpoch();
constexpr absl::Duration kWithin = RecentLooks::kWithin;

TEST(RecentLooksTest, ALookCountsForAWhile) {
  RecentLooks looks;
  EXPECT_FALSE(looks.Has(Key("a"), kStart));
  looks.Add(Key("a"), kStart);
  EXPECT_TRUE(looks.Has(Key("a"), kStart + kWithin / 2));
  EXPECT_FALSE(looks.Has(Key("b"), kStart));
  EXPECT_FALSE(looks.Has({ArtifactKind::kCheckpoint, "a"}, kStart));
  EXPECT_FALSE(looks.Has(Key("a"), kStart + kWithin));
  looks.Add(Key("a"), kStart + kWithin / 2);
  looks.Add(Key("b"), kStart + kWithin);
  EXPECT_TRUE(looks.Has(Key("a"), kStart + kWithin)) << "it was seen again";
}

TEST(RecentLooksTest, WhatIsDroppedMustBeSeenAgain) {
  RecentLooks looks;
  looks.Add(Key("a"), kStart);
  looks.Drop(Key("a"));
  looks.Drop(Key("b"));
  EXPECT_FALSE(looks.Has(Key("a"), kStart));
  looks.Add(Key("a"), kStart);
  EXPECT_TRUE(looks.Has(Key("a"), kStart));
}

TEST(RecentLooksTest, TheOldestGoFirst) {
  RecentLooks looks;
  for (size_t i = 0; i < RecentLooks::kMost; ++i) {
    looks.Add(Key(std::to_string(i)), kStart);
  }
  EXPECT_TRUE(looks.Has(Key("0"), kStart));
  looks.Add(Key("another"), kStart);
  EXPECT_FALSE(looks.Has(Key("0"), kStart));
  EXPECT_TRUE(looks.Has(Key("1"), kStart));
  EXPECT_TRUE(looks.Has(Key("another"), kStart));
}

}  // namespace
}  // namespace atelier
