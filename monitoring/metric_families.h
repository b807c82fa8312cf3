// Metric families built by hand, for numbers that somebody else keeps.
#ifndef ATELIER_MONITORING_METRIC_FAMILIES_H_
#define ATELIER_MONITORING_METRIC_FAMILIES_H_

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "monitoring/coordinator_metrics.h"
#include "prometheus/collectable.h"
#include "prometheus/metric_family.h"

namespace atelier {

/// The control plane's numbers as families.
std::vector<prometheus::MetricFamily> ControlPlaneFamilies(
    const ControlPlaneSample& sample);

/// The last samples of each live worker, labelled by its name. Thread-safe.
class WorkerSamples : public prometheus::Collectable {
 public:
  using Samples = std::vector<std::pair<std::string, double>>;

  void Set(const std::string& worker, Samples samples);
  void Keep(absl::Span<const std::string> live);
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Samples> by_worker_;
};

}  // namespace atelier

#endif  // ATELIER_MONITORING_METRIC_FAMILIES_H_
