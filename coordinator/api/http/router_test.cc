#include "coordinator/api/http/router.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class FakeExchange : public HttpExchange {
 public:
  explicit FakeExchange(absl::string_view target) {
    EXPECT_TRUE(ParseTarget(target, request_).ok());
  }
  HttpRequest& request() override { return request_; }
  bool IsOpen() const override { return true; }
  void ReadBody(size_t, BodyDone) override {}
  void Answer(HttpReply reply) override { reply_ = std::move(reply); }
  void BeginStream(HttpReply, HttpStreamEvents) override {}
  void Write(std::shared_ptr<const std::string>) override {}
  void EndStream() override {}
  void AbortStream() override {}
  const HttpReply& reply() const { return reply_; }

 private:
  HttpRequest request_;
  HttpReply reply_;
};

class RouterTest : public ::testing::Test {
 protected:
  static HttpRoute Says(const std::string& path) {
    return {path, HttpLane::kInline, Answering([path](const HttpRequest& from) {
              std::string said = path;
              for (const auto& [name, value] : from.path_fields) {
                absl::StrAppend(&said, " ", name, "=", value);
              }
              return HttpReply{200, "", said};
            })};
  }
  HttpReply Get(absl::string_view target) {
    const auto exchange = std::make_shared<FakeExchange>(target);
    router_.Handle(exchange);
    return exchange->reply();
  }

  Router router_{{Says("/jobs"), Says("/jobs/{job_id}"),
                  Says("/jobs/{job_id}/tasks/{index}")},
                 HttpServerOptions()};
};

TEST_F(RouterTest, ANameStandsForOneSegment) {
  EXPECT_EQ(Get("/jobs?a=b").body, "/jobs");
  EXPECT_EQ(Get("/jobs/x").body, "/jobs/{job_id} job_id=x");
  EXPECT_EQ(Get("/jobs/x%2Fy").body, "/jobs/{job_id} job_id=x/y");
  EXPECT_EQ(Get("/jobs/x/tasks/3").body,
            "/jobs/{job_id}/tasks/{index} job_id=x index=3");
}

TEST_F(RouterTest, AnUnknownPathIsToldWhichThereAre) {
  for (const char* path :
       {"/", "/jobs/", "//jobs", "/jobs/x/tasks", "/../etc/passwd"}) {
    SCOPED_TRACE(path);
    const HttpReply reply = Get(path);
    EXPECT_EQ(reply.code, 404);
    EXPECT_THAT(reply.body, AllOf(HasSubstr("/jobs,"),
                                  HasSubstr("/jobs/{job_id}/tasks/{index}")));
  }
}

TEST(RouterMethodTest, APathHasARouteForEachMethod) {
  const auto says = [](HttpMethod method, const char* text) {
    HttpRoute route = {"/jobs/{id}", HttpLane::kInline,
                       Answering([text](const HttpRequest&) {
                         return HttpReply{200, "", text};
                       })};
    route.method = method;
    return route;
  };
  Router router(
      {says(HttpMethod::kGet, "got"), says(HttpMethod::kDelete, "deleted")},
      HttpServerOptions());
  const auto ask = [&router](HttpMethod method) {
    const auto exchange = std::make_shared<FakeExchange>("/jobs/7");
    exchange->request().method = method;
    router.Handle(exchange);
    return exchange->reply();
  };
  EXPECT_EQ(ask(HttpMethod::kGet).body, "got");
  EXPECT_EQ(ask(HttpMethod::kDelete).body, "deleted");
  const HttpReply refused = ask(HttpMethod::kPost);
  EXPECT_EQ(refused.code, 405);
  EXPECT_EQ(refused.body, "method: allowed here: GET, HEAD, DELETE\n");
}

TEST(RouterAccessTest, AnotherSitesPageChangesNothing) {
  HttpServerOptions options;
  options.authenticate = [](const HttpRequest&) -> absl::StatusOr<Caller> {
    ADD_FAILURE() << "nobody asks who it is";
    return AnonymousAdmin();
  };
  HttpRoute route = {"/jobs", HttpLane::kInline,
                     Answering([](const HttpRequest&) {
                       ADD_FAILURE();
                       return HttpReply{};
                     })};
  route.method = HttpMethod::kPost;
  HttpRoute open = route;
  open.path = "/open";
  open.is_open = true;
  Router router({route, open}, options);
  for (const char* path : {"/jobs", "/open", "/nothing"}) {
    const auto exchange = std::make_shared<FakeExchange>(path);
    exchange->request().method = HttpMethod::kPost;
    exchange->request().host = "farm:7071";
    exchange->request().origin = "http://evil.example";
    router.Handle(exchange);
    EXPECT_EQ(exchange->reply().code, 403) << path;
    EXPECT_THAT(exchange->reply().body, HasSubstr("another site's page"));
  }
}

TEST(RouterAccessTest, AHandlerThatTakesTheTokenHearsIt) {
  HttpServerOptions options;
  options.authenticate = [](const HttpRequest&) { return AnonymousAdmin(); };
  HttpRoute plain = {
      "/plain", HttpLane::kInline, Answering([](const HttpRequest& from) {
        return HttpReply{200, "", from.authorization + "," + from.session};
      })};
  HttpRoute takes = plain;
  takes.path = "/takes";
  takes.takes_token = true;
  Router router({plain, takes}, options);
  const auto get = [&router](const char* path) {
    const auto exchange = std::make_shared<FakeExchange>(path);
    exchange->request().authorization = "Bearer x";
    exchange->request().session = "y";
    router.Handle(exchange);
    return exchange->reply().body;
  };
  EXPECT_EQ(get("/plain"), ",");
  EXPECT_EQ(get("/takes"), "Bearer x,y");
}

TEST(RouterAccessTest, WhoCannotBeToldSeesNothingButOpenRoutes) {
  HttpServerOptions options;
  options.authenticate =
      [](const HttpRequest& request) -> absl::StatusOr<Caller> {
    if (request.authorization == "Bearer good") return Caller{"anna", {}};
    return absl::UnauthenticatedError("a token is needed");
  };
  const HttpHandler names = Answering([](const HttpRequest& from) {
    EXPECT_EQ(from.authorization, "") << "no handler needs it";
    return HttpReply{200, "", from.caller.name};
  });
  Router router({{"/closed", HttpLane::kInline, names},
                 {"/open", HttpLane::kInline, names, /*is_open=*/true}},
                options);
  const auto get = [&router](const char* path, const char* authorization) {
    const auto exchange = std::make_shared<FakeExchange>(path);
    exchange->request().authorization = authorization;
    router.Handle(exchange);
    return exchange->reply();
  };
  EXPECT_EQ(get("/open", "").code, 200);
  for (const char* path : {"/closed", "/nothing"}) {
    const HttpReply refused = get(path, "Bearer bad");
    EXPECT_EQ(refused.code, 401);
    EXPECT_EQ(refused.headers.front().first, "WWW-Authenticate");
  }
  EXPECT_EQ(get("/closed", "Bearer good").body, "anna");
  EXPECT_EQ(get("/nothing", "Bearer good").code, 404);
}

}  // namespace
}  // namespace atelier
