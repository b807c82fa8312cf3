#include "coordinator/blobs/check_log.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

constexpr absl::Time kNoon = absl::FromUnixSeconds(1'000'000);

StoredArtifact Artifact(const std::string& digest, int64_t size_bytes = 5,
                        absl::Time used_at = kNoon) {
  return {digest, size_bytes, used_at};
}

TEST(CheckLogTest, KnowsWhatLooksAsItDidWhenItWasChecked) {
  CheckLog log;
  EXPECT_FALSE(log.Find(Artifact("a")).has_value());
  log.Add(Artifact("a"), kNoon + absl::Hours(1));
  EXPECT_EQ(log.Find(Artifact("a")), kNoon + absl::Hours(1));
  EXPECT_FALSE(log.Find(Artifact("a", 4)).has_value());
  EXPECT_FALSE(log.Find(Artifact("a", 5, kNoon + absl::Nanoseconds(1))));
  log.Add(Artifact("a", 4), kNoon + absl::Hours(2));
  EXPECT_EQ(log.Find(Artifact("a", 4)), kNoon + absl::Hours(2));
  log.Forget("a");
  log.Forget("a");
  EXPECT_FALSE(log.Find(Artifact("a", 4)).has_value());
}

TEST(CheckLogTest, UsingAnArtifactKeepsItsCheck) {
  CheckLog log;
  const StoredArtifact before = Artifact("a");
  const StoredArtifact after = Artifact("a", 5, kNoon + absl::Hours(1));
  log.Add(before, kNoon);
  log.Touched(before, after);
  EXPECT_EQ(log.Find(after), kNoon);
  log.Touched(before, Artifact("a", 5, kNoon + absl::Hours(2)));
  EXPECT_EQ(log.Find(after), kNoon) << "it was not like that before";
}

TEST(CheckLogTest, ForgetsTheLongestUnusedWhenThereAreTooMany) {
  CheckLog log(/*most=*/3);
  for (const char* digest : {"a", "b", "c"}) log.Add(Artifact(digest), kNoon);
  EXPECT_TRUE(log.Find(Artifact("a")).has_value());
  log.Add(Artifact("d"), kNoon);
  EXPECT_TRUE(log.Find(Artifact("a")).has_value());
  EXPECT_FALSE(log.Find(Artifact("b")).has_value());
  EXPECT_TRUE(log.Find(Artifact("c")).has_value());
}

}  // namespace
}  // namespace atelier
