// A control plane over a store in memory, without a transport, for tests.
#ifndef ATELIER_COORDINATOR_API_VIEWS_CONTROL_FIXTURE_TESTING_H_
#define ATELIER_COORDINATOR_API_VIEWS_CONTROL_FIXTURE_TESTING_H_

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "common/clock.h"
#include "common/random_id.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/job_specs_testing.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/scheduler/fair_share.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gtest/gtest.h"

namespace atelier {

class ControlFixture : public ::testing::Test {
 protected:
  explicit ControlFixture(bool private_jobs = false)
      : private_jobs_(private_jobs) {
    Restart();
  }

  /// Another coordinator over the same store.
  void Restart() {
    control_.reset();
    ControlPlane::Options options;
    options.decode_spec = DecodeSpec;
    options.private_jobs = private_jobs_;
    control_ = *ControlPlane::Start(store_, Clock::Real(), policy_,
                                    std::move(options));
  }

  /// The id of a new job.
  std::string Submit(const v1::JobSpec& spec = SmallJob(),
                     const Caller& caller = AnonymousAdmin()) {
    absl::StatusOr<JobRecord> job = control_->Submit(
        caller, RequestId(RandomId()), *FromProto(spec), EncodeSpec(spec));
    EXPECT_TRUE(job.ok()) << job.status();
    return job.ok() ? job->id.value() : "";
  }

  /// A worker of this name calls, with one slot, and has been heard: it is
  /// given work, or waits for some.
  void Call(const std::string& worker) {
    SyncRequest request;
    request.worker.name = WorkerName(worker);
    request.worker.instance = InstanceId("instance-of-" + worker);
    request.worker.device = "cpu";
    request.worker.slots = 1;
    request.worker.arithmetic.engine_version = 1;
    control_->Synchronize(AnonymousAdmin(), std::move(request),
                          [](const absl::StatusOr<SyncResponse>&) {});
    EXPECT_TRUE(control_->ReleaseWorker(AnonymousAdmin(), WorkerName(worker))
                    .ok());  // Behind it.
  }
  /// Until the worker has a task: what an assignment needs is read beside the
  /// loop, so that each of its turns may be the one that gives it.
  void CallForTask(const std::string& worker) {
    Call(worker);
    for (int i = 0; i < 10'000 && control_->Counts().tasks_leased == 0; ++i) {
      EXPECT_TRUE(
          control_->ReleaseWorker(AnonymousAdmin(), WorkerName(worker)).ok());
    }
    EXPECT_GT(control_->Counts().tasks_leased, 0);
  }

  /// The worker "anna" takes a task and ends it with this result.
  void RenderOne(TaskResult result) {
    SyncRequest request;
    request.worker.name = WorkerName("anna");
    request.worker.instance = InstanceId("instance");
    request.worker.slots = 1;
    request.worker.arithmetic.engine_version = 1;
    const SyncResponse work = Sync(request);
    ASSERT_EQ(work.start.size(), 1);
    AttemptReport report;
    report.token = work.start[0].token;
    report.outcome = Outcome::kSucceeded;
    report.result = std::move(result);
    report.result.arithmetic = request.worker.arithmetic;
    request.worker.slots = 0;
    request.finished = {report};
    Sync(std::move(request));
  }

 private:
  SyncResponse Sync(SyncRequest request) {
    auto answered = std::make_shared<std::promise<SyncResponse>>();
    control_->Synchronize(
        AnonymousAdmin(), std::move(request),
        [answered](const auto& response) { answered->set_value(*response); });
    return answered->get_future().get();
  }

 protected:
  const bool private_jobs_;
  InMemoryStore store_;
  FairSharePolicy policy_;
  std::unique_ptr<ControlPlane> control_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_CONTROL_FIXTURE_TESTING_H_
