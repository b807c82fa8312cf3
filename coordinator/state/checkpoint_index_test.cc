#include "coordinator/state/checkpoint_index.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kMega = int64_t{1} << 20;

// Named and filled by its render, profile and iteration.
CheckpointRecord Saved(const std::string& render, int iteration,
                       const std::string& profile = "p") {
  CheckpointRecord record;
  record.render = ResumeKey(render);
  record.arithmetic.profile = profile;
  record.iteration = iteration;
  record.digest = render + profile + std::to_string(iteration);
  record.size_bytes = kMega;
  return record;
}

int Found(const CheckpointIndex& index, const std::string& render,
          int iterations, const std::string& profile = "p") {
  const CheckpointRecord* found =
      index.Find(ResumeKey(render), Arithmetic{0, profile}, iterations);
  return found == nullptr ? 0 : found->iteration;
}

TEST(CheckpointIndexTest, GivesTheFurthestThatIsNotPastTheBudget) {
  CheckpointIndex index(100 * kMega);
  EXPECT_TRUE(index.empty());
  index.Keep(Saved("a", 1000));
  index.Keep(Saved("a", 500));
  EXPECT_EQ(Found(index, "a", 499), 0);
  EXPECT_EQ(Found(index, "a", 500), 500);
  EXPECT_EQ(Found(index, "a", 999), 500);
  EXPECT_EQ(Found(index, "a", 5000), 1000);
  EXPECT_EQ(Found(index, "b", 5000), 0);
}

TEST(CheckpointIndexTest, IsOfOneProfileOnly) {
  CheckpointIndex index(100 * kMega);
  index.Keep(Saved("a", 5, "p"));
  index.Keep(Saved("a", 7, "q"));
  EXPECT_EQ(Found(index, "a", 9, "p"), 5);
  EXPECT_EQ(Found(index, "a", 9, "q"), 7);
  EXPECT_EQ(Found(index, "a", 9, "o"), 0);
  EXPECT_EQ(Found(index, "a", 9, "r"), 0);
}

TEST(CheckpointIndexTest, ANewOneTakesThePlaceOfThoseNotFurtherOn) {
  CheckpointIndex index(100 * kMega);
  index.Keep(Saved("a", 9));
  index.Keep(Saved("a", 3));
  index.Keep(Saved("a", 4, "q"));
  const CheckpointIndex::Change change = index.Keep(Saved("a", 5));
  EXPECT_THAT(change.drop, ElementsAre(Field(&CheckpointRecord::iteration, 3)));
  EXPECT_THAT(change.unused, ElementsAre("ap3"));
  EXPECT_EQ(change.put->digest, "ap5");
  EXPECT_EQ(Found(index, "a", 5), 5);
  EXPECT_EQ(Found(index, "a", 9), 9);
  EXPECT_EQ(index.count(), 3);
}

TEST(CheckpointIndexTest, DropsWhatAnAttemptCouldNotGoOnFrom) {
  CheckpointIndex index(100 * kMega);
  index.Keep(Saved("a", 20));
  index.Keep(Saved("a", 9));
  EXPECT_THAT(index.Keep(Saved("a", 2), /*useless=*/9).unused,
              ElementsAre("ap9"));
  EXPECT_EQ(Found(index, "a", 10), 2);
  EXPECT_EQ(Found(index, "a", 30), 20);
}

TEST(CheckpointIndexTest, WhatIsThereAlreadyChangesNothing) {
  CheckpointIndex index(100 * kMega);
  index.Keep(Saved("a", 3));
  const CheckpointIndex::Change change = index.Keep(Saved("a", 3));
  EXPECT_FALSE(change.put.has_value());
  EXPECT_THAT(change.drop, IsEmpty());
  EXPECT_THAT(change.unused, IsEmpty());
}

TEST(CheckpointIndexTest, DropsTheOldestForRoom) {
  CheckpointIndex index(2 * kMega);
  index.Keep(Saved("b", 1));
  index.Keep(Saved("a", 1));
  EXPECT_EQ(index.bytes(), 2 * kMega);
  EXPECT_THAT(index.Keep(Saved("c", 1)).unused, ElementsAre("bp1"));
  EXPECT_EQ(index.bytes(), 2 * kMega);
  EXPECT_TRUE(index.Names("ap1"));
  EXPECT_FALSE(index.Names("bp1"));
}

TEST(CheckpointIndexTest, TakesNoneThatIsLargerThanAllMayBe) {
  CheckpointIndex index(kMega);
  index.Keep(Saved("a", 1));
  CheckpointRecord large = Saved("b", 1);
  large.size_bytes = kMega + 1;
  EXPECT_FALSE(index.Keep(large).put.has_value());
  EXPECT_EQ(Found(index, "a", 1), 1);
  EXPECT_FALSE(CheckpointIndex(0).Keep(Saved("a", 1)).put.has_value());
}

TEST(CheckpointIndexTest, SmallOnesCountForTheirFileAndRow) {
  CheckpointIndex index(100 * kMega);
  CheckpointRecord small = Saved("a", 1);
  small.size_bytes = 1;
  index.Keep(small);
  EXPECT_EQ(index.bytes(), CheckpointIndex::kLeastBytes);
}

TEST(CheckpointIndexTest, BytesThatAnotherNamesAreStillUsed) {
  CheckpointIndex index(100 * kMega);
  CheckpointRecord twin = Saved("a", 1, "q");
  twin.digest = Saved("a", 1, "p").digest;
  index.Keep(Saved("a", 1, "p"));
  index.Keep(twin);
  EXPECT_THAT(index.Keep(Saved("a", 2, "p")).unused, IsEmpty());
  EXPECT_THAT(index.Keep(Saved("a", 2, "q")).unused, ElementsAre(twin.digest));
}

TEST(CheckpointIndexTest, TakesUpWhatWasStoredWithinALowerBound) {
  CheckpointIndex index(2 * kMega);
  index.Keep(Saved("z", 1));
  const CheckpointIndex::Change change =
      index.Restore({Saved("c", 1), Saved("a", 1), Saved("b", 1)});
  EXPECT_THAT(change.drop, SizeIs(1));
  EXPECT_THAT(change.unused, ElementsAre("cp1"));
  EXPECT_FALSE(index.Names("zp1"));
  EXPECT_THAT(index.Keep(Saved("d", 1)).unused, ElementsAre("ap1"));
}

TEST(CheckpointIndexTest, ShedsTheOldestUntilSoMuchIsGone) {
  constexpr int64_t kMiB = 1 << 20;
  CheckpointIndex index(100 * kMiB);
  for (int i = 1; i <= 3; ++i) {
    index.Keep({ResumeKey(std::to_string(i)),
                {7, "p"},
                5,
                "digest" + std::to_string(i),
                kMiB,
                absl::UnixEpoch()});
  }
  const CheckpointIndex::Change change = index.Shed(kMiB + 1);
  ASSERT_EQ(change.drop.size(), 2);
  EXPECT_EQ(change.drop[0].render, ResumeKey("1"));
  EXPECT_EQ(change.drop[1].render, ResumeKey("2"));
  EXPECT_EQ(change.unused.size(), 2);
  EXPECT_EQ(index.bytes(), kMiB);
  EXPECT_EQ(index.Shed(100 * kMiB).drop.size(), 1);
  EXPECT_TRUE(index.Shed(1).drop.empty());
}

}  // namespace
}  // namespace atelier
