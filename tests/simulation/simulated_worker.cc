#include "tests/simulation/simulated_worker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr size_t kOldReportsKept = 4;

}  // namespace

bool IsPoison(const TaskId& task) {
  constexpr int64_t kOneIn = 13;
  return task.index % kOneIn == 5;
}

SimulatedWorker::SimulatedWorker(int number, int slots, int64_t memory_bytes) {
  description_.name = WorkerName(absl::StrCat("w", number));
  description_.instance = InstanceId(absl::StrCat("w", number, "-0"));
  description_.slots = slots;
  description_.batches = slots > 1 && number % 2 == 0;
  description_.memory_bytes = memory_bytes;
  description_.held_inputs = {absl::StrCat("picture", number % 7)};
}

void SimulatedWorker::Restart() {
  running_.clear();
  description_.instance =
      InstanceId(absl::StrCat(description_.name.value(), "-", ++instance_));
}

void SimulatedWorker::Crash(const TaskId& culprit) {
  ++deaths_[culprit];
  for (const auto& [token, attempt] : running_) {
    AttemptReport report;
    report.token = token;
    report.outcome = Outcome::kCrashed;
    report.message = "signal 11 (SIGSEGV)";
    outbox_.push_back(std::move(report));
  }
  Restart();
}

void SimulatedWorker::RepeatOldReport() {
  if (!delivered_.empty()) outbox_.push_back(delivered_.back());
}

SyncRequest SimulatedWorker::Request(absl::Time now) const {
  SyncRequest request;
  request.worker = description_;
  for (const auto& [token, attempt] : running_) {
    const auto iteration =
        static_cast<int>((now - attempt.begun_at) / absl::Seconds(1));
    request.running.push_back({token, iteration, {}, {}});
  }
  request.finished = outbox_;
  return request;
}

void SimulatedWorker::Forget(const SyncResponse& response) {
  for (const ReportAcknowledgement& known : response.acknowledged) {
    const auto report = std::find_if(
        outbox_.begin(), outbox_.end(),
        [&](const AttemptReport& r) { return r.token == known.token; });
    if (report == outbox_.end()) continue;
    delivered_.push_back(*report);
    outbox_.erase(report);
  }
  if (delivered_.size() > kOldReportsKept) {
    delivered_.erase(
        delivered_.begin(),
        delivered_.end() - static_cast<std::ptrdiff_t>(kOldReportsKept));
  }
  for (const AttemptToken& token : response.stop) running_.erase(token);
}

}  // namespace atelier
