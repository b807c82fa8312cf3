#include "coordinator/api/grpc/workers_service.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/notification.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"
#include "monitoring/worker_metric_names.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class WorkersServiceTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    PutInputs();
  }

  /// Returns once the call that `begin` has started is parked.
  void AwaitParked(int64_t calls) {
    while (control_->Counts().parked_calls != calls) {
      std::this_thread::yield();
    }
  }
};

TEST(OutcomeTest, TheCoreKnowsEveryOutcomeOfTheWireByItsName) {
  const auto* const wire = v1::Outcome_descriptor();
  EXPECT_EQ(wire->value_count(), kOutcomeCount + 1);
  for (int i = 1; i < wire->value_count(); ++i) {
    const std::string name = wire->value(i)->name();
    SCOPED_TRACE(name);
    std::string spelled =
        absl::AsciiStrToLower(absl::StripPrefix(name, "OUTCOME_"));
    std::replace(spelled.begin(), spelled.end(), '_', '-');
    EXPECT_EQ(Name(static_cast<Outcome>(wire->value(i)->number())), spelled);
  }
}

TEST_F(WorkersServiceTest, RendersAJobFromFirstLeaseToLastReport) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {5, 6, 7});
  const std::string id = MustSubmit(spec).job_id();

  v1::SynchronizeRequest request = Worker("anna");
  for (int done = 0; done < 3; ++done) {
    v1::SynchronizeResponse response;
    ASSERT_TRUE(Sync(request, &response).ok());
    ASSERT_EQ(response.start_size(), 1);
    const v1::Assignment& assignment = response.start(0);
    EXPECT_EQ(assignment.job_id(), id);
    EXPECT_EQ(assignment.render().iterations(), 5 + done);
    ASSERT_EQ(assignment.images_size(), 2) << "the content and the style";
    EXPECT_EQ(assignment.images(0).width_px(), 64);
    EXPECT_EQ(assignment.images(1).height_px(), 48);
    EXPECT_EQ(assignment.network().name(), "small");
    request = Worker("anna");
    *request.add_finished() = Succeeded(assignment);
  }
  request.set_draining(true);
  v1::SynchronizeResponse last;
  ASSERT_TRUE(Sync(request, &last).ok());
  ASSERT_EQ(last.acknowledged_size(), 1);
  EXPECT_EQ(last.acknowledged(0).disposition(), v1::DISPOSITION_COMMITTED);

  v1::Job job;
  ASSERT_TRUE(Get(id, &job).ok());
  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.tasks().succeeded(), 3);

  ASSERT_TRUE(Sync(request, &last).ok());
  ASSERT_EQ(last.acknowledged_size(), 1);
  EXPECT_EQ(last.acknowledged(0).disposition(), v1::DISPOSITION_IGNORED);
}

TEST_F(WorkersServiceTest, APictureCountsForItsJobsUser) {
  v1::JobSpec spec = SmallJob();
  spec.set_user("ann");
  MustSubmit(spec);
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(Worker("anna"), &response).ok());
  v1::SynchronizeRequest request = Worker("anna");
  *request.add_finished() = Succeeded(response.start(0));
  request.set_draining(true);
  EXPECT_EQ(artifacts_->rows().owner_bytes().Of("ann"), 0)
      << "it may not be taken";
  ASSERT_TRUE(Sync(request, &response).ok());
  ASSERT_TRUE(artifacts_->rows().Flush().ok());
  EXPECT_EQ(artifacts_->rows().owner_bytes().Of("ann"),
            static_cast<int64_t>(std::string("picture of task 0").size()));
}

TEST_F(WorkersServiceTest, AParkedCallWakesWhenAJobIsSubmitted) {
  v1::SynchronizeResponse response;
  grpc::Status status;
  std::thread worker([&] { status = Sync(Worker("anna"), &response); });
  AwaitParked(1);
  MustSubmit(SmallJob());
  worker.join();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.start_size(), 1);
}

TEST_F(WorkersServiceTest, ACallerThatGoesAwayGivesUpItsPlace) {
  grpc::ClientContext context;
  const v1::SynchronizeRequest request = Worker("anna");
  v1::SynchronizeResponse response;
  grpc::Status status;
  std::thread worker(
      [&] { status = workers_->Synchronize(&context, request, &response); });
  AwaitParked(1);
  context.TryCancel();
  worker.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  AwaitParked(0);
}

TEST_F(WorkersServiceTest, ManyParkedCallsHoldNoThread) {
  constexpr int kWorkers = 200;  // Far more than the server has threads.
  std::vector<v1::SynchronizeRequest> requests(kWorkers);
  std::vector<v1::SynchronizeResponse> responses(kWorkers);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::atomic<int> left{kWorkers};
  absl::Notification all_done;
  for (int i = 0; i < kWorkers; ++i) {
    requests[i] = Worker(absl::StrCat("worker-", i));
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    workers_->async()->Synchronize(contexts[i].get(), &requests[i],
                                   &responses[i], [&](const grpc::Status&) {
                                     if (--left == 0) all_done.Notify();
                                   });
  }
  AwaitParked(kWorkers);
  v1::Job job;
  EXPECT_EQ(Get("nowhere", &job).error_code(), grpc::StatusCode::NOT_FOUND);
  server_->Stop();
  all_done.WaitForNotification();
}

TEST_F(WorkersServiceTest, AnswersParkedCallsWithUnavailableWhenItStops) {
  v1::SynchronizeResponse response;
  grpc::Status status;
  std::thread worker([&] { status = Sync(Worker("anna"), &response); });
  AwaitParked(1);
  server_->Stop();
  worker.join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(WorkersServiceTest, ACheckpointComesBackWithTheNextAttempt) {
  MustSubmit(SmallJob());
  v1::SynchronizeRequest request = Worker("anna");
  request.mutable_worker()->set_profile("p");
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(request, &response).ok());
  v1::AttemptReport& report = *request.add_finished();
  *report.mutable_token() = response.start(0).token();
  report.set_outcome(v1::OUTCOME_PREEMPTED);
  v1::Checkpoint& checkpoint = *report.mutable_checkpoint();
  checkpoint.set_digest(Put("state", v1::ARTIFACT_KIND_CHECKPOINT));
  checkpoint.set_iteration(2);
  checkpoint.set_profile("p");
  ASSERT_TRUE(Sync(request, &response).ok());
  ASSERT_EQ(response.start_size(), 1);
  EXPECT_EQ(response.start(0).resume_from().digest(), checkpoint.digest());
  EXPECT_EQ(response.start(0).resume_from().iteration(), 2);
  EXPECT_EQ(response.start(0).resume_from().profile(), "p");
  EXPECT_EQ(response.start(0).resume_from().engine_version(), 7)
      << "of a worker that announces none";
}

TEST_F(WorkersServiceTest, ACheckpointThatIsNotThereIsNoError) {
  MustSubmit(SmallJob());
  v1::SynchronizeRequest request = Worker("anna");
  request.mutable_worker()->set_profile("p");
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(request, &response).ok());
  v1::AttemptReport& report = *request.add_finished();
  *report.mutable_token() = response.start(0).token();
  report.set_outcome(v1::OUTCOME_PREEMPTED);
  report.mutable_checkpoint()->set_digest(HexDigest("never uploaded"));
  report.mutable_checkpoint()->set_iteration(2);
  report.mutable_checkpoint()->set_profile("p");
  ASSERT_TRUE(Sync(request, &response).ok());
  EXPECT_FALSE(response.start(0).has_resume_from());
}

TEST_F(WorkersServiceTest, NamesTheFieldOfAMalformedRequest) {
  using Spoil = void (*)(v1::SynchronizeRequest&);
  const std::pair<const char*, Spoil> kCases[] = {
      {"worker.name", [](auto& r) { r.mutable_worker()->set_name("a b"); }},
      {"worker.instance_id",
       [](auto& r) { r.mutable_worker()->set_instance_id("x"); }},
      {"worker.slots", [](auto& r) { r.mutable_worker()->set_slots(0); }},
      {"worker.engine_version: -1 is not allowed; from 0 to 1000000",
       [](auto& r) { r.mutable_worker()->set_engine_version(-1); }},
  };
  for (const auto& [field, spoil] : kCases) {
    SCOPED_TRACE(field);
    v1::SynchronizeRequest request = Worker("anna");
    spoil(request);
    v1::SynchronizeResponse response;
    const grpc::Status status = Sync(request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(field));
  }
}

TEST_F(WorkersServiceTest, ListsAndDrainsLiveWorkers) {
  v1::SynchronizeRequest request = Worker("anna");
  request.set_draining(true);
  v1::MetricSample* sample = request.add_metrics();
  sample->set_name(kWorkerIterations);
  sample->set_value(42);
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(request, &response).ok());
  EXPECT_THAT(metrics_.Text({}),
              HasSubstr("atelier_worker_iterations_total{worker=\"anna\"} 42"));
  {
    grpc::ClientContext context;
    v1::ListWorkersResponse list;
    ASSERT_TRUE(workers_->ListWorkers(&context, {}, &list).ok());
    ASSERT_EQ(list.workers_size(), 1);
    EXPECT_EQ(list.workers(0).description().name(), "anna");
  }
  const auto drain = [&](const std::string& name, v1::Worker* worker) {
    grpc::ClientContext context;
    v1::DrainWorkerRequest drain_request;
    drain_request.set_name(name);
    return workers_->DrainWorker(&context, drain_request, worker);
  };
  v1::Worker worker;
  ASSERT_TRUE(drain("anna", &worker).ok());
  EXPECT_TRUE(worker.draining());
  EXPECT_EQ(drain("bert", &worker).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(drain("b rt", &worker).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(WorkersServiceTest, RefusesASecondWorkerOfTheSameName) {
  v1::SynchronizeResponse first_response;
  std::thread first([&] { Sync(Worker("anna"), &first_response); });
  AwaitParked(1);
  v1::SynchronizeRequest second = Worker("anna");
  second.mutable_worker()->set_instance_id("another-instance-0");
  v1::SynchronizeResponse response;
  const grpc::Status status = Sync(second, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_THAT(status.error_message(), HasSubstr("anna"));
  server_->Stop();
  first.join();
}

}  // namespace
}  // namespace atelier
