#include "common/tls/server_certificate.h"

#include <memory>
#include <string>

#include "common/field_error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"
#include "tests/testing/tls_files.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class ServerCertificateTest : public testing::Test {
 protected:
  ServerCertificateTest() { files_.Issue("server", {"DNS:farm"}); }

  ServerCertificatePaths Paths() const {
    return {files_.certificate("server"), files_.key("server"), files_.ca()};
  }

  TempFolder folder_;
  TlsFiles files_{folder_.path()};
};

TEST_F(ServerCertificateTest, NamesTheFileThatIsWrong) {
  const std::string none = folder_.File("none");
  files_.Issue("other", {"DNS:farm"});
  const struct {
    ServerCertificatePaths paths;
    std::string field;
    std::string message;
  } kCases[] = {
      {{none, Paths().tls_key, ""}, "tls-cert", none},
      {{Paths().tls_key, Paths().tls_key, ""}, "tls-cert", "no certificate"},
      {{Paths().tls_cert, none, ""}, "tls-key", none},
      {{Paths().tls_cert, files_.key("other"), ""}, "tls-key", "not that of"},
      {{Paths().tls_cert, Paths().tls_key, none}, "worker-ca", none},
      {{Paths().tls_cert, Paths().tls_key, Paths().tls_key},
       "worker-ca",
       "no certificate"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    const absl::Status status = ServerCertificateFiles::Open(c.paths).status();
    EXPECT_EQ(FieldOf(status), c.field) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  }
}

TEST_F(ServerCertificateTest, TakesUpWhatIsReplaced) {
  const auto opened = *ServerCertificateFiles::Open(Paths());
  const auto first = opened->Current();
  EXPECT_FALSE(*opened->Refresh());
  EXPECT_EQ(opened->Current(), first);
  files_.Issue("server", {"DNS:farm"});
  EXPECT_TRUE(*opened->Refresh());
  EXPECT_NE(opened->Current()->chain_pem, first->chain_pem);
  EXPECT_NE(opened->Current()->key_pem, first->key_pem);
  EXPECT_FALSE(*opened->Refresh());
}

TEST_F(ServerCertificateTest, KeepsThePairThatFitsAndSaysSoOnce) {
  const auto opened = *ServerCertificateFiles::Open(Paths());
  const auto first = opened->Current();
  files_.Issue("other", {"DNS:farm"});
  // Half of a rotation: the certificate is there, its key is not yet.
  TlsFiles::Write(Paths().tls_cert, PemOf(IssueTlsIdentity({{"DNS:farm"}})));
  const absl::Status half = opened->Refresh().status();
  EXPECT_EQ(FieldOf(half), "tls-key") << half;
  EXPECT_FALSE(*opened->Refresh());  // Said already.
  EXPECT_EQ(opened->Current(), first);
  // Another mistake is another line.
  TlsFiles::Write(Paths().tls_cert, "");
  EXPECT_EQ(FieldOf(opened->Refresh().status()), "tls-cert");
  EXPECT_FALSE(*opened->Refresh());
  EXPECT_EQ(opened->Current(), first);
  files_.Issue("server", {"DNS:farm"});
  EXPECT_TRUE(*opened->Refresh());
  EXPECT_NE(opened->Current(), first);
}

TEST_F(ServerCertificateTest, TakesUpAnotherAuthorityOfWorkers) {
  const auto opened = *ServerCertificateFiles::Open(Paths());
  const TlsFiles other(folder_.path());  // Writes the same file.
  EXPECT_TRUE(*opened->Refresh());
  EXPECT_FALSE(*opened->Refresh());
}

}  // namespace
}  // namespace atelier
