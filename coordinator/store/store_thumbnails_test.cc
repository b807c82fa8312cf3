// Previews, logs and thumbnails, of every store.
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ArtifactChange Brought(ArtifactKind kind, const std::string& digest,
                       int64_t size_bytes, int64_t used_at = 0) {
  ArtifactChange change;
  change.artifact.kind = kind;
  change.artifact.digest = digest;
  change.artifact.size_bytes = size_bytes;
  change.artifact.used_at = absl::FromUnixMicros(used_at);
  return change;
}

ArtifactChange Gone(ArtifactKind kind, const std::string& digest) {
  ArtifactChange change = Brought(kind, digest, 0);
  change.keep = false;
  return change;
}

class StoreThumbnailsTest : public StoreContractTest {
 protected:
  std::string Find(const std::string& of, int size_px) {
    return store_->FindThumbnail(of, size_px).value().value_or("none");
  }
  std::vector<std::string> Oldest(ArtifactKind kind, int limit) {
    std::vector<std::string> digests;
    const std::vector<ArtifactRecord> oldest =
        store_->ListOldestArtifacts(kind, limit).value();
    for (const ArtifactRecord& one : oldest) digests.push_back(one.digest);
    return digests;
  }
};

TEST_P(StoreThumbnailsTest, AThumbnailIsFoundByItsPictureAndSize) {
  EXPECT_EQ(Find("a", 128), "none");
  ASSERT_EQ(
      Apply({ThumbnailRecord{"a", 128, "x"}, ThumbnailRecord{"a", 256, "y"}}),
      kOk);
  Reopen();
  EXPECT_EQ(Find("a", 128), "x");
  EXPECT_EQ(Find("a", 256), "y");
  EXPECT_EQ(Find("a", 512), "none");
  EXPECT_EQ(Find("b", 128), "none");
}

TEST_P(StoreThumbnailsTest, ALaterOneOfTheSameSizeTakesItsPlace) {
  ASSERT_EQ(Apply({ThumbnailRecord{"a", 128, "x"}}), kOk);
  ASSERT_EQ(Apply({ThumbnailRecord{"a", 128, "z"}}), kOk);
  EXPECT_EQ(Find("a", 128), "z");
}

TEST_P(StoreThumbnailsTest, ItGoesWithItsPicture) {
  ASSERT_EQ(
      Apply({Brought(ArtifactKind::kArtifact, "a", 1),
             ThumbnailRecord{"a", 128, "x"}, ThumbnailRecord{"a", 256, "y"},
             ThumbnailRecord{"b", 128, "x"}}),
      kOk);
  ASSERT_EQ(Apply({Gone(ArtifactKind::kArtifact, "a")}), kOk);
  Reopen();
  EXPECT_EQ(Find("a", 128), "none");
  EXPECT_EQ(Find("a", 256), "none");
  EXPECT_EQ(Find("b", 128), "x");
}

TEST_P(StoreThumbnailsTest, ItGoesWithItsBytes) {
  ASSERT_EQ(
      Apply({ThumbnailRecord{"a", 128, "x"}, ThumbnailRecord{"b", 128, "x"},
             ThumbnailRecord{"b", 256, "y"}}),
      kOk);
  ASSERT_EQ(Apply({Gone(ArtifactKind::kPreview, "x"),
                   Gone(ArtifactKind::kArtifact, "y"),
                   Gone(ArtifactKind::kCheckpoint, "y")}),
            kOk);
  Reopen();
  EXPECT_EQ(Find("a", 128), "none");
  EXPECT_EQ(Find("b", 128), "none");
  EXPECT_EQ(Find("b", 256), "y") << "of another kind";
}

TEST_P(StoreThumbnailsTest, OneBroughtAgainInTheTransactionStays) {
  ASSERT_EQ(Apply({ThumbnailRecord{"a", 128, "x"}}), kOk);
  RowChanges changes = Rows({Gone(ArtifactKind::kPreview, "x"),
                             Brought(ArtifactKind::kPreview, "x", 1),
                             ThumbnailRecord{"a", 128, "x"}});
  ASSERT_TRUE(store_->Apply(changes).ok());
  EXPECT_EQ(Find("a", 128), "x");
}

TEST_P(StoreThumbnailsTest, ARefusedTransactionTakesItsThumbnailsBack) {
  RowChanges changes = Rows({ThumbnailRecord{"a", 128, "x"}});
  changes.removed_jobs.push_back({JobId("none"), {}});
  EXPECT_EQ(store_->Apply(changes).code(), kFailedPrecondition);
  EXPECT_EQ(Find("a", 128), "none");
}

TEST_P(StoreThumbnailsTest, TheOldestOfAKindComeFirst) {
  EXPECT_THAT(Oldest(ArtifactKind::kPreview, 9), IsEmpty());
  ASSERT_EQ(Apply({Brought(ArtifactKind::kPreview, "a", 1, 30),
                   Brought(ArtifactKind::kPreview, "b", 1, 10),
                   Brought(ArtifactKind::kPreview, "c", 1, 20),
                   Brought(ArtifactKind::kLog, "d", 1, 5),
                   Brought(ArtifactKind::kArtifact, "e", 1, 1)}),
            kOk);
  // Used again: it is the newest now.
  ASSERT_EQ(Apply({Brought(ArtifactKind::kPreview, "b", 1, 40)}), kOk);
  Reopen();
  EXPECT_THAT(Oldest(ArtifactKind::kPreview, 9), ElementsAre("c", "a", "b"));
  EXPECT_THAT(Oldest(ArtifactKind::kPreview, 2), ElementsAre("c", "a"));
  EXPECT_THAT(Oldest(ArtifactKind::kLog, 9), ElementsAre("d"));
}

TEST_P(StoreThumbnailsTest, BytesAreAddedUpByKind) {
  EXPECT_EQ(store_->SumArtifactsOf(ArtifactKind::kPreview).value(), 0);
  ASSERT_EQ(Apply({Brought(ArtifactKind::kPreview, "a", 1),
                   Brought(ArtifactKind::kPreview, "b", int64_t{1} << 40),
                   Brought(ArtifactKind::kLog, "a", 7)}),
            kOk);
  ASSERT_EQ(Apply({Gone(ArtifactKind::kPreview, "a")}), kOk);
  Reopen();
  EXPECT_EQ(store_->SumArtifactsOf(ArtifactKind::kPreview).value(),
            int64_t{1} << 40);
  EXPECT_EQ(store_->SumArtifactsOf(ArtifactKind::kLog).value(), 7);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreThumbnailsTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
