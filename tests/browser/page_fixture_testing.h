// The coordinator's page in a real browser, over real processes. With
// ATELIER_SCREENSHOTS=FOLDER, pictures of what the tests see are left there.
#ifndef ATELIER_TESTS_BROWSER_PAGE_FIXTURE_TESTING_H_
#define ATELIER_TESTS_BROWSER_PAGE_FIXTURE_TESTING_H_

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/browser/chromium.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "tests/testing/http_client.h"

namespace atelier {

/// One browser and one cluster for all tests of a suite.
class PageBrowserTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!Chromium::IsInstalled()) return;
    browser_ = new Chromium;
    cluster_ = new Cluster;
  }
  static void TearDownTestSuite() {
    delete browser_;
    delete cluster_;
  }

  void SetUp() override {
    if (browser_ == nullptr) {
      GTEST_SKIP() << "NOT TESTED: the page in a browser: chromium is not "
                      "installed (deploy/install-packages test)";
    }
    browser_->Resize(1280, 900);
    browser_->Emulate("", "light");
    browser_->Call("Network.clearBrowserCookies", nlohmann::json::object());
  }

  static std::string Url(const std::string& place = "") {
    return absl::StrCat("http://", cluster_->http_address(), "/", place);
  }
  // One code logs one browser in.
  static std::string LoginLink(const std::string& token = Cluster::Token()) {
    const Endpoint http = *ParseEndpoint(cluster_->http_address());
    const HttpAnswer answer =
        HttpAsk(http, {"POST", "/api/v1/session/codes",
                       absl::StrCat("Authorization: Bearer ", token, "\r\n")});
    EXPECT_EQ(answer.code, 200) << answer.body;
    return absl::StrCat(
        "#login=",
        nlohmann::json::parse(answer.body)["code"].get<std::string>());
  }
  // A page that is left first: a new fragment alone would load nothing.
  static void Open(const std::string& place = "") {
    browser_->Open("about:blank");
    browser_->Open(Url(place));
  }
  void LogIn() {
    Open(LoginLink());
    Await("document.querySelector('#top nav')");
  }
  void GoTo(const std::string& place) {
    browser_->Evaluate(
        absl::StrCat("location.hash = ", nlohmann::json(place).dump()));
  }

  // Until the expression is true of the page.
  void Await(const std::string& expression) {
    const nlohmann::json seen = browser_->Evaluate(absl::StrCat(
        "new Promise((done) => { let left = 600; const look = () => { let "
        "is = false; try { is = Boolean(",
        expression,
        "); } catch {} if (is || --left === 0) done(is); else "
        "setTimeout(look, 50); }; look(); })"));
    if (seen != nlohmann::json(true)) Shoot("failed");
    ASSERT_EQ(seen, nlohmann::json(true))
        << expression << "\nthe page says: " << Text("body");
  }
  std::string Text(const std::string& selector) {
    const nlohmann::json text = browser_->Evaluate(
        absl::StrCat("document.querySelector(", nlohmann::json(selector).dump(),
                     ")?.innerText ?? ''"));
    return text.is_string() ? text.get<std::string>() : text.dump();
  }
  void Shoot(const std::string& name) {
    if (const char* folder = std::getenv("ATELIER_SCREENSHOTS")) {
      browser_->Screenshot(absl::StrCat(folder, "/", name, ".png"));
    }
  }

  static inline Chromium* browser_ = nullptr;
  static inline Cluster* cluster_ = nullptr;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_BROWSER_PAGE_FIXTURE_TESTING_H_
