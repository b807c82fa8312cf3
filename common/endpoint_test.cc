#include "common/endpoint.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

TEST(EndpointTest, ParsesAndPrintsNamesAndAddresses) {
  for (const std::string text :
       {"127.0.0.1:7070", "localhost:1", "gpu-7.farm.example:65535",
        "[::1]:7070", "[fe80::1]:443", "grpcs://127.0.0.1:7070",
        "grpc://gpu-7.farm.example:65535", "unix:/run/atelier.sock",
        "unix:here"}) {
    SCOPED_TRACE(text);
    const auto endpoint = ParseEndpoint(text);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_EQ(ToString(*endpoint), text);
  }
}

TEST(EndpointTest, SaysWhatIsWrong) {
  const struct {
    std::string text;
    std::string message;
  } kCases[] = {
      {"", "there is no port"},
      {"localhost", "there is no port"},
      {":7070", "neither a name nor an address"},
      {"a host:7070", "neither a name nor an address"},
      {"host:", "from 1 to 65535"},
      {"host:0", "from 1 to 65535"},
      {"host:65536", "from 1 to 65535"},
      {"host:-1", "from 1 to 65535"},
      {"host:+80", "from 1 to 65535"},
      {"host:http", "from 1 to 65535"},
      {"host:99999999999999999999", "from 1 to 65535"},
      {"::1:7070", "needs brackets"},
      {"fe80::1%eth0:7070", "needs brackets"},
      {"::1", "write [::1]:7070"},
      {"[::1]", "there is no port; write [::1]:7070"},
      {"[host]:7070", "no IPv6 address"},
      {"host", "write host:7070"},
      {"0.0.0.0", "write 0.0.0.0:7070"},
      {"http://host:7070", "it is a URL; write host:7070"},
      {"http://host:7071/metrics", "it is a URL; write host:7071"},
      {"https://host", "it is a URL; write host:7070"},
      {"grpcs://https://host", "it is a URL; write host:7070"},
      {"grpcs://host", "write host:7070"},
      {"unix:///run/atelier", "write unix:/run/atelier"},
      {"unix://", "write unix:/"},
      {"unix:", "there is no path"},
      {std::string("unix:/") + std::string(107, 'x'),
       "has 108 bytes; at most 107"},
      {"host:7070/", "nothing may follow the port; write host:7070"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const absl::Status status = ParseEndpoint(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.text));
  }
}

TEST(EndpointTest, OnlyAListenerMayLeaveThePortOpen) {
  EXPECT_EQ(ParseListenEndpoint("127.0.0.1:0")->port, 0);
  EXPECT_FALSE(ParseEndpoint("127.0.0.1:0").ok());
}

TEST(EndpointTest, BeyondLoopbackIsWithTlsUnlessItIsSaid) {
  const struct {
    std::string text;
    bool tls;
    std::string printed;
  } kCases[] = {
      {"127.0.0.1:1", false, "127.0.0.1:1"},
      {"grpc://localhost:1", false, "localhost:1"},
      {"grpcs://[::1]:1", true, "grpcs://[::1]:1"},
      {"farm:1", true, "farm:1"},
      {"grpcs://farm:1", true, "farm:1"},
      {"grpc://10.0.0.1:1", false, "grpc://10.0.0.1:1"},
      {"unix:/a", false, "unix:/a"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto endpoint = ParseEndpoint(c.text);
    ASSERT_TRUE(endpoint.ok()) << endpoint.status();
    EXPECT_EQ(endpoint->tls, c.tls);
    EXPECT_EQ(ToString(*endpoint), c.printed);
  }
}

TEST(EndpointTest, AListenerHasNoSchemeButMayHaveASocket) {
  EXPECT_FALSE(ParseListenEndpoint("grpcs://farm:1").ok());
  EXPECT_EQ(ParseListenEndpoint("unix:/a")->unix_path, "/a");
  EXPECT_FALSE(ParseTcpListenEndpoint("unix:/a").ok());
  EXPECT_EQ(ParseTcpListenEndpoint("0.0.0.0:0")->host, "0.0.0.0");
}

TEST(EndpointTest, KnowsLoopback) {
  for (const std::string host :
       {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    EXPECT_TRUE(IsLoopback({host, 1})) << host;
  }
  for (const std::string host : {"0.0.0.0", "10.0.0.1", "::", "example.org"}) {
    EXPECT_FALSE(IsLoopback({host, 1})) << host;
  }
}

}  // namespace
}  // namespace atelier
