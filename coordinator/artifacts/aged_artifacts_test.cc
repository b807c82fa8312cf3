#include "coordinator/artifacts/aged_artifacts.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/artifacts/catalog_fixture_testing.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

class AgedArtifactsTest : public CatalogTest {
 protected:
  AgedArtifactsTest() : CatalogTest(std::make_unique<InMemoryBlobStore>()) {}

  // Each of 100 bytes, and a second younger than the one before.
  std::vector<BlobKey> PutSome(int count, ArtifactKind kind) {
    std::vector<BlobKey> keys;
    for (int i = 0; i < count; ++i) {
      std::string bytes = absl::StrCat(Name(kind), " ", next_++);
      bytes.resize(100);
      keys.push_back(Put(bytes, kind));
      clock_.Advance(absl::Seconds(1));
    }
    return keys;
  }
  int64_t Stored(ArtifactKind kind) {
    EXPECT_TRUE(catalog_->rows().Flush().ok());
    return catalog_->rows().StoredBytes(kind);
  }
  static constexpr ArtifactKind kPreview = ArtifactKind::kPreview;
  static constexpr ArtifactKind kLog = ArtifactKind::kLog;

  int next_ = 0;
};

TEST_F(AgedArtifactsTest, TheOldestMakeRoom) {
  const std::vector<BlobKey> previews = PutSome(5, kPreview);
  const std::vector<BlobKey> logs = PutSome(2, kLog);
  AgedArtifacts aged(*catalog_, {300, 100});
  EXPECT_EQ(Stored(kPreview), 500);
  ASSERT_TRUE(aged.Tick().ok());
  EXPECT_EQ(Stored(kPreview), 300);
  EXPECT_FALSE(HasRow(previews[0]));
  EXPECT_FALSE(HasRow(previews[1]));
  EXPECT_TRUE(HasRow(previews[2]));
  EXPECT_EQ(Stored(kLog), 100);
  EXPECT_FALSE(HasRow(logs[0]));
  EXPECT_TRUE(HasRow(logs[1]));
}

TEST_F(AgedArtifactsTest, WhatIsWithinItsBoundStays) {
  const std::vector<BlobKey> previews = PutSome(3, kPreview);
  const BlobKey picture = Put("picture");
  AgedArtifacts aged(*catalog_, {300, 0});
  ASSERT_TRUE(aged.Tick().ok());
  for (const BlobKey& one : previews) EXPECT_TRUE(HasRow(one));
  EXPECT_TRUE(HasRow(picture)) << "of another kind";
}

TEST_F(AgedArtifactsTest, OneTickRemovesSoManyAndTheNextGoesOn) {
  constexpr int kMost = AgedArtifacts::kMostGone;
  PutSome(2 * kMost + 10, kPreview);
  AgedArtifacts aged(*catalog_, {0, 0});
  ASSERT_TRUE(aged.Tick().ok());
  EXPECT_EQ(Stored(kPreview), 100 * (kMost + 10));
  ASSERT_TRUE(aged.Tick().ok());
  ASSERT_TRUE(aged.Tick().ok());
  EXPECT_EQ(Stored(kPreview), 0);
  ASSERT_TRUE(aged.Tick().ok());
}

TEST_F(AgedArtifactsTest, OneThatIsDownloadedGoesLater) {
  const std::vector<BlobKey> previews = PutSome(2, kPreview);
  AgedArtifacts aged(*catalog_, {100, 0});
  auto download = waiting_->Open(previews[0]).value();
  ASSERT_TRUE(aged.Tick().ok());
  EXPECT_TRUE(HasRow(previews[0]));
  EXPECT_FALSE(HasRow(previews[1])) << "the next one makes room";
  EXPECT_EQ(WaitingCatalog::Next(*download)->size(), 100u);
}

TEST_F(AgedArtifactsTest, ShedsPreviewsBeforeLogsWhateverTheBounds) {
  const std::vector<BlobKey> previews = PutSome(3, kPreview);
  PutSome(3, kLog);
  AgedArtifacts aged(*catalog_, {});
  EXPECT_EQ(Stored(kPreview), 300);
  EXPECT_EQ(aged.Shed(150), 150);
  ASSERT_TRUE(aged.Tick().ok());
  EXPECT_EQ(Stored(kPreview), 100);
  EXPECT_TRUE(HasRow(previews[2]));
  EXPECT_EQ(Stored(kLog), 300);
  EXPECT_EQ(aged.Shed(1'000'000), 400);
  ASSERT_TRUE(aged.Tick().ok());
  ASSERT_TRUE(aged.Tick().ok());
  EXPECT_EQ(Stored(kPreview), 0);
  EXPECT_EQ(Stored(kLog), 0);
  EXPECT_EQ(aged.Shed(1), 0) << "nothing is left";
}

TEST_F(AgedArtifactsTest, AfterAStartTheSumIsThatOfTheRows) {
  PutSome(4, kPreview);
  Reopen();
  EXPECT_EQ(Stored(kPreview), 400);
  EXPECT_EQ(Stored(kLog), 0);
}

TEST_F(AgedArtifactsTest, WhatACrashLeftWithoutARowGoesInItsTurn) {
  InMemoryBlobStore& blobs = static_cast<InMemoryBlobStore&>(*blobs_);
  const BlobKey left = KeyOf("left", kPreview);
  blobs.Put(left, "left", clock_.Now() - absl::Hours(1));
  const std::vector<BlobKey> previews = PutSome(1, kPreview);
  ASSERT_TRUE(catalog_->Load().ok());
  EXPECT_EQ(Stored(kPreview), 100) << "a start does not wait for it";
  AgedArtifacts roomy(*catalog_, {1000, 0});
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(roomy.Tick().ok());
  EXPECT_EQ(Stored(kPreview), 104);
  AgedArtifacts aged(*catalog_, {100, 0});
  ASSERT_TRUE(aged.Tick().ok());
  EXPECT_FALSE(HasRow(left));
  EXPECT_TRUE(HasRow(previews[0]));
}

}  // namespace
}  // namespace atelier
