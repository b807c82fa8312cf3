// What the endpoints answer, and how they refuse.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/workers.pb.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "coordinator/api/views/job_views.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using ApiTest = ApiFixture;

TEST_F(ApiTest, AJobIsWhatGrpcAnswers) {
  const std::string id = Submit();
  const auto job = MustGet<v1::Job>("/api/v1/jobs/" + id);
  v1::GetJobRequest request;
  request.set_job_id(id);
  v1::Job expected;
  ASSERT_TRUE(GetJob(*control_, AnonymousAdmin(), request, expected).ok());
  EXPECT_EQ(job.SerializeAsString(), expected.SerializeAsString());
  EXPECT_EQ(job.state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(job.wait_reason(), v1::WAIT_REASON_NO_WORKER);
}

TEST_F(ApiTest, FieldsHaveTheNamesOfTheWireAndAreThereWhenZero) {
  const std::string body = Get("/api/v1/jobs/" + Submit()).body;
  EXPECT_THAT(body, HasSubstr("\"task_count\":\"1\""));
  EXPECT_THAT(body, HasSubstr("\"failed\":\"0\""));
  EXPECT_THAT(body, HasSubstr("\"wait_reason\":\"WAIT_REASON_NO_WORKER\""));
  EXPECT_THAT(Get("/api/v1/workers").body, HasSubstr("\"workers\":[]"));
}

TEST_F(ApiTest, ListsJobsNewestFirstInPages) {
  std::vector<std::string> listed;
  const std::string first = Submit();
  const std::string second = Submit();
  const std::string third = Submit();
  std::string token;
  do {
    const auto page = MustGet<v1::ListJobsResponse>(
        absl::StrCat("/api/v1/jobs?page_size=2&page_token=", token));
    for (const v1::Job& job : page.jobs()) listed.push_back(job.job_id());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(listed, ElementsAre(third, second, first));
}

TEST_F(ApiTest, SearchesForJobs) {
  const std::string waits = Submit();
  const std::string ended = Submit();
  ASSERT_TRUE(control_->Cancel(AnonymousAdmin(), JobId(ended)).ok());
  const auto found = [this](const std::string& query) {
    std::vector<std::string> ids;
    const auto page = MustGet<v1::ListJobsResponse>("/api/v1/jobs?" + query);
    for (const v1::Job& job : page.jobs()) ids.push_back(job.job_id());
    return ids;
  };
  EXPECT_THAT(found("search=SMALL"), ElementsAre(ended, waits));
  EXPECT_THAT(found("search=" + waits), ElementsAre(waits));
  EXPECT_THAT(found("states=JOB_STATE_CANCELLED"), ElementsAre(ended));
  EXPECT_THAT(found("states=JOB_STATE_CANCELLED&states=JOB_STATE_QUEUED"),
              ElementsAre(ended, waits));
  EXPECT_THAT(found("user=nobody"), ElementsAre());
}

TEST_F(ApiTest, ListsTheTasksOfAJobInPages) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {3, 4, 5});
  const std::string path =
      absl::StrCat("/api/v1/jobs/", Submit(spec), "/tasks");
  const auto page = MustGet<v1::ListTasksResponse>(path + "?page_size=2");
  ASSERT_EQ(page.tasks_size(), 2);
  EXPECT_EQ(page.tasks(1).labels(0), "4");
  EXPECT_EQ(page.tasks(1).render().iterations(), 4);
  const auto last = MustGet<v1::ListTasksResponse>(
      absl::StrCat(path, "?page_token=", page.next_page_token()));
  ASSERT_EQ(last.tasks_size(), 1);
  EXPECT_EQ(last.tasks(0).index(), 2);
  EXPECT_EQ(last.next_page_token(), "");
}

TEST_F(ApiTest, ListsTheAttemptsOfATask) {
  const std::string id = Submit();
  const std::string path =
      absl::StrCat("/api/v1/jobs/", id, "/tasks/0/attempts");
  EXPECT_EQ(MustGet<v1::ListAttemptsResponse>(path).attempts_size(), 0);
  CallForTask("anna");
  ASSERT_TRUE(control_->Pause(AnonymousAdmin(), JobId(id)).ok());
  const auto list = MustGet<v1::ListAttemptsResponse>(path);
  ASSERT_EQ(list.attempts_size(), 1);
  EXPECT_EQ(list.attempts(0).number(), 1);
  EXPECT_EQ(list.attempts(0).worker(), "anna");
  EXPECT_EQ(list.attempts(0).outcome(), v1::OUTCOME_PREEMPTED);
  EXPECT_THAT(Get(path).body, HasSubstr("\"device_time\":"));
}

TEST_F(ApiTest, ListsWorkers) {
  Submit();
  Call("anna");
  const auto list = MustGet<v1::ListWorkersResponse>("/api/v1/workers");
  ASSERT_EQ(list.workers_size(), 1);
  EXPECT_EQ(list.workers(0).description().name(), "anna");
}

struct Refused {
  std::string target;
  int code;
  std::string begins;  // The error, as JSON.
};

TEST_F(ApiTest, RefusesWithTheFieldAndWhatIsAllowed) {
  const std::string invalid = "{\"error\": {\"code\": \"INVALID_ARGUMENT\", ";
  const std::string path = "/api/v1/jobs";
  const std::string tasks = absl::StrCat(path, "/", Submit(), "/tasks");
  for (const Refused& refused : std::vector<Refused>{
           {path + "?page_size=x", 400,
            "page_size: 'x' is not allowed; a whole number"},
           {path + "?page_size=1001", 400,
            "page_size: 1001 is not allowed; from 0 to 1000"},
           {path + "?page_size=99999999999", 400, "page_size: '99999999999'"},
           {path + "?page_token=zz", 400, "page_token: is not one"},
           {path + "?page_token=%ff", 400, "page_token: '\\\\xff' is not"},
           {path + "?page_size=1&page_size=2", 400, "page_size: given twice"},
           {path + "?search=%0a", 400, "search: '\\\\n' is not allowed"},
           {path + "?states=running", 400,
            "states: 'running' is not allowed; JOB_STATE_RUNNING, "},
           {path + "?states=JOB_STATE_FAILED&states=JOB_STATE_FAILED", 400,
            "states[1]: JOB_STATE_FAILED is given twice"},
           {path + "?limit=1", 400,
            "'limit': there is no such parameter; allowed: page_size, "
            "page_token, search, states, user"},
           {path + "?limit=1&page_size=1", 400,
            "'limit': there is no such parameter; allowed: page_size, "
            "page_token, search, states, user"},
           {path + "/x?page_size=1", 400,
            "'page_size': there is no such parameter; none is allowed"},
           {path + "/x?job_id=y", 400, "job_id: given twice"},
           {path + "/%0a", 400, "job_id: '\\\\n' is not allowed"},
           {path + "/" + std::string(65, 'x'), 400, "job_id: "},
           {tasks + "?first_index=-1", 400,
            "first_index: -1 is not allowed; from 0"},
           {tasks + "/x/attempts", 400,
            "task_index: 'x' is not allowed; a whole number"},
           {tasks + "/1/attempts", 400,
            "task_index: 1 is not allowed; from 0 to 0"},
           {"/api/v1/workers?name=a", 400, "'name': there is no such"},
       }) {
    SCOPED_TRACE(refused.target);
    const HttpAnswer answer = Get(refused.target);
    EXPECT_EQ(answer.code, refused.code);
    EXPECT_THAT(answer.body, HasSubstr(absl::StrCat(invalid, "\"message\": \"",
                                                    refused.begins)));
  }
}

TEST_F(ApiTest, WhatIsNotThereIs404) {
  for (const char* target : {"/api/v1/jobs/none", "/api/v1/jobs/none/tasks",
                             "/api/v1/jobs/none/tasks/0/attempts",
                             "/api/v1/nothing", "/api/v2/jobs"}) {
    SCOPED_TRACE(target);
    const HttpAnswer answer = Get(target);
    EXPECT_EQ(answer.code, 404);
    EXPECT_THAT(answer.body, HasSubstr("\"code\": \"NOT_FOUND\""));
  }
}

TEST_F(ApiTest, WhoMayNotIsToldSo) {
  const std::string job = "/api/v1/jobs/" + Submit();
  const std::string targets[] = {"/api/v1/jobs",  job,
                                 job + "/tasks",  job + "/tasks/0/attempts",
                                 job + "/events", "/api/v1/workers"};
  ComeAs(Caller{"w", {Role::kWork}});
  for (const std::string& target : targets) {
    SCOPED_TRACE(target);
    const HttpAnswer answer = Get(target);
    EXPECT_EQ(answer.code, 403);
    EXPECT_THAT(answer.body, HasSubstr("\"code\": \"PERMISSION_DENIED\""));
    EXPECT_THAT(answer.body, HasSubstr("w may not "));
  }
  ComeAs(absl::UnauthenticatedError("who are you"));
  for (const std::string& target : targets) {
    SCOPED_TRACE(target);
    EXPECT_EQ(Get(target).code, 401);
  }
  EXPECT_EQ(Get("/api/v2/jobs").code, 401) << "nor what there is not";
  ComeAs(Caller{"r", {Role::kRead}});
  EXPECT_EQ(Get(job).code, 200);
  EXPECT_EQ(Get("/api/v2/jobs").code, 404);
}

TEST_F(ApiTest, IsUnavailableWhileThereIsNoControlPlane) {
  serving_ = nullptr;
  const HttpAnswer answer = Get("/api/v1/jobs");
  EXPECT_EQ(answer.code, 503);
  EXPECT_THAT(answer.head, HasSubstr("Retry-After: "));
  EXPECT_THAT(answer.body, HasSubstr("\"code\": \"UNAVAILABLE\""));
}

}  // namespace
}  // namespace atelier
