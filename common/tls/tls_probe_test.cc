#include "common/tls/tls_probe.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/file_server.h"
#include "tests/testing/temp_folder.h"
#include "tests/testing/tls_files.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr long kDay = 86'400;

class TlsProbeTest : public testing::Test {
 protected:
  // What a server with this certificate is told to be wrong with.
  std::string Probe(const TlsIdentity& identity, const std::string& ca,
                    bool with_tls = true) {
    FileServer::Behaviour behaviour;
    behaviour.identity = identity;
    const FileServer server("bytes", behaviour);
    const std::string url = server.Url("");
    endpoint_ = *ParseEndpoint(url.substr(url.find("://") + 3));
    endpoint_.tls = with_tls;
    // The server waits for a request, so that of a good one this is the wait.
    const absl::Status status =
        ProbeTls(endpoint_, {ca, "", ""}, absl::Seconds(3));
    EXPECT_TRUE(status.ok() || absl::IsUnauthenticated(status)) << status;
    if (!status.ok()) {
      EXPECT_THAT(std::string(status.message()),
                  HasSubstr(HostAndPort(endpoint_)));
    }
    return std::string(status.message());
  }
  TlsIdentity Issue(const std::string& name, long begins_in_seconds = 0) {
    return IssueTlsIdentity({{name}, begins_in_seconds}, &authority_);
  }

  TempFolder folder_;
  const TlsIdentity authority_ = IssueTlsIdentity({{}, 0, true});
  Endpoint endpoint_;
};

TEST_F(TlsProbeTest, SaysWhatIsWrongWithACertificate) {
  const std::string ca = folder_.File("ca.pem");
  TlsFiles::Write(ca, PemOf(authority_));
  EXPECT_THAT(Probe(Issue("IP:127.0.0.1"), ca), IsEmpty());
  EXPECT_THAT(Probe(Issue("DNS:farm,IP:192.0.2.1"), ca),
              HasSubstr("has a certificate for farm, 192.0.2.1, not for "
                        "127.0.0.1"));
  EXPECT_THAT(Probe(Issue("IP:127.0.0.1", -kDay), ca), HasSubstr("expired at"));
  EXPECT_THAT(Probe(Issue("IP:127.0.0.1", kDay), ca),
              HasSubstr("not valid before"));
  EXPECT_THAT(Probe(MakeTlsIdentity("127.0.0.1"), ca),
              HasSubstr("not trusted"));
  // By the system's authorities.
  EXPECT_THAT(Probe(Issue("IP:127.0.0.1"), ""),
              HasSubstr("not trusted: unable to verify the first certificate; "
                        "--ca names"));
}

TEST_F(TlsProbeTest, SaysWhichSideHasNoTls) {
  const std::string message =
      Probe(Issue("IP:127.0.0.1"), "", /*with_tls=*/false);
  EXPECT_THAT(message, HasSubstr(absl::StrCat("wants TLS; write grpcs://",
                                              HostAndPort(endpoint_))));
  EXPECT_THAT(Probe({}, "", /*with_tls=*/false), IsEmpty());
}

TEST_F(TlsProbeTest, SaysNothingOfWhoIsNotThere) {
  std::string url;
  {
    const FileServer gone("bytes", {});
    url = gone.Url("");
  }
  for (const bool with_tls : {true, false}) {
    Endpoint endpoint = *ParseEndpoint(url.substr(url.find("://") + 3));
    endpoint.tls = with_tls;
    EXPECT_TRUE(ProbeTls(endpoint, {}, absl::Seconds(20)).ok());
  }
  EXPECT_TRUE(
      ProbeTls(*ParseEndpoint("unix:/nowhere"), {}, absl::Seconds(20)).ok());
}

}  // namespace
}  // namespace atelier
