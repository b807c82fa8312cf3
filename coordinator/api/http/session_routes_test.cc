// How a browser logs in and out.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kSession[] = "/api/v1/session";

class SessionRoutesTest : public ApiFixture {
 protected:
  static Caller Anna() {
    Caller anna{"anna", {Role::kSubmit}};
    anna.accessor = "a1";
    return anna;
  }
  HttpAnswer LogInWith(const std::string& code) {
    return Post(absl::StrCat(kSession, "/login"),
                absl::StrCat("{\"code\": \"", code, "\"}"));
  }
  std::string MakeCode() {
    const HttpAnswer made = Ask({"POST", absl::StrCat(kSession, "/codes"),
                                 "Authorization: Bearer atl_s_anna\r\n"});
    EXPECT_EQ(made.code, 200) << made.body;
    const auto json = nlohmann::json::parse(made.body);
    EXPECT_EQ(json["seconds"], 600);
    return json["code"];
  }
};

TEST_F(SessionRoutesTest, SaysWhoAsksAndWhatItMayDo) {
  ComeAs(Anna());
  const auto json = nlohmann::json::parse(Get(kSession).body);
  EXPECT_EQ(json["user"], "anna");
  EXPECT_EQ(json["has_token"], true);
  EXPECT_EQ(json["roles"], nlohmann::json::parse(R"(["submit"])"));
  EXPECT_THAT(json["may"], Contains("submit-job"));
  EXPECT_THAT(json["may"], Not(Contains("cancel-job")));
  EXPECT_THAT(json["may_with_own"], Contains("cancel-job"));
  EXPECT_THAT(json["may_with_own"], Not(Contains("drain-worker")));
  ComeAs(AnonymousAdmin());
  EXPECT_THAT(nlohmann::json::parse(Get(kSession).body)["may"],
              Contains("drain-worker"));
}

TEST_F(SessionRoutesTest, ATokenBecomesACookie) {
  ComeAs(Anna());
  const HttpAnswer answer =
      Ask({"POST", kSession, "Authorization: Bearer atl_s_anna\r\n"});
  EXPECT_EQ(answer.code, 200);
  EXPECT_THAT(answer.body, HasSubstr("\"user\":\"anna\""));
  EXPECT_THAT(answer.head,
              AllOf(HasSubstr("Set-Cookie: atelier_session=atl_s_anna; Path=/"),
                    HasSubstr("HttpOnly; SameSite=Strict")));
}

TEST_F(SessionRoutesTest, WithoutTokensNothingBecomesACookie) {
  const HttpAnswer answer =
      Ask({"POST", kSession, "Authorization: Bearer x; Domain=evil\r\n"});
  EXPECT_EQ(answer.code, 200);
  EXPECT_THAT(answer.head, Not(HasSubstr("Set-Cookie")));
  EXPECT_EQ(Post(absl::StrCat(kSession, "/codes")).code, 409);
}

TEST_F(SessionRoutesTest, WhoIsUnknownGetsNoCookie) {
  ComeAs(absl::UnauthenticatedError("token: is unknown"));
  for (const char* path : {kSession, "/api/v1/session/codes"}) {
    const HttpAnswer answer =
        Ask({"POST", path, "Authorization: Bearer atl_s_wrong\r\n"});
    EXPECT_EQ(answer.code, 401);
    EXPECT_THAT(answer.head, Not(HasSubstr("Set-Cookie")));
  }
}

TEST_F(SessionRoutesTest, LoggingOutNeedsNoTokenAnyMore) {
  ComeAs(absl::UnauthenticatedError("token: was revoked"));
  const HttpAnswer answer = Ask({"DELETE", kSession});
  EXPECT_EQ(answer.code, 200);
  EXPECT_THAT(answer.head, HasSubstr("atelier_session=; Path=/; Max-Age=0"));
}

TEST_F(SessionRoutesTest, ACodeLogsInOnce) {
  ComeAs(Anna());
  const std::string code = MakeCode();
  // Whoever opens the link has no token yet.
  ComeAs(absl::UnauthenticatedError("token: is missing"));
  const HttpAnswer first = LogInWith(code);
  EXPECT_EQ(first.code, 200) << first.body;
  EXPECT_THAT(first.head, HasSubstr("Set-Cookie: atelier_session=atl_s_anna;"));
  const HttpAnswer second = LogInWith(code);
  EXPECT_EQ(second.code, 401);
  EXPECT_THAT(second.body, HasSubstr("code: was used"));
  EXPECT_THAT(second.head, Not(HasSubstr("Set-Cookie")));
}

TEST_F(SessionRoutesTest, AnotherSitesPageLogsNobodyIn) {
  ComeAs(Anna());
  const std::string code = MakeCode();
  const HttpAnswer answer =
      Ask({"POST", absl::StrCat(kSession, "/login"),
           "Content-Type: application/json\r\nOrigin: http://evil.example\r\n",
           absl::StrCat("{\"code\": \"", code, "\"}")});
  EXPECT_EQ(answer.code, 403);
  EXPECT_EQ(LogInWith(code).code, 200) << "it was not taken";
}

TEST_F(SessionRoutesTest, RefusesABodyThatIsNoCode) {
  const std::string path = absl::StrCat(kSession, "/login");
  for (const char* body :
       {"[]", "{}", "{\"code\": 1}", "{\"code\": \"a\", \"b\": 1}", "{", "null",
        "\"a\""}) {
    const HttpAnswer answer = Post(path, body);
    EXPECT_EQ(answer.code, 400) << body;
    EXPECT_THAT(answer.body, HasSubstr("body: is not"));
  }
  EXPECT_THAT(Ask({"POST", path, "", "{\"code\": \"a\"}"}).body,
              HasSubstr("Content-Type: '' is not allowed; application/json"));
  EXPECT_THAT(Post(path, "{\"code\": \"\xff\"}").body,
              HasSubstr("body: is not UTF-8"));
}

}  // namespace
}  // namespace atelier
