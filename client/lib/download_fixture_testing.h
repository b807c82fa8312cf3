// What the tests of downloads share.
#ifndef ATELIER_CLIENT_LIB_DOWNLOAD_FIXTURE_TESTING_H_
#define ATELIER_CLIENT_LIB_DOWNLOAD_FIXTURE_TESTING_H_

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/lib/download.h"
#include "common/digest.h"
#include "common/file.h"
#include "gtest/gtest.h"
#include "tests/testing/file_server.h"
#include "tests/testing/scoped_variable.h"

namespace atelier {

inline std::string SomeBytes(size_t size, char first = 'a') {
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<char>(first + i * 31 % 251);
  }
  return bytes;
}

inline bool IsThere(const std::string& path) {
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

  const WithoutProxies no_proxies_;
  const std::string bytes_ = SomeBytes(100'000);
  const std::string path_;
  std::unique_ptr<FileServer> server_;
  StopSignal stop_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_DOWNLOAD_FIXTURE_TESTING_H_
