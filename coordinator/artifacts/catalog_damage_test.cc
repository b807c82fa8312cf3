// What a catalog makes of files that were damaged.
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "coordinator/artifacts/catalog_fixture_testing.h"
#include "coordinator/blobs/directory/damaged_files_testing.h"
#include "coordinator/blobs/directory/directory_blob_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Over files.
class ArtifactDamageTest : public CatalogTest {
 protected:
  ArtifactDamageTest() : ArtifactDamageTest(std::make_unique<TempFolder>()) {}
  explicit ArtifactDamageTest(std::unique_ptr<TempFolder> folder)
      : CatalogTest(OpenDirectoryBlobStore(folder->path()).value()),
        folder_(std::move(folder)) {}

  std::string Path(const BlobKey& key) {
    return ArtifactPath(folder_->File(absl::StrCat(Name(key.kind), "s")),
                        key.digest);
  }
  int FilesAside(const char* folder) {
    const std::string aside = folder_->File(absl::StrCat(folder, "/damaged"));
    if (!std::filesystem::exists(aside)) return 0;
    const std::filesystem::directory_iterator files(aside);
    return static_cast<int>(std::distance(begin(files), end(files)));
  }

  const std::unique_ptr<TempFolder> folder_;
};

TEST_F(ArtifactDamageTest, WhatIsDamagedIsMissingAndTheNextUploadHealsIt) {
  for (ArtifactKind kind :
       {ArtifactKind::kArtifact, ArtifactKind::kCheckpoint}) {
    for (const Damage& damage : AllDamages()) {
      SCOPED_TRACE(damage.name);
      const BlobKey key = Put(Bytes(), kind);
      EXPECT_TRUE(Has(key));
      damage.apply(Path(key));
      EXPECT_FALSE(Has(key));
      EXPECT_FALSE(Has(key)) << "and stays so";
      EXPECT_FALSE(HasRow(key));
      EXPECT_TRUE(absl::IsNotFound(waiting_->Get(key).status()));

      Put(Bytes(), kind);
      EXPECT_TRUE(Has(key));
      EXPECT_EQ(waiting_->Get(key).value(), Bytes());
    }
  }
}

TEST_F(ArtifactDamageTest, DamageIsFoundByAProcessThatHasNeverSeenTheArtifact) {
  for (const Damage& damage : AllDamages()) {
    SCOPED_TRACE(damage.name);
    const BlobKey key = Put(Bytes());
    damage.apply(Path(key));
    Reopen();
    EXPECT_FALSE(Has(key));
  }
}

TEST_F(ArtifactDamageTest, WhatIsDamagedIsNeverHandedOutWhole) {
  for (const Damage& damage : AllDamages()) {
    SCOPED_TRACE(damage.name);
    const BlobKey key = Put(Bytes());
    damage.apply(Path(key));
    std::string given;
    const absl::Status status = waiting_->Get(key, 0, given);
    EXPECT_TRUE(absl::IsDataLoss(status) || absl::IsNotFound(status)) << status;
    EXPECT_LT(given.size(), Bytes().size());
    EXPECT_TRUE(absl::IsNotFound(waiting_->Get(key).status()));
    EXPECT_FALSE(Has(key));
  }
}

TEST_F(ArtifactDamageTest, ReportsWhatIsDamagedOnceAndKeepsArtifactsAside) {
  const BlobKey key = Put(Bytes());
  FlipABit(Path(key));
  EXPECT_TRUE(absl::IsDataLoss(waiting_->Get(key).status()));
  EXPECT_TRUE(absl::IsNotFound(waiting_->Get(key).status()));
  EXPECT_THAT(damaged_, ElementsAre(key.digest));
  EXPECT_THAT(std::string(why_.message()), HasSubstr("damaged"));
  EXPECT_EQ(FilesAside("artifacts"), 1);

  const BlobKey checkpoint = Put(Bytes(), ArtifactKind::kCheckpoint);
  FlipABit(Path(checkpoint));
  EXPECT_FALSE(Has(checkpoint));
  EXPECT_EQ(FilesAside("checkpoints"), 0);
  EXPECT_FALSE(std::filesystem::exists(Path(checkpoint)));
}

TEST_F(ArtifactDamageTest, AVerifyReadsAndMendsWhatIsDamaged) {
  const BlobKey key = Put(Bytes());
  EXPECT_TRUE(waiting_->Verify(key).value());
  for (const Damage& damage : AllDamages()) {
    SCOPED_TRACE(damage.name);
    Put(Bytes());
    damage.apply(Path(key));
    EXPECT_FALSE(waiting_->Verify(key).value());
  }
}

}  // namespace
}  // namespace atelier
