#include "coordinator/blobs/directory/directory_blob_store.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "coordinator/blobs/blob_call.h"
#include "coordinator/blobs/directory/damaged_files_testing.h"
#include "coordinator/blobs/open_blobs.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

namespace fs = std::filesystem;

class DirectoryBlobStoreTest : public ::testing::Test {
 protected:
  void Reopen() {
    blobs_.reset();
    blobs_ = OpenBlobs("directory:" + folder_.path()).value();
  }
  absl::StatusOr<BlobInfo> Put(const BlobKey& key, const std::string& bytes) {
    const std::unique_ptr<BlobUpload> upload = blobs_->NewUpload(key);
    const auto status = AwaitCall<absl::Status>(
        [&](BlobDone done) { upload->Append(bytes, std::move(done)); });
    if (!status.ok()) return status;
    return AwaitCall<absl::StatusOr<BlobInfo>>(
        [&](auto done) { upload->Commit(std::move(done)); });
  }
  BlobKey PutAll(const std::string& bytes) {
    const BlobKey key{ArtifactKind::kArtifact, HexDigest(bytes)};
    const absl::Status status = Put(key, bytes).status();
    EXPECT_TRUE(status.ok()) << status;
    return key;
  }
  absl::StatusOr<std::string> Read(const BlobKey& key) {
    return AwaitCall<absl::StatusOr<std::string>>(
        [&](auto done) { blobs_->Read(key, 0, 1000, std::move(done)); });
  }
  absl::StatusOr<BlobInfo> Look(const BlobKey& key) {
    return AwaitCall<absl::StatusOr<BlobInfo>>(
        [&](auto done) { blobs_->Look(key, std::move(done)); });
  }
  absl::Status SetAside(const BlobKey& key) {
    return AwaitCall<absl::Status>(
        [&](auto done) { blobs_->SetAside(key, std::move(done)); });
  }
  std::vector<BlobInfo> List() {
    using Page = absl::StatusOr<std::vector<BlobInfo>>;
    return *AwaitCall<Page>([&](auto done) {
      blobs_->List(ArtifactKind::kArtifact, "", 100, std::move(done));
    });
  }
  std::vector<std::string> FilesUnder(const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& entry :
         fs::recursive_directory_iterator(folder_.File(folder))) {
      if (entry.is_regular_file()) files.push_back(entry.path().filename());
    }
    return files;
  }
  std::string Path(const BlobKey& key) {
    return ArtifactPath(folder_.File("artifacts"), key.digest);
  }

  const TempFolder folder_;
  std::unique_ptr<BlobStore> blobs_ =
      OpenBlobs("directory:" + folder_.path()).value();
};

TEST_F(DirectoryBlobStoreTest, KeepsABlobUnderItsDigestAcrossAReopen) {
  const BlobKey key = PutAll("durable");
  EXPECT_TRUE(fs::exists(Path(key)));
  EXPECT_THAT(FilesUnder("artifacts/tmp"), IsEmpty());
  Reopen();
  EXPECT_EQ(Read(key).value(), "durable");
}

TEST_F(DirectoryBlobStoreTest, RemovesWhatACrashLeftBehindWhenOpened) {
  const BlobKey kept = PutAll("kept");
  std::ofstream(folder_.File("artifacts/tmp/left-by-a-crash")) << "half an upl";
  Reopen();
  EXPECT_THAT(FilesUnder("artifacts/tmp"), IsEmpty());
  EXPECT_EQ(Read(kept).value(), "kept");
}

TEST_F(DirectoryBlobStoreTest, AnAbandonedUploadHasNoFileOnceItIsClosed) {
  std::unique_ptr<BlobUpload> upload =
      blobs_->NewUpload({ArtifactKind::kArtifact, HexDigest("half")});
  const auto status = AwaitCall<absl::Status>(
      [&](BlobDone done) { upload->Append("ha", std::move(done)); });
  EXPECT_TRUE(status.ok());
  EXPECT_THAT(FilesUnder("artifacts/tmp"), SizeIs(1));
  upload.reset();
  blobs_.reset();
  EXPECT_THAT(FilesUnder("artifacts"), IsEmpty());
}

TEST_F(DirectoryBlobStoreTest, SaysResourceExhaustedWhenAFileCanGrowNoFurther) {
  // A limit on file size stands in for a full disk: both fail in write(2).
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string bytes(2000, 'x');
  const absl::Status status =
      Put({ArtifactKind::kArtifact, HexDigest(bytes)}, bytes).status();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  blobs_.reset();
  EXPECT_THAT(FilesUnder("artifacts"), IsEmpty());
}

TEST_F(DirectoryBlobStoreTest, AFolderThatSomebodyRemovedIsMadeAgain) {
  const BlobKey first = PutAll("bytes");
  fs::remove_all(folder_.File("artifacts"));
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(Look(first).status()));
  PutAll("bytes");
  EXPECT_EQ(Read(first).value(), "bytes");
}

TEST_F(DirectoryBlobStoreTest, DamageShowsInAnotherVersionOrInWhatIsThere) {
  for (const Damage& damage : AllDamages()) {
    SCOPED_TRACE(damage.name);
    const BlobKey key = PutAll("some bytes");
    const BlobInfo before = Look(key).value();
    damage.apply(Path(key));
    const absl::StatusOr<BlobInfo> after = Look(key);
    EXPECT_TRUE(!after.ok() || after->version != before.version);
    if (absl::IsDataLoss(after.status())) {
      EXPECT_TRUE(absl::IsDataLoss(Read(key).status()));
      ASSERT_THAT(List(), SizeIs(1));
      EXPECT_EQ(List()[0].size_bytes, -1);
    }
    EXPECT_TRUE(SetAside(key).ok());
    EXPECT_THAT(List(), IsEmpty());
    PutAll("some bytes");
    EXPECT_EQ(Read(key).value(), "some bytes");
  }
}

TEST_F(DirectoryBlobStoreTest, KeepsWhatIsSetAsideForPeople) {
  const BlobKey key = PutAll("bytes");
  EXPECT_TRUE(SetAside(key).ok());
  EXPECT_THAT(FilesUnder("artifacts/damaged"),
              ElementsAre(HasSubstr(key.digest)));
}

TEST_F(DirectoryBlobStoreTest, OtherFilesAreNoBlobs) {
  const BlobKey key = PutAll("bytes");
  std::ofstream(Path(key) + ".txt") << "a note";
  EXPECT_THAT(List(), SizeIs(1));
}

TEST(OpenBlobsTest, NamesThePathItCannotUse) {
  const TempFolder folder;
  std::ofstream(folder.File("artifacts")) << "a file";
  const absl::Status status = OpenBlobs("directory:" + folder.path()).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(folder.path()));
}

TEST(OpenBlobsTest, RefusesAUrlThatItDoesNotKnow) {
  const absl::Status status = OpenBlobs("ftp://example").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(status.message(),
            "artifacts: \"ftp://example\" is not allowed; directory:FOLDER");
}

}  // namespace
}  // namespace atelier
