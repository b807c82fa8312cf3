// Everything the coordinator's /metrics shows, in one place.
//
//   CoordinatorMetrics metrics({.version = "0.1.0", .rpc_methods = {...}});
//   metrics.ObserveRpc("/atelier.v1.Jobs/GetJob", "OK", absl::Milliseconds(2));
//   std::string page = metrics.Text(sample);
#ifndef ATELIER_MONITORING_COORDINATOR_METRICS_H_
#define ATELIER_MONITORING_COORDINATOR_METRICS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace atelier {

/// A label's value and a number.
using LabelledCount = std::pair<std::string, int64_t>;

/// What the control plane counts, as it is at one moment. Totals count from the
/// start of the process.
struct ControlPlaneSample {
  std::vector<LabelledCount> tasks_by_state;
  std::vector<LabelledCount> jobs_waiting_by_reason;
  std::vector<LabelledCount> attempts_ended_by_outcome;
  int64_t leases_granted = 0;
  int64_t leases_expired = 0;
  int64_t reports_ignored = 0;
  int64_t workers = 0;
  int64_t quarantined_workers = 0;
  int64_t stopping_attempts = 0;
  int64_t parked_calls = 0;
  int64_t checkpoints_kept = 0;
  int64_t attempts_resumed = 0;
  int64_t checkpoint_bytes = 0;
};

struct CoordinatorMetricsOptions {
  std::string version;
  /// Full names: "/atelier.v1.Jobs/GetJob". Calls of any other method are
  /// counted together as "other".
  std::vector<std::string> rpc_methods;
};

/// Thread-safe.
class CoordinatorMetrics {
 public:
  explicit CoordinatorMetrics(const CoordinatorMetricsOptions& options);
  ~CoordinatorMetrics();

  /// One finished call. `code` is spelled as gRPC does: "NOT_FOUND". The time
  /// includes any for which the call was parked.
  void ObserveRpc(const std::string& method, const std::string& code,
                  absl::Duration elapsed);

  void CountUpload(int64_t bytes);
  void CountDownloadedBytes(int64_t bytes);

  /// `kind`: "artifact", "checkpoint", "preview" or "log".
  void CountDamagedArtifact(const std::string& kind);
  /// The disk under --data.
  void SetDisk(int64_t free_bytes, bool is_full);
  /// Checkpoints' files that nothing names.
  void SetOrphans(int64_t files, int64_t bytes);
  /// Bytes of all previews and of all logs.
  void SetAged(int64_t preview_bytes, int64_t log_bytes);
  /// Read through so far.
  void SetScrubbedBytes(int64_t bytes);

  /// `bound`: "requests", "bytes", "streams" or "uploads".
  void CountRefusedCall(absl::string_view bound);
  void CountFailedAuthentication();
  /// Of the certificate that is served. Without a call, there is none.
  void SetCertificateExpiry(absl::Time expires_at);

  /// Replaces a worker's samples. Names outside kWorkerMetrics, and numbers
  /// that none of these can be (negative, not finite, over 1e18), are dropped.
  void SetWorkerSamples(const std::string& worker,
                        std::vector<std::pair<std::string, double>> samples);
  /// Drops the series of every worker that is not in `live`.
  void KeepWorkers(absl::Span<const std::string> live);

  /// Prometheus' text format, version 0.0.4.
  std::string Text(const ControlPlaneSample& sample) const;

 private:
  struct Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace atelier

#endif  // ATELIER_MONITORING_COORDINATOR_METRICS_H_
