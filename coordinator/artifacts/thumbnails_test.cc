#include "coordinator/artifacts/thumbnails.h"

#include <memory>
#include <string>

#include "common/digest.h"
#include "coordinator/artifacts/catalog_fixture_testing.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "coordinator/blobs/blob_call.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

class ThumbnailsTest : public CatalogTest {
 protected:
  ThumbnailsTest() : CatalogTest(std::make_unique<InMemoryBlobStore>()) {}

  InMemoryBlobStore& blobs() {
    return static_cast<InMemoryBlobStore&>(*blobs_);
  }
  absl::Status Record(const ThumbnailRecord& thumbnail) {
    return AwaitCall<absl::Status>([&](BlobDone done) {
      RecordThumbnail(*catalog_, thumbnail, std::move(done));
    });
  }
  // "thumbnail: BYTES", "picture: BYTES" or a status.
  std::string Get(const std::string& of_digest, int size_px) {
    using Opened = absl::StatusOr<PictureDownload>;
    const Opened opened = AwaitCall<Opened>([&](BlobCallback<Opened> done) {
      DownloadThumbnail(*catalog_, of_digest, size_px, std::move(done));
    });
    if (!opened.ok()) return opened.status().ToString();
    return (opened->is_thumbnail ? "thumbnail: " : "picture: ") +
           WaitingCatalog::Next(*opened->download).value();
  }

  const BlobKey picture_ = Put("picture");
  const BlobKey small_ = Put("small", ArtifactKind::kPreview);
};

TEST_F(ThumbnailsTest, StandsInThePlaceOfThePicture) {
  EXPECT_EQ(Get(picture_.digest, 256), "picture: picture");
  EXPECT_TRUE(Record({picture_.digest, 256, small_.digest}).ok());
  EXPECT_EQ(Get(picture_.digest, 256), "thumbnail: small");
  EXPECT_EQ(Get(picture_.digest, 128), "picture: picture") << "another size";
}

TEST_F(ThumbnailsTest, OneWhoseBytesAreMissingIsNotRecorded) {
  EXPECT_TRUE(Record({picture_.digest, 256, HexDigest("never brought")}).ok());
  EXPECT_EQ(store_.FindThumbnail(picture_.digest, 256).value(), std::nullopt);
}

TEST_F(ThumbnailsTest, ThePictureIsGivenOnceItsBytesWereRemoved) {
  ASSERT_TRUE(Record({picture_.digest, 256, small_.digest}).ok());
  EXPECT_TRUE(waiting_->Remove(small_, absl::InfiniteFuture()).value());
  EXPECT_EQ(Get(picture_.digest, 256), "picture: picture");
  EXPECT_EQ(store_.FindThumbnail(picture_.digest, 256).value(), std::nullopt);
}

TEST_F(ThumbnailsTest, OneWhoseBytesWereLostIsNone) {
  ASSERT_TRUE(Record({picture_.digest, 256, small_.digest}).ok());
  ASSERT_TRUE(AwaitCall<absl::Status>([&](BlobDone done) {
                blobs().Delete(small_, std::move(done));
              }).ok());
  EXPECT_EQ(Get(picture_.digest, 256), "picture: picture");
}

TEST_F(ThumbnailsTest, WithoutThePictureThereIsNothingOnceBothAreGone) {
  ASSERT_TRUE(Record({picture_.digest, 256, small_.digest}).ok());
  EXPECT_TRUE(waiting_->Remove(picture_, absl::InfiniteFuture()).value());
  EXPECT_EQ(store_.FindThumbnail(picture_.digest, 256).value(), std::nullopt);
  EXPECT_EQ(Get(picture_.digest, 256),
            "NOT_FOUND: no artifact " + picture_.digest);
}

}  // namespace
}  // namespace atelier
