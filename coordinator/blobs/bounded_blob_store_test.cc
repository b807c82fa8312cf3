#include "coordinator/blobs/bounded_blob_store.h"

#include <memory>

#include "absl/synchronization/blocking_counter.h"
#include "common/digest.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(BoundedBlobStoreTest, BeginsSoManyCallsAndTheNextAsOthersEnd) {
  auto memory = std::make_unique<InMemoryBlobStore>();
  InMemoryBlobStore& backend = *memory;
  BoundedBlobStore blobs(std::move(memory), 3);
  const BlobKey key{ArtifactKind::kArtifact, HexDigest("bytes")};
  backend.Put(key, "bytes");
  backend.Hang(true);
  absl::BlockingCounter left(11);
  for (int i = 0; i < 5; ++i) {
    blobs.Look(key, [&](const absl::StatusOr<BlobInfo>& info) {
      EXPECT_TRUE(info.ok());
      left.DecrementCount();
    });
    blobs.Read(key, 0, 9, [&](const absl::StatusOr<std::string>& bytes) {
      EXPECT_EQ(bytes.value(), "bytes");
      left.DecrementCount();
    });
  }
  const auto upload = blobs.NewUpload(key);
  upload->Append("more", [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok());
    left.DecrementCount();
  });
  EXPECT_EQ(backend.calls(), 3);
  backend.Hang(false);
  left.Wait();
  backend.AwaitCalls(0);
}

}  // namespace
}  // namespace atelier
