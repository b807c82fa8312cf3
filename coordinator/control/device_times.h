// What renders took of late, for whoever asks how long others will take.
#ifndef ATELIER_COORDINATOR_CONTROL_DEVICE_TIMES_H_
#define ATELIER_COORDINATOR_CONTROL_DEVICE_TIMES_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/render/resolve.h"
#include "coordinator/state/job_preview.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"
#include "coordinator/state/render_times.h"
#include "coordinator/store/store.h"

namespace atelier {

/// Learns from results that commit; what was rendered before the coordinator
/// started is read from the newest jobs of the store when it is first asked
/// for. Thread-safe.
class DeviceTimes {
 public:
  using SpecDecoder =
      std::function<absl::StatusOr<std::shared_ptr<const JobSpec>>(
          const JobRecord& job)>;

  /// They are durable.
  void Add(const std::vector<TimedRender>& done);

  /// Reads what was rendered before, once: the last kRowsOfAJob results of each
  /// of the kJobs newest jobs. No effect later, nor on kinds of renders that
  /// were done since the start. Errors: the store's.
  absl::Status LoadHistory(Store& store, const SpecDecoder& decode,
                           const RenderLimits& limits);
  static constexpr int kJobs = 20;
  static constexpr int kRowsOfAJob = 64;

  /// Fills in the time of each task where one is known. `profile`: empty for
  /// any.
  void Fill(const std::string& profile, std::vector<TaskPreview>& tasks);

 private:
  absl::Mutex mu_;
  RenderTimes times_ ABSL_GUARDED_BY(mu_);
  bool has_history_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_DEVICE_TIMES_H_
