// Answers in pieces.
#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/api/http/http_server_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// "/stream" says "one", "two" and ends; "/open" says "one" and stays open,
/// "/file" says "one" and ends, and says nothing while it has nothing to say.
class HttpStreamTest : public HttpServerFixture {
 protected:
  std::vector<HttpRoute> Routes() override {
    std::vector<HttpRoute> routes = HttpServerFixture::Routes();
    routes.push_back({"/stream", HttpLane::kBlocking,
                      [this](std::shared_ptr<HttpExchange> exchange) {
                        Begin(std::move(exchange), {"one", "two"}, true);
                      }});
    routes.push_back({"/open", HttpLane::kInline,
                      [this](std::shared_ptr<HttpExchange> exchange) {
                        Begin(std::move(exchange), {"one"}, false);
                      }});
    routes.push_back({"/file", HttpLane::kBlocking,
                      [this](std::shared_ptr<HttpExchange> exchange) {
                        Begin(std::move(exchange), {"one"}, true, "");
                      }});
    return routes;
  }

  void Begin(std::shared_ptr<HttpExchange> exchange,
             std::vector<std::string> pieces, bool ends,
             std::string heartbeat = ": still here\n") {
    auto next = std::make_shared<size_t>(0);
    HttpStreamEvents events;
    events.written = [exchange, pieces, ends, next] {
      if (*next < pieces.size()) {
        exchange->Write(std::make_shared<std::string>(pieces[(*next)++]));
      } else if (ends) {
        exchange->EndStream();
      }
    };
    events.closed = [this] {
      if (!is_closed_.exchange(true)) closed_.set_value();
    };
    events.heartbeat = std::move(heartbeat);
    exchange->BeginStream({200, "text/plain", ""}, std::move(events));
  }

  std::promise<void> closed_;
  std::atomic<bool> is_closed_{false};
};

TEST_F(HttpStreamTest, ComesInChunksAndEnds) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
  const std::string all = client.ReadAll();
  EXPECT_THAT(all, HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(all, HasSubstr("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
}

TEST_F(HttpStreamTest, ThatEndsLeavesTheConnectionToTheNextRequest) {
  Start();
  HttpClient client(At());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send("GET /file HTTP/1.1\r\nHost: a\r\n\r\n"));
    const std::string all = client.ReadUntil("0\r\n\r\n");
    EXPECT_THAT(all, HasSubstr("\r\n\r\n3\r\none\r\n0\r\n\r\n"));
    EXPECT_THAT(all, Not(HasSubstr("close")));
  }
  EXPECT_EQ(client.Get("/healthz").body, "ok\n");
}

TEST_F(HttpStreamTest, ARequestThatComesDuringAStreamIsAnsweredAfterIt) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n"));
  AwaitSilent(1);
  const std::shared_ptr<HttpExchange> exchange = TakeSilent().at(0);
  HttpStreamEvents events;
  std::promise<void> begun;
  bool has_begun = false;  // One event at a time.
  events.written = [&] {
    if (!std::exchange(has_begun, true)) begun.set_value();
  };
  events.closed = [] {};
  exchange->BeginStream({200, "text/plain", ""}, std::move(events));
  begun.get_future().wait();
  ASSERT_TRUE(client.Send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
  // Another's answer: the loop has read what came before.
  EXPECT_EQ(Get("/healthz").code, 200);
  exchange->Write(std::make_shared<std::string>("one"));
  exchange->EndStream();
  EXPECT_THAT(client.ReadUntil("ok\n"),
              HasSubstr("3\r\none\r\n0\r\n\r\nHTTP/1.1 200"));
}

TEST_F(HttpStreamTest, OfHttp10EndsWithTheConnection) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("GET /stream HTTP/1.0\r\n\r\n"));
  const std::string all = client.ReadAll();
  EXPECT_THAT(all, HasSubstr("\r\n\r\nonetwo"));
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
}

TEST_F(HttpStreamTest, HeadHasNoStream) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("HEAD /open HTTP/1.1\r\nHost: a\r\n\r\n"));
  const HttpAnswer head = client.ReadAnswer(/*is_head=*/true);
  EXPECT_EQ(head.code, 200);
  EXPECT_THAT(head.head, Not(HasSubstr("Content-Length")));
  closed_.get_future().wait();
  EXPECT_EQ(client.Get("/healthz").body, "ok\n");
}

TEST_F(HttpStreamTest, IsKeptAliveByHeartbeats) {
  options_.heartbeat = absl::Milliseconds(20);
  options_.request_timeout = absl::Milliseconds(100);  // Does not end it.
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n"));
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(client.ReadUntil("still here\n"), HasSubstr(": still here"));
  }
}

TEST_F(HttpStreamTest, HearsThatItsCallerIsGone) {
  Start();
  {
    HttpClient client(At());
    ASSERT_TRUE(client.Send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n"));
    client.ReadUntil("one");
  }
  closed_.get_future().wait();
}

TEST_F(HttpStreamTest, EndsWhenTheServerStops) {
  Start();
  HttpClient client(At());
  ASSERT_TRUE(client.Send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n"));
  client.ReadUntil("one");
  server_->Stop();
  closed_.get_future().wait();
  client.ReadAll();
}

TEST_F(HttpStreamTest, IsOverAtOnceWhereTheCallerWentBefore) {
  Start();
  {
    HttpClient client(At());
    ASSERT_TRUE(client.Send("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n"));
    ASSERT_EQ(Get("/healthz").code, 200);
  }
  server_->Stop();
  const std::shared_ptr<HttpExchange> exchange = TakeSilent().at(0);
  EXPECT_FALSE(exchange->IsOpen());
  Begin(exchange, {"one"}, false);
  closed_.get_future().wait();
}

TEST_F(HttpStreamTest, StreamsDoNotKeepOthersOut) {
  options_.max_connections = 2;
  Start();
  HttpClient first(At());
  ASSERT_TRUE(first.Send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n"));
  ASSERT_NE(first.ReadUntil("one").find("one"), std::string::npos);
  HttpClient second(At());
  ASSERT_TRUE(second.Send("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n"));
  AwaitSilent(1);
  EXPECT_EQ(Get("/healthz").code, 200);
  first.ReadAll();  // It had to go.
  closed_.get_future().wait();
  TakeSilent();
}

}  // namespace
}  // namespace atelier
