#include "common/rpc/artifact_client.h"

#include <filesystem>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ArtifactClientOptions Eager() {
  ArtifactClientOptions options;
  options.retry.first_wait = options.retry.most_wait = absl::ZeroDuration();
  return options;
}

std::string Pattern(size_t size) {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * i >> 3);
  return bytes;
}

class ArtifactClientTest : public ::testing::Test {
 protected:
  ArtifactClientTest()
      : folder_(absl::StrCat(
            ::testing::TempDir(), "artifact_client_",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        server_({&store_}),
        client_(server_.Channel(), Eager()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~ArtifactClientTest() override { std::filesystem::remove_all(folder_); }

  std::string NewFile(const std::string& bytes) const {
    const std::string path = folder_ + "/file";
    EXPECT_TRUE(WriteFile(path, bytes, Durability::kAtomic).ok());
    return path;
  }

  const std::string folder_;
  FakeArtifacts store_;
  InProcessServer server_;
  ArtifactClient client_;
};

TEST_F(ArtifactClientTest, FindsWhatIsMissingInBatchesAndInOrder) {
  std::vector<std::string> digests;
  for (int i = 0; i < 2001; ++i) digests.push_back(HexDigest(absl::StrCat(i)));
  for (int i = 0; i < 2001; ++i) {
    if (i != 5 && i != 2000) store_.Add(absl::StrCat(i));
  }
  const auto missing = client_.FindMissing(digests);
  ASSERT_TRUE(missing.ok()) << missing.status();
  EXPECT_THAT(*missing, ElementsAre(digests[5], digests[2000]));
  EXPECT_THAT(store_.find_sizes(), ElementsAre(1000, 1000, 1));
}

TEST_F(ArtifactClientTest, AsksNothingAboutNothing) {
  EXPECT_THAT(*client_.FindMissing({}), IsEmpty());
  EXPECT_THAT(store_.find_sizes(), IsEmpty());
}

TEST_F(ArtifactClientTest, UploadsAndDownloadsAnySize) {
  for (size_t size : {size_t{0}, size_t{1}, size_t{262'144}, size_t{700'001}}) {
    SCOPED_TRACE(size);
    const std::string bytes = Pattern(size);
    const auto digest = client_.Upload(bytes);
    ASSERT_TRUE(digest.ok()) << digest.status();
    EXPECT_EQ(store_.Find(*digest), bytes);
    EXPECT_EQ(*client_.Download(*digest), bytes);
  }
}

TEST_F(ArtifactClientTest, UploadsAFileInPieces) {
  const std::string bytes = Pattern(700'001);
  ASSERT_TRUE(client_.UploadFile(NewFile(bytes), HexDigest(bytes)).ok());
  EXPECT_EQ(store_.Find(HexDigest(bytes)), bytes);
}

TEST_F(ArtifactClientTest, UploadingAgainSucceeds) {
  const std::string bytes = Pattern(5'000'000);
  store_.Add(bytes);
  EXPECT_TRUE(client_.Upload(bytes).ok());
}

TEST_F(ArtifactClientTest, RefusesAFileThatChangedSinceItWasHashed) {
  const absl::Status status =
      client_.UploadFile(NewFile("new"), HexDigest("old"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store_.Find(HexDigest("old")), std::nullopt);
}

TEST_F(ArtifactClientTest, RepeatsWhatIsUnavailable) {
  store_.FailNext(3, grpc::StatusCode::UNAVAILABLE);
  const auto digest = client_.Upload("bytes");
  ASSERT_TRUE(digest.ok()) << digest.status();
  store_.FailNext(3, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(*client_.Download(*digest), "bytes");
  store_.FailNext(3, grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(*client_.FindMissing({*digest}), IsEmpty());
}

TEST_F(ArtifactClientTest, GoesOnWhereABrokenStreamStopped) {
  const std::string bytes = Pattern(25'000);
  const std::string digest = store_.Add(bytes);
  store_.BreakDownloadsAfter(10'000);
  EXPECT_EQ(*client_.Download(digest), bytes);
  EXPECT_EQ(store_.downloads(), 3);
}

TEST_F(ArtifactClientTest, DownloadsToAFileThatAppearsWhole) {
  const std::string bytes = Pattern(25'000);
  const std::string digest = store_.Add(bytes);
  store_.BreakDownloadsAfter(10'000);
  const std::string path = folder_ + "/out";
  ASSERT_TRUE(client_.DownloadToFile(digest, path).ok());
  EXPECT_EQ(*ReadFile(path, 1 << 20), bytes);
}

TEST_F(ArtifactClientTest, DownloadsToAStreamForAsLongAsItTakesThem) {
  const std::string bytes = Pattern(25'000);
  const std::string digest = store_.Add(bytes);
  store_.BreakDownloadsAfter(10'000);
  std::ostringstream out;
  ASSERT_TRUE(client_.DownloadTo(digest, out).ok());
  EXPECT_EQ(out.str(), bytes);
  out.setstate(std::ios::badbit);
  EXPECT_EQ(client_.DownloadTo(digest, out).code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(ArtifactClientTest, KeepsNoBytesThatDoNotHaveTheDigest) {
  const std::string digest = HexDigest("right");
  store_.AddAs(digest, "wrong");
  EXPECT_EQ(client_.Download(digest).status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(client_.DownloadToFile(digest, folder_ + "/out").code(),
            absl::StatusCode::kDataLoss);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(ArtifactClientTest, RefusesMoreThanItsBound) {
  ArtifactClientOptions options = Eager();
  options.max_download_bytes = 4;
  ArtifactClient bounded(server_.Channel(), options);
  EXPECT_EQ(*bounded.Download(store_.Add("1234")), "1234");
  const absl::Status status = bounded.Download(store_.Add("12345")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("has 5 bytes, at most 4"));
}

TEST_F(ArtifactClientTest, SaysWhatTheStoreDoesNotHave) {
  EXPECT_EQ(client_.Download(HexDigest("none")).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ArtifactClientTest, RefusesAMalformedDigestWithoutACall) {
  EXPECT_EQ(client_.Download("ABC").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(store_.downloads(), 0);
}

TEST_F(ArtifactClientTest, StopEndsACallThatWaitsForBytes) {
  const std::string digest = store_.Add("bytes");
  store_.HangDownloads();
  StopSignal stop;
  std::thread stopper([&] {
    store_.AwaitDownload();
    stop.Stop();
  });
  EXPECT_EQ(client_.Download(digest, &stop).status().code(),
            absl::StatusCode::kCancelled);
  stopper.join();
}

}  // namespace
}  // namespace atelier
