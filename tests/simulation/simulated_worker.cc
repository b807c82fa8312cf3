#include "tests/simulation/simulated_worker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr size_t kOldReportsKept = 4;

}  // namespace

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

void SimulatedWorker::RepeatOldReport() {
  if (!delivered_.empty()) outbox_.push_back(delivered_.back());
}

SyncRequest SimulatedWorker::Request() const {
  SyncRequest request;
  request.worker = description_;
  for (const auto& [token, done_at] : running_) {
    request.running.push_back({token, /*iteration=*/1, {}, {}});
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
