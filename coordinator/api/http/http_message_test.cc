#include "coordinator/api/http/http_message.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(ParseTargetTest, SplitsAndDecodes) {
  HttpRequest request;
  ASSERT_TRUE(ParseTarget("/a/b%2Fc%20d?page_size=1&page_token=x%26y+z&&flag#e",
                          request)
                  .ok());
  EXPECT_EQ(request.path, "/a/b%2Fc%20d");
  EXPECT_THAT(request.segments, ElementsAre("a", "b/c d"));
  EXPECT_THAT(request.query,
              ElementsAre(Pair("page_size", "1"), Pair("page_token", "x&y z"),
                          Pair("flag", "")));
}

TEST(ParseTargetTest, TakesAWholeUrl) {
  for (const char* target : {"http://h:1/metrics", "https://h/metrics"}) {
    HttpRequest request;
    ASSERT_TRUE(ParseTarget(target, request).ok());
    EXPECT_EQ(request.path, "/metrics");
  }
  HttpRequest request;
  ASSERT_TRUE(ParseTarget("http://h", request).ok());
  EXPECT_EQ(request.path, "/");
}

TEST(ParseTargetTest, RefusesWhatIsNone) {
  for (const char* target :
       {"", "*", "metrics", "/%", "/%2", "/%zz", "/?%g0"}) {
    SCOPED_TRACE(target);
    HttpRequest request;
    EXPECT_TRUE(absl::IsInvalidArgument(ParseTarget(target, request)));
  }
}

TEST(HttpCodeTest, EveryStatusHasOne) {
  for (int code = 1; code <= 16; ++code) {
    EXPECT_GE(HttpCode(static_cast<absl::StatusCode>(code)), 400) << code;
  }
  EXPECT_EQ(HttpCode(absl::StatusCode::kInvalidArgument), 400);
  EXPECT_EQ(HttpCode(absl::StatusCode::kNotFound), 404);
  EXPECT_EQ(HttpCode(absl::StatusCode::kFailedPrecondition), 409);
  EXPECT_EQ(HttpCode(absl::StatusCode::kResourceExhausted), 429);
  EXPECT_EQ(HttpCode(absl::StatusCode::kUnavailable), 503);
}

TEST(ErrorReplyTest, IsJsonUnderApi) {
  const HttpReply reply =
      ErrorReply("/api/v1/jobs", absl::NotFoundError("job_id: \"a\\b\"\n\x1b"));
  EXPECT_EQ(reply.code, 404);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.body,
            "{\"error\": {\"code\": \"NOT_FOUND\", \"message\": "
            "\"job_id: \\\"a\\\\b\\\"\\\\n\\\\x1b\"}}\n");
}

TEST(ErrorReplyTest, IsALineElsewhere) {
  const HttpReply reply =
      ErrorReply("/metrics", absl::UnavailableError("full"));
  EXPECT_EQ(reply.code, 503);
  EXPECT_EQ(reply.body, "full\n");
  EXPECT_THAT(reply.headers, ElementsAre(Pair("Retry-After", "1")));
}

}  // namespace
}  // namespace atelier
