// What one caller may ask for over HTTP, how soon failures are answered, and
// which names this server answers to.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/bearer.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/access/failed_callers.h"
#include "coordinator/api/http/http_server_testing.h"
#include "coordinator/control/caller.h"
#include "gmock/gmock.h"
#include "tests/testing/shared_clock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// Tokens are the names of their holders, but for "bad".
class HttpBoundsTest : public HttpServerFixture {
 protected:
  HttpBoundsTest() {
    admission_options_.limits.requests_per_second = 1;
    admission_options_.limits.burst = absl::Seconds(2);
    admission_options_.limits.max_streams = 1;
    admission_options_.on_unauthenticated =
        [this](const std::string& /*address*/, const absl::Status& /*why*/) {
          absl::MutexLock lock(&denied_mutex_);
          ++denied_;
        };
    options_.authenticate =
        [this](const HttpRequest& request) -> absl::StatusOr<Caller> {
      if (is_insecure_) return AnonymousAdmin();
      const std::string token = std::string(BearerOf(request.authorization));
      if (token.empty() || token == "bad") {
        return absl::UnauthenticatedError("who?");
      }
      Caller caller{token, {Role::kRead}};
      caller.accessor = token;
      return caller;
    };
  }
  void Begin() {
    admission_.emplace(clock_, admission_options_);
    options_.admission = &*admission_;
    Start();
  }
  std::vector<HttpRoute> Routes() override {
    std::vector<HttpRoute> routes = HttpServerFixture::Routes();
    routes.front().is_open = true;  // "/healthz"
    routes.push_back({"/stream", HttpLane::kInline,
                      [](const std::shared_ptr<HttpExchange>& exchange) {
                        HttpStreamEvents events;
                        // Goes with the stream.
                        events.closed = [exchange] {};
                        exchange->BeginStream({200, "text/plain", ""}, events);
                      },
                      /*is_open=*/false, CallKind::kStream});
    routes.push_back({"/denied", HttpLane::kInline,
                      [](const std::shared_ptr<HttpExchange>& exchange) {
                        exchange->Answer(
                            ErrorReply(exchange->request().path,
                                       absl::PermissionDeniedError("may not")));
                      }});
    return routes;
  }
  HttpAnswer GetAs(const std::string& token, const char* path = "/readyz") {
    return HttpGet(At(), path, token);
  }
  void AwaitDenied(int count) {
    const auto are_denied = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(
                                denied_mutex_) { return denied_ >= count; };
    absl::MutexLock lock(&denied_mutex_);
    denied_mutex_.Await(absl::Condition(&are_denied));
  }
  int AskAs(absl::string_view host, const std::string& token = "",
            const char* path = "/readyz") {
    HttpClient client(At());
    client.Send(absl::StrCat(
        "GET ", path, " HTTP/1.1\r\nHost: ", host, "\r\n",
        token.empty() ? "" : absl::StrCat("Authorization: Bearer ", token),
        token.empty() ? "\r\n" : "\r\n\r\n"));
    return client.ReadAnswer().code;
  }

  SharedClock clock_;
  bool is_insecure_ = false;
  AdmissionOptions admission_options_;
  absl::Mutex denied_mutex_;
  int denied_ ABSL_GUARDED_BY(denied_mutex_) = 0;
  std::optional<AdmissionControl> admission_;
};

TEST_F(HttpBoundsTest, ATokenAtItsBoundHearsWhenToComeBackAnotherGoesOn) {
  Begin();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(GetAs("anna").code, 200);
  const HttpAnswer refused = GetAs("anna");
  EXPECT_EQ(refused.code, 429);
  EXPECT_THAT(refused.head, HasSubstr("\r\nRetry-After: 1\r\n"));
  EXPECT_THAT(refused.body, HasSubstr("(--max-requests-per-second)"));
  EXPECT_EQ(GetAs("anna", "/nowhere").code, 429);
  EXPECT_EQ(GetAs("bob").code, 200);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(GetAs("anna", "/healthz").code, 200);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(GetAs("anna").code, 200);
}

TEST_F(HttpBoundsTest, WhoIsDeniedIsHeardOf) {
  absl::Mutex mutex;
  std::vector<std::string> heard;
  options_.on_denied = [&](const Caller& caller, const std::string& path) {
    absl::MutexLock lock(&mutex);
    heard.push_back(absl::StrCat(caller.name, " ", path));
  };
  Begin();
  EXPECT_EQ(GetAs("anna", "/denied").code, 403);
  EXPECT_EQ(GetAs("anna").code, 200);
  absl::MutexLock lock(&mutex);
  EXPECT_THAT(heard, ElementsAre("anna /denied"));
}

TEST_F(HttpBoundsTest, StreamsHavePlacesThatTheyGiveBack) {
  admission_options_.limits.requests_per_second = 0;
  Begin();
  auto stream = std::make_unique<HttpClient>(At());
  const std::string request =
      "GET /stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer anna\r\n\r\n";
  ASSERT_TRUE(stream->Send(request));
  EXPECT_THAT(stream->ReadUntil("\r\n\r\n"), HasSubstr("200 OK"));
  const HttpAnswer refused = GetAs("anna", "/stream");
  EXPECT_EQ(refused.code, 429);
  EXPECT_THAT(refused.body, HasSubstr("(--max-streams-per-caller)"));
  EXPECT_EQ(GetAs("anna").code, 200);
  stream.reset();
  std::string head;
  do {  // Its place is free once the server has noticed.
    HttpClient next(At());
    ASSERT_TRUE(next.Send(request));
    head = next.ReadUntil("\r\n\r\n");
  } while (head.find("200 OK") == std::string::npos);
}

TEST_F(HttpBoundsTest, FailuresWaitForTheirAnswerAValidTokenDoesNot) {
  admission_options_.limits.requests_per_second = 0;
  Begin();
  for (int i = 0; i < FailedCallers::kAtOnce; ++i) {
    EXPECT_EQ(GetAs("bad").code, 401);
  }
  HttpClient guesses(At());
  ASSERT_TRUE(guesses.Send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"));
  AwaitDenied(FailedCallers::kAtOnce + 1);
  // The loop's thread has put the refusal away once it answers these.
  for (int i = 0; i < 20; ++i) EXPECT_EQ(GetAs("anna").code, 200);
  admission_->Tick();
  clock_.Advance(FailedCallers::kFirstWait);
  ASSERT_TRUE(guesses.Send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(GetAs("anna").code, 200);
  admission_->Tick();
  EXPECT_EQ(guesses.ReadAnswer().code, 401);
  EXPECT_EQ(guesses.ReadAnswer().code, 200);
}

TEST_F(HttpBoundsTest, AStopDoesNotWaitForThem) {
  Begin();
  for (int i = 0; i < FailedCallers::kAtOnce; ++i) {
    EXPECT_EQ(GetAs("bad").code, 401);
  }
  HttpClient guesses(At());
  ASSERT_TRUE(guesses.Send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"));
  AwaitDenied(FailedCallers::kAtOnce + 1);
  server_->Stop();
  EXPECT_THAT(guesses.ReadAll(), Not(HasSubstr("200")));
  server_.reset();
  admission_->Stop();
}

TEST_F(HttpBoundsTest, AnotherHostsNameIsMisdirectedWithoutAToken) {
  admission_options_.limits.requests_per_second = 0;
  is_insecure_ = true;
  options_.own_names = {"farm"};
  Begin();
  for (const char* host : {"localhost", "127.0.0.1:7071", "[::1]", "farm:80"}) {
    EXPECT_EQ(AskAs(host), 200) << host;
    EXPECT_EQ(AskAs(host, "", "/healthz"), 200) << host;
  }
  for (const char* host : {"evil.example", "10.0.0.7", "", "localhost.evil"}) {
    EXPECT_EQ(AskAs(host), 421) << host;
    EXPECT_EQ(AskAs(host, "", "/healthz"), 421) << host;
    // A page can make up a header, which nobody looks at here.
    EXPECT_EQ(AskAs(host, "anna"), 421) << host;
  }
  HttpClient of_old(At());  // Which browsers are not.
  ASSERT_TRUE(of_old.Send("GET /healthz HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(of_old.ReadAnswer().code, 200);
}

TEST_F(HttpBoundsTest, WhoeverHasAValidTokenMayUseAnyName) {
  admission_options_.limits.requests_per_second = 0;
  options_.own_names.emplace();
  Begin();
  EXPECT_EQ(AskAs("proxy.example", "anna"), 200);
  EXPECT_EQ(AskAs("proxy.example", "bad"), 401);
  EXPECT_EQ(AskAs("proxy.example", "", "/healthz"), 421);
}

}  // namespace
}  // namespace atelier
