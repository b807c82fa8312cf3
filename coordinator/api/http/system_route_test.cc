// The system's state and the audit log over HTTP.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "atelier/v1/access.pb.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class SystemRouteTest : public ApiFixture {
 protected:
  json MustRead() {
    const HttpAnswer answer = Get("/api/v1/system");
    EXPECT_EQ(answer.code, 200) << answer.body;
    return json::parse(answer.body, nullptr, false);
  }
};

TEST_F(SystemRouteTest, SaysHowTheCoordinatorIs) {
  Submit();
  CallForTask("anna");
  sample_.counts = control_->Counts();
  const json system = MustRead();
  EXPECT_EQ(system["version"], "1.2");
  EXPECT_EQ(system["epoch"], 1);
  EXPECT_EQ(system["started_at"], "1970-01-12T13:46:40Z");
  EXPECT_EQ(system["uptime_seconds"], 60);
  EXPECT_EQ(system["unfinished_jobs"], 1);
  EXPECT_EQ(system["tasks"], json({{"queued", 0}, {"running", 1}}));
  EXPECT_EQ(system["workers"]["busy"], 1);
  EXPECT_EQ(system["of_late"]["attempts"]["succeeded"]["count"], 0);
  EXPECT_EQ(system["bounds"], json({{"max-workers", 9}}));
  for (const json& one : system["conditions"]) {
    EXPECT_EQ(one["state"], "ok") << one;
    EXPECT_FALSE(one.contains("since"));
  }
}

TEST_F(SystemRouteTest, SaysWhatIsWrongFirst) {
  sample_.storage = absl::UnavailableError("the disk is full");
  const json first = MustRead()["conditions"][0];
  EXPECT_EQ(first["name"], "disk");
  EXPECT_EQ(first["state"], "critical");
  EXPECT_EQ(first["message"], "the disk is full");
  EXPECT_THAT(first["advice"].get<std::string>(), HasSubstr("atelier gc"));
  EXPECT_EQ(first["since"], "1970-01-12T13:47:40Z");
}

TEST_F(SystemRouteTest, IsForWhoeverMayReadMetrics) {
  for (const auto& [role, code] :
       {std::pair(Role::kRead, 200), std::pair(Role::kSubmit, 200),
        std::pair(Role::kWork, 403)}) {
    ComeAs(Caller{"anna", {role}});
    EXPECT_EQ(Get("/api/v1/system").code, code);
  }
  ComeAs(absl::UnauthenticatedError("who?"));
  EXPECT_EQ(Get("/api/v1/system").code, 401);
  ComeAs(AnonymousAdmin());
  EXPECT_EQ(Get("/api/v1/system?x=1").code, 400);
  serving_ = nullptr;
  EXPECT_EQ(Get("/api/v1/system").code, 503);
  serving_ = control_.get();
}

using AuditRouteTest = SystemRouteTest;

TEST_F(AuditRouteTest, ListsChangesByTheFieldsOfTheWire) {
  for (const char* user : {"anna", "ben", "anna"}) {
    AuditRecord entry =
        audit_.Entry(Caller{user, {Role::kAdmin}}, Verb::kDrainWorker);
    entry.target = "w1";
    audit_.Append(std::move(entry));
  }
  const auto page =
      MustGet<v1::ListAuditResponse>("/api/v1/audit?user=anna&page_size=1");
  ASSERT_EQ(page.entries_size(), 1);
  EXPECT_EQ(page.entries(0).action(), "drain-worker");
  EXPECT_EQ(page.entries(0).target(), "w1");
  const auto rest = MustGet<v1::ListAuditResponse>(absl::StrCat(
      "/api/v1/audit?user=anna&page_token=", page.next_page_token()));
  EXPECT_EQ(rest.entries_size(), 1);
  EXPECT_EQ(
      MustGet<v1::ListAuditResponse>("/api/v1/audit?since=2000-01-01T00:00:00Z")
          .entries_size(),
      3);
  EXPECT_EQ(
      MustGet<v1::ListAuditResponse>("/api/v1/audit?since=2999-01-01T00:00:00Z")
          .entries_size(),
      0);
}

TEST_F(AuditRouteTest, IsForAdminsAlone) {
  for (const Role role : {Role::kRead, Role::kSubmit, Role::kWork}) {
    ComeAs(Caller{"anna", {role}});
    EXPECT_EQ(Get("/api/v1/audit").code, 403);
  }
}

TEST_F(AuditRouteTest, RefusesWithTheFieldAndWhatIsAllowed) {
  EXPECT_THAT(Get("/api/v1/audit?since=yesterday").body,
              HasSubstr("since: 'yesterday' is not allowed; a time as"));
  EXPECT_THAT(Get("/api/v1/audit?user=A").body, HasSubstr("user: 'A'"));
  EXPECT_THAT(Get("/api/v1/audit?page_size=1001").body,
              HasSubstr("page_size: 1001"));
  EXPECT_THAT(Get("/api/v1/audit?sience=1").body,
              HasSubstr("allowed: job_id, page_size, page_token, since, user"));
}

}  // namespace
}  // namespace atelier
