#include "tests/bench/worker_fleet.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/random_id.h"
#include "grpcpp/alarm.h"
#include "tests/bench/bench_jobs.h"

namespace atelier {

// Its fields belong to the one call that it makes at a time; only TryCancel
// comes from elsewhere.
class WorkerFleet::SimulatedWorker {
 public:
  SimulatedWorker(WorkerFleet& fleet, v1::Workers::Stub& stub, int number)
      : fleet_(fleet), stub_(stub) {
    v1::WorkerDescription& who = *request_.mutable_worker();
    who.set_name(absl::StrCat(fleet.options_.name, "-", number));
    who.set_instance_id(RandomId());
    who.set_device("cpu");
    who.set_profile("bench");
    who.set_slots(1);
    for (const std::string& tag : fleet.options_.tags) who.add_tags(tag);
    v1::TaskResult& result = *report_.mutable_result();
    report_.set_outcome(v1::OUTCOME_SUCCEEDED);
    result.set_image_digest(BenchPictureDigest());
    result.set_iterations(500);
    result.set_profile("bench");
    result.set_width_px(512);
    result.set_height_px(384);
    result.mutable_losses()->set_total(1);
  }

  void Call() {
    if (!fleet_.MayCall()) return;
    {
      absl::MutexLock lock(&mu_);
      context_.emplace();
    }
    stub_.async()->Synchronize(&*context_, &request_, &response_,
                               [this](const grpc::Status& status) {
                                 if (status.ok()) {
                                   Hear();
                                   Render();
                                 }
                                 // The fleet may be gone after its last call.
                                 fleet_.Ended(status);
                               });
  }

  void TryCancel() {
    absl::MutexLock lock(&mu_);
    if (context_.has_value()) context_->TryCancel();
  }

 private:
  // Calls again once what was given is rendered.
  void Render() {
    const absl::Duration time = fleet_.options_.render_time;
    if (time <= absl::ZeroDuration() || request_.finished().empty()) {
      Call();
      return;
    }
    if (!fleet_.MayCall()) return;
    alarm_.Set(absl::ToChronoTime(absl::Now() + time), [this](bool) {
      Call();
      fleet_.Ended(grpc::Status::OK);
    });
  }

  void Hear() {
    int64_t committed = 0;
    for (const v1::ReportAcknowledgement& report : response_.acknowledged()) {
      if (report.disposition() == v1::DISPOSITION_COMMITTED) ++committed;
    }
    request_.clear_finished();
    for (const v1::Assignment& assignment : response_.start()) {
      if (fleet_.options_.on_assignment) {
        fleet_.options_.on_assignment(assignment);
      }
      *report_.mutable_token() = assignment.token();
      *request_.add_finished() = report_;
    }
    if (committed > 0) fleet_.Committed(committed);
  }

  WorkerFleet& fleet_;
  v1::Workers::Stub& stub_;
  v1::SynchronizeRequest request_;
  v1::SynchronizeResponse response_;
  v1::AttemptReport report_;
  grpc::Alarm alarm_;
  absl::Mutex mu_;
  std::optional<grpc::ClientContext> context_;
};

WorkerFleet::WorkerFleet(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels,
    Options options)
    : options_(std::move(options)) {
  for (const auto& channel : channels) {
    stubs_.push_back(v1::Workers::NewStub(channel));
  }
  for (int i = 0; i < options_.workers; ++i) {
    workers_.push_back(std::make_unique<SimulatedWorker>(
        *this, *stubs_[i % stubs_.size()], i));
  }
  for (const auto& worker : workers_) worker->Call();
}

WorkerFleet::~WorkerFleet() { Stop(); }

bool WorkerFleet::MayCall() {
  absl::MutexLock lock(&mu_);
  if (stopping_ || !status_.ok()) return false;
  ++calling_;
  return true;
}

void WorkerFleet::Ended(const grpc::Status& status) {
  absl::MutexLock lock(&mu_);
  --calling_;
  if (status.ok() || stopping_ || !status_.ok()) return;
  status_ = absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                         status.error_message());
}

void WorkerFleet::Committed(int64_t reports) {
  absl::MutexLock lock(&mu_);
  committed_ += reports;
}

int64_t WorkerFleet::WaitForCommitted(int64_t tasks, absl::Duration timeout) {
  const auto done = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return committed_ >= tasks || !status_.ok();
  };
  absl::MutexLock lock(&mu_);
  mu_.AwaitWithTimeout(absl::Condition(&done), timeout);
  return committed_;
}

void WorkerFleet::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  for (const auto& worker : workers_) worker->TryCancel();
  const auto quiet = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return calling_ == 0;
  };
  absl::MutexLock lock(&mu_);
  mu_.Await(absl::Condition(&quiet));
}

absl::Status WorkerFleet::status() const {
  absl::MutexLock lock(&mu_);
  return status_;
}

}  // namespace atelier
