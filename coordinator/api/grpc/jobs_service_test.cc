#include "coordinator/api/grpc/jobs_service.h"

#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class JobsServiceTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    PutInputs();
  }
  grpc::Status Cancel(const std::string& id, v1::Job* job) {
    grpc::ClientContext context;
    v1::CancelJobRequest request;
    request.set_job_id(id);
    return jobs_->CancelJob(&context, request, job);
  }
  grpc::Status Retry(const std::string& id, v1::Job* job) {
    grpc::ClientContext context;
    v1::RetryJobRequest request;
    request.set_job_id(id);
    return jobs_->RetryJob(&context, request, job);
  }
  grpc::Status Delete(const std::string& id, v1::Job* job) {
    grpc::ClientContext context;
    v1::DeleteJobRequest request;
    request.set_job_id(id);
    return jobs_->DeleteJob(&context, request, job);
  }
  grpc::Status ListTasks(const std::string& id, int size,
                         const std::string& token,
                         v1::ListTasksResponse* page) {
    grpc::ClientContext context;
    v1::ListTasksRequest request;
    request.set_job_id(id);
    request.set_page_size(size);
    request.set_page_token(token);
    return jobs_->ListTasks(&context, request, page);
  }
  grpc::Status ListAttempts(const std::string& id, int64_t index,
                            v1::ListAttemptsResponse* response) {
    grpc::ClientContext context;
    v1::ListAttemptsRequest request;
    request.set_job_id(id);
    request.set_task_index(index);
    return jobs_->ListAttempts(&context, request, response);
  }
  grpc::Status ListJobs(int size, const std::string& token,
                        v1::ListJobsResponse* page) {
    grpc::ClientContext context;
    v1::ListJobsRequest request;
    request.set_page_size(size);
    request.set_page_token(token);
    return jobs_->ListJobs(&context, request, page);
  }
};

TEST_F(JobsServiceTest, KeepsAJobAsItWasSubmitted) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {1, 2, 3});
  const v1::Job submitted = MustSubmit(spec);
  EXPECT_EQ(submitted.state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(submitted.task_count(), 3);
  EXPECT_EQ(submitted.tasks().queued(), 3);

  v1::Job job;
  ASSERT_TRUE(Get(submitted.job_id(), &job).ok());
  EXPECT_EQ(EncodeSpec(job.spec()), EncodeSpec(spec));
  EXPECT_GT(job.submitted_at().seconds(), 0);
  EXPECT_FALSE(job.has_ended_at());
}

TEST_F(JobsServiceTest, MakesOneJobOfARepeatedSubmit) {
  v1::Job first, second;
  const std::string id = RandomId();
  ASSERT_TRUE(Submit(SmallJob(), &first, id).ok());
  ASSERT_TRUE(Submit(SmallJob(), &second, id).ok());
  EXPECT_EQ(first.job_id(), second.job_id());

  v1::JobSpec other = SmallJob();
  other.set_name("other");
  EXPECT_EQ(Submit(other, &second, id).error_code(),
            grpc::StatusCode::ALREADY_EXISTS);
}

TEST_F(JobsServiceTest, NamesTheInputsThatAreNotThere) {
  v1::JobSpec spec = SmallJob();
  spec.mutable_base()->set_style_digests(0, HexDigest("elsewhere"));
  spec.mutable_images(1)->set_digest(HexDigest("elsewhere"));
  v1::Job job;
  const grpc::Status status = Submit(spec, &job);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr(HexDigest("elsewhere")));
}

TEST_F(JobsServiceTest, ChecksTheSpecAndTheRequestId) {
  v1::JobSpec spec = SmallJob();
  spec.mutable_base()->set_iterations(-3);
  v1::Job job;
  const grpc::Status status = Submit(spec, &job);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("spec.base.iterations: -3"));
  EXPECT_EQ(Submit(SmallJob(), &job, "short").error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(JobsServiceTest, SaysNotFoundForAJobItDoesNotHave) {
  v1::Job job;
  v1::ListTasksResponse page;
  const auto expected = grpc::StatusCode::NOT_FOUND;
  EXPECT_EQ(Get("nowhere", &job).error_code(), expected);
  EXPECT_EQ(Cancel("nowhere", &job).error_code(), expected);
  EXPECT_EQ(Retry("nowhere", &job).error_code(), expected);
  EXPECT_EQ(ListTasks("nowhere", 0, "", &page).error_code(), expected);
  v1::ListAttemptsResponse attempts;
  EXPECT_EQ(ListAttempts("nowhere", 0, &attempts).error_code(), expected);
  EXPECT_EQ(Get("", &job).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(JobsServiceTest, ListsJobsNewestFirstPageByPage) {
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(MustSubmit(SmallJob()).job_id());

  v1::ListJobsResponse page;
  ASSERT_TRUE(ListJobs(2, "", &page).ok());
  ASSERT_EQ(page.jobs_size(), 2);
  EXPECT_EQ(page.jobs(0).job_id(), ids[2]);
  EXPECT_EQ(page.jobs(1).job_id(), ids[1]);
  v1::ListJobsResponse rest;
  ASSERT_TRUE(ListJobs(2, page.next_page_token(), &rest).ok());
  ASSERT_EQ(rest.jobs_size(), 1);
  EXPECT_EQ(rest.jobs(0).job_id(), ids[0]);
  EXPECT_EQ(rest.next_page_token(), "");
}

TEST_F(JobsServiceTest, PagesOfEverySizeGiveEachJobOnce) {
  constexpr int kJobs = 35;  // Some more than are read at once.
  std::vector<std::string> ids;
  for (int i = 0; i < kJobs; ++i)
    ids.push_back(MustSubmit(SmallJob()).job_id());
  std::reverse(ids.begin(), ids.end());
  for (int size : {1, 7, 15, 16, 17, 32, 34, 35, 36}) {
    SCOPED_TRACE(size);
    std::vector<std::string> listed;
    v1::ListJobsResponse page;
    do {
      const std::string token = page.next_page_token();
      page.Clear();
      ASSERT_TRUE(ListJobs(size, token, &page).ok());
      ASSERT_LE(page.jobs_size(), size);
      ASSERT_GT(page.jobs_size(), 0) << "after " << listed.size();
      for (const v1::Job& job : page.jobs()) listed.push_back(job.job_id());
    } while (!page.next_page_token().empty());
    EXPECT_EQ(listed, ids);
  }
}

TEST_F(JobsServiceTest, APageEndsAtTheBytesThatItMayHave) {
  v1::JobSpec spec = SmallJob();
  for (int i = 0; i < 150; ++i) {
    v1::ImageDescription& image = *spec.add_images();
    image = spec.images(0);
    image.set_digest(HexDigest(absl::StrCat(i)));
    image.clear_name();
    for (int c = 0; c < 250; ++c) image.mutable_name()->append("夜");
  }
  constexpr size_t kMost = size_t{8} << 20;
  const size_t jobs = kMost / EncodeSpec(spec).size() + 20;
  for (size_t i = 0; i < jobs; ++i) MustSubmit(spec);
  v1::ListJobsResponse page;
  const grpc::Status status = ListJobs(1000, "", &page);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_LE(page.ByteSizeLong(), kMost + (size_t{1} << 20));
  EXPECT_GE(page.jobs_size(), static_cast<int>(jobs) - 25);
  EXPECT_NE(page.next_page_token(), "");
}

TEST_F(JobsServiceTest, ListsTasksResolvedAndLabelled) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {10, 20, 30});
  const std::string id = MustSubmit(spec).job_id();

  v1::ListTasksResponse page;
  ASSERT_TRUE(ListTasks(id, 2, "", &page).ok());
  ASSERT_EQ(page.tasks_size(), 2);
  EXPECT_THAT(page.tasks(1).labels(), ElementsAre("20"));
  EXPECT_EQ(page.tasks(1).render().iterations(), 20);
  EXPECT_TRUE(page.tasks(1).render().has_learning_rate());
  EXPECT_EQ(page.tasks(1).state(), v1::TASK_STATE_QUEUED);
  EXPECT_EQ(page.tasks(1).render_key().size(), 64u);
  v1::ListTasksResponse rest;
  ASSERT_TRUE(ListTasks(id, 2, page.next_page_token(), &rest).ok());
  ASSERT_EQ(rest.tasks_size(), 1);
  EXPECT_EQ(rest.tasks(0).index(), 2);
  EXPECT_EQ(rest.next_page_token(), "");
}

TEST_F(JobsServiceTest, ListsTasksFromAnIndexOn) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {10, 20, 30});
  v1::ListTasksRequest request;
  request.set_job_id(MustSubmit(spec).job_id());
  const auto list = [&] {
    grpc::ClientContext context;
    v1::ListTasksResponse page;
    const grpc::Status status = jobs_->ListTasks(&context, request, &page);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<int64_t> indices;
    for (const v1::Task& task : page.tasks()) indices.push_back(task.index());
    return indices;
  };
  request.set_first_index(1);
  EXPECT_THAT(list(), ElementsAre(1, 2));
  request.set_first_index(3);
  EXPECT_THAT(list(), ElementsAre());
  request.set_page_token("2");
  EXPECT_THAT(list(), ElementsAre(2)) << "the page that follows";
}

TEST_F(JobsServiceTest, ListsTheAttemptsOfATask) {
  const std::string id = MustSubmit(SmallJob()).job_id();
  v1::SynchronizeRequest anna = Worker("anna");
  v1::SynchronizeResponse work;
  ASSERT_TRUE(Sync(anna, &work).ok());
  v1::AttemptReport& failure = *anna.add_finished();
  *failure.mutable_token() = work.start(0).token();
  failure.set_outcome(v1::OUTCOME_INTERNAL);
  failure.set_message("no such layer");
  anna.set_draining(true);  // Or it would have the task again.
  ASSERT_TRUE(Sync(anna, &work).ok());
  v1::SynchronizeRequest bert = Worker("bert");
  ASSERT_TRUE(Sync(bert, &work).ok());
  *bert.add_finished() = Succeeded(work.start(0));
  ASSERT_TRUE(Sync(bert, &work).ok());

  v1::ListAttemptsResponse response;
  ASSERT_TRUE(ListAttempts(id, 0, &response).ok());
  ASSERT_EQ(response.attempts_size(), 2);
  const v1::Attempt& first = response.attempts(0);
  EXPECT_EQ(first.number(), 1);
  EXPECT_EQ(first.worker(), "anna");
  EXPECT_EQ(first.outcome(), v1::OUTCOME_INTERNAL);
  EXPECT_THAT(first.message(), HasSubstr("no such layer"));
  const v1::Attempt& second = response.attempts(1);
  EXPECT_EQ(second.number(), 2);
  EXPECT_EQ(second.worker(), "bert");
  EXPECT_EQ(second.outcome(), v1::OUTCOME_SUCCEEDED);
  EXPECT_EQ(second.message(), "");
  EXPECT_GT(second.began_at().seconds(), 0);
  EXPECT_GE(second.ended_at().seconds(), second.began_at().seconds());
  EXPECT_TRUE(second.has_device_time());
}

TEST_F(JobsServiceTest, AttemptsAreOfATaskOfTheJob) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {10, 20, 30});
  const std::string id = MustSubmit(spec).job_id();
  v1::ListAttemptsResponse response;
  EXPECT_TRUE(ListAttempts(id, 2, &response).ok());
  for (const int64_t index : {-1, 3}) {
    const grpc::Status status = ListAttempts(id, index, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(
        status.error_message(),
        absl::StrCat("task_index: ", index, " is not allowed; from 0 to 2"));
  }
}

TEST_F(JobsServiceTest, ChecksPages) {
  v1::ListJobsResponse page;
  for (int size : {-1, 1001}) {
    EXPECT_EQ(ListJobs(size, "", &page).error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
  }
  for (const char* token : {"x", "-1", "99999999999999999999999"}) {
    EXPECT_EQ(ListJobs(0, token, &page).error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
  }
}

TEST_F(JobsServiceTest, PausesResumesAndChangesPriorities) {
  PutInputs();
  v1::JobSpec spec = SmallJob();
  spec.set_priority(4);
  spec.set_user("ann");
  const std::string id = MustSubmit(spec).job_id();
  v1::Job job;
  v1::PauseJobRequest pause;
  pause.set_job_id(id);
  {
    grpc::ClientContext context;
    ASSERT_TRUE(jobs_->PauseJob(&context, pause, &job).ok());
  }
  EXPECT_TRUE(job.paused());
  EXPECT_EQ(job.priority(), 4);
  v1::ResumeJobRequest resume;
  resume.set_job_id(id);
  {
    grpc::ClientContext context;
    ASSERT_TRUE(jobs_->ResumeJob(&context, resume, &job).ok());
  }
  EXPECT_FALSE(job.paused());
  v1::SetJobPriorityRequest wish;
  wish.set_job_id(id);
  wish.set_priority(-1000);
  {
    grpc::ClientContext context;
    ASSERT_TRUE(jobs_->SetJobPriority(&context, wish, &job).ok());
  }
  EXPECT_EQ(job.priority(), -1000);
  wish.set_priority(1001);
  grpc::ClientContext context;
  const grpc::Status status = jobs_->SetJobPriority(&context, wish, &job);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(),
            "priority: 1001 is not allowed; from -1000 to 1000");
}

TEST_F(JobsServiceTest, CancelsAndRetries) {
  const std::string id = MustSubmit(SmallJob()).job_id();
  v1::Job job;
  ASSERT_TRUE(Retry(id, &job).ok()) << "nothing has failed so far";
  EXPECT_EQ(job.tasks().queued(), 1);
  ASSERT_TRUE(Cancel(id, &job).ok());
  EXPECT_EQ(job.state(), v1::JOB_STATE_CANCELLED);
  EXPECT_TRUE(job.has_ended_at());
  ASSERT_TRUE(Cancel(id, &job).ok());
  ASSERT_TRUE(Retry(id, &job).ok());
  EXPECT_EQ(job.state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(job.tasks().queued(), 1);
}

TEST_F(JobsServiceTest, WatchesAJobUntilItHasEnded) {
  const std::string id = MustSubmit(SmallJob()).job_id();
  grpc::ClientContext context;
  v1::WatchJobRequest request;
  request.set_job_id(id);
  const auto stream = jobs_->WatchJob(&context, request);
  v1::JobSnapshot snapshot;
  ASSERT_TRUE(stream->Read(&snapshot));
  EXPECT_EQ(snapshot.job().state(), v1::JOB_STATE_QUEUED);

  v1::SynchronizeResponse work;
  ASSERT_TRUE(Sync(Worker("anna"), &work).ok());
  ASSERT_EQ(work.start_size(), 1);
  do {
    ASSERT_TRUE(stream->Read(&snapshot));
  } while (snapshot.running_size() == 0);
  EXPECT_EQ(snapshot.running(0).worker(), "anna");
  EXPECT_EQ(snapshot.job().state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(snapshot.job().wait_reason(), v1::WAIT_REASON_UNSPECIFIED);
  EXPECT_EQ(snapshot.running(0).render().iterations(), 3);

  v1::SynchronizeRequest report = Worker("anna");
  report.set_draining(true);
  *report.add_finished() = Succeeded(work.start(0));
  v1::SynchronizeResponse answer;
  ASSERT_TRUE(Sync(report, &answer).ok());
  v1::JobState last = v1::JOB_STATE_UNSPECIFIED;
  while (stream->Read(&snapshot)) last = snapshot.job().state();
  EXPECT_EQ(last, v1::JOB_STATE_SUCCEEDED);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(JobsServiceTest, EndsWatchesWithUnavailableWhenItStops) {
  grpc::ClientContext context;
  v1::WatchJobRequest request;
  request.set_job_id(MustSubmit(SmallJob()).job_id());
  const auto stream = jobs_->WatchJob(&context, request);
  v1::JobSnapshot snapshot;
  ASSERT_TRUE(stream->Read(&snapshot));
  server_->Stop();
  while (stream->Read(&snapshot)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(JobsServiceTest, RefusesToWatchWhatIsNotThere) {
  for (const auto& [id, code] :
       {std::pair("nowhere", grpc::StatusCode::NOT_FOUND),
        std::pair("", grpc::StatusCode::INVALID_ARGUMENT)}) {
    SCOPED_TRACE(id);
    grpc::ClientContext context;
    v1::WatchJobRequest request;
    request.set_job_id(id);
    const auto stream = jobs_->WatchJob(&context, request);
    v1::JobSnapshot snapshot;
    EXPECT_FALSE(stream->Read(&snapshot));
    EXPECT_EQ(stream->Finish().error_code(), code);
  }
}

TEST_F(JobsServiceTest, SurvivesAWatcherThatGoesAway) {
  const std::string id = MustSubmit(SmallJob()).job_id();
  {
    grpc::ClientContext context;
    v1::WatchJobRequest request;
    request.set_job_id(id);
    const auto stream = jobs_->WatchJob(&context, request);
    v1::JobSnapshot snapshot;
    ASSERT_TRUE(stream->Read(&snapshot));
    context.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  v1::Job job;
  EXPECT_TRUE(Cancel(id, &job).ok());
}

TEST_F(JobsServiceTest, ADeletedJobIsNotFound) {
  const std::string id = MustSubmit(SmallJob()).job_id();
  v1::Job job;
  EXPECT_EQ(Delete(id, &job).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
  ASSERT_TRUE(Cancel(id, &job).ok());
  ASSERT_TRUE(Delete(id, &job).ok());
  EXPECT_EQ(job.state(), v1::JOB_STATE_CANCELLED) << "as it was";
  EXPECT_EQ(Delete(id, &job).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Retry(id, &job).error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace atelier
