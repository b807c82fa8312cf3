// The page's files, and that they name nothing that is not there.
#include "coordinator/api/http/page_routes.h"

#include <memory>
#include <regex>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/api/http/http_server.h"
#include "gmock/gmock.h"
#include "tests/testing/http_client.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PageRoutesTest : public ::testing::Test {
 protected:
  PageRoutesTest() {
    HttpServerOptions options;
    options.authenticate = [](const HttpRequest&) -> absl::StatusOr<Caller> {
      return absl::UnauthenticatedError("token: is missing");
    };
    server_ = *HttpServer::Start({"127.0.0.1", 0}, PageFileRoutes(PageFiles()),
                                 options);
  }
  HttpAnswer Get(const std::string& target) {
    return HttpGet(server_->listening(), target);
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(PageRoutesTest, IsThereForWhoHasNotLoggedInYet) {
  const HttpAnswer page = Get("/");
  EXPECT_EQ(page.code, 200);
  EXPECT_THAT(page.body, HasSubstr("<title>Atelier</title>"));
  EXPECT_THAT(
      page.head,
      AllOf(HasSubstr("Content-Type: text/html; charset=utf-8"),
            HasSubstr("Content-Security-Policy: default-src 'self'; "),
            HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe"))));
  EXPECT_EQ(Get("/page/secret.js").code, 401);
}

TEST_F(PageRoutesTest, EveryFileIsServedWithItsType) {
  for (const PageFile& file : PageFiles()) {
    SCOPED_TRACE(file.name);
    if (file.name == "index.html") continue;
    const HttpAnswer answer = Get(absl::StrCat("/page/", file.name));
    EXPECT_EQ(answer.code, 200);
    EXPECT_EQ(answer.body, file.text);
    if (absl::EndsWith(file.name, ".js")) {
      EXPECT_THAT(answer.head, HasSubstr("Content-Type: text/javascript"));
    }
  }
}

// Nothing from elsewhere, and nothing that is missing.
TEST_F(PageRoutesTest, NamesNothingThatIsNotServedHere) {
  std::set<std::string> names;
  for (const PageFile& file : PageFiles()) {
    names.insert(absl::StrCat("/page/", file.name));
  }
  const std::regex address(
      "(?:from|href=|src=) "
      "?[\"'](/page/[^\"']*|https?:[^\"']*|//[^\"']*)[\"']");
  int found = 0;
  for (const PageFile& file : PageFiles()) {
    const std::string text(file.text);
    for (std::sregex_iterator i(text.begin(), text.end(), address), end;
         i != end; ++i, ++found) {
      EXPECT_EQ(names.count((*i)[1].str()), 1)
          << file.name << " names " << (*i)[1].str();
    }
    EXPECT_THAT(text, Not(HasSubstr("innerHTML"))) << file.name;
  }
  EXPECT_GT(found, 10);
}

}  // namespace
}  // namespace atelier
