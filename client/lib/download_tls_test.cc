// Downloads over HTTPS, and through proxies.
#include <unistd.h>

#include <list>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/lib/download.h"
#include "client/lib/download_fixture_testing.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/file_server.h"
#include "tests/testing/proxy_server.h"
#include "tests/testing/scoped_variable.h"
#include "tests/testing/tls_identity.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// What this process trusts, while it lives.
class TrustedFile {
 public:
  TrustedFile(std::string path, absl::string_view pem)
      : path_(std::move(path)), variable_("SSL_CERT_FILE", path_) {
    EXPECT_TRUE(WriteFile(path_, pem, Durability::kAtomic).ok());
  }
  ~TrustedFile() { unlink(path_.c_str()); }
  TrustedFile(const TrustedFile&) = delete;
  TrustedFile& operator=(const TrustedFile&) = delete;

 private:
  const std::string path_;
  const ScopedVariable variable_;
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

TEST_F(DownloadTest, SaysThatACertificateIsOfAnotherTimeOrPlace) {
  constexpr long kDay = 24 * 3600;
  const struct {
    TlsIdentity identity;
    const char* why;
    const char* hint;
  } kCases[] = {
      {MakeTlsIdentity(FileServer::kAddress, -kDay), "expired", "the clock"},
      {MakeTlsIdentity(FileServer::kAddress, kDay), "not yet valid",
       "the clock"},
      {MakeTlsIdentity("192.0.2.1"), "match", "of another server"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.why);
    const TrustedFile trusted(path_ + ".trusted", PemOf(c.identity));
    FileServer::Behaviour behaviour;
    behaviour.identity = c.identity;
    Serve(behaviour);
    const absl::Status status = Download(Options(), stop_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(status.message(), AllOf(HasSubstr("cannot trust"),
                                        HasSubstr(c.why), HasSubstr(c.hint)));
  }
}

TEST_F(DownloadTest, ReadsProxiesAsCurlDoes) {
  using Variables = std::vector<std::pair<std::string, std::string>>;
  Serve();
  const ProxyServer proxy;
  const ProxyServer other;
  const struct {
    Variables variables;
    bool is_used;
  } kCases[] = {
      {{{"http_proxy", proxy.address()}}, true},
      {{{"http_proxy", "http://" + proxy.address() + "/"}}, true},
      {{{"all_proxy", proxy.address()}}, true},
      {{{"ALL_PROXY", proxy.address()}}, true},
      {{{"http_proxy", proxy.address()}, {"all_proxy", other.address()}}, true},
      // A server's CGI scripts get this one from their clients' headers.
      {{{"HTTP_PROXY", proxy.address()}}, false},
      {{{"https_proxy", proxy.address()}}, false},
      {{{"http_proxy", proxy.address()}, {"no_proxy", "127.0.0.1"}}, false},
      {{{"http_proxy", proxy.address()}, {"NO_PROXY", "a.b, 127.0.0.1"}},
       false},
      {{{"http_proxy", proxy.address()}, {"no_proxy", "*"}}, false},
      {{{"http_proxy", proxy.address()}, {"no_proxy", "127.0.0.10"}}, true},
      {{{"http_proxy", ""}}, false},
  };
  size_t used = 0;
  for (const auto& c : kCases) {
    std::list<ScopedVariable> variables;
    for (const auto& [name, value] : c.variables) {
      SCOPED_TRACE(absl::StrCat(name, "=", value));
      variables.emplace_back(name, value);
    }
    const auto fetched = Download(Options(), stop_);
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    ExpectWhole();
    used += c.is_used ? 1 : 0;
    ASSERT_THAT(proxy.requests(), SizeIs(used));
    unlink(path_.c_str());
  }
  EXPECT_THAT(other.requests(), IsEmpty());
  EXPECT_EQ(proxy.requests()[0],
            absl::StrCat("GET ", server_->Url(), " HTTP/1.1"));
}

TEST_F(DownloadTest, ResumesOverHttpsThroughAProxyThatSeesNothing) {
  FileServer::Behaviour behaviour;
  behaviour.identity = MakeTlsIdentity(FileServer::kAddress);
  behaviour.breaks_after_bytes = 40'000;
  const TrustedFile trusted(path_ + ".trusted", PemOf(behaviour.identity));
  Serve(behaviour);
  for (const char* variable : {"https_proxy", "HTTPS_PROXY", "all_proxy"}) {
    SCOPED_TRACE(variable);
    const ProxyServer proxy({/*refuses_with=*/0, "me:secret"});
    const ScopedVariable set(variable, "http://me:secret@" + proxy.address());
    const auto fetched = Download(Options(), stop_);
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    ExpectWhole();
    const std::string connect =
        absl::StrCat("CONNECT ", server_->Url("").substr(8), " HTTP/1.1");
    EXPECT_THAT(proxy.requests(), ElementsAre(connect, connect, connect));
    unlink(path_.c_str());
  }
}

TEST_F(DownloadTest, NamesTheProxyThatFailedWithoutItsPassword) {
  const auto unused = [] { return ProxyServer().address(); };
  const struct {
    ProxyServer::Behaviour behaviour;
    bool is_there;
    const char* says;
  } kCases[] = {
      {{}, false, "cannot reach the proxy"},
      {{403, ""}, true, "answers 403"},
      {{503, ""}, true, "answers 503"},
      {{0, "me:other"}, true, "wants a user and a password"},
      {{0, "", /*hangs_up=*/true}, true, "does not connect to"},
  };
  FileServer::Behaviour secure;
  secure.identity = MakeTlsIdentity(FileServer::kAddress);
  const TrustedFile trusted(path_ + ".trusted", PemOf(secure.identity));
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.says);
    const ProxyServer proxy(c.behaviour);
    const std::string address = c.is_there ? proxy.address() : unused();
    const ScopedVariable plain("http_proxy", "http://me:secret@" + address);
    const ScopedVariable tunnel("https_proxy", "http://me:secret@" + address);
    for (const FileServer::Behaviour& server : {secure, {}}) {
      Serve(server);
      const absl::Status status = Download(Options(), stop_).status();
      const bool is_tunnel = server.identity.key != nullptr;
      SCOPED_TRACE(status.ToString());
      EXPECT_FALSE(status.ok());
      EXPECT_THAT(status.message(),
                  AllOf(HasSubstr(address),
                        HasSubstr(is_tunnel ? "https_proxy" : "http_proxy"),
                        HasSubstr(c.says), Not(HasSubstr("secret")),
                        Not(HasSubstr("is there a network"))));
      EXPECT_THAT(server_->ranges(), IsEmpty());
      EXPECT_FALSE(IsThere(path_ + ".part"));
    }
  }
}

TEST_F(DownloadTest, AWrongProxyIsNamedByItsVariable) {
  Serve();
  for (const char* value :
       {"nonsense://me:secret@127.0.0.1:1", "http://me:secret@127.0.0.1:99999",
        "http://me:secret@no-such-host.invalid:3128",
        "http://me:secret@:3128"}) {
    const ScopedVariable set("http_proxy", value);
    const absl::Status status = Download(Options(), stop_).status();
    SCOPED_TRACE(status.ToString());
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(status.message(),
                AllOf(HasSubstr("http_proxy"), Not(HasSubstr("secret"))));
  }
}

}  // namespace
}  // namespace atelier
