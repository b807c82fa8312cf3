// A control with a fake clock over a store that can be made to fail.
#ifndef ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_FIXTURE_H_
#define ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_FIXTURE_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/clock.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/control/faulty_store_testing.h"
#include "coordinator/control/spec_of_tasks_testing.h"
#include "coordinator/scheduler/fair_share.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gtest/gtest.h"

namespace atelier {

/// Whoever may do anything: the caller in tests that are not about callers.
inline const Caller& Admin() {
  static const auto& admin = *new Caller(AnonymousAdmin());
  return admin;
}

/// The answer of one call of Synchronize, which may not have come yet.
class PendingSync {
 public:
  void Set(absl::StatusOr<SyncResponse> response) {
    response_ = std::move(response);
    answered_.Notify();
  }
  bool answered() const { return answered_.HasBeenNotified(); }
  /// Waits for it.
  const absl::StatusOr<SyncResponse>& get() const {
    answered_.WaitForNotification();
    return *response_;
  }
  ControlPlane::SyncId id = 0;

 private:
  std::optional<absl::StatusOr<SyncResponse>> response_;
  absl::Notification answered_;
};

/// Coordinators that come and go over the same tables.
class Cluster {
 public:
  explicit Cluster(bool private_jobs = false) : private_jobs_(private_jobs) {
    Restart();
  }

  void Restart() {
    control_.reset();
    store_ = std::make_unique<FaultyStore>(tables_);
    control_ =
        ControlPlane::Start(*store_, clock_, policy_, MakeOptions()).value();
  }

  ControlPlane::Options MakeOptions() {
    ControlPlane::Options options;
    options.decode_spec = SpecOfTasks;
    options.private_jobs = private_jobs_;
    options.make_id = [this] { return absl::StrCat("job", ++last_job_); };
    options.state.make_secret = [] { return std::string(32, 'e'); };
    options.find_pictures = [this](const std::set<std::string>& digests) {
      return has_pictures_.load() ? digests : std::set<std::string>();
    };
    options.discard_checkpoints = [this](std::vector<std::string> digests) {
      absl::MutexLock lock(&mutex_);
      discarded_.insert(discarded_.end(), digests.begin(), digests.end());
    };
    return options;
  }

  absl::StatusOr<JobRecord> Submit(const std::string& request, int tasks) {
    return SubmitSpec(request, absl::StrCat(tasks));
  }
  absl::StatusOr<JobRecord> SubmitPictures(const std::string& request,
                                           int tasks) {
    return SubmitSpec(request, absl::StrCat("p", tasks));
  }
  absl::StatusOr<JobRecord> SubmitSpec(const std::string& request,
                                       const std::string& bytes) {
    return control_->Submit(Admin(), RequestId(request),
                            SpecOfTasks(bytes).value(), bytes);
  }

  std::shared_ptr<PendingSync> Synchronize(SyncRequest request) {
    auto pending = std::make_shared<PendingSync>();
    pending->id = control_->Synchronize(
        Admin(), std::move(request),
        [pending](auto response) { pending->Set(std::move(response)); });
    return pending;
  }

  /// Returns once all that was asked before, and read for it, has been decided
  /// and said: a first command may share its batch, a second can't.
  void Settle() {
    do {
      for (int i = 0; i < 2; ++i) {
        control_->SaveRoom(/*hold_work=*/false, 0).IgnoreError();
      }
    } while (control_->Counts().waits_for_reads);
  }

  void Advance(absl::Duration by) {
    clock_.Advance(by);
    control_->Tick();
    Settle();
  }

  void LosePictures() { has_pictures_ = false; }

  /// Digests of checkpoints that may go, so far.
  std::vector<std::string> discarded() {
    Settle();
    absl::MutexLock lock(&mutex_);
    return discarded_;
  }

  ControlPlane& control() { return *control_; }
  FaultyStore& store() { return *store_; }
  FakeClock& clock() { return clock_; }
  auto tables() { return tables_; }

 private:
  const bool private_jobs_;
  std::atomic<int> last_job_{0};
  std::atomic<bool> has_pictures_{true};
  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  FairSharePolicy policy_;
  std::shared_ptr<InMemoryTables> tables_ = std::make_shared<InMemoryTables>();
  absl::Mutex mutex_;
  std::vector<std::string> discarded_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<FaultyStore> store_;
  std::unique_ptr<ControlPlane> control_;
};

inline SyncRequest From(const std::string& worker, int slots = 1,
                        const std::string& instance = "1") {
  SyncRequest request;
  request.worker.name = WorkerName(worker);
  request.worker.instance = InstanceId(absl::StrCat(worker, "-", instance));
  request.worker.slots = slots;
  return request;
}

inline SyncRequest Running(SyncRequest request, const AttemptToken& token,
                           int iteration = 1) {
  request.running.push_back({token, iteration, {}, {}});
  return request;
}

inline SyncRequest Finished(SyncRequest request, const AttemptToken& token,
                            Outcome outcome, std::string message = "") {
  AttemptReport report;
  report.token = token;
  report.outcome = outcome;
  report.message = std::move(message);
  report.result.image_digest = std::string(64, 'a');
  report.result.arithmetic = request.worker.arithmetic;
  request.finished.push_back(std::move(report));
  return request;
}

/// A test over one Cluster, with the commonest conversations in one word each.
class ControlPlaneTest : public testing::Test {
 protected:
  ControlPlane& control() { return cluster_.control(); }

  JobRecord Job(const JobId& id) {
    return control().GetJob(Admin(), id).value();
  }
  TaskView Task(const JobId& id, int64_t index) {
    return control().ListTasks(Admin(), id, index, 1)->tasks.at(0);
  }
  explicit ControlPlaneTest(bool private_jobs = false)
      : cluster_(private_jobs) {}

  // Synchronizes and waits for the answer.
  SyncResponse Sync(SyncRequest request) {
    return cluster_.Synchronize(std::move(request))->get().value();
  }
  Disposition Report(const std::string& worker, const AttemptToken& token,
                     Outcome outcome, std::string message = "") {
    return Sync(Finished(From(worker), token, outcome, std::move(message)))
        .acknowledged.at(0)
        .disposition;
  }
  // Ends a one-slot worker's only attempt and takes its next one.
  AttemptToken ReportAndTake(const AttemptToken& token, Outcome outcome) {
    return Sync(Finished(From("w"), token, outcome)).start.at(0).token;
  }
  int64_t Count(Outcome outcome) {
    return control().Counts().decisions.outcomes[static_cast<int>(outcome)];
  }

  Cluster cluster_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_CONTROL_PLANE_FIXTURE_H_
