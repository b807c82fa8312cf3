// The coordinator's side of Synchronize, told what to answer by a test.
#ifndef ATELIER_WORKER_AGENT_FAKE_COORDINATOR_H_
#define ATELIER_WORKER_AGENT_FAKE_COORDINATOR_H_

#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/workers.grpc.pb.h"

namespace atelier {

/// Holds the call of a worker that has a free slot and nothing to say, as the
/// real one does. Thread-safe.
class FakeCoordinator : public v1::Workers::Service {
 public:
  /// With the next answer; `times` greater than 1 as if answers were lost.
  void Assign(const v1::Assignment& assignment, int times = 1);
  /// All with the same answer.
  void Assign(const std::vector<v1::Assignment>& assignments);
  void StopAttempt(const v1::AttemptToken& token);
  void Drain();
  /// What all answers say from now on; infinite: nothing, as at first.
  void WantPreviews(absl::Duration every);
  /// Reports are taken but not answered until this is called with true.
  void AnswerReports(bool answer);
  /// Every call fails like this until given OK.
  void FailWith(grpc::StatusCode code);
  /// The next so many calls are answered like this.
  void RefuseNext(int calls, const grpc::Status& with);

  /// As builds do that refuse a whole call for one bad report.
  void RefuseReports(std::function<bool(const v1::AttemptReport&)> bad);

  /// Waits for a request that fits, those of the past included. A request that
  /// failed counts too.
  v1::SynchronizeRequest Await(
      const std::function<bool(const v1::SynchronizeRequest&)>& fits);
  /// Waits for the first report of this outcome.
  v1::AttemptReport AwaitReport(v1::Outcome outcome);
  std::vector<v1::SynchronizeRequest> requests() const;

  grpc::Status Synchronize(grpc::ServerContext* context,
                           const v1::SynchronizeRequest* request,
                           v1::SynchronizeResponse* response) override;

 private:
  bool HasOrders() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::vector<v1::Assignment> start_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::AttemptToken> stop_ ABSL_GUARDED_BY(mutex_);
  absl::Duration preview_every_ ABSL_GUARDED_BY(mutex_) =
      absl::InfiniteDuration();
  bool drain_ ABSL_GUARDED_BY(mutex_) = false;
  std::function<bool(const v1::AttemptReport&)> bad_report_
      ABSL_GUARDED_BY(mutex_) = [](const auto& /*report*/) { return false; };
  bool answer_reports_ ABSL_GUARDED_BY(mutex_) = true;
  grpc::StatusCode failure_ ABSL_GUARDED_BY(mutex_) = grpc::StatusCode::OK;
  int refusals_left_ ABSL_GUARDED_BY(mutex_) = 0;
  grpc::Status refusal_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::SynchronizeRequest> requests_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_FAKE_COORDINATOR_H_
