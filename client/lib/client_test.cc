#include "client/lib/client.h"

#include "client/lib/fake_jobs.h"
#include "common/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

class ClientTest : public testing::Test {
 protected:
  ClientTest() : server_({&jobs_, &artifacts_}) {
    ClientOptions options;
    options.retry.first_wait = absl::Milliseconds(1);
    options.retry.most_wait = absl::Milliseconds(1);
    client_ = std::make_unique<Client>(server_.Channel(), stop_, options);
  }

  static PreparedJob Job() {
    PreparedJob job;
    job.spec.set_name("job");
    job.inputs.push_back(
        {HexDigest("bytes"), "", std::make_shared<const std::string>("bytes")});
    return job;
  }

  FakeJobs jobs_;
  FakeArtifacts artifacts_;
  InProcessServer server_;
  StopSignal stop_;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, UploadsWhatIsMissingBeforeItSubmits) {
  const v1::Job job = client_->Submit(Job()).value();
  EXPECT_EQ(job.spec().name(), "job");
  EXPECT_EQ(artifacts_.Find(HexDigest("bytes")), "bytes");
}

TEST_F(ClientTest, ASubmitWhoseAnswerIsLostMakesOneJob) {
  jobs_.LoseAnswers(2);
  const v1::Job job = client_->Submit(Job()).value();
  EXPECT_EQ(jobs_.submits(), 3);
  EXPECT_EQ(jobs_.size(), 1);
  EXPECT_EQ(client_->GetJob(job.job_id())->job_id(), job.job_id());
}

TEST_F(ClientTest, UploadsAgainWhatWasSweptAwayMeanwhile) {
  jobs_.FailNextSubmit(grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_TRUE(client_->Submit(Job()).ok());
  EXPECT_EQ(artifacts_.find_sizes().size(), 2);
  EXPECT_EQ(jobs_.size(), 1);
}

TEST_F(ClientTest, AFinalRefusalIsNotRepeated) {
  jobs_.FailNextSubmit(grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(client_->Submit(Job()).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(jobs_.submits(), 1);
}

TEST_F(ClientTest, WatchGoesOnAfterALostConnection) {
  const v1::Job job = client_->Submit(Job()).value();
  jobs_.BreakWatches(2);
  int snapshots = 0;
  const v1::Job ended =
      client_->Watch(job.job_id(), [&](const v1::JobSnapshot&) { ++snapshots; })
          .value();
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(snapshots, 3);
}

// As a coordinator does that is told to stop.
TEST_F(ClientTest, WhatTheServerCancelsIsRepeated) {
  jobs_.FailNextSubmit(grpc::StatusCode::CANCELLED);
  const v1::Job job = client_->Submit(Job()).value();
  EXPECT_EQ(jobs_.submits(), 2);
  jobs_.BreakWatches(2, grpc::StatusCode::CANCELLED);
  const auto ended =
      client_->Watch(job.job_id(), [](const v1::JobSnapshot&) {});
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_EQ(ended->state(), v1::JOB_STATE_SUCCEEDED);
}

TEST_F(ClientTest, AStoppedWatchIsCancelled) {
  const v1::Job job = client_->Submit(Job()).value();
  stop_.Stop();
  EXPECT_TRUE(absl::IsCancelled(
      client_->Watch(job.job_id(), [](const v1::JobSnapshot&) {}).status()));
}

TEST_F(ClientTest, WalksAllPagesOfTasks) {
  const v1::Job job = client_->Submit(Job()).value();
  jobs_.SetTaskCount(1201);
  std::vector<int64_t> seen;
  ASSERT_TRUE(client_
                  ->ForEachTask(job.job_id(),
                                [&](const v1::Task& task) {
                                  seen.push_back(task.index());
                                  return absl::OkStatus();
                                })
                  .ok());
  ASSERT_EQ(seen.size(), 1201);
  EXPECT_EQ(seen.back(), 1200);
}

TEST_F(ClientTest, FindsOneTaskAndItsAttempts) {
  const v1::Job job = client_->Submit(Job()).value();
  jobs_.SetTaskCount(1201);
  jobs_.SetAttempts(std::vector<v1::Attempt>(2));
  EXPECT_EQ(client_->GetTask(job.job_id(), 1200)->index(), 1200);
  EXPECT_TRUE(absl::IsNotFound(client_->GetTask(job.job_id(), 1201).status()));
  EXPECT_EQ(client_->ListAttempts(job.job_id(), 1200)->size(), 2);
}

}  // namespace
}  // namespace atelier
