// HTTPS: what http_server_test.cc claims of HTTP holds in TLS.
#include "coordinator/api/http/http_tls.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "coordinator/api/http/http_server_testing.h"
#include "gmock/gmock.h"
#include "tests/testing/temp_folder.h"
#include "tests/testing/tls_files.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr char kGet[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
// A record of a handshake that never comes whole.
constexpr char kBegunHello[] = "\x16\x03\x01\x02\x00";

class HttpTlsTest : public HttpServerFixture {
 protected:
  HttpTlsTest() {
    tls_.Issue("server", {"IP:127.0.0.1"});
    certificate_ = *ServerCertificateFiles::Open(
        {tls_.certificate("server"), tls_.key("server"), ""});
  }
  void StartTls() {
    server_ =
        *HttpServer::Start({"127.0.0.1", 0}, Routes(), options_, certificate_);
  }
  /// "/stream/ends" says "one" and ends, any other goes on.
  std::vector<HttpRoute> Routes() override {
    std::vector<HttpRoute> routes = HttpServerFixture::Routes();
    routes.push_back(
        {"/stream/{end}", HttpLane::kInline,
         [](std::shared_ptr<HttpExchange> exchange) {
           const bool ends = exchange->request().segments.back() == "ends";
           HttpStreamEvents events;
           events.written = [exchange, ends, says = true]() mutable {
             if (std::exchange(says, false)) {
               exchange->Write(std::make_shared<std::string>("one"));
             } else if (ends) {
               exchange->EndStream();
             }
           };
           exchange->BeginStream({200, "text/plain", ""}, std::move(events));
         }});
    return routes;
  }
  HttpAnswer GetWithTls(absl::string_view target) const {
    return HttpsGet(server_->listening(), tls_.ca(), target);
  }

  TempFolder folder_;
  TlsFiles tls_{folder_.path()};
  std::shared_ptr<ServerCertificateFiles> certificate_;
};

TEST_F(HttpTlsTest, AnswersSeveralRequestsOnOneConnection) {
  StartTls();
  HttpClient client(At(), tls_.ca());
  EXPECT_EQ(client.Get("/healthz").body, "ok\n");
  EXPECT_EQ(client.Get("/readyz").body, "ready\n");
  EXPECT_EQ(client.Get("/big").body.size(), kBigBytes);
}

TEST_F(HttpTlsTest, EndsWithAWordInTls) {
  StartTls();
  HttpClient client(At(), tls_.ca());
  ASSERT_TRUE(client.Send("GET /healthz HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.0 200 OK"));
  EXPECT_TRUE(client.HasEndedInTls());
}

TEST_F(HttpTlsTest, StreamsEndWithAWordInTls) {
  StartTls();
  HttpClient chunked(At(), tls_.ca());
  ASSERT_TRUE(chunked.Send(
      "GET /stream/ends HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_THAT(chunked.ReadAll(), HasSubstr("\r\n\r\n3\r\none\r\n0\r\n\r\n"));
  EXPECT_TRUE(chunked.HasEndedInTls());
  HttpClient whole(At(), tls_.ca());
  ASSERT_TRUE(whole.Send("GET /stream/ends HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(whole.ReadAll(), HasSubstr("\r\n\r\none"));
  EXPECT_TRUE(whole.HasEndedInTls());
}

TEST_F(HttpTlsTest, AStreamThatIsOpenDoesNotHoldUpTheStop) {
  StartTls();
  HttpClient client(At(), tls_.ca());
  ASSERT_TRUE(client.Send("GET /stream/never HTTP/1.1\r\nHost: a\r\n\r\n"));
  client.ReadUntil("one");
  const absl::Time begin = absl::Now();
  server_->Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  client.ReadAll();
}

TEST_F(HttpTlsTest, AnswersWhomItRefusesBeforeItHasReadAll) {
  StartTls();
  HttpClient client(At(), tls_.ca());
  client.Send("PATCH / HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
  EXPECT_EQ(client.ReadAnswer().code, 405);
  client.Send(std::string(60'000, 'x'));
  EXPECT_THAT(client.ReadAll(), IsEmpty());
}

TEST_F(HttpTlsTest, TakesNoVersionBefore12) {
  StartTls();
  EXPECT_FALSE(HttpClient(At(), tls_.ca(), kTls11).is_connected());
  EXPECT_TRUE(HttpClient(At(), tls_.ca(), kTls12).is_connected());
  EXPECT_TRUE(HttpClient(At(), tls_.ca(), kTls13).is_connected());
}

TEST_F(HttpTlsTest, ACallerWithoutTlsIsToldSo) {
  StartTls();
  HttpClient client(At());
  ASSERT_TRUE(client.Send(kGet));
  const std::string all = client.ReadAll();
  EXPECT_THAT(all, StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(all, HasSubstr("write https://"));
}

TEST_F(HttpTlsTest, ACallerWithTlsIsNotLeftWaitingWhereThereIsNone) {
  Start();
  EXPECT_FALSE(HttpClient(At(), tls_.ca()).is_connected());
}

TEST_F(HttpTlsTest, NewConnectionsSeeANewCertificate) {
  StartTls();
  HttpClient open(At(), tls_.ca());
  EXPECT_EQ(open.Get("/healthz").code, 200);
  const TlsFiles other(folder_.path(), "other-ca");
  other.Issue("server", {"IP:127.0.0.1"});
  EXPECT_EQ(GetWithTls("/healthz").code, 200);  // Not read yet.
  ASSERT_TRUE(*certificate_->Refresh());
  EXPECT_FALSE(HttpClient(At(), tls_.ca()).is_connected());
  EXPECT_EQ(HttpsGet(At(), other.ca(), "/healthz").code, 200);
  EXPECT_EQ(open.Get("/healthz").code, 200);
}

TEST_F(HttpTlsTest, AHandshakeHasADeadline) {
  options_.read_timeout = absl::Milliseconds(300);
  StartTls();
  HttpClient silent(At());
  HttpClient dripping(At());
  const absl::Time begin = absl::Now();
  ASSERT_TRUE(dripping.Send(absl::string_view(kBegunHello, 5)));
  while (dripping.Send("\x01")) {
    ASSERT_LT(absl::Now() - begin, absl::Seconds(10));
    EXPECT_EQ(GetWithTls("/healthz").code, 200);
  }
  EXPECT_THAT(silent.ReadAll(), IsEmpty());
}

TEST_F(HttpTlsTest, HandshakesMakeRoomAndDoNotHoldUpTheStop) {
  options_.max_connections = 20;
  StartTls();
  std::vector<std::unique_ptr<HttpClient>> slow;
  for (int i = 0; i < 60; ++i) {
    slow.push_back(std::make_unique<HttpClient>(At()));
    slow.back()->Send(absl::string_view(kBegunHello, 5));
  }
  EXPECT_EQ(GetWithTls("/healthz").code, 200);
  HttpClient idle(At(), tls_.ca());
  EXPECT_EQ(idle.Get("/healthz").code, 200);
  const absl::Time begin = absl::Now();
  server_->Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  EXPECT_THAT(idle.ReadAll(), IsEmpty());
}

TEST_F(HttpTlsTest, WhoIsRefusedHearsWhy) {
  options_.max_connections = 1;
  StartTls();
  HttpClient first(At(), tls_.ca());
  ASSERT_TRUE(first.Send("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n"));
  AwaitSilent(1);
  EXPECT_EQ(GetWithTls("/healthz").code, 503);
  TakeSilent();
  EXPECT_EQ(first.ReadAnswer().code, 500);
}

TEST_F(HttpTlsTest, AContextIsMadeOnceForEachCertificate) {
  HttpTls tls(certificate_);
  const auto first = tls.Context();
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(tls.Context(), first);
  tls_.Issue("server", {"IP:127.0.0.1"});
  ASSERT_TRUE(*certificate_->Refresh());
  EXPECT_NE(tls.Context(), first);
}

}  // namespace
}  // namespace atelier
