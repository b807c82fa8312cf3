#include "coordinator/artifacts/scrubber.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/digest.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "coordinator/blobs/directory/damaged_files_testing.h"
#include "coordinator/blobs/directory/directory_blob_store.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

class ScrubberTest : public ::testing::Test {
 protected:
  ScrubberTest() { EXPECT_TRUE(store_.BeginEpoch().ok()); }

  static ArtifactCatalogOptions Options(std::vector<std::string>& damaged) {
    ArtifactCatalogOptions options;
    options.on_damage = [&damaged](const BlobKey& key, const absl::Status&) {
      damaged.push_back(key.digest);
    };
    return options;
  }
  BlobKey Put(const std::string& bytes,
              ArtifactKind kind = ArtifactKind::kArtifact) {
    const absl::Status status = waiting_.Put(bytes, kind);
    EXPECT_TRUE(status.ok()) << status;
    return KeyOf(bytes, kind);
  }
  std::string Path(const BlobKey& key) {
    return ArtifactPath(folder_.File(absl::StrCat(Name(key.kind), "s")),
                        key.digest);
  }
  void Tick(absl::Duration after) {
    clock_.Advance(after);
    const absl::Status status = scrubber_.Tick(clock_.Now());
    EXPECT_TRUE(status.ok()) << status;
  }
  void PassOnce() {
    const int64_t before = scrubber_.passes();
    for (int i = 0; i < 1000 && scrubber_.passes() == before; ++i) {
      Tick(absl::Seconds(1));
    }
    EXPECT_EQ(scrubber_.passes(), before + 1);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  const TempFolder folder_;
  const std::unique_ptr<BlobStore> files_ =
      OpenDirectoryBlobStore(folder_.path()).value();
  InMemoryStore store_;
  std::vector<std::string> damaged_;
  ArtifactCatalog catalog_{*files_, store_, clock_, Options(damaged_)};
  WaitingCatalog waiting_{catalog_};
  Scrubber scrubber_{catalog_, {absl::Hours(24), 1 << 20}};
};

TEST_F(ScrubberTest, FindsEveryKindOfDamageOfEveryKind) {
  std::vector<std::string> bad;
  std::vector<BlobKey> gone;
  for (const Damage& damage : AllDamages()) {
    for (ArtifactKind kind :
         {ArtifactKind::kArtifact, ArtifactKind::kCheckpoint}) {
      const BlobKey key = Put(damage.name + " bytes", kind);
      damage.apply(Path(key));
      // What is not there is nothing to be found.
      if (std::filesystem::exists(std::filesystem::symlink_status(Path(key))) &&
          damage.name != "a_link_to_nothing") {
        bad.push_back(key.digest);
      } else {
        gone.push_back(key);
      }
    }
  }
  std::vector<BlobKey> good;
  for (int i = 0; i < 300; ++i) good.push_back(Put(absl::StrCat(i)));
  PassOnce();
  EXPECT_THAT(damaged_, UnorderedElementsAreArray(bad));
  for (const BlobKey& key : good) EXPECT_TRUE(*waiting_.Has(key));
  for (const BlobKey& key : gone) {
    EXPECT_TRUE(absl::IsNotFound(catalog_.Find(key).status()));
  }
}

TEST_F(ScrubberTest, WhatHasNoRowGetsOne) {
  const BlobKey key = Put("bytes");
  RowChanges lost;
  lost.artifacts.push_back({*catalog_.Find(key), /*keep=*/false});
  ASSERT_TRUE(store_.Apply(lost).ok());
  PassOnce();
  EXPECT_EQ(catalog_.Find(key)->size_bytes, 5);
  EXPECT_EQ(catalog_.Find(key)->checked_at, clock_.Now());
}

TEST_F(ScrubberTest, KeepsToItsRate) {
  for (char name : {'a', 'b', 'c', 'd'}) {
    Put(std::string(2 << 20, name));
  }
  Tick(absl::ZeroDuration());
  EXPECT_EQ(scrubber_.read_bytes(), 0);
  Tick(absl::Milliseconds(500));
  EXPECT_GT(scrubber_.read_bytes(), 0);
  EXPECT_LE(scrubber_.read_bytes(), (512 << 10) + (256 << 10));
  Tick(absl::Hours(1));
  EXPECT_LE(scrubber_.read_bytes(), (3 << 20) / 2 + (256 << 10))
      << "a pause is not made up for";
  for (int i = 0; i < 4; ++i) Tick(absl::Seconds(1));
  EXPECT_EQ(scrubber_.passes(), 0);
  PassOnce();
  EXPECT_EQ(scrubber_.read_bytes(), 8 << 20);
}

TEST_F(ScrubberTest, BeginsAgainWhenItIsTime) {
  const BlobKey key = Put("bytes");
  PassOnce();
  EXPECT_THAT(damaged_, IsEmpty());
  FlipABit(Path(key));
  Tick(absl::Hours(23));
  EXPECT_EQ(scrubber_.passes(), 1);
  clock_.Advance(absl::Hours(1));
  PassOnce();
  EXPECT_THAT(damaged_, ::testing::ElementsAre(key.digest));
}

TEST_F(ScrubberTest, NeverMeansNever) {
  Put("bytes");
  Scrubber never(catalog_, {absl::InfiniteDuration(), 1 << 20});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(never.Tick(clock_.Now()).ok());
    clock_.Advance(absl::Hours(24 * 365));
  }
  EXPECT_EQ(never.read_bytes(), 0);
}

}  // namespace
}  // namespace atelier
