// How large a body may be, by its route and its caller, what large ones of all
// callers may take together, and who is told to send one.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/access/bearer.h"
#include "coordinator/api/http/http_server_testing.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

constexpr size_t kLarge = 200 << 10;

/// "/large" takes 256 KiB of whoever may submit jobs and answers with the
/// body's length; "/keep" never answers; "/small" takes what all routes do. The
/// token "bad" is nobody's, "reader" that of somebody who only reads.
class HttpBodiesTest : public HttpServerFixture {
 protected:
  HttpBodiesTest() {
    options_.max_large_body_bytes = 300 << 10;
    options_.authenticate =
        [](const HttpRequest& request) -> absl::StatusOr<Caller> {
      const absl::string_view token = BearerOf(request.authorization);
      if (token == "bad") return absl::UnauthenticatedError("who?");
      if (token == "reader") return Caller{"reader", {Role::kRead}};
      return AnonymousAdmin();
    };
    Start();
  }

  std::vector<HttpRoute> Routes() override {
    HttpRoute large;
    large.path = "/large";
    large.method = HttpMethod::kPost;
    large.max_body_bytes = 256 << 10;
    large.verb = Verb::kSubmitJob;
    large.handle = Answering([](const HttpRequest& request) {
      return HttpReply{200, "text/plain", absl::StrCat(request.body.size())};
    });
    HttpRoute small = large;
    small.path = "/small";
    small.max_body_bytes = 0;
    HttpRoute keep = large;
    keep.path = "/keep";
    keep.lane = HttpLane::kInline;
    keep.handle = [this](std::shared_ptr<HttpExchange> exchange) {
      absl::MutexLock lock(&mutex_);
      silent_.push_back(std::move(exchange));
    };
    return {large, small, keep};
  }

  HttpAnswer Post(const std::string& target, size_t bytes,
                  const std::string& headers = "") {
    return HttpAsk(At(), {"POST", target, headers, std::string(bytes, 'x')});
  }
  static std::string Head(const std::string& target,
                          const std::string& headers) {
    return absl::StrCat("POST ", target, " HTTP/1.1\r\nHost: localhost\r\n",
                        headers, "\r\n");
  }
};

TEST_F(HttpBodiesTest, TheBoundIsTheRoutes) {
  EXPECT_EQ(Post("/large", kLarge).body, absl::StrCat(kLarge));
  EXPECT_EQ(Post("/large", 256 << 10).code, 200);
  const HttpAnswer too_large = Post("/large", (256 << 10) + 1);
  EXPECT_EQ(too_large.code, 413);
  EXPECT_THAT(too_large.body, HasSubstr("body: at most 262144 bytes"));
  EXPECT_EQ(Post("/small", 64 << 10).code, 200);
  const HttpAnswer small = Post("/small", (64 << 10) + 1);
  EXPECT_EQ(small.code, 413);
  EXPECT_THAT(small.body, HasSubstr("body: at most 65536 bytes"));
}

TEST_F(HttpBodiesTest, AChunkedBodyHasTheSameBound) {
  for (const auto& [bytes, code] :
       {std::pair<size_t, int>{kLarge, 200}, {(256 << 10) + 1, 413}}) {
    HttpClient client(At());
    ASSERT_TRUE(client.Send(Head("/large", "Transfer-Encoding: chunked\r\n")));
    client.Send(absl::StrCat(absl::Hex(bytes), "\r\n", std::string(bytes, 'x'),
                             "\r\n0\r\n\r\n"));
    EXPECT_EQ(client.ReadAnswer().code, code);
  }
}

TEST_F(HttpBodiesTest, ALengthThatIsTooLargeIsRefusedBeforeAnythingComes) {
  HttpClient client(At());
  ASSERT_TRUE(
      client.Send(Head("/large", "Content-Length: 18446744073709551614\r\n")));
  EXPECT_EQ(client.ReadAnswer().code, 413);
}

TEST_F(HttpBodiesTest, WhoMayNotSendItHearsSoWithoutItsBody) {
  const struct {
    int code;
    std::string headers;
  } cases[] = {
      {401, "Authorization: Bearer bad\r\n"},
      {403, "Authorization: Bearer reader\r\n"},
      {403, "Origin: http://evil.example\r\n"},
  };
  for (const auto& [code, headers] : cases) {
    for (const char* expects : {"", "Expect: 100-continue\r\n"}) {
      SCOPED_TRACE(headers + expects);
      HttpClient client(At());
      ASSERT_TRUE(client.Send(
          Head("/large",
               absl::StrCat(headers, "Content-Length: 200000\r\n", expects))));
      const HttpAnswer answer = client.ReadAnswer();
      EXPECT_EQ(answer.code, code);
      EXPECT_THAT(answer.head, HasSubstr("Connection: close"));
      EXPECT_EQ(client.ReadAll(), "");
    }
  }
}

TEST_F(HttpBodiesTest, WhoMayNotSendLargeBodiesTakesNoRoomByAnnouncingThem) {
  std::vector<std::unique_ptr<HttpClient>> open;
  for (const char* token : {"bad", "reader", "bad", "reader"}) {
    open.push_back(std::make_unique<HttpClient>(At()));
    ASSERT_TRUE(open.back()->Send(
        Head("/large", absl::StrCat("Authorization: Bearer ", token,
                                    "\r\nContent-Length: 200000\r\n"))));
    EXPECT_EQ(Post("/large", kLarge).code, 200);
  }
}

TEST_F(HttpBodiesTest, AConnectionGoesOnAfterALargeBodyThatWasRead) {
  HttpClient client(At());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.Ask({"POST", "/large", "", std::string(kLarge, 'x')}).body,
              absl::StrCat(kLarge));
  }
  EXPECT_EQ(client.Get("/large").code, 405);
}

TEST_F(HttpBodiesTest, OtherExpectationsAreRefused) {
  for (const char* expects : {"a-cake", "100-continue, a-cake"}) {
    HttpClient client(At());
    ASSERT_TRUE(client.Send(
        Head("/small",
             absl::StrCat("Content-Length: 5\r\nExpect: ", expects, "\r\n"))));
    const HttpAnswer answer = client.ReadAnswer();
    EXPECT_EQ(answer.code, 417);
    EXPECT_THAT(answer.body, HasSubstr("Expect: allowed: 100-continue"));
  }
}

TEST_F(HttpBodiesTest, ABodyThatWasNotAwaitedIsTakenWithoutAWord) {
  HttpClient client(At());
  ASSERT_TRUE(client.Send(absl::StrCat(
      Head("/small", "Content-Length: 5\r\nExpect: 100-continue\r\n"),
      "12345")));
  EXPECT_EQ(client.ReadAnswer().code, 200);
  // HTTP/1.0 has no expectations.
  HttpClient old(At());
  ASSERT_TRUE(
      old.Send("POST /small HTTP/1.0\r\nContent-Length: 5\r\nExpect: "
               "100-continue\r\n\r\n"));
  ASSERT_TRUE(old.Send("12345"));
  EXPECT_EQ(old.ReadAnswer().code, 200);
}

TEST_F(HttpBodiesTest, WhoWaitsToContinueIsToldTo) {
  for (const size_t bytes : {size_t{5}, kLarge}) {
    HttpClient client(At());
    ASSERT_TRUE(client.Send(
        Head("/large", absl::StrCat("Content-Length: ", bytes,
                                    "\r\nExpect: 100-Continue\r\n"))));
    EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(client.Send(std::string(bytes, 'x')));
    const HttpAnswer answer = client.ReadAnswer();
    EXPECT_EQ(answer.code, 200);
    EXPECT_EQ(answer.body, absl::StrCat(bytes));
  }
}

TEST_F(HttpBodiesTest, LargeBodiesOfAllShareABoundUntilTheyAreAnswered) {
  HttpClient keeper(At());
  ASSERT_TRUE(keeper.Send(absl::StrCat(
      Head("/keep", absl::StrCat("Content-Length: ", kLarge, "\r\n")),
      std::string(kLarge, 'x'))));
  AwaitSilent(1);
  const HttpAnswer full = Post("/large", kLarge);
  EXPECT_EQ(full.code, 503);
  EXPECT_THAT(full.body, HasSubstr("of 307200 bytes; repeat later"));
  EXPECT_THAT(full.head, HasSubstr("Retry-After"));
  EXPECT_EQ(Post("/large", 64 << 10).code, 200);  // Takes no room.
  for (const auto& exchange : TakeSilent()) {
    exchange->Answer({200, "text/plain", "kept"});
  }
  EXPECT_EQ(keeper.ReadAnswer().body, "kept");
  EXPECT_EQ(Post("/large", kLarge).code, 200);
}

TEST_F(HttpBodiesTest, ACallerThatBreaksOffTakesNoRoom) {
  {
    HttpClient client(At());
    ASSERT_TRUE(client.Send(absl::StrCat(
        Head("/large", absl::StrCat("Content-Length: ", kLarge, "\r\n")),
        "x")));
  }
  // Whenever the server notices.
  HttpAnswer answer;
  do {
    answer = Post("/large", kLarge);
  } while (answer.code == 503);
  EXPECT_EQ(answer.code, 200);
}

}  // namespace
}  // namespace atelier
