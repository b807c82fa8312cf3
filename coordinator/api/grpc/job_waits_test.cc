// What is said of jobs that wait: in answers, lists, watches and metrics.
#include <string>

#include "absl/strings/ascii.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class JobWaitsTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    PutInputs();
  }
  v1::Job Job(const std::string& id) {
    v1::Job job;
    EXPECT_TRUE(Get(id, &job).ok());
    return job;
  }
  /// A worker that is known and asks for nothing.
  void Introduce(const std::string& name, bool draining = true) {
    v1::SynchronizeRequest request = Worker(name);
    request.set_draining(draining);
    v1::SynchronizeResponse response;
    ASSERT_TRUE(Sync(request, &response).ok());
  }
  std::string MetricsPage() {
    return metrics_.Text(SampleOf(control_->Counts()));
  }
};

TEST_F(JobWaitsTest, AJobWithoutAWorkerIsQueuedAndSaysSo) {
  const v1::Job submitted = MustSubmit(SmallJob());
  EXPECT_EQ(submitted.state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(submitted.wait_reason(), v1::WAIT_REASON_NO_WORKER);
  EXPECT_EQ(submitted.wait_message(), "no worker is connected");
  EXPECT_EQ(Job(submitted.job_id()).wait_reason(), v1::WAIT_REASON_NO_WORKER);
  EXPECT_THAT(MetricsPage(),
              HasSubstr("atelier_jobs_waiting{reason=\"no-worker\"} 1"));
}

TEST_F(JobWaitsTest, AJobThatIsTakenRunsAndWaitsForNothing) {
  const std::string id = MustSubmit(SmallJob()).job_id();
  v1::SynchronizeResponse work;
  ASSERT_TRUE(Sync(Worker("anna"), &work).ok());
  ASSERT_EQ(work.start_size(), 1);
  const v1::Job job = Job(id);
  EXPECT_EQ(job.state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(job.wait_reason(), v1::WAIT_REASON_UNSPECIFIED);
  EXPECT_EQ(job.wait_message(), "");
  EXPECT_THAT(MetricsPage(),
              HasSubstr("atelier_jobs_waiting{reason=\"no-worker\"} 0"));

  const v1::Job other = MustSubmit(SmallJob());
  // The same render joins the attempt that runs, so make it another.
  v1::JobSpec spec = SmallJob();
  spec.mutable_base()->set_iterations(4);
  const v1::Job waits = MustSubmit(spec);
  EXPECT_EQ(waits.state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(waits.wait_reason(), v1::WAIT_REASON_WORKERS_BUSY);
  EXPECT_EQ(waits.wait_message(), "the one fitting worker is busy");
}

TEST_F(JobWaitsTest, AListSaysItOfEachJob) {
  Introduce("anna");
  const std::string plain = MustSubmit(SmallJob()).job_id();
  v1::JobSpec spec = SmallJob();
  spec.add_worker_tags("gpu");
  const std::string tagged = MustSubmit(spec).job_id();
  const std::string cancelled = MustSubmit(SmallJob()).job_id();
  {
    grpc::ClientContext context;
    v1::CancelJobRequest request;
    request.set_job_id(cancelled);
    v1::Job job;
    ASSERT_TRUE(jobs_->CancelJob(&context, request, &job).ok());
    EXPECT_EQ(job.wait_reason(), v1::WAIT_REASON_UNSPECIFIED);
  }
  grpc::ClientContext context;
  v1::ListJobsResponse page;
  ASSERT_TRUE(jobs_->ListJobs(&context, {}, &page).ok());
  ASSERT_EQ(page.jobs_size(), 3);
  EXPECT_EQ(page.jobs(0).state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(page.jobs(0).wait_reason(), v1::WAIT_REASON_UNSPECIFIED);
  EXPECT_EQ(page.jobs(1).job_id(), tagged);
  EXPECT_EQ(page.jobs(1).wait_reason(), v1::WAIT_REASON_TAGS);
  EXPECT_EQ(page.jobs(1).wait_message(), "no live worker has the tag gpu");
  EXPECT_EQ(page.jobs(2).job_id(), plain);
  EXPECT_EQ(page.jobs(2).wait_reason(), v1::WAIT_REASON_WORKERS_UNAVAILABLE);
}

TEST_F(JobWaitsTest, APausedJobIsQueuedForThat) {
  const std::string id = MustSubmit(SmallJob()).job_id();
  grpc::ClientContext context;
  v1::PauseJobRequest request;
  request.set_job_id(id);
  v1::Job job;
  ASSERT_TRUE(jobs_->PauseJob(&context, request, &job).ok());
  EXPECT_TRUE(job.paused());
  EXPECT_EQ(job.state(), v1::JOB_STATE_QUEUED);
  EXPECT_EQ(job.wait_reason(), v1::WAIT_REASON_PAUSED);
}

TEST_F(JobWaitsTest, AWatchHearsOfWorkersThatComeAndOfWhatTheyLack) {
  v1::JobSpec spec = SmallJob();
  spec.set_worker_memory_bytes(int64_t{12} << 30);
  const std::string id = MustSubmit(spec).job_id();
  grpc::ClientContext context;
  v1::WatchJobRequest request;
  request.set_job_id(id);
  const auto stream = jobs_->WatchJob(&context, request);
  v1::JobSnapshot snapshot;
  const auto await = [&](v1::WaitReason reason) {
    do {
      ASSERT_TRUE(stream->Read(&snapshot));
    } while (snapshot.job().wait_reason() != reason);
  };
  await(v1::WAIT_REASON_NO_WORKER);
  // Nothing that happens from here on touches the job.
  v1::SynchronizeRequest worker = Worker("anna");
  worker.mutable_worker()->set_memory_bytes(int64_t{8} << 30);
  worker.set_draining(true);
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(worker, &response).ok());
  await(v1::WAIT_REASON_MEMORY);
  EXPECT_EQ(snapshot.job().wait_message(),
            "needs 12.0 GB; the one worker has 8.0 GB");
  worker.mutable_worker()->set_memory_bytes(int64_t{16} << 30);
  ASSERT_TRUE(Sync(worker, &response).ok());
  await(v1::WAIT_REASON_WORKERS_UNAVAILABLE);
  context.TryCancel();
}

TEST_F(JobWaitsTest, WaitReasonsHaveTheWiresNumbers) {
  const auto* const descriptor = v1::WaitReason_descriptor();
  ASSERT_EQ(descriptor->value_count(), kWaitReasonCount + 1);
  for (int i = 1; i <= kWaitReasonCount; ++i) {
    std::string name = std::string(Name(static_cast<WaitReason>(i)));
    for (char& c : name) c = c == '-' ? '_' : absl::ascii_toupper(c);
    EXPECT_EQ(descriptor->FindValueByNumber(i)->name(),
              absl::StrCat("WAIT_REASON_", name));
  }
}

}  // namespace
}  // namespace atelier
