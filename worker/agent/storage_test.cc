// The worker's two folders: the input cache and the outbox.
#include <sys/stat.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"
#include "worker/agent/input_cache.h"
#include "worker/agent/outbox.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class InputCacheTest : public ::testing::Test {
 protected:
  std::unique_ptr<InputCache> Open(int64_t max_bytes) const {
    return *InputCache::Open(folder_.path(), max_bytes);
  }
  static std::string Add(InputCache& cache, const std::string& bytes) {
    EXPECT_TRUE(cache.Put(HexDigest(bytes), bytes).ok());
    return HexDigest(bytes);
  }

  TempFolder folder_;
};

TEST_F(InputCacheTest, GivesBackWhatWasPutAlsoToTheNextProcess) {
  const std::string digest = Add(*Open(100), "bytes");
  auto next = Open(100);
  EXPECT_EQ(next->Get(digest), "bytes");
  EXPECT_EQ(next->size_bytes(), 5);
}

TEST_F(InputCacheTest, HasNothingItWasNotGiven) {
  EXPECT_EQ(Open(100)->Get(HexDigest("none")), std::nullopt);
}

TEST_F(InputCacheTest, DropsTheLeastRecentlyUsedFirst) {
  auto cache = Open(10);
  const std::string a = Add(*cache, "aaaa");
  const std::string b = Add(*cache, "bbbb");
  EXPECT_TRUE(cache->Get(a).has_value());
  const std::string c = Add(*cache, "cccc");
  EXPECT_EQ(cache->Get(b), std::nullopt);
  EXPECT_EQ(cache->Get(a), "aaaa");
  EXPECT_EQ(cache->Get(c), "cccc");
  EXPECT_EQ(folder_.FileCount(), 2);
}

TEST_F(InputCacheTest, NamesWhatItHoldsNewestFirst) {
  auto cache = Open(100);
  const std::string a = Add(*cache, "aaaa");
  const std::string b = Add(*cache, "bbbb");
  const std::string c = Add(*cache, "cccc");
  EXPECT_TRUE(cache->Get(a).has_value());
  EXPECT_EQ(cache->Newest(2), (std::vector<std::string>{a, c}));
  EXPECT_EQ(cache->Newest(9), (std::vector<std::string>{a, c, b}));
}

TEST_F(InputCacheTest, KeepsToASmallerBoundAfterARestart) {
  {
    auto cache = Open(100);
    Add(*cache, "aaaa");
    Add(*cache, "bbbb");
  }
  EXPECT_LE(Open(5)->size_bytes(), 5);
  EXPECT_EQ(folder_.FileCount(), 1);
}

TEST_F(InputCacheTest, DoesNotKeepWhatIsLargerThanItself) {
  auto cache = Open(4);
  const std::string small = Add(*cache, "aaaa");
  const std::string large = Add(*cache, "bbbbb");
  EXPECT_EQ(cache->Get(large), std::nullopt);
  EXPECT_TRUE(cache->Get(small).has_value());
}

TEST_F(InputCacheTest, TreatsDamagedBytesAsMissingAndTakesThemAgain) {
  auto cache = Open(100);
  const std::string digest = Add(*cache, "bytes");
  ASSERT_TRUE(
      WriteFile(folder_.path() + "/" + digest, "bytez", Durability::kAtomic)
          .ok());
  EXPECT_EQ(cache->Get(digest), std::nullopt);
  EXPECT_EQ(folder_.FileCount(), 0);
  EXPECT_EQ(cache->size_bytes(), 0);
  Add(*cache, "bytes");
  EXPECT_EQ(cache->Get(digest), "bytes");
}

v1::AttemptReport Report(int64_t number) {
  v1::AttemptReport report;
  report.mutable_token()->set_render_key(HexDigest("a render"));
  report.mutable_token()->set_number(number);
  report.mutable_token()->set_epoch(3);
  report.set_outcome(v1::OUTCOME_SUCCEEDED);
  report.mutable_result()->set_iterations(40);
  return report;
}

TEST(OutboxTest, SurvivesTheProcess) {
  const TempFolder folder;
  ASSERT_TRUE(Outbox::Open(folder.path())->Put(Report(1)).ok());
  const auto loaded = Outbox::Open(folder.path())->Load();
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ASSERT_THAT(*loaded, SizeIs(1));
  EXPECT_EQ(loaded->front().SerializeAsString(), Report(1).SerializeAsString());
}

TEST(OutboxTest, ForgetsWhatWasAnswered) {
  const TempFolder folder;
  const auto outbox = Outbox::Open(folder.path());
  ASSERT_TRUE(outbox->Put(Report(1)).ok());
  ASSERT_TRUE(outbox->Put(Report(2)).ok());
  EXPECT_TRUE(outbox->Remove(Report(1).token()).ok());
  EXPECT_TRUE(outbox->Remove(Report(1).token()).ok());
  ASSERT_THAT(*outbox->Load(), SizeIs(1));
  EXPECT_EQ(outbox->Load()->front().token().number(), 2);
}

TEST(OutboxTest, RemovesFilesThatAreNoReports) {
  const TempFolder folder;
  const auto outbox = Outbox::Open(folder.path());
  v1::AttemptReport huge = Report(1);
  huge.set_message(std::string(1 << 20, 'x'));
  v1::AttemptReport elsewhere = Report(2);
  elsewhere.mutable_token()->set_render_key("../../escaped");
  const std::pair<const char*, std::string> kFiles[] = {
      {"garbage", "\xff\xff garbage"},
      {"empty", ""},
      {"cut", Report(3).SerializeAsString().substr(0, 40)},
      {"huge", huge.SerializeAsString()},
      {"outside", elsewhere.SerializeAsString()},
      {"of-another-name", Report(4).SerializeAsString()},
  };
  for (const auto& [name, bytes] : kFiles) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(WriteFile(folder.File(absl::StrCat(name, ".report")), bytes,
                          Durability::kAtomic)
                    .ok());
    EXPECT_THAT(*outbox->Load(), IsEmpty());
    EXPECT_EQ(folder.FileCount(), 0);
  }
}

TEST(OutboxTest, ReadsPastWhatIsNoFile) {
  const TempFolder folder;
  const auto outbox = Outbox::Open(folder.path());
  ASSERT_TRUE(outbox->Put(Report(1)).ok());
  std::filesystem::create_directory(folder.File("folder.report"));
  ASSERT_EQ(mkfifo(folder.File("pipe.report").c_str(), 0600), 0);
  std::filesystem::create_symlink("nowhere", folder.File("link.report"));
  EXPECT_THAT(*outbox->Load(), SizeIs(1));
}

TEST(OutboxTest, SaysSoWhenItsFolderCannotBeRead) {
  const TempFolder folder;
  const auto outbox = Outbox::Open(folder.File("outbox"));
  std::filesystem::remove(folder.File("outbox"));
  EXPECT_FALSE(outbox->Load().ok());
  EXPECT_FALSE(outbox->Put(Report(1)).ok());
}

}  // namespace
}  // namespace atelier
