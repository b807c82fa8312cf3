#include "common/tls/client_files.h"

#include <string>

#include "common/field_error.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"
#include "tests/testing/tls_files.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

TEST(TlsClientFilesTest, NamesTheFileThatIsWrong) {
  const TempFolder folder;
  const TlsFiles files(folder.path());
  files.Issue("one", {"DNS:one"});
  files.Issue("two", {"DNS:two"});
  const std::string none = folder.File("none");
  const Endpoint farm = *ParseEndpoint("farm:7070");
  const struct {
    Endpoint to;
    TlsClientFiles files;
    std::string field;
    std::string message;
  } kCases[] = {
      {farm, {none, "", ""}, "ca", none},
      {farm, {files.key("one"), "", ""}, "ca", "no certificate"},
      {farm, {"", files.certificate("one"), ""}, "tls-key", "not given"},
      {farm, {"", "", files.key("one")}, "tls-cert", "not given"},
      {farm, {"", none, files.key("one")}, "tls-cert", none},
      {farm, {"", files.certificate("one"), none}, "tls-key", none},
      {farm,
       {"", files.certificate("one"), files.key("two")},
       "tls-key",
       "not that of the certificate"},
      {*ParseEndpoint("127.0.0.1:1"),
       {"", files.certificate("one"), files.key("one")},
       "tls-cert",
       "127.0.0.1:1 is without TLS; write grpcs://"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    const absl::Status status = CheckTlsClientFiles(c.to, c.files);
    EXPECT_EQ(FieldOf(status), c.field) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  }
}

TEST(TlsClientFilesTest, TakesWhatFits) {
  const TempFolder folder;
  const TlsFiles files(folder.path());
  files.Issue("one", {"DNS:one"});
  const TlsClientFiles own = {files.ca(), files.certificate("one"),
                              files.key("one")};
  EXPECT_TRUE(CheckTlsClientFiles(*ParseEndpoint("farm:7070"), own).ok());
  EXPECT_TRUE(CheckTlsClientFiles(*ParseEndpoint("farm:7070"), {}).ok());
  // ATELIER_CA may be set for another coordinator.
  EXPECT_TRUE(
      CheckTlsClientFiles(*ParseEndpoint("127.0.0.1:1"), {"none", "", ""})
          .ok());
}

}  // namespace
}  // namespace atelier
