// Bytes that are no request, or hardly one.
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/api/http/http_server_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using HostileRequestsTest = HttpServerFixture;

constexpr char kRequest[] =
    "GET /healthz?a=b HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
    "Accept: */*\r\n\r\nabcd";

TEST_F(HostileRequestsTest, TheMalformedIs400) {
  Start();
  const std::string host = "\r\nHost: a\r\n\r\n";
  const std::vector<std::string> requests = {
      "\x16\x03\x01\x02\x01\xfc\x03\x03\r\n",
      "GET\r\n\r\n" + host,
      "GET / HTTP/9.9" + host,
      "GET  / HTTP/1.1" + host,
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET nowhere HTTP/1.1" + host,
      "GET * HTTP/1.1" + host,
      "GET /%zz HTTP/1.1" + host,
      "GET /?a=%2 HTTP/1.1" + host,
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\n broken\x01: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
      "\r\nzz\r\n",
  };
  for (const std::string& request : requests) {
    SCOPED_TRACE(request);
    HttpClient client(At());
    ASSERT_TRUE(client.Send(request));
    client.CloseSending();
    EXPECT_EQ(client.ReadAnswer().code, 400);
    EXPECT_EQ(client.ReadAll(), "");
  }
  EXPECT_EQ(Get("/healthz").code, 200);
}

TEST_F(HostileRequestsTest, WhatSteersATerminalIsEscaped) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("GET /%1b[2J%zz HTTP/1.1\r\nHost: a\r\n\r\n"));
  const HttpAnswer answer = client.ReadAnswer();
  EXPECT_EQ(answer.code, 400);
  EXPECT_EQ(answer.body.find('\x1b'), std::string::npos);
}

TEST_F(HostileRequestsTest, AnythingElseEndsTheConnectionAtMost) {
  Start();
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::string request = absl::StrCat(kRequest, kRequest);
    const int changes = 1 + static_cast<int>(random() % 4);
    for (int c = 0; c < changes; ++c) {
      const size_t at = random() % request.size();
      switch (random() % 3) {
        case 0:
          request[at] = static_cast<char>(random());
          break;
        case 1:
          request.erase(at, 1 + random() % 8);
          break;
        default:
          request.insert(at, 1 + random() % 8, static_cast<char>(random()));
      }
    }
    SCOPED_TRACE(request);
    HttpClient client(At());
    client.Send(request);
    client.CloseSending();
    client.ReadAll();
  }
  EXPECT_EQ(Get("/healthz").code, 200);
}

}  // namespace
}  // namespace atelier
