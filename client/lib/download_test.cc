#include "client/lib/download.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/digest.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/file_server.h"
#include "tests/testing/tls_identity.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string SomeBytes(size_t size, char first = 'a') {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(first + i * 31 % 251);
  }
  return bytes;
}

bool IsThere(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

class DownloadTest : public testing::Test {
 protected:
  DownloadTest()
      : path_(absl::StrCat(testing::TempDir(), "/download-test-", getpid(),
                           ".pth")) {}
  ~DownloadTest() override {
    for (const char* suffix : {"", ".part", ".part.etag"}) {
      unlink((path_ + suffix).c_str());
    }
  }

  void Serve(FileServer::Behaviour behaviour = {}) {
    server_ = std::make_unique<FileServer>(bytes_, std::move(behaviour));
  }
  DownloadOptions Options() const {
    DownloadOptions options;
    options.url = server_->Url();
    options.path = path_;
    options.size_bytes = static_cast<int64_t>(bytes_.size());
    options.sha256 = HexDigest(bytes_);
    return options;
  }
  // As an earlier run would have left it.
  void LeavePart(absl::string_view part, absl::string_view etag) {
    ASSERT_TRUE(WriteFile(path_ + ".part", part, Durability::kAtomic).ok());
    if (etag.empty()) return;
    ASSERT_TRUE(
        WriteFile(path_ + ".part.etag", etag, Durability::kAtomic).ok());
  }
  void ExpectWhole() {
    EXPECT_EQ(ReadFile(path_, 1 << 20).value_or("unread"), bytes_);
    EXPECT_FALSE(IsThere(path_ + ".part"));
    EXPECT_FALSE(IsThere(path_ + ".part.etag"));
  }

  const std::string bytes_ = SomeBytes(100'000);
  const std::string path_;
  std::unique_ptr<FileServer> server_;
  StopSignal stop_;
};

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

// What OpenSSL trusts in this process, while it lives.
class TrustedFile {
 public:
  TrustedFile(std::string path, absl::string_view pem)
      : path_(std::move(path)) {
    if (const char* const before = getenv(kVariable)) before_ = before;
    EXPECT_TRUE(WriteFile(path_, pem, Durability::kAtomic).ok());
    setenv(kVariable, path_.c_str(), /*overwrite=*/1);
  }
  ~TrustedFile() {
    if (before_.has_value()) {
      setenv(kVariable, before_->c_str(), /*overwrite=*/1);
    } else {
      unsetenv(kVariable);
    }
    unlink(path_.c_str());
  }
  TrustedFile(const TrustedFile&) = delete;
  TrustedFile& operator=(const TrustedFile&) = delete;

 private:
  static constexpr char kVariable[] = "SSL_CERT_FILE";
  const std::string path_;
  std::optional<std::string> before_;
};

TEST_F(DownloadTest, FetchesAndResumesOverHttps) {
  FileServer::Behaviour behaviour;
  behaviour.identity = MakeTlsIdentity(FileServer::kAddress);
  const TrustedFile trusted(path_ + ".trusted", PemOf(behaviour.identity));
  Serve(behaviour);
  LeavePart(bytes_.substr(0, 40'000), behaviour.etag);
  DownloadOptions options = Options();
  options.url = server_->Url("/elsewhere");
  const auto fetched = Download(options, stop_);
  ASSERT_TRUE(fetched.ok()) << fetched.status();
  EXPECT_EQ(fetched->resumed_from, 40'000);
  ExpectWhole();
}

TEST_F(DownloadTest, DoesNotFollowAwayFromHttps) {
  FileServer::Behaviour behaviour;
  behaviour.identity = MakeTlsIdentity(FileServer::kAddress);
  const TrustedFile trusted(path_ + ".trusted", PemOf(behaviour.identity));
  Serve(behaviour);
  DownloadOptions options = Options();
  options.url = server_->Url("/insecure");
  const absl::Status status = Download(options, stop_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(status.message(), HasSubstr("away from https: not followed"));
  EXPECT_THAT(server_->ranges(), SizeIs(0));
  EXPECT_FALSE(IsThere(path_));
}

TEST_F(DownloadTest, DistrustsACertificateThatNobodyVouchesForOrOfAnother) {
  const TlsIdentity own = MakeTlsIdentity(FileServer::kAddress);
  const TlsIdentity another = MakeTlsIdentity("192.0.2.1");
  const TrustedFile trusted(path_ + ".trusted", PemOf(another));
  for (const TlsIdentity& identity : {own, another}) {
    FileServer::Behaviour behaviour;
    behaviour.identity = identity;
    Serve(behaviour);
    const absl::Status status = Download(Options(), stop_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(status.message(), HasSubstr("cannot trust https://127.0.0.1"));
    EXPECT_THAT(server_->ranges(), SizeIs(0));
    EXPECT_FALSE(IsThere(path_));
  }
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
