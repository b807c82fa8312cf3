// What every backend promises. A backend is one line of AllBackends.
#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/synchronization/blocking_counter.h"
#include "common/digest.h"
#include "coordinator/blobs/blob_call.h"
#include "coordinator/blobs/bounded_blob_store.h"
#include "coordinator/blobs/directory/directory_blob_store.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

struct Backend {
  const char* name;
  std::function<std::unique_ptr<BlobStore>(const std::string& folder)> open;
};

void PrintTo(const Backend& backend, std::ostream* out) {
  *out << backend.name;
}

auto AllBackends() {
  return testing::Values(
      Backend{"Directory",
              [](const std::string& folder) {
                return OpenDirectoryBlobStore(folder).value();
              }},
      Backend{"InMemory",
              [](const std::string&) {
                return std::make_unique<InMemoryBlobStore>();
              }},
      Backend{"Bounded", [](const std::string&) {
                return std::make_unique<BoundedBlobStore>(
                    std::make_unique<InMemoryBlobStore>(), 1);
              }});
}

class BlobStoreContractTest : public testing::TestWithParam<Backend> {
 protected:
  static BlobKey Key(const std::string& bytes,
                     ArtifactKind kind = ArtifactKind::kArtifact) {
    return {kind, HexDigest(bytes)};
  }
  absl::StatusOr<BlobInfo> Put(const BlobKey& key,
                               const std::vector<std::string>& pieces) {
    const std::unique_ptr<BlobUpload> upload = blobs_->NewUpload(key);
    for (const std::string& piece : pieces) {
      const auto status = AwaitCall<absl::Status>(
          [&](BlobDone done) { upload->Append(piece, std::move(done)); });
      if (!status.ok()) return status;
    }
    return AwaitCall<absl::StatusOr<BlobInfo>>(
        [&](auto done) { upload->Commit(std::move(done)); });
  }
  BlobKey PutAll(const std::string& bytes,
                 ArtifactKind kind = ArtifactKind::kArtifact) {
    const absl::StatusOr<BlobInfo> put = Put(Key(bytes, kind), {bytes});
    EXPECT_TRUE(put.ok()) << put.status();
    return Key(bytes, kind);
  }
  absl::StatusOr<std::string> Read(const BlobKey& key, int64_t offset = 0,
                                   size_t most_bytes = 1000) {
    return AwaitCall<absl::StatusOr<std::string>>([&](auto done) {
      blobs_->Read(key, offset, most_bytes, std::move(done));
    });
  }
  absl::StatusOr<BlobInfo> Look(const BlobKey& key) {
    return AwaitCall<absl::StatusOr<BlobInfo>>(
        [&](auto done) { blobs_->Look(key, std::move(done)); });
  }
  std::vector<std::string> List(ArtifactKind kind, const std::string& after,
                                size_t limit) {
    using Page = absl::StatusOr<std::vector<BlobInfo>>;
    const Page page = AwaitCall<Page>(
        [&](auto done) { blobs_->List(kind, after, limit, std::move(done)); });
    std::vector<std::string> digests;
    for (const BlobInfo& one : *page) digests.push_back(one.digest);
    return digests;
  }

  const TempFolder folder_;
  std::unique_ptr<BlobStore> blobs_ = GetParam().open(folder_.path());
};

TEST_P(BlobStoreContractTest, ReturnsWhatWasPutInPieces) {
  const BlobKey key = Key("two pieces");
  const absl::StatusOr<BlobInfo> put = Put(key, {"two ", "pieces"});
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(put->digest, key.digest);
  EXPECT_EQ(put->size_bytes, 10);
  EXPECT_EQ(Read(key).value(), "two pieces");
  const BlobInfo seen = Look(key).value();
  EXPECT_EQ(seen.digest, key.digest);
  EXPECT_EQ(seen.size_bytes, 10);
  EXPECT_EQ(seen.version, put->version);
}

TEST_P(BlobStoreContractTest, KeepsWhateverBytesItIsGiven) {
  EXPECT_TRUE(Put(Key("announced"), {"different"}).ok());
  EXPECT_EQ(Read(Key("announced")).value(), "different");
}

TEST_P(BlobStoreContractTest, KeepsAnEmptyBlob) {
  const BlobKey key = Key("");
  EXPECT_EQ(Put(key, {}).value().size_bytes, 0);
  EXPECT_EQ(Read(key).value(), "");
}

TEST_P(BlobStoreContractTest, ReadsAnyRange) {
  const BlobKey key = PutAll("0123456789");
  EXPECT_EQ(Read(key, 4, 4).value(), "4567");
  EXPECT_EQ(Read(key, 8, 4).value(), "89");
  EXPECT_EQ(Read(key, 10, 4).value(), "");
  EXPECT_EQ(Read(key, 11, 4).value(), "");
  EXPECT_EQ(Read(key, 4, 0).value(), "");
}

TEST_P(BlobStoreContractTest, SaysNotFoundForWhatItLacks) {
  EXPECT_TRUE(absl::IsNotFound(Look(Key("absent")).status()));
  EXPECT_TRUE(absl::IsNotFound(Read(Key("absent")).status()));
}

TEST_P(BlobStoreContractTest, KeepsKindsApart) {
  const BlobKey key = PutAll("state", ArtifactKind::kCheckpoint);
  EXPECT_TRUE(absl::IsNotFound(Look(Key("state")).status()));
  EXPECT_EQ(Read(key).value(), "state");
  EXPECT_THAT(List(ArtifactKind::kArtifact, "", 9), IsEmpty());
  EXPECT_THAT(List(ArtifactKind::kCheckpoint, "", 9), ElementsAre(key.digest));
  for (ArtifactKind kind : {ArtifactKind::kPreview, ArtifactKind::kLog}) {
    EXPECT_TRUE(absl::IsNotFound(Look({kind, key.digest}).status()));
    const BlobKey other = PutAll(std::string(Name(kind)), kind);
    EXPECT_EQ(Read(other).value(), Name(kind));
    EXPECT_THAT(List(kind, "", 9), ElementsAre(other.digest));
  }
}

TEST_P(BlobStoreContractTest, AnUploadThatIsAbandonedLeavesNothing) {
  const BlobKey key = Key("half");
  {
    const std::unique_ptr<BlobUpload> upload = blobs_->NewUpload(key);
    const auto status = AwaitCall<absl::Status>(
        [&](BlobDone done) { upload->Append("ha", std::move(done)); });
    EXPECT_TRUE(status.ok());
    EXPECT_TRUE(absl::IsNotFound(Look(key).status()));
  }
  EXPECT_TRUE(absl::IsNotFound(Look(key).status()));
  EXPECT_THAT(List(ArtifactKind::kArtifact, "", 9), IsEmpty());
}

TEST_P(BlobStoreContractTest, ManyUploadsMayBringTheSame) {
  constexpr int kUploads = 8;
  const BlobKey key = Key("same");
  std::vector<std::unique_ptr<BlobUpload>> uploads;
  std::vector<absl::Status> ends(kUploads);
  absl::BlockingCounter left(kUploads);
  for (int i = 0; i < kUploads; ++i) {
    BlobUpload* const upload =
        uploads.emplace_back(blobs_->NewUpload(key)).get();
    upload->Append("same", [&, i, upload](const absl::Status& status) {
      ends[i] = status;
      upload->Commit([&, i](const absl::StatusOr<BlobInfo>& info) {
        ends[i].Update(info.status());
        left.DecrementCount();
      });
    });
  }
  left.Wait();
  EXPECT_THAT(ends, Each(absl::OkStatus()));
  EXPECT_EQ(Read(key).value(), "same");
  EXPECT_THAT(List(ArtifactKind::kArtifact, "", 9), ElementsAre(key.digest));
}

TEST_P(BlobStoreContractTest, AnotherVersionTakesThePlaceOfTheFirst) {
  const BlobKey key = Key("key");
  const BlobInfo first = Put(key, {"first"}).value();
  const BlobInfo second = Put(key, {"second"}).value();
  EXPECT_NE(first.version, second.version);
  EXPECT_EQ(Read(key).value(), "second");
  EXPECT_EQ(Look(key).value().version, second.version);
}

TEST_P(BlobStoreContractTest, WhatIsDeletedIsGoneAndMayComeBack) {
  const BlobKey key = PutAll("bytes");
  const auto remove = [&] {
    return AwaitCall<absl::Status>(
        [&](BlobDone done) { blobs_->Delete(key, std::move(done)); });
  };
  EXPECT_TRUE(remove().ok());
  EXPECT_TRUE(absl::IsNotFound(Look(key).status()));
  EXPECT_TRUE(remove().ok()) << "it is gone already";
  PutAll("bytes");
  EXPECT_EQ(Read(key).value(), "bytes");
}

TEST_P(BlobStoreContractTest, WhatIsSetAsideIsFoundByNobody) {
  const BlobKey key = PutAll("bytes");
  const auto set_aside = [&] {
    return AwaitCall<absl::Status>(
        [&](BlobDone done) { blobs_->SetAside(key, std::move(done)); });
  };
  EXPECT_TRUE(set_aside().ok());
  EXPECT_TRUE(absl::IsNotFound(Look(key).status()));
  EXPECT_THAT(List(ArtifactKind::kArtifact, "", 9), IsEmpty());
  EXPECT_TRUE(set_aside().ok()) << "it is gone already";
  PutAll("bytes");
  EXPECT_EQ(Read(key).value(), "bytes");
}

TEST_P(BlobStoreContractTest, ListsInOrderFromAnyDigestOn) {
  std::vector<std::string> digests;
  for (int i = 0; i < 20; ++i) {
    digests.push_back(PutAll(std::to_string(i)).digest);
  }
  std::sort(digests.begin(), digests.end());
  std::vector<std::string> listed, page;
  do {
    page =
        List(ArtifactKind::kArtifact, listed.empty() ? "" : listed.back(), 7);
    EXPECT_LE(page.size(), 7);
    listed.insert(listed.end(), page.begin(), page.end());
  } while (page.size() == 7);
  EXPECT_THAT(listed, ElementsAreArray(digests));
}

TEST_P(BlobStoreContractTest, EveryCallHasEndedWhenItIsClosed) {
  std::atomic<int> ended{0};
  const BlobKey key = PutAll("bytes");
  for (int i = 0; i < 100; ++i) {
    blobs_->Read(key, 0, 5, [&](const absl::StatusOr<std::string>& bytes) {
      if (bytes.ok()) ++ended;
    });
  }
  blobs_.reset();
  EXPECT_EQ(ended, 100);
}

std::string NameOf(const testing::TestParamInfo<Backend>& backend) {
  return backend.param.name;
}

INSTANTIATE_TEST_SUITE_P(Backends, BlobStoreContractTest, AllBackends(),
                         NameOf);

}  // namespace
}  // namespace atelier
