#include "coordinator/blobs/scrubber.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/digest.h"
#include "coordinator/blobs/damaged_files_testing.h"
#include "coordinator/blobs/directory_store.h"
#include "coordinator/blobs/verified_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

class ScrubberTest : public ::testing::Test {
 protected:
  std::string Put(ArtifactStore& store, const std::string& bytes) {
    const std::string digest = HexDigest(bytes);
    auto writer =
        store.NewWriter(digest, static_cast<int64_t>(bytes.size())).value();
    EXPECT_TRUE(writer->Append(bytes).ok());
    EXPECT_TRUE(writer->Commit().ok());
    return digest;
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
  const TempFolder kept_folder_, checkpoint_folder_;
  const std::unique_ptr<ArtifactStore> kept_files_ =
      OpenDirectoryStore({kept_folder_.path(), 4 << 20, &clock_}).value();
  const std::unique_ptr<ArtifactStore> checkpoint_files_ =
      OpenDirectoryStore({checkpoint_folder_.path(), 4 << 20, &clock_}).value();
  std::vector<std::string> damaged_;
  const VerifiedStoreOptions options_{
      absl::Hours(24), [this](const std::string& digest, const absl::Status&) {
        damaged_.push_back(digest);
      }};
  VerifiedStore kept_{*kept_files_, clock_, options_};
  VerifiedStore checkpoints_{*checkpoint_files_, clock_, options_};
  Scrubber scrubber_{{&kept_, &checkpoints_}, {absl::Hours(24), 1 << 20}};
};

TEST_F(ScrubberTest, FindsEveryKindOfDamageInEveryStore) {
  std::vector<std::string> bad;
  for (const Damage& damage : AllDamages()) {
    for (const auto& [files, folder] :
         {std::pair(kept_files_.get(), &kept_folder_),
          std::pair(checkpoint_files_.get(), &checkpoint_folder_)}) {
      const std::string digest = Put(*files, damage.name + " bytes");
      damage.apply(ArtifactPath(folder->path(), digest));
      // What is not there is nothing to be found.
      const absl::Status opened = files->Open(digest, 0).status();
      if (!absl::IsNotFound(opened)) bad.push_back(digest);
    }
  }
  std::vector<std::string> good;
  for (int i = 0; i < 300; ++i) good.push_back(Put(kept_, absl::StrCat(i)));
  PassOnce();
  EXPECT_THAT(damaged_, UnorderedElementsAreArray(bad));
  for (const std::string& digest : good) EXPECT_TRUE(*kept_.Has(digest));
}

TEST_F(ScrubberTest, KeepsToItsRate) {
  for (char name : {'a', 'b', 'c', 'd'}) {
    Put(kept_, std::string(2 << 20, name));
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
  const std::string digest = Put(kept_, "bytes");
  PassOnce();
  EXPECT_THAT(damaged_, IsEmpty());
  FlipABit(ArtifactPath(kept_folder_.path(), digest));
  Tick(absl::Hours(23));
  EXPECT_EQ(scrubber_.passes(), 1);
  clock_.Advance(absl::Hours(1));
  PassOnce();
  EXPECT_THAT(damaged_, ::testing::ElementsAre(digest));
}

TEST_F(ScrubberTest, NeverMeansNever) {
  Put(kept_, "bytes");
  Scrubber never({&kept_}, {absl::InfiniteDuration(), 1 << 20});
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(never.Tick(clock_.Now()).ok());
    clock_.Advance(absl::Hours(24 * 365));
  }
  EXPECT_EQ(never.read_bytes(), 0);
}

}  // namespace
}  // namespace atelier
