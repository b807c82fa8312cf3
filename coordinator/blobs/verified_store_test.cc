#include "coordinator/blobs/verified_store.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "common/digest.h"
#include "coordinator/blobs/damaged_files_testing.h"
#include "coordinator/blobs/directory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Large enough to be read in several pieces.
std::string Bytes() { return std::string(10'000, 'x'); }

class VerifiedStoreTest : public ::testing::Test {
 protected:
  VerifiedStoreTest() {
    VerifiedStoreOptions options;
    options.verify_after = absl::Hours(24);
    options.on_damage = [this](const std::string& digest,
                               const absl::Status& why) {
      damaged_.push_back(digest);
      why_ = why;
    };
    store_ = std::make_unique<VerifiedStore>(*directory_, clock_,
                                             std::move(options));
  }

  std::string Put(const std::string& bytes) {
    const std::string digest = HexDigest(bytes);
    auto writer =
        store_->NewWriter(digest, static_cast<int64_t>(bytes.size())).value();
    EXPECT_TRUE(writer->Append(bytes).ok());
    const absl::Status status = writer->Commit();
    EXPECT_TRUE(status.ok()) << status;
    return digest;
  }
  absl::StatusOr<std::string> Get(const std::string& digest,
                                  int64_t offset = 0) {
    auto reader = store_->Open(digest, offset);
    if (!reader.ok()) return reader.status();
    std::string all;
    while (true) {
      absl::StatusOr<std::string> piece = (*reader)->Read(4096);
      if (!piece.ok()) return piece.status();
      if (piece->empty()) return all;
      all += *piece;
      given_ = all;
    }
  }
  std::string Path(const std::string& digest) {
    return ArtifactPath(folder_.path(), digest);
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  const TempFolder folder_;
  const std::unique_ptr<ArtifactStore> directory_ =
      OpenDirectoryStore({folder_.path(), 1 << 20, &clock_}).value();
  std::unique_ptr<VerifiedStore> store_;
  std::vector<std::string> damaged_;
  absl::Status why_;
  std::string given_;
};

TEST_F(VerifiedStoreTest, WhatIsDamagedIsMissingAndTheNextWriterHealsIt) {
  for (const Damage& damage : VisibleDamages()) {
    SCOPED_TRACE(damage.name);
    const std::string digest = Put(Bytes());
    EXPECT_TRUE(*store_->Has(digest));
    damage.apply(Path(digest));
    EXPECT_FALSE(*store_->Has(digest));
    EXPECT_FALSE(*store_->Has(digest)) << "and stays so";
    EXPECT_TRUE(absl::IsNotFound(Get(digest).status()));

    Put(Bytes());
    EXPECT_TRUE(*store_->Has(digest));
    EXPECT_EQ(*Get(digest), Bytes());
  }
}

TEST_F(VerifiedStoreTest, DamageIsFoundByAStoreThatHasNeverSeenTheArtifact) {
  for (const Damage& damage : AllDamages()) {
    SCOPED_TRACE(damage.name);
    const std::string digest = Put(Bytes());
    damage.apply(Path(digest));
    VerifiedStore restarted(*directory_, clock_, {});
    EXPECT_FALSE(*restarted.Has(digest));
  }
}

TEST_F(VerifiedStoreTest, WhatIsDamagedIsNeverHandedOutWhole) {
  for (const Damage& damage : AllDamages()) {
    SCOPED_TRACE(damage.name);
    const std::string digest = Put(Bytes());
    damage.apply(Path(digest));
    given_.clear();
    const absl::Status status = Get(digest).status();
    EXPECT_TRUE(absl::IsDataLoss(status) || absl::IsNotFound(status)) << status;
    EXPECT_LT(given_.size(), Bytes().size());
    EXPECT_TRUE(absl::IsNotFound(Get(digest).status()));
    EXPECT_FALSE(*store_->Has(digest));
  }
}

TEST_F(VerifiedStoreTest, ReportsWhatIsDamagedOnceAndKeepsItAside) {
  const std::string digest = Put(Bytes());
  FlipABit(Path(digest));
  EXPECT_TRUE(absl::IsDataLoss(Get(digest).status()));
  EXPECT_TRUE(absl::IsNotFound(Get(digest).status()));
  EXPECT_THAT(damaged_, ElementsAre(digest));
  EXPECT_THAT(std::string(why_.message()), HasSubstr("damaged"));
  const std::filesystem::directory_iterator aside(folder_.path() + "/damaged");
  EXPECT_EQ(std::distance(begin(aside), end(aside)), 1);
}

TEST_F(VerifiedStoreTest, AFlippedBitIsFoundWhenTheLastCheckIsOld) {
  const std::string digest = Put(Bytes());
  FlipABit(Path(digest));
  clock_.Advance(absl::Hours(24));
  EXPECT_TRUE(*store_->Has(digest)) << "checked a day ago";
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(*store_->Has(digest));
  Put(Bytes());
  EXPECT_TRUE(*store_->Has(digest));
}

TEST_F(VerifiedStoreTest, ACheckCountsForADay) {
  const std::string digest = Put(Bytes());
  VerifiedStore restarted(*directory_, clock_, {});
  EXPECT_TRUE(*restarted.Has(digest));
  FlipABit(Path(digest));
  EXPECT_TRUE(*restarted.Has(digest)) << "it was read just now";
  clock_.Advance(absl::Hours(23));
  EXPECT_TRUE(*restarted.Has(digest)) << "also after its time was set";
  clock_.Advance(absl::Hours(2));
  EXPECT_FALSE(*restarted.Has(digest));
}

TEST_F(VerifiedStoreTest, AReaderFromAnOffsetAnswersForTheWholeArtifact) {
  const std::string digest = Put(Bytes());
  EXPECT_EQ(*Get(digest, 9'000), std::string(1'000, 'x'));
  EXPECT_EQ(*Get(digest, 10'000), "");
  EXPECT_TRUE(absl::IsOutOfRange(Get(digest, 10'001).status()));
  EXPECT_THAT(damaged_, IsEmpty());
  FlipABit(Path(digest));
  EXPECT_TRUE(absl::IsDataLoss(Get(digest, 9'000).status()));
}

TEST_F(VerifiedStoreTest, KeepsAnEmptyArtifact) {
  const std::string digest = Put("");
  EXPECT_TRUE(*store_->Has(digest));
  EXPECT_EQ(*Get(digest), "");
  EXPECT_TRUE(*ReadsToItsEnd(*store_, digest));
}

TEST_F(VerifiedStoreTest, WhatWasBroughtAgainMeanwhileStays) {
  const std::string digest = Put(Bytes());
  FlipABit(Path(digest));
  auto reader = store_->Open(digest, 0).value();
  ASSERT_TRUE(reader->Read(4096).ok());
  Put(Bytes());  // As another caller would.
  while (reader->Read(4096).ok()) {
  }
  EXPECT_EQ(*Get(digest), Bytes()) << "acknowledged is durable";
}

TEST_F(VerifiedStoreTest, LooksWithoutUsing) {
  const std::string digest = Put(Bytes());
  const absl::Time brought_at = clock_.Now();
  clock_.Advance(absl::Hours(48));
  EXPECT_TRUE(*ReadsToItsEnd(*store_, digest));
  EXPECT_EQ(store_->Find(digest)->used_at, brought_at);
}

}  // namespace
}  // namespace atelier
