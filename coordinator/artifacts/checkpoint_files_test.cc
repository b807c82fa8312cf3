#include "coordinator/artifacts/checkpoint_files.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

class CheckpointFilesTest : public ::testing::Test {
 protected:
  CheckpointFilesTest() { EXPECT_TRUE(store_.BeginEpoch().ok()); }

  std::string Put(const std::string& bytes) {
    EXPECT_TRUE(waiting_.Put(bytes, ArtifactKind::kCheckpoint).ok());
    return HexDigest(bytes);
  }
  bool Has(const std::string& digest) {
    return *waiting_.Has({ArtifactKind::kCheckpoint, digest});
  }
  // Has would use it.
  bool Exists(const std::string& digest) {
    return catalog_.Find({ArtifactKind::kCheckpoint, digest}).ok();
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  InMemoryBlobStore blobs_;
  InMemoryStore store_;
  ArtifactCatalog catalog_{blobs_, store_, clock_, {}};
  WaitingCatalog waiting_{catalog_};
  std::set<std::string> named_;
  CheckpointFiles files_{catalog_, [this](const std::string& digest) {
                           return named_.count(digest) > 0;
                         }};
  const absl::Time now_ = clock_.Now();
};

TEST_F(CheckpointFilesTest, RemovesWhatIsDiscardedUnlessItIsNamedAgain) {
  const std::string gone = Put("gone"), again = Put("again"), kept = Put("k");
  named_ = {kept, again};
  files_.Discard({gone, again});
  EXPECT_TRUE(files_.Tick(now_).ok());
  EXPECT_FALSE(Has(gone));
  EXPECT_TRUE(Has(again));
  EXPECT_TRUE(Has(kept));
}

TEST_F(CheckpointFilesTest, SweepsWhatNobodyToldOfWithinMinutes) {
  const std::string orphan = Put("orphan"), kept = Put("kept");
  named_ = {kept};
  EXPECT_TRUE(files_.Tick(now_).ok());
  EXPECT_EQ(files_.orphans().files, 1);
  EXPECT_EQ(files_.orphans().bytes, 6);
  EXPECT_TRUE(files_.Tick(now_ + absl::Minutes(1)).ok());
  EXPECT_TRUE(Exists(orphan)) << "it may still be told of";
  EXPECT_TRUE(files_.Tick(now_ + absl::Minutes(4)).ok());
  EXPECT_FALSE(Exists(orphan));
  EXPECT_TRUE(Exists(kept));
  EXPECT_TRUE(files_.Tick(now_ + absl::Minutes(6)).ok());
  EXPECT_EQ(files_.orphans().files, 0);
}

TEST_F(CheckpointFilesTest, AfterAStartWorkersGetTimeToTellOfWhatIsOld) {
  const std::string old = Put("told of while the coordinator was away");
  const absl::Time start = now_ + absl::Hours(5);
  EXPECT_TRUE(files_.Tick(start).ok());
  EXPECT_TRUE(files_.Tick(start + absl::Seconds(119)).ok());
  EXPECT_TRUE(Exists(old));
  EXPECT_TRUE(files_.Tick(start + absl::Minutes(3)).ok());
  EXPECT_FALSE(Exists(old));
}

TEST_F(CheckpointFilesTest, RemovesManyInSeveralTurns) {
  std::vector<std::string> digests;
  for (int i = 0; i < 20; ++i) digests.push_back(Put(absl::StrCat(i)));
  files_.Discard(digests);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(files_.Tick(now_).ok());
  for (const std::string& digest : digests) EXPECT_FALSE(Has(digest));
}

}  // namespace
}  // namespace atelier
