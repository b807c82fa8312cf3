#include "client/lib/download.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "client/lib/download_fixture_testing.h"
#include "common/digest.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/file_server.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(DownloadTest, FetchesAndVerifies) {
  Serve();
  int64_t done = 0;
  DownloadOptions options = Options();
  options.on_progress = [&](int64_t bytes, int64_t total) {
    EXPECT_GT(bytes, done);
    EXPECT_EQ(total, 100'000);
    done = bytes;
  };
  const auto fetched = Download(options, stop_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->digest, HexDigest(bytes_));
  EXPECT_EQ(fetched->size_bytes, 100'000);
  EXPECT_EQ(done, 100'000);
  ExpectWhole();
}

TEST_F(DownloadTest, GoesOnWhereAnEarlierRunStopped) {
  Serve();
  LeavePart(bytes_.substr(0, 33'333), "\"one\"");
  const auto fetched = Download(Options(), stop_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->resumed_from, 33'333);
  EXPECT_THAT(server_->ranges(), ElementsAre("bytes=33333-"));
  ExpectWhole();
}

TEST_F(DownloadTest, BeginsAnewWhereTheFileHasChanged) {
  Serve();
  LeavePart(SomeBytes(33'333, 'q'), "\"another\"");
  const auto fetched = Download(Options(), stop_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  ExpectWhole();
}

TEST_F(DownloadTest, BeginsAnewWhereTheServerKnowsNoRanges) {
  FileServer::Behaviour behaviour;
  behaviour.ignores_ranges = true;
  Serve(behaviour);
  LeavePart(bytes_.substr(0, 33'333), "");
  const auto fetched = Download(Options(), stop_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_THAT(server_->ranges(), ElementsAre("bytes=33333-"));
  ExpectWhole();
}

TEST_F(DownloadTest, BeginsAnewWhereThePartIsLongerThanTheFile) {
  Serve();
  LeavePart(SomeBytes(200'000), "");
  DownloadOptions options = Options();
  options.size_bytes = 0;
  const auto fetched = Download(options, stop_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_THAT(server_->ranges(), ElementsAre("bytes=200000-", ""));
  ExpectWhole();
}

TEST_F(DownloadTest, ReconnectsWhileEachConnectionBringsSomething) {
  FileServer::Behaviour behaviour;
  behaviour.breaks_after_bytes = 30'000;
  Serve(behaviour);
  const auto fetched = Download(Options(), stop_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_THAT(server_->ranges(),
              ElementsAre("", "bytes=30000-", "bytes=60000-", "bytes=90000-"));
  ExpectWhole();
}

TEST_F(DownloadTest, FollowsRedirects) {
  Serve();
  DownloadOptions options = Options();
  for (const char* path : {"/moved", "/elsewhere"}) {
    options.url = server_->Url(path);
    EXPECT_TRUE(Download(options, stop_).ok());
    ExpectWhole();
    unlink(path_.c_str());
  }
  options.url = server_->Url("/loop");
  const absl::Status endless = Download(options, stop_).status();
  EXPECT_THAT(endless.message(), HasSubstr("redirects more than 5 times"));
  EXPECT_FALSE(IsThere(path_ + ".part"));
}

TEST_F(DownloadTest, NamesBothDigestsAndKeepsNothingThatIsWrong) {
  Serve();
  DownloadOptions options = Options();
  options.sha256 = std::string(64, 'a');
  const absl::Status wrong = Download(options, stop_).status();
  EXPECT_EQ(wrong.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(wrong.message(), HasSubstr(HexDigest(bytes_)));
  EXPECT_THAT(wrong.message(), HasSubstr(options.sha256));
  EXPECT_FALSE(IsThere(path_));
  EXPECT_FALSE(IsThere(path_ + ".part"));
}

TEST_F(DownloadTest, VerifiesTheDigitsThatArePublished) {
  Serve();
  DownloadOptions options = Options();
  options.size_bytes = 0;
  options.sha256.resize(8);
  EXPECT_TRUE(Download(options, stop_).ok());
  ExpectWhole();
  unlink(path_.c_str());
  options.sha256 = "0bad0bad";
  EXPECT_THAT(Download(options, stop_).status().message(),
              HasSubstr("0bad0bad... is expected"));
}

TEST_F(DownloadTest, RefusesAnotherSizeBeforeTheBytes) {
  Serve();
  DownloadOptions options = Options();
  options.size_bytes = 99'999;
  EXPECT_THAT(Download(options, stop_).status().message(),
              HasSubstr("is a file of 100000 bytes; 99999 are expected"));
  options.size_bytes = 0;
  options.max_bytes = 5'000;
  EXPECT_THAT(Download(options, stop_).status().message(),
              HasSubstr("at most 5000 are fetched"));
}

TEST_F(DownloadTest, StopsAServerThatDoesNotEnd) {
  FileServer::Behaviour behaviour;
  behaviour.ignores_ranges = true;  // Which keeps the size to itself.
  Serve(behaviour);
  DownloadOptions options = Options();
  options.size_bytes = 50'000;
  EXPECT_THAT(Download(options, stop_).status().message(),
              HasSubstr("more bytes than are expected"));
  EXPECT_FALSE(IsThere(path_ + ".part"));
}

TEST_F(DownloadTest, OverwritesNothing) {
  Serve();
  ASSERT_TRUE(WriteFile(path_, "mine", Durability::kAtomic).ok());
  const absl::Status status = Download(Options(), stop_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadFile(path_, 100).value_or(""), "mine");
  EXPECT_THAT(server_->ranges(), SizeIs(0));
}

TEST_F(DownloadTest, KeepsWhatCameBeforeItWasInterrupted) {
  Serve();
  DownloadOptions options = Options();
  options.on_progress = [&](int64_t done, int64_t) {
    if (done > 20'000) stop_.Stop();
  };
  const absl::Status status = Download(options, stop_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(status.message(), HasSubstr("run again to go on"));
  ASSERT_TRUE(IsThere(path_ + ".part"));
  StopSignal again;
  options.on_progress = nullptr;
  const auto fetched = Download(options, again);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_GT(fetched->resumed_from, 20'000);
  ExpectWhole();
}

TEST_F(DownloadTest, LeavesAFileToTheProcessThatFetchesIt) {
  Serve();
  LeavePart(bytes_.substr(0, 100), "");
  const int other = open((path_ + ".part").c_str(), O_RDONLY);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  const absl::Status status = Download(Options(), stop_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_THAT(status.message(), HasSubstr("by another process"));
  close(other);
  EXPECT_TRUE(Download(Options(), stop_).ok());
  ExpectWhole();
}

TEST_F(DownloadTest, SaysWhenThereIsNoServer) {
  Serve();
  const DownloadOptions options = Options();
  server_.reset();
  const absl::Status status = Download(options, stop_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("is there a network"));
}

TEST_F(DownloadTest, GivesUpOnAServerThatFallsSilent) {
  FileServer::Behaviour behaviour;
  behaviour.stalls_after_bytes = 60'000;
  Serve(behaviour);
  DownloadOptions options = Options();
  options.silence = absl::Seconds(1);
  // Each connection brings something, so that it is made again.
  const auto fetched = Download(options, stop_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_THAT(server_->ranges(), ElementsAre("", "bytes=60000-"));
  ExpectWhole();
}

TEST_F(DownloadTest, AnInterruptionEndsASilence) {
  FileServer::Behaviour behaviour;
  behaviour.stalls_after_bytes = 60'000;
  Serve(behaviour);
  DownloadOptions options = Options();
  std::thread keyboard;
  options.on_progress = [&](int64_t done, int64_t) {
    if (done == 60'000) keyboard = std::thread([this] { stop_.Stop(); });
  };
  const absl::Status status = Download(options, stop_).status();
  keyboard.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_THAT(status.message(),
              HasSubstr("60000 bytes are kept; run again to go on"));
}

TEST_F(DownloadTest, ShowsNoPasswordOfAUrl) {
  Serve();
  DownloadOptions options = Options();
  const std::string host = options.url.substr(options.url.find("//") + 2);
  options.url = "http://me:secret@" + host;
  options.sha256 = std::string(64, 'a');
  const std::string wrong(Download(options, stop_).status().message());
  EXPECT_THAT(wrong, HasSubstr("http://" + host));
  EXPECT_EQ(wrong.find("secret"), std::string::npos) << wrong;
}

TEST_F(DownloadTest, SaysWhatTheServerAnswers) {
  Serve();
  DownloadOptions options = Options();
  options.url = server_->Url("/nothing");
  EXPECT_EQ(Download(options, stop_).status().code(),
            absl::StatusCode::kNotFound);
  for (const char* url : {"ftp://x/y", "vgg19.pth", "http://", "https:///y"}) {
    options.url = url;
    EXPECT_EQ(Download(options, stop_).status().code(),
              absl::StatusCode::kInvalidArgument)
        << url;
  }
}

}  // namespace
}  // namespace atelier
