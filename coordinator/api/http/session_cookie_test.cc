#include "coordinator/api/http/session_cookie.h"

#include <string>

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(SessionCookieTest, IsFoundAmongOthers) {
  EXPECT_EQ(SessionIn("atelier_session=abc"), "abc");
  EXPECT_EQ(SessionIn("a=b; atelier_session=abc;c=d"), "abc");
  EXPECT_EQ(SessionIn(""), "");
  EXPECT_EQ(SessionIn("my_atelier_session=abc"), "");
  EXPECT_EQ(SessionIn("a=atelier_session=abc"), "");
}

TEST(SessionCookieTest, OfTwoNeitherIsTaken) {
  EXPECT_EQ(SessionIn("atelier_session=mine; atelier_session=planted"), "");
}

TEST(SessionCookieTest, NeitherScriptsNorOtherSitesGetIt) {
  EXPECT_EQ(KeepSession("abc", /*is_tls=*/false),
            "atelier_session=abc; Path=/; Max-Age=2592000; HttpOnly; "
            "SameSite=Strict");
  EXPECT_EQ(DropSession(/*is_tls=*/true),
            "atelier_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; "
            "Secure");
}

TEST(SessionCookieTest, AHeaderComesBeforeTheCookie) {
  HttpRequest request;
  request.session = "cookie";
  EXPECT_EQ(TokenOf(request), "cookie");
  request.authorization = "Bearer header";
  EXPECT_EQ(TokenOf(request), "header");
  request.authorization = "Basic abc";
  EXPECT_EQ(TokenOf(request), "");
}

HttpRequest Post(const std::string& origin, const std::string& site = "") {
  HttpRequest request;
  request.method = HttpMethod::kPost;
  request.host = "farm.example:7071";
  request.origin = origin;
  request.fetch_site = site;
  return request;
}

TEST(OtherSiteTest, APageOfThisServerIsNone) {
  EXPECT_FALSE(MayBeOfAnotherSite(Post("http://farm.example:7071")));
  EXPECT_FALSE(MayBeOfAnotherSite(Post("https://FARM.example:7071")));
  EXPECT_FALSE(
      MayBeOfAnotherSite(Post("http://farm.example:7071", "same-origin")));
}

TEST(OtherSiteTest, APageOfAnyOtherIs) {
  for (const char* origin :
       {"http://evil.example", "http://farm.example", "http://farm.example:80",
        "http://farm.example:7071.evil.example", "null", "farm.example:7071",
        "http://evil.example@farm.example:7071"}) {
    EXPECT_TRUE(MayBeOfAnotherSite(Post(origin))) << origin;
  }
  EXPECT_TRUE(MayBeOfAnotherSite(Post("", "cross-site")));
  EXPECT_TRUE(MayBeOfAnotherSite(Post("", "same-site")));
  EXPECT_TRUE(
      MayBeOfAnotherSite(Post("http://farm.example:7071", "cross-site")));
}

TEST(OtherSiteTest, WhoSendsACookieSaysWhichSiteItIs) {
  HttpRequest program = Post("");
  EXPECT_FALSE(MayBeOfAnotherSite(program));
  program.session = "token";
  EXPECT_TRUE(MayBeOfAnotherSite(program));
  program.authorization = "Bearer token";
  EXPECT_FALSE(MayBeOfAnotherSite(program));
}

TEST(OtherSiteTest, WhatChangesNothingMayComeFromAnywhere) {
  HttpRequest request = Post("http://evil.example", "cross-site");
  request.method = HttpMethod::kGet;
  EXPECT_FALSE(MayBeOfAnotherSite(request));
}

}  // namespace
}  // namespace atelier
