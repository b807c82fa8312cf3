// What can be changed over HTTP, and how it is refused.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/ratings.pb.h"
#include "atelier/v1/workers.pb.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class ApiChangesTest : public ApiFixture {
 protected:
  static std::string JobPath(const std::string& id) {
    return absl::StrCat("/api/v1/jobs/", id);
  }
  v1::Job Change(const std::string& target, const std::string& json = "") {
    return Parsed<v1::Job>(Post(target, json));
  }
};

TEST_F(ApiChangesTest, AJobIsSteeredFromItsPath) {
  const std::string path = JobPath(Submit());
  EXPECT_TRUE(Change(path + "/pause").paused());
  EXPECT_FALSE(Change(path + "/resume").paused());
  EXPECT_EQ(Change(path + "/priority", "{\"priority\": 7}").priority(), 7);
  EXPECT_EQ(MustGet<v1::Job>(path).priority(), 7);
  EXPECT_EQ(Change(path + "/cancel").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(Change(path + "/retry").state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(Change(path + "/cancel", "{}").state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(Parsed<v1::Job>(Ask({"DELETE", path})).state(),
            v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(Get(path).code, 404);
}

TEST_F(ApiChangesTest, SomeTasksAreRetried) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {1, 2, 3});
  const std::string path = JobPath(Submit(spec)) + "/retry";
  EXPECT_EQ(Change(path, R"({"task_indices": ["0", 2]})").task_count(), 3);
  const HttpAnswer outside = Post(path, R"({"task_indices": [1, 3]})");
  EXPECT_EQ(outside.code, 400);
  EXPECT_THAT(outside.body, HasSubstr("task_indices: from 1 to 3 given; job"));
  EXPECT_THAT(outside.body, HasSubstr("has the tasks 0 to 2"));
  EXPECT_EQ(Post(path, R"({"task_indices": [-1]})").code, 400);
  std::string many = "0";
  for (int i = 0; i < 1000; ++i) many += ",0";
  const HttpAnswer refused =
      Post(path, absl::StrCat("{\"task_indices\": [", many, "]}"));
  EXPECT_EQ(refused.code, 400);
  EXPECT_THAT(refused.body, HasSubstr("1001 given; at most 1000"));
  ASSERT_EQ(Post(JobPath(Submit(spec)) + "/cancel").code, 200);
}

TEST_F(ApiChangesTest, TasksAreRated) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {1, 2, 3});
  const std::string path = JobPath(Submit(spec));
  ComeAs(Caller{"ann", {Role::kSubmit}});
  const std::string stars = path + "/tasks/1/stars";
  EXPECT_EQ(Parsed<v1::TaskRating>(Post(stars, "{\"stars\": 4}")).own_stars(),
            4);
  EXPECT_EQ(Post(stars, "{}").code, 400) << "must be given";
  EXPECT_EQ(Post(stars, "{\"stars\": 6}").code, 400);
  EXPECT_EQ(Post(path + "/tasks/3/stars", "{\"stars\": 1}").code, 400);
  const auto judged = Parsed<v1::JudgeTasksResponse>(
      Post(path + "/judgements", R"({"task_indexes": [2, "1"], "worst": 2})"));
  ASSERT_EQ(judged.ratings_size(), 2);
  EXPECT_EQ(judged.ratings(1).times_worst(), 1);
  EXPECT_EQ(
      Post(path + "/judgements", R"({"task_indexes": [1, 1], "worst": 1})")
          .code,
      400);
  EXPECT_EQ(
      Post(path + "/judgements", R"({"task_indexes": [0, 1], "worst": 2})")
          .code,
      400);
  ComeAs(Caller{"bob", {Role::kRead}});
  EXPECT_EQ(Post(stars, "{\"stars\": 1}").code, 403);
  const HttpAnswer page = Get(path + "/ratings?page_size=1");
  EXPECT_EQ(page.body,
            "{\"ratings\":[{\"task_index\":\"1\",\"mean_stars\":4,"
            "\"people\":1,\"own_stars\":0,\"times_shown\":1,"
            "\"times_worst\":0}],\"next_page_token\":\"2\"}\n");
  const auto rest = MustGet<v1::ListRatingsResponse>(
      path + "/ratings?page_size=1&page_token=2");
  ASSERT_EQ(rest.ratings_size(), 1);
  EXPECT_EQ(rest.ratings(0).task_index(), 2);
  EXPECT_EQ(rest.next_page_token(), "");
  ComeAs(Caller{"w", {Role::kWork}});
  EXPECT_EQ(Post(stars, "{\"stars\": 1}").code, 403);
}

TEST_F(ApiChangesTest, AWorkerIsDrainedAndReleased) {
  Submit();
  Call("anna");
  const std::string path = "/api/v1/workers/anna";
  EXPECT_TRUE(Parsed<v1::Worker>(Post(path + "/drain")).draining());
  EXPECT_FALSE(Parsed<v1::Worker>(Post(path + "/release")).draining());
  EXPECT_EQ(Post("/api/v1/workers/ben/drain").code, 404);
}

TEST_F(ApiChangesTest, WhoMayNotIsRefused) {
  const std::string path = JobPath(Submit());
  ComeAs(Caller{"reader", {Role::kRead}});
  EXPECT_EQ(Post(path + "/cancel").code, 403);
  EXPECT_EQ(Ask({"DELETE", path}).code, 403);
  EXPECT_EQ(Post("/api/v1/workers/anna/drain").code, 403);
  EXPECT_EQ(MustGet<v1::Job>(path).state(), v1::JOB_STATE_QUEUED);
}

TEST_F(ApiChangesTest, AnotherSitesPageChangesNothing) {
  const std::string path = JobPath(Submit());
  EXPECT_EQ(
      Ask({"POST", path + "/cancel", "Origin: http://evil.example\r\n"}).code,
      403);
  EXPECT_EQ(MustGet<v1::Job>(path).state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(Ask({"POST", path + "/cancel",
                 absl::StrCat("Origin: http://",
                              HostAndPort(server_->listening()), "\r\n")})
                .code,
            200);
}

struct Malformed {
  std::string target;
  std::string body;
  std::string says;
};

TEST_F(ApiChangesTest, RefusesWithTheFieldAndWhatIsAllowed) {
  const std::string path = JobPath(Submit());
  const std::string priority = path + "/priority";
  for (const Malformed& malformed : std::vector<Malformed>{
           {priority, "{\"priority\": 5000}",
            "priority: 5000 is not allowed; from -1000 to 1000"},
           {priority, "{\"priority\": \"high\"}", "body: is no"},
           {priority, "{\"prio\": 1}", "prio"},
           {priority, "", "priority: not given; the body needs "},
           {priority, "{}", "priority: not given"},
           {priority, "{", "body: is no SetJobPriorityRequest as JSON: "},
           {priority, "[1]", "body: is no SetJobPriorityRequest as JSON: "},
           {priority, std::string(5'000, '['), "body: is no"},
           {priority, "{\"job_id\": \"other\", \"priority\": 1}",
            "job_id: stands in the path; leave it out of the body"},
           {priority, "{\"priority\": 1\xff}", "body: is not UTF-8"},
           {priority + "?priority=1", "",
            "'priority': there is no such parameter"},
           {JobPath("x%0ay") + "/cancel", "", "job_id: "},
           {"/api/v1/workers/a%20b/drain", "", "name: 'a b' is not"}}) {
    SCOPED_TRACE(malformed.target + " " + malformed.body.substr(0, 80));
    const HttpAnswer answer = Post(malformed.target, malformed.body);
    EXPECT_EQ(answer.code, 400);
    EXPECT_THAT(answer.body, HasSubstr(malformed.says));
  }
  EXPECT_EQ(MustGet<v1::Job>(path).priority(), 0);
}

TEST_F(ApiChangesTest, ABodyThatIsNoJsonIsNotRead) {
  const std::string path = JobPath(Submit()) + "/priority";
  for (const char* type : {"", "text/plain", "application/jsonx",
                           "application/x-www-form-urlencoded"}) {
    const HttpAnswer answer =
        Ask({"POST", path, absl::StrCat("Content-Type: ", type, "\r\n"),
             "{\"priority\": 1}"});
    EXPECT_EQ(answer.code, 400);
    EXPECT_THAT(answer.body, HasSubstr("Content-Type: '"));
  }
  EXPECT_EQ(
      Ask({"POST", path, "Content-Type: Application/JSON; charset=utf-8\r\n",
           "{\"priority\": 1}"})
          .code,
      200);
}

TEST_F(ApiChangesTest, WaitsForAControlPlane) {
  const std::string path = JobPath(Submit());
  serving_ = nullptr;
  EXPECT_EQ(Post(path + "/cancel").code, 503);
}

}  // namespace
}  // namespace atelier
