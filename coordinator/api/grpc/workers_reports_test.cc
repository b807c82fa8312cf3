// A report that is bad on its own costs its own attempt, and nothing else.
#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class WorkersReportsTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    PutInputs();
    v1::JobSpec spec = SmallJob();
    AddIterationsAxis(spec, {5, 6});
    job_id_ = MustSubmit(spec).job_id();
    request_ = Worker("anna");
    request_.mutable_worker()->set_slots(2);
    v1::SynchronizeResponse response;
    EXPECT_TRUE(Sync(request_, &response).ok());
    EXPECT_EQ(response.start_size(), 2);
    work_ = response.start();
    for (const v1::Assignment& work : work_) {
      *request_.add_finished() = Succeeded(work);
    }
  }

  v1::Job Job() {
    v1::Job job;
    EXPECT_TRUE(Get(job_id_, &job).ok());
    return job;
  }

  // Sends both reports, the first of them bad.
  v1::SynchronizeResponse Report() {
    v1::SynchronizeResponse response;
    const grpc::Status status = Sync(request_, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  void ExpectOnlyTheSecondCounts(const v1::SynchronizeResponse& response) {
    ASSERT_EQ(response.acknowledged_size(), 2);
    for (const v1::ReportAcknowledgement& answer : response.acknowledged()) {
      const bool good =
          answer.token().number() == request_.finished(1).token().number();
      EXPECT_EQ(answer.disposition(),
                good ? v1::DISPOSITION_COMMITTED : v1::DISPOSITION_IGNORED);
    }
    EXPECT_EQ(Job().tasks().succeeded(), 1);
    EXPECT_EQ(Job().tasks().failed(), 0);
    // The task is queued, and so given out again at once.
    ASSERT_EQ(response.start_size(), 1);
    EXPECT_EQ(response.start(0).task_index(), work_[0].task_index());
  }

  std::string job_id_;
  google::protobuf::RepeatedPtrField<v1::Assignment> work_;
  v1::SynchronizeRequest request_;
};

TEST_F(WorkersReportsTest, APictureThatIsGoneIsRenderedAgain) {
  request_.mutable_finished(0)->mutable_result()->set_image_digest(
      HexDigest("collected since"));
  const v1::SynchronizeResponse response = Report();
  ExpectOnlyTheSecondCounts(response);

  request_.clear_finished();
  *request_.add_finished() = Succeeded(response.start(0));
  request_.set_draining(true);
  Report();
  EXPECT_EQ(Job().state(), v1::JOB_STATE_SUCCEEDED);
}

struct Spoiled {
  const char* name;
  void (*spoil)(v1::AttemptReport& report);
};

class MalformedReportTest : public WorkersReportsTest,
                            public ::testing::WithParamInterface<Spoiled> {};

TEST_P(MalformedReportTest, FailsItsAttemptAlone) {
  GetParam().spoil(*request_.mutable_finished(0));
  ExpectOnlyTheSecondCounts(Report());
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, MalformedReportTest,
    ::testing::Values(
        Spoiled{"NoOutcome", [](auto& r) { r.clear_outcome(); }},
        Spoiled{"OutcomeOfANewerBuild",
                [](auto& r) { r.set_outcome(static_cast<v1::Outcome>(1000)); }},
        Spoiled{"NegativeOutcome",
                [](auto& r) { r.set_outcome(static_cast<v1::Outcome>(-1)); }},
        Spoiled{"NoResult", [](auto& r) { r.clear_result(); }},
        Spoiled{
            "NoDigest",
            [](auto& r) { r.mutable_result()->set_image_digest("../../etc"); }},
        Spoiled{"NoWidth",
                [](auto& r) { r.mutable_result()->set_width_px(0); }},
        Spoiled{"ManyTerms",
                [](auto& r) {
                  auto& losses = *r.mutable_result()->mutable_losses();
                  for (int i = 0; i < 33; ++i) {
                    (*losses.mutable_terms())[absl::StrCat("term_", i)] = 1;
                  }
                }},
        Spoiled{"ATermCalledTotal",
                [](auto& r) {
                  auto& losses = *r.mutable_result()->mutable_losses();
                  (*losses.mutable_terms())["total"] = 1;
                }},
        Spoiled{"UnnamedTermThatIsNoNumber",
                [](auto& r) {
                  r.mutable_result()->mutable_losses()->set_style(NAN);
                }},
        Spoiled{"NegativeIterations",
                [](auto& r) { r.mutable_result()->set_iterations(-5); }}),
    [](const auto& test) { return test.param.name; });

TEST_F(WorkersReportsTest, ALongMessageIsCut) {
  request_.mutable_finished(0)->set_outcome(v1::OUTCOME_INVALID_INPUT);
  request_.mutable_finished(0)->set_message(std::string(1 << 20, 'x'));
  const v1::SynchronizeResponse response = Report();
  ASSERT_EQ(response.acknowledged_size(), 2);
  EXPECT_EQ(response.acknowledged(0).disposition(), v1::DISPOSITION_COMMITTED);
  EXPECT_EQ(response.acknowledged(1).disposition(), v1::DISPOSITION_COMMITTED);
  EXPECT_LE(Job().message().size(), 8192);
}

TEST_F(WorkersReportsTest, ABadCheckpointLeavesTheReportGood) {
  request_.mutable_finished(0)->mutable_checkpoint()->set_digest("no digest");
  request_.set_draining(true);
  EXPECT_EQ(Report().acknowledged_size(), 2);
  EXPECT_EQ(Job().tasks().succeeded(), 2);
}

TEST_F(WorkersReportsTest, MeasuresAreKeptAndBadOnesLeaveTheReportGood) {
  v1::Measures measures;
  measures.set_version(1);
  measures.mutable_by()->set_size_px(256);
  (*measures.mutable_values())["psnr"] = 20.5;
  *request_.mutable_finished(0)->mutable_result()->mutable_measures() =
      measures;
  (*measures.mutable_values())["psnr"] = INFINITY;
  *request_.mutable_finished(1)->mutable_result()->mutable_measures() =
      measures;
  Report();
  EXPECT_EQ(Job().tasks().succeeded(), 2);
  v1::ListTasksRequest asked;
  asked.set_job_id(job_id_);
  v1::ListTasksResponse tasks;
  grpc::ClientContext context;
  ASSERT_TRUE(jobs_->ListTasks(&context, asked, &tasks).ok());
  ASSERT_EQ(tasks.tasks_size(), 2);
  int measured = 0;
  for (const v1::Task& task : tasks.tasks()) {
    if (!task.result().has_measures()) continue;
    ++measured;
    EXPECT_EQ(task.result().measures().values().at("psnr"), 20.5);
    EXPECT_EQ(task.result().measures().by().size_px(), 256);
  }
  EXPECT_EQ(measured, 1);
}

TEST_F(WorkersReportsTest, AnAssignmentSaysByWhatItIsMeasured) {
  v1::JobSpec spec = SmallJob();
  spec.mutable_base()->set_iterations(9);
  spec.mutable_measure()->set_size_px(64);
  spec.mutable_measure()->set_weights_digest(HexDigest("weights"));
  MustSubmit(spec);
  v1::SynchronizeRequest request = Worker("bert");
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(request, &response).ok());
  ASSERT_EQ(response.start_size(), 1);
  EXPECT_EQ(response.start(0).measure().size_px(), 64);
  EXPECT_EQ(response.start(0).measure().weights_digest(), HexDigest("weights"));
}

TEST_F(WorkersReportsTest, AReportOfNoAttemptIsAnsweredAsItCame) {
  request_.mutable_finished(0)->mutable_token()->set_render_key("no key");
  request_.mutable_finished(0)->mutable_token()->set_number(-7);
  request_.set_draining(true);
  const v1::SynchronizeResponse response = Report();
  ASSERT_EQ(response.acknowledged_size(), 2);
  EXPECT_EQ(response.acknowledged(1).token().render_key(), "no key");
  EXPECT_EQ(response.acknowledged(1).token().number(), -7);
  EXPECT_EQ(response.acknowledged(1).disposition(), v1::DISPOSITION_IGNORED);
  EXPECT_EQ(Job().tasks().succeeded(), 1);
}

TEST_F(WorkersReportsTest, BadProgressKeepsTheLease) {
  request_.clear_finished();
  for (const v1::Assignment& work : work_) {
    *request_.add_running()->mutable_token() = work.token();
  }
  request_.mutable_running(0)->set_iteration(-3);
  request_.mutable_running(1)->mutable_checkpoint()->set_digest("no digest");
  const v1::SynchronizeResponse response = Report();
  EXPECT_EQ(response.stop_size(), 0);
  EXPECT_EQ(response.start_size(), 0);
  EXPECT_EQ(Job().tasks().leased(), 2);
}

TEST_F(WorkersReportsTest, ProgressWithMoreTermsThanMayBeKeepsTheLease) {
  request_.clear_finished();
  for (const v1::Assignment& work : work_) {
    v1::AttemptProgress& running = *request_.add_running();
    *running.mutable_token() = work.token();
    running.set_iteration(1);
    running.mutable_losses()->set_total(5);
    for (int i = 0; i < 33; ++i) {
      (*running.mutable_losses()->mutable_terms())[absl::StrCat("t", i)] = 1;
    }
  }
  request_.set_draining(true);
  EXPECT_TRUE(Report().stop().empty());
  EXPECT_EQ(Job().tasks().leased(), 2);
}

TEST_F(WorkersReportsTest, ProgressOfNoAttemptIsToldToStop) {
  request_.clear_finished();
  for (const v1::Assignment& work : work_) {
    *request_.add_running()->mutable_token() = work.token();
  }
  request_.add_running()->mutable_token()->set_render_key("no key");
  const v1::SynchronizeResponse response = Report();
  ASSERT_EQ(response.stop_size(), 1);
  EXPECT_EQ(response.stop(0).render_key(), "no key");
  EXPECT_EQ(Job().tasks().leased(), 2);
}

TEST_F(WorkersReportsTest, MoreReportsThanACallMayHaveComeAgain) {
  const v1::AttemptReport second = request_.finished(1);
  request_.mutable_finished()->RemoveLast();
  for (int i = 0; i < 2000; ++i) {
    v1::AttemptReport& late = *request_.add_finished();
    late = second;
    late.mutable_token()->set_number(1'000'000 + i);
  }
  const v1::SynchronizeResponse response = Report();
  EXPECT_EQ(response.acknowledged_size(), 1024);
  EXPECT_EQ(Job().tasks().succeeded(), 1);
}

TEST_F(WorkersReportsTest, WhatTheWorkerSaysOfItselfHasToBeRight) {
  request_.mutable_worker()->set_name("a b");
  v1::SynchronizeResponse response;
  const grpc::Status status = Sync(request_, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("worker.name"));
}

}  // namespace
}  // namespace atelier
