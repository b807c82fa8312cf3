#include "worker/agent/fake_coordinator.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "google/protobuf/util/time_util.h"

namespace atelier {

void FakeCoordinator::Assign(const v1::Assignment& assignment, int times) {
  absl::MutexLock lock(&mutex_);
  start_.insert(start_.end(), times, assignment);
}

void FakeCoordinator::Assign(const std::vector<v1::Assignment>& assignments) {
  absl::MutexLock lock(&mutex_);
  start_.insert(start_.end(), assignments.begin(), assignments.end());
}

void FakeCoordinator::StopAttempt(const v1::AttemptToken& token) {
  absl::MutexLock lock(&mutex_);
  stop_.push_back(token);
}

void FakeCoordinator::Drain() {
  absl::MutexLock lock(&mutex_);
  drain_ = true;
}

void FakeCoordinator::WantPreviews(absl::Duration every) {
  absl::MutexLock lock(&mutex_);
  preview_every_ = every;
}

void FakeCoordinator::AnswerReports(bool answer) {
  absl::MutexLock lock(&mutex_);
  answer_reports_ = answer;
}

void FakeCoordinator::FailWith(grpc::StatusCode code) {
  absl::MutexLock lock(&mutex_);
  failure_ = code;
}

void FakeCoordinator::RefuseNext(int calls, const grpc::Status& with) {
  absl::MutexLock lock(&mutex_);
  refusals_left_ = calls;
  refusal_ = with;
}

void FakeCoordinator::RefuseReports(
    std::function<bool(const v1::AttemptReport&)> bad) {
  absl::MutexLock lock(&mutex_);
  bad_report_ = std::move(bad);
}

v1::SynchronizeRequest FakeCoordinator::Await(
    const std::function<bool(const v1::SynchronizeRequest&)>& fits) {
  v1::SynchronizeRequest found;
  const auto any = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto first = std::find_if(requests_.begin(), requests_.end(), fits);
    if (first == requests_.end()) return false;
    found = *first;
    return true;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&any));
  return found;
}

v1::AttemptReport FakeCoordinator::AwaitReport(v1::Outcome outcome) {
  v1::AttemptReport report;
  Await([&](const v1::SynchronizeRequest& request) {
    for (const v1::AttemptReport& finished : request.finished()) {
      if (finished.outcome() != outcome) continue;
      report = finished;
      return true;
    }
    return false;
  });
  return report;
}

std::vector<v1::SynchronizeRequest> FakeCoordinator::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

bool FakeCoordinator::HasOrders() const {
  return !start_.empty() || !stop_.empty() || drain_ ||
         failure_ != grpc::StatusCode::OK;
}

grpc::Status FakeCoordinator::Synchronize(grpc::ServerContext* context,
                                          const v1::SynchronizeRequest* request,
                                          v1::SynchronizeResponse* response) {
  absl::MutexLock lock(&mutex_);
  requests_.push_back(*request);
  if (refusals_left_ > 0) {
    --refusals_left_;
    return refusal_;
  }
  const int slots = request->worker().batches() && request->running_size() > 0
                        ? 0
                        : request->worker().slots();
  const bool idle = request->running_size() < slots &&
                    request->finished().empty() && !request->draining();
  while (idle && !HasOrders()) {
    // The synchronous API tells of a cancelled call only when asked.
    mutex_.AwaitWithTimeout(absl::Condition(this, &FakeCoordinator::HasOrders),
                            absl::Milliseconds(5));
    if (context->IsCancelled()) return grpc::Status::CANCELLED;
  }
  if (failure_ != grpc::StatusCode::OK) {
    return grpc::Status(failure_, "the fake was told to fail");
  }
  if (std::any_of(request->finished().begin(), request->finished().end(),
                  bad_report_)) {
    return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "a bad report");
  }
  if (answer_reports_) {
    for (const v1::AttemptReport& report : request->finished()) {
      auto* answer = response->add_acknowledged();
      *answer->mutable_token() = report.token();
      answer->set_disposition(v1::DISPOSITION_COMMITTED);
    }
  }
  if (preview_every_ < absl::InfiniteDuration()) {
    *response->mutable_preview_every() =
        google::protobuf::util::TimeUtil::NanosecondsToDuration(
            absl::ToInt64Nanoseconds(preview_every_));
  }
  response->set_drain(drain_);
  *response->mutable_start() = {start_.begin(), start_.end()};
  *response->mutable_stop() = {stop_.begin(), stop_.end()};
  start_.clear();
  stop_.clear();
  return grpc::Status::OK;
}

}  // namespace atelier
