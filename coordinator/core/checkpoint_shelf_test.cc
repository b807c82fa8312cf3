#include "coordinator/core/checkpoint_shelf.h"

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

int Found(const CheckpointShelf& shelf, const std::string& render,
          int iterations, const std::string& profile = "p") {
  const CheckpointRecord* found =
      shelf.Find(ResumeKey(render), Arithmetic{0, profile}, iterations);
  return found == nullptr ? 0 : found->iteration;
}

TEST(CheckpointShelfTest, GivesTheFurthestThatIsNotPastTheBudget) {
  CheckpointShelf shelf(100 * kMega);
  EXPECT_TRUE(shelf.empty());
  shelf.Keep(Saved("a", 1000));
  shelf.Keep(Saved("a", 500));
  EXPECT_EQ(Found(shelf, "a", 499), 0);
  EXPECT_EQ(Found(shelf, "a", 500), 500);
  EXPECT_EQ(Found(shelf, "a", 999), 500);
  EXPECT_EQ(Found(shelf, "a", 5000), 1000);
  EXPECT_EQ(Found(shelf, "b", 5000), 0);
}

TEST(CheckpointShelfTest, IsOfOneProfileOnly) {
  CheckpointShelf shelf(100 * kMega);
  shelf.Keep(Saved("a", 5, "p"));
  shelf.Keep(Saved("a", 7, "q"));
  EXPECT_EQ(Found(shelf, "a", 9, "p"), 5);
  EXPECT_EQ(Found(shelf, "a", 9, "q"), 7);
  EXPECT_EQ(Found(shelf, "a", 9, "o"), 0);
  EXPECT_EQ(Found(shelf, "a", 9, "r"), 0);
}

TEST(CheckpointShelfTest, ANewOneTakesThePlaceOfThoseNotFurtherOn) {
  CheckpointShelf shelf(100 * kMega);
  shelf.Keep(Saved("a", 9));
  shelf.Keep(Saved("a", 3));
  shelf.Keep(Saved("a", 4, "q"));
  const CheckpointShelf::Change change = shelf.Keep(Saved("a", 5));
  EXPECT_THAT(change.drop, ElementsAre(Field(&CheckpointRecord::iteration, 3)));
  EXPECT_THAT(change.unused, ElementsAre("ap3"));
  EXPECT_EQ(change.put->digest, "ap5");
  EXPECT_EQ(Found(shelf, "a", 5), 5);
  EXPECT_EQ(Found(shelf, "a", 9), 9);
  EXPECT_EQ(shelf.count(), 3);
}

TEST(CheckpointShelfTest, DropsWhatAnAttemptCouldNotGoOnFrom) {
  CheckpointShelf shelf(100 * kMega);
  shelf.Keep(Saved("a", 20));
  shelf.Keep(Saved("a", 9));
  EXPECT_THAT(shelf.Keep(Saved("a", 2), /*useless=*/9).unused,
              ElementsAre("ap9"));
  EXPECT_EQ(Found(shelf, "a", 10), 2);
  EXPECT_EQ(Found(shelf, "a", 30), 20);
}

TEST(CheckpointShelfTest, WhatIsThereAlreadyChangesNothing) {
  CheckpointShelf shelf(100 * kMega);
  shelf.Keep(Saved("a", 3));
  const CheckpointShelf::Change change = shelf.Keep(Saved("a", 3));
  EXPECT_FALSE(change.put.has_value());
  EXPECT_THAT(change.drop, IsEmpty());
  EXPECT_THAT(change.unused, IsEmpty());
}

TEST(CheckpointShelfTest, DropsTheOldestForRoom) {
  CheckpointShelf shelf(2 * kMega);
  shelf.Keep(Saved("b", 1));
  shelf.Keep(Saved("a", 1));
  EXPECT_EQ(shelf.bytes(), 2 * kMega);
  EXPECT_THAT(shelf.Keep(Saved("c", 1)).unused, ElementsAre("bp1"));
  EXPECT_EQ(shelf.bytes(), 2 * kMega);
  EXPECT_TRUE(shelf.Names("ap1"));
  EXPECT_FALSE(shelf.Names("bp1"));
}

TEST(CheckpointShelfTest, TakesNoneThatIsLargerThanAllMayBe) {
  CheckpointShelf shelf(kMega);
  shelf.Keep(Saved("a", 1));
  CheckpointRecord large = Saved("b", 1);
  large.size_bytes = kMega + 1;
  EXPECT_FALSE(shelf.Keep(large).put.has_value());
  EXPECT_EQ(Found(shelf, "a", 1), 1);
  EXPECT_FALSE(CheckpointShelf(0).Keep(Saved("a", 1)).put.has_value());
}

TEST(CheckpointShelfTest, SmallOnesCountForTheirFileAndRow) {
  CheckpointShelf shelf(100 * kMega);
  CheckpointRecord small = Saved("a", 1);
  small.size_bytes = 1;
  shelf.Keep(small);
  EXPECT_EQ(shelf.bytes(), CheckpointShelf::kLeastBytes);
}

TEST(CheckpointShelfTest, BytesThatAnotherNamesAreStillUsed) {
  CheckpointShelf shelf(100 * kMega);
  CheckpointRecord twin = Saved("a", 1, "q");
  twin.digest = Saved("a", 1, "p").digest;
  shelf.Keep(Saved("a", 1, "p"));
  shelf.Keep(twin);
  EXPECT_THAT(shelf.Keep(Saved("a", 2, "p")).unused, IsEmpty());
  EXPECT_THAT(shelf.Keep(Saved("a", 2, "q")).unused, ElementsAre(twin.digest));
}

TEST(CheckpointShelfTest, TakesUpWhatWasStoredWithinALowerBound) {
  CheckpointShelf shelf(2 * kMega);
  shelf.Keep(Saved("z", 1));
  const CheckpointShelf::Change change =
      shelf.Restore({Saved("c", 1), Saved("a", 1), Saved("b", 1)});
  EXPECT_THAT(change.drop, SizeIs(1));
  EXPECT_THAT(change.unused, ElementsAre("cp1"));
  EXPECT_FALSE(shelf.Names("zp1"));
  EXPECT_THAT(shelf.Keep(Saved("d", 1)).unused, ElementsAre("ap1"));
}

TEST(CheckpointShelfTest, ShedsTheOldestUntilSoMuchIsGone) {
  constexpr int64_t kMiB = 1 << 20;
  CheckpointShelf shelf(100 * kMiB);
  for (int i = 1; i <= 3; ++i) {
    shelf.Keep({ResumeKey(std::to_string(i)),
                {7, "p"},
                5,
                "digest" + std::to_string(i),
                kMiB,
                absl::UnixEpoch()});
  }
  const CheckpointShelf::Change change = shelf.Shed(kMiB + 1);
  ASSERT_EQ(change.drop.size(), 2);
  EXPECT_EQ(change.drop[0].render, ResumeKey("1"));
  EXPECT_EQ(change.drop[1].render, ResumeKey("2"));
  EXPECT_EQ(change.unused.size(), 2);
  EXPECT_EQ(shelf.bytes(), kMiB);
  EXPECT_EQ(shelf.Shed(100 * kMiB).drop.size(), 1);
  EXPECT_TRUE(shelf.Shed(1).drop.empty());
}

}  // namespace
}  // namespace atelier
