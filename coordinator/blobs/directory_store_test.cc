#include "coordinator/blobs/directory_store.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DirectoryStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    root_ = absl::StrCat(::testing::TempDir(), "/artifacts-", getpid(), "-",
                         test->name());
    std::filesystem::remove_all(root_);
    Reopen();
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void Reopen() {
    auto store = OpenDirectoryStore({root_, 1 << 20, &clock_});
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }

  absl::Status Put(const std::string& digest, int64_t size_bytes,
                   std::initializer_list<absl::string_view> chunks) {
    auto writer = store_->NewWriter(digest, size_bytes);
    if (!writer.ok()) return writer.status();
    for (absl::string_view chunk : chunks) {
      if (absl::Status s = (*writer)->Append(chunk); !s.ok()) return s;
    }
    return (*writer)->Commit();
  }

  std::string PutAll(const std::string& bytes) {
    const std::string digest = HexDigest(bytes);
    const absl::Status status =
        Put(digest, static_cast<int64_t>(bytes.size()), {bytes});
    EXPECT_TRUE(status.ok()) << status;
    return digest;
  }

  absl::StatusOr<std::string> Get(const std::string& digest, int64_t offset,
                                  size_t piece_bytes) {
    auto reader = store_->Open(digest, offset);
    if (!reader.ok()) return reader.status();
    std::string all;
    while (true) {
      absl::StatusOr<std::string> piece = (*reader)->Read(piece_bytes);
      if (!piece.ok()) return piece.status();
      if (piece->empty()) return all;
      EXPECT_LE(piece->size(), piece_bytes);
      all += *piece;
    }
  }

  std::vector<std::string> FilesUnder(const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             absl::StrCat(root_, "/", folder))) {
      if (entry.is_regular_file()) files.push_back(entry.path().filename());
    }
    return files;
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  std::string root_;
  std::unique_ptr<ArtifactStore> store_;
};

TEST_F(DirectoryStoreTest, ReturnsWhatWasPutAndKeepsItUnderItsDigest) {
  const std::string digest = HexDigest("two chunks");
  ASSERT_EQ(Put(digest, 10, {"two ", "chunks"}), absl::OkStatus());

  EXPECT_EQ(*Get(digest, 0, 3), "two chunks");
  EXPECT_EQ(store_->Find(digest)->size_bytes, 10);
  EXPECT_TRUE(std::filesystem::exists(
      absl::StrCat(root_, "/", digest.substr(0, 2), "/", digest)));
  EXPECT_THAT(FilesUnder("tmp"), IsEmpty());
}

TEST_F(DirectoryStoreTest, KeepsArtifactsAcrossAReopen) {
  const std::string digest = PutAll("durable");
  Reopen();
  EXPECT_EQ(*Get(digest, 0, 100), "durable");
}

TEST_F(DirectoryStoreTest, KeepsAnEmptyArtifact) {
  const std::string digest = PutAll("");
  EXPECT_EQ(store_->Find(digest)->size_bytes, 0);
  EXPECT_EQ(*Get(digest, 0, 100), "");
}

TEST_F(DirectoryStoreTest, ReadsFromAnyOffsetUpToTheEnd) {
  const std::string digest = PutAll("0123456789");
  EXPECT_EQ(*Get(digest, 4, 4), "456789");
  EXPECT_EQ(*Get(digest, 10, 4), "");

  const absl::Status past = Get(digest, 11, 4).status();
  EXPECT_EQ(past.code(), absl::StatusCode::kOutOfRange);
  EXPECT_THAT(past.message(), HasSubstr("11"));
  EXPECT_THAT(past.message(), HasSubstr("10 bytes"));
  EXPECT_EQ(Get(digest, -1, 4).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(DirectoryStoreTest, RefusesBytesOfAnotherDigestAndKeepsNothing) {
  const std::string announced = HexDigest("announced");
  const absl::Status status = Put(announced, 9, {"different"});

  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr(announced));
  EXPECT_THAT(status.message(), HasSubstr(HexDigest("different")));
  EXPECT_FALSE(*store_->Has(announced));
  EXPECT_THAT(FilesUnder(""), IsEmpty());
}

TEST_F(DirectoryStoreTest, RefusesMoreOrFewerBytesThanAnnounced) {
  const std::string digest = HexDigest("12345");
  EXPECT_EQ(Put(digest, 4, {"123", "45"}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Put(digest, 6, {"12345"}).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(*store_->Has(digest));
  EXPECT_THAT(FilesUnder(""), IsEmpty());
}

TEST_F(DirectoryStoreTest, RefusesWhatIsLargerThanItsBoundBeforeAnyByte) {
  const absl::Status status =
      store_->NewWriter(HexDigest("x"), (1 << 20) + 1).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(status.message(), HasSubstr("--max-artifact-bytes"));
  EXPECT_EQ(store_->NewWriter(HexDigest("x"), -1).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(DirectoryStoreTest, RefusesAMalformedDigestEverywhere) {
  for (const std::string& digest :
       {std::string(), std::string("../../etc/passwd"), std::string(64, 'A'),
        std::string(63, 'a')}) {
    SCOPED_TRACE(digest);
    const auto expected = absl::StatusCode::kInvalidArgument;
    EXPECT_EQ(store_->Has(digest).status().code(), expected);
    EXPECT_EQ(store_->Find(digest).status().code(), expected);
    EXPECT_EQ(store_->NewWriter(digest, 1).status().code(), expected);
    EXPECT_EQ(store_->Open(digest, 0).status().code(), expected);
  }
}

TEST_F(DirectoryStoreTest, SaysNotFoundForWhatItLacks) {
  const std::string digest = HexDigest("absent");
  EXPECT_FALSE(*store_->Has(digest));
  EXPECT_EQ(store_->Find(digest).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(store_->Open(digest, 0).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(DirectoryStoreTest, ForgetsAnUploadThatIsAbandoned) {
  const std::string digest = HexDigest("half");
  {
    auto writer = store_->NewWriter(digest, 4);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Append("ha").ok());
    EXPECT_EQ(FilesUnder("tmp").size(), 1u);
  }
  EXPECT_FALSE(*store_->Has(digest));
  EXPECT_THAT(FilesUnder("tmp"), IsEmpty());
}

TEST_F(DirectoryStoreTest, RemovesWhatACrashLeftBehindWhenOpened) {
  const std::string kept = PutAll("kept");
  std::ofstream(absl::StrCat(root_, "/tmp/left-by-a-crash")) << "half an upl";
  Reopen();
  EXPECT_THAT(FilesUnder("tmp"), IsEmpty());
  EXPECT_EQ(*Get(kept, 0, 100), "kept");
}

TEST_F(DirectoryStoreTest, TakesTheSameDigestFromManyWritersAtOnce) {
  const std::string bytes(100'000, 'x');
  const std::string digest = HexDigest(bytes);
  std::vector<absl::Status> results(8);
  std::vector<std::thread> threads;
  for (absl::Status& result : results) {
    threads.emplace_back([&] {
      result = Put(digest, 100'000,
                   {absl::string_view(bytes).substr(0, 60'000),
                    absl::string_view(bytes).substr(60'000)});
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_THAT(results, ::testing::Each(absl::OkStatus()));
  EXPECT_EQ(*Get(digest, 0, 30'000), bytes);
  EXPECT_THAT(FilesUnder(""), ::testing::ElementsAre(digest));
}

TEST_F(DirectoryStoreTest, SaysResourceExhaustedWhenAFileCanGrowNoFurther) {
  // A limit on file size stands in for a full disk: both fail in write(2).
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{1000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string bytes(2000, 'x');
  const absl::Status status = Put(HexDigest(bytes), 2000, {bytes});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);

  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(FilesUnder(""), IsEmpty());
}

TEST_F(DirectoryStoreTest, SaysDataLossWhenAFileHasBeenCutShort) {
  const std::string digest = PutAll("0123456789");
  auto reader = store_->Open(digest, 0);
  ASSERT_TRUE(reader.ok());
  std::filesystem::resize_file(
      absl::StrCat(root_, "/", digest.substr(0, 2), "/", digest), 5);
  EXPECT_EQ((*reader)->Read(100).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(DirectoryStoreTest, AFolderThatSomebodyRemovedIsMadeAgain) {
  for (const char* folder : {"tmp", "ab"}) {
    std::filesystem::remove_all(absl::StrCat(root_, "/", folder));
  }
  EXPECT_TRUE(store_->List("", 10)->empty());
  // Has a digest that begins with "ab".
  std::string found;
  for (int i = 0; found.empty(); ++i) {
    const std::string candidate = absl::StrCat(i);
    if (HexDigest(candidate).substr(0, 2) == "ab") found = candidate;
  }
  EXPECT_EQ(*Get(PutAll(found), 0, 100), found);
}

TEST_F(DirectoryStoreTest, ListsInOrderFromAnyDigestOn) {
  std::vector<std::string> digests;
  for (int i = 0; i < 20; ++i) digests.push_back(PutAll(absl::StrCat(i)));
  std::sort(digests.begin(), digests.end());
  std::ofstream(absl::StrCat(root_, "/ab/notes.txt")) << "not an artifact";
  std::vector<std::string> listed;
  std::string after;
  while (true) {
    const std::vector<std::string> page = store_->List(after, 7).value();
    if (page.empty()) break;
    EXPECT_LE(page.size(), 7);
    listed.insert(listed.end(), page.begin(), page.end());
    after = page.back();
  }
  EXPECT_EQ(listed, digests);
}

TEST_F(DirectoryStoreTest, TakesAwayOnlyTheFileThatWasRead) {
  const std::string digest = PutAll("bytes");
  auto reader = store_->Open(digest, 0).value();
  PutAll("bytes");  // Again, so that another file stands there.
  EXPECT_TRUE(reader->Discard().ok());
  EXPECT_EQ(*Get(digest, 0, 100), "bytes");
  EXPECT_TRUE(store_->DiscardUnreadable(digest).ok());
  EXPECT_EQ(*Get(digest, 0, 100), "bytes") << "it can be read";

  reader = store_->Open(digest, 0).value();
  EXPECT_TRUE(reader->Discard().ok());
  EXPECT_FALSE(*store_->Has(digest));
  EXPECT_EQ(FilesUnder("damaged").size(), 1) << "kept aside";
  EXPECT_TRUE(reader->Discard().ok()) << "it is gone already";
}

TEST(OpenDirectoryStoreTest, NamesThePathItCannotUse) {
  const std::string path =
      absl::StrCat(::testing::TempDir(), "/not-a-folder-", getpid());
  std::ofstream(path) << "a file";
  const absl::Status status =
      OpenDirectoryStore({absl::StrCat(path, "/artifacts"), 1}).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr(path));
  std::filesystem::remove(path);
}

TEST_F(DirectoryStoreTest, ShowsEachArtifactAndWhenItWasUsed) {
  const std::string first = PutAll("first");
  clock_.Advance(absl::Hours(1));
  const std::string second = PutAll("second!");
  clock_.Advance(absl::Hours(1));
  EXPECT_TRUE(store_->Has(first).value());
  std::ofstream(absl::StrCat(root_, "/ab/notes.txt")) << "not an artifact";

  std::map<std::string, StoredArtifact> seen;
  ASSERT_TRUE(store_
                  ->ForEach([&](const StoredArtifact& one) {
                    seen[one.digest] = one;
                    return absl::OkStatus();
                  })
                  .ok());
  ASSERT_EQ(seen.size(), 2);
  EXPECT_EQ(seen.at(first).size_bytes, 5);
  EXPECT_EQ(seen.at(first).used_at, clock_.Now()) << "asked for just now";
  EXPECT_EQ(seen.at(second).used_at, clock_.Now() - absl::Hours(1));

  int visits = 0;
  EXPECT_TRUE(absl::IsAborted(store_->ForEach([&](const StoredArtifact&) {
    ++visits;
    return absl::AbortedError("enough");
  })));
  EXPECT_EQ(visits, 1);
}

TEST_F(DirectoryStoreTest, RemovesOnlyWhatWasNotUsedSince) {
  const absl::Time start = clock_.Now();
  const std::string digest = PutAll("bytes");
  clock_.Advance(ArtifactStore::kUsedWithin + absl::Seconds(1));
  EXPECT_TRUE(store_->Has(digest).value());
  EXPECT_FALSE(store_->Remove(digest, start).value()) << "used after that";
  EXPECT_TRUE(store_->Has(digest).value());
  EXPECT_TRUE(store_->Remove(digest, clock_.Now()).value());
  EXPECT_FALSE(store_->Has(digest).value());
  EXPECT_FALSE(store_->Remove(digest, clock_.Now()).value()) << "is gone";
  EXPECT_TRUE(absl::IsInvalidArgument(
      store_->Remove("../../etc", clock_.Now()).status()));
  EXPECT_EQ(PutAll("bytes"), digest) << "and can come back";
}

}  // namespace
}  // namespace atelier
