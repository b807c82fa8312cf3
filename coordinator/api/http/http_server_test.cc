#include "coordinator/api/http/http_server.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "coordinator/api/http/http_server_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

using HttpServerTest = HttpServerFixture;

constexpr char kGet[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
// A request that lacks its end.
constexpr char kBegun[] = "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ";

TEST_F(HttpServerTest, AnswersSeveralRequestsOnOneConnection) {
  Start();
  HttpClient client(At());
  EXPECT_EQ(client.Get("/healthz").body, "ok\n");
  EXPECT_EQ(client.Get("/nowhere").code, 404);
  EXPECT_EQ(client.Get("/readyz").body, "ready\n");
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send(
      "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /healthz?x=y HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(client.ReadAnswer().body, "ready\n");
  EXPECT_EQ(client.ReadAnswer().body, "ok\n");
  EXPECT_EQ(client.ReadAnswer().body, "ready\n");
}

TEST_F(HttpServerTest, TakesARequestByteByByte) {
  Start();
  HttpClient client(At());
  for (const char byte : std::string(kGet)) {
    ASSERT_TRUE(client.Send(absl::string_view(&byte, 1)));
  }
  EXPECT_EQ(client.ReadAnswer().body, "ok\n");
}

TEST_F(HttpServerTest, AnswersHeadWithTheHeadAlone) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
  const HttpAnswer answer = client.ReadAnswer(/*is_head=*/true);
  EXPECT_EQ(answer.code, 200);
  EXPECT_THAT(answer.head, HasSubstr("Content-Length: 3"));
  EXPECT_EQ(client.Get("/readyz").body, "ready\n");
}

TEST_F(HttpServerTest, ClosesAfterHttp10UnlessAskedToKeep) {
  Start();
  HttpClient once(At());
  ASSERT_TRUE(once.Send("GET /healthz HTTP/1.0\r\n\r\n"));
  EXPECT_THAT(once.ReadAll(), StartsWith("HTTP/1.0 200 OK"));
  HttpClient kept(At());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(
        kept.Send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    EXPECT_EQ(kept.ReadAnswer().body, "ok\n");
  }
}

TEST_F(HttpServerTest, AnswersACallerThatHasSaidAll) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send(kGet));
  client.CloseSending();
  EXPECT_EQ(client.ReadAnswer().body, "ok\n");
  EXPECT_THAT(client.ReadAll(), IsEmpty());
}

TEST_F(HttpServerTest, OtherMethodsAreToldWhichAreAllowed) {
  Start();
  HttpClient client(At());
  const std::map<std::string, std::string> allowed = {
      {"POST", "Allow: GET, HEAD\r\n"},
      {"DELETE", "Allow: GET, HEAD\r\n"},
      {"PUT", "Allow: GET, HEAD\r\n"},
      {"OPTIONS", "Allow: GET, HEAD, POST, PUT, DELETE\r\n"}};
  for (const auto& [method, line] : allowed) {
    SCOPED_TRACE(method);
    const HttpAnswer answer = client.Ask({method, "/healthz"});
    EXPECT_EQ(answer.code, 405);
    EXPECT_THAT(answer.head, HasSubstr(line));
  }
}

TEST_F(HttpServerTest, BoundsHeaderAndBody) {
  Start();
  HttpClient header(At());
  header.Send(absl::StrCat("GET / HTTP/1.1\r\nHost: a\r\nX: ",
                           std::string(100'000, 'x'), "\r\n\r\n"));
  HttpAnswer answer = header.ReadAnswer();
  EXPECT_EQ(answer.code, 431);
  EXPECT_EQ(answer.body, "header: at most 16384 bytes\n");
  HttpClient body(At());
  body.Send(absl::StrCat("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000",
                         "\r\n\r\n", std::string(100'000, 'x')));
  answer = body.ReadAnswer();
  EXPECT_EQ(answer.code, 413);
  EXPECT_EQ(answer.body, "body: at most 65536 bytes\n");
  HttpClient chunked(At());
  chunked.Send(absl::StrCat(
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n18000",
      "\r\n", std::string(0x18000, 'x'), "\r\n0\r\n\r\n"));
  EXPECT_EQ(chunked.ReadAnswer().code, 413);
}

TEST_F(HttpServerTest, ARouteMayTakeALargerBody) {
  Start();
  EXPECT_EQ(
      HttpAsk(At(), {"POST", "/large", "", std::string(200'000, 'x')}).body,
      "200000");
  HttpClient chunked(At());
  chunked.Send(absl::StrCat(
      "POST /large HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
      "18000\r\n", std::string(0x18000, 'x'), "\r\n0\r\n\r\n"));
  EXPECT_EQ(chunked.ReadAnswer().body, "98304");
}

TEST_F(HttpServerTest, BoundsALargerBodyByItsRoute) {
  Start();
  // Refused before anything of it has come.
  HttpClient announced(At());
  announced.Send(
      "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 200001\r\n\r\n");
  const HttpAnswer answer = announced.ReadAnswer();
  EXPECT_EQ(answer.code, 413);
  EXPECT_EQ(answer.body, "body: at most 200000 bytes\n");
  HttpClient chunked(At());
  chunked.Send(absl::StrCat(
      "POST /large HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
      "40000\r\n", std::string(0x40000, 'x'), "\r\n0\r\n\r\n"));
  EXPECT_EQ(chunked.ReadAnswer().code, 413);
  // Another method of the path has the server's bound.
  HttpClient other(At());
  other.Send(
      "GET /large HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  EXPECT_EQ(other.ReadAnswer().body, "body: at most 65536 bytes\n");
}

TEST_F(HttpServerTest, LargeBodiesShareABound) {
  options_.max_large_body_bytes = 150'000;
  Start();
  HttpClient first(At());
  first.Send(
      "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx");
  // One byte at least has come: it has its share.
  const HttpQuestion small = {"POST", "/large", "", "x"};
  const HttpQuestion large = {"POST", "/large", "", std::string(100'000, 'x')};
  HttpAnswer answer = HttpAsk(At(), large);
  while (answer.code == 200) answer = HttpAsk(At(), large);
  EXPECT_EQ(answer.code, 503);
  EXPECT_THAT(answer.head, HasSubstr("Retry-After: "));
  EXPECT_THAT(answer.body, HasSubstr("of 150000 bytes; repeat later"));
  EXPECT_EQ(HttpAsk(At(), small).body, "1");
  first.Send(std::string(99'999, 'x'));
  EXPECT_EQ(first.ReadAnswer().body, "100000");
  EXPECT_EQ(HttpAsk(At(), large).body, "100000");
}

TEST_F(HttpServerTest, ALargeBodyThatIsCutGivesItsShareBack) {
  options_.max_large_body_bytes = 150'000;
  Start();
  const HttpQuestion large = {"POST", "/large", "", std::string(100'000, 'x')};
  for (int i = 0; i < 3; ++i) {
    HttpClient cut(At());
    cut.Send(
        "POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: "
        "100000\r\n\r\nx");
    cut.CloseSending();
    cut.ReadAll();
  }
  EXPECT_EQ(HttpAsk(At(), large).body, "100000");
}

class DrippingTest : public HttpServerFixture {
 protected:
  void Open(int count) {
    for (int i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<HttpClient>(At()));
      ASSERT_TRUE(clients_.back()->Send(kBegun));
    }
  }
  /// A byte on each; how many connections are open still.
  int Drip() {
    int open = 0;
    for (const auto& client : clients_) open += client->Send("x") ? 1 : 0;
    return open;
  }
  std::vector<std::unique_ptr<HttpClient>> clients_;
};

TEST_F(DrippingTest, SlowsNobodyAndEndsAtTheDeadline) {
  options_.read_timeout = absl::Milliseconds(1500);
  Start();
  const absl::Time begin = absl::Now();
  Open(60);
  std::vector<absl::Duration> took;
  for (int i = 0; i < 21; ++i) {
    Drip();
    const absl::Time asked = absl::Now();
    EXPECT_EQ(Get("/healthz").code, 200);
    took.push_back(absl::Now() - asked);
  }
  // One of them may have waited for its turn on a busy machine.
  std::sort(took.begin(), took.end());
  EXPECT_LT(took[took.size() - 3], absl::Milliseconds(50));
  while (Drip() > 0) {
    ASSERT_LT(absl::Now() - begin, absl::Seconds(10));
  }
  EXPECT_GE(absl::Now() - begin, options_.read_timeout);
}

TEST_F(DrippingTest, DoesNotHoldUpTheStop) {
  Start();
  Open(60);
  HttpClient slow(At());
  ASSERT_TRUE(slow.Send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  HttpClient idle(At());
  EXPECT_EQ(idle.Get("/healthz").code, 200);
  const absl::Time begin = absl::Now();
  server_->Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  EXPECT_THAT(idle.ReadAll(), IsEmpty());
  EXPECT_THAT(slow.ReadAll(), IsEmpty());
  server_->Stop();
}

TEST_F(HttpServerTest, ClosesAnIdleConnectionQuietly) {
  options_.idle_timeout = absl::Milliseconds(50);
  Start();
  HttpClient client(At());
  EXPECT_EQ(client.Get("/healthz").code, 200);
  EXPECT_THAT(client.ReadAll(), IsEmpty());
}

TEST_F(HttpServerTest, AnOpenedConnectionThatSaysNothingEndsToo) {
  options_.read_timeout = absl::Milliseconds(50);
  Start();
  HttpClient client(At());
  EXPECT_THAT(client.ReadAll(), IsEmpty());
}

TEST_F(HttpServerTest, TheLongestIdleConnectionMakesRoom) {
  options_.max_connections = 2;
  Start();
  HttpClient oldest(At());
  EXPECT_EQ(oldest.Get("/healthz").code, 200);
  HttpClient older(At());
  EXPECT_EQ(older.Get("/healthz").code, 200);
  HttpClient newest(At());
  EXPECT_EQ(newest.Get("/healthz").code, 200);
  EXPECT_THAT(oldest.ReadAll(), IsEmpty());
  EXPECT_EQ(older.Get("/healthz").code, 200);
}

TEST_F(HttpServerTest, ElseTheOneThatHasBeenSendingForLongestMakesRoom) {
  options_.max_connections = 2;
  Start();
  HttpClient older(At());
  ASSERT_TRUE(older.Send(kBegun));
  HttpClient newer(At());
  ASSERT_TRUE(newer.Send(kBegun));
  EXPECT_EQ(Get("/healthz").code, 200);
  EXPECT_THAT(older.ReadAll(), IsEmpty());
  ASSERT_TRUE(newer.Send("x\r\n\r\n"));
  EXPECT_EQ(newer.ReadAnswer().code, 200);
}

TEST_F(HttpServerTest, AmongThoseThatAreHandledTheNewestIsRefused) {
  options_.max_connections = 2;
  Start();
  HttpClient first(At());
  HttpClient second(At());
  for (HttpClient* client : {&first, &second}) {
    ASSERT_TRUE(client->Send("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  AwaitSilent(2);
  const HttpAnswer answer = Get("/healthz");
  EXPECT_EQ(answer.code, 503);
  EXPECT_THAT(answer.head, HasSubstr("Retry-After: "));
  EXPECT_THAT(answer.body, HasSubstr("--max-http-connections"));
  TakeSilent();
  EXPECT_EQ(second.ReadAnswer().code, 500);
  EXPECT_EQ(Get("/healthz").code, 200);
}

TEST_F(HttpServerTest, IsHealthyAmongAnyNumberOfSlowCallers) {
  options_.max_connections = 20;
  Start();
  std::vector<std::unique_ptr<HttpClient>> slow;
  for (int i = 0; i < 100; ++i) {
    slow.push_back(std::make_unique<HttpClient>(At()));
    slow.back()->Send(kBegun);
    ASSERT_EQ(Get("/healthz").code, 200);
  }
}

TEST_F(HttpServerTest, ASlowHandlerHoldsUpNeitherPagesNorTheBound) {
  options_.blocking_threads = 2;
  options_.max_waiting = 3;
  Start();
  std::vector<std::unique_ptr<HttpClient>> slow;
  int refused = 0;
  for (int i = 0; i < 10; ++i) {
    slow.push_back(std::make_unique<HttpClient>(At()));
    ASSERT_TRUE(slow.back()->Send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
  }
  EXPECT_EQ(Get("/healthz").code, 200);
  EXPECT_EQ(Get("/readyz").code, 200);
  Release();
  for (const auto& client : slow) {
    const HttpAnswer answer = client->ReadAnswer();
    if (answer.code == 200) continue;
    ++refused;
    EXPECT_EQ(answer.code, 503);
    EXPECT_THAT(answer.head, HasSubstr("Retry-After"));
  }
  EXPECT_GE(refused, 5);
  EXPECT_LE(refused, 7);  // The threads may not have begun yet.
}

TEST_F(HttpServerTest, ARequestWithoutAnAnswerIs504) {
  options_.request_timeout = absl::Milliseconds(50);
  Start();
  EXPECT_EQ(Get("/silent").code, 504);
}

TEST_F(HttpServerTest, AnExchangeThatIsDroppedIs500) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_EQ(Get("/healthz").code, 200);  // It has been handled by now.
  TakeSilent();
  EXPECT_EQ(client.ReadAnswer().code, 500);
}

TEST_F(HttpServerTest, ACallerThatDoesNotReadLosesItsAnswer) {
  options_.request_timeout = absl::Milliseconds(200);
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
  // Until it is closed; what is sent to it meanwhile is not read.
  while (client.Send(kGet)) {
  }
  EXPECT_LT(client.ReadAll().size(), kBigBytes);
  EXPECT_EQ(Get("/healthz").code, 200);
}

TEST_F(HttpServerTest, AnswersThatNobodyTakesAreBounded) {
  options_.max_answer_bytes = kBigBytes + 100;
  Start();
  auto slow = std::make_unique<HttpClient>(At());
  ASSERT_TRUE(slow->Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
  slow->ReadUntil("xxxx");
  EXPECT_EQ(Get("/big").code, 503);
  EXPECT_EQ(Get("/healthz").code, 200);
  slow.reset();
  while (Get("/big").code != 200) {
  }
}

TEST_F(HttpServerTest, RefusesAPortThatIsTaken) {
  Start();
  const auto second = HttpServer::Start(At(), {});
  EXPECT_TRUE(absl::IsUnavailable(second.status()));
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(absl::StrCat("127.0.0.1:", At().port)));
  const auto elsewhere = HttpServer::Start({"192.0.2.1", 0}, {});
  EXPECT_TRUE(absl::IsUnavailable(elsewhere.status()));
}

TEST_F(HttpServerTest, ListensOnNamesAndOnIpv6) {
  for (const char* host : {"localhost", "0.0.0.0", "::1", "::"}) {
    SCOPED_TRACE(host);
    const auto server = HttpServer::Start({host, 0}, Routes());
    if (!server.ok() &&
        absl::string_view(host).find(':') != std::string::npos) {
      GTEST_SKIP() << "NOT TESTED: IPv6, as this machine has none";
    }
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_EQ(HttpGet((*server)->listening(), "/healthz").code, 200);
  }
}

}  // namespace
}  // namespace atelier
