#include "monitoring/metric_families.h"

#include <algorithm>
#include <set>

#include "absl/strings/string_view.h"
#include "monitoring/worker_metric_names.h"

namespace atelier {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric Metric(MetricType type, double value) {
  ClientMetric metric;
  if (type == MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return metric;
}

MetricFamily Single(std::string name, std::string help, MetricType type,
                    int64_t value) {
  return {std::move(name),
          std::move(help),
          type,
          {Metric(type, static_cast<double>(value))}};
}

MetricFamily Labelled(std::string name, std::string help, MetricType type,
                      const std::string& label,
                      const std::vector<LabelledCount>& counts) {
  MetricFamily family{std::move(name), std::move(help), type, {}};
  for (const LabelledCount& count : counts) {
    ClientMetric metric = Metric(type, static_cast<double>(count.second));
    metric.label.push_back({label, count.first});
    family.metric.push_back(std::move(metric));
  }
  return family;
}

// Counts, seconds and bytes.
bool IsPlausible(double value) {
  constexpr double kMost = 1e18;
  return value >= 0 && value <= kMost;  // NaN is neither.
}

bool IsAllowed(const std::string& name) {
  return std::any_of(std::begin(kWorkerMetrics), std::end(kWorkerMetrics),
                     [&](const WorkerMetric& m) { return name == m.name; });
}

}  // namespace

std::vector<MetricFamily> ControlPlaneFamilies(
    const ControlPlaneSample& sample) {
  return {
      Labelled("atelier_tasks", "Tasks of all jobs, by state.",
               MetricType::Gauge, "state", sample.tasks_by_state),
      Labelled("atelier_jobs_waiting",
               "Unfinished jobs of which no worker holds a task, by why.",
               MetricType::Gauge, "reason", sample.jobs_waiting_by_reason),
      Labelled("atelier_attempts_total",
               "Attempts ended, by the outcome that was committed.",
               MetricType::Counter, "outcome",
               sample.attempts_ended_by_outcome),
      Single("atelier_leases_granted_total", "Attempts given to workers.",
             MetricType::Counter, sample.leases_granted),
      Single("atelier_leases_expired_total",
             "Leases that ran out before their attempt ended.",
             MetricType::Counter, sample.leases_expired),
      Single("atelier_reports_ignored_total",
             "Late or doubled reports of attempts.", MetricType::Counter,
             sample.reports_ignored),
      Single("atelier_workers", "Live workers.", MetricType::Gauge,
             sample.workers),
      Single("atelier_workers_quarantined",
             "Live workers that get nothing more: they failed what others "
             "completed.",
             MetricType::Gauge, sample.quarantined_workers),
      Single("atelier_attempts_stopping",
             "Attempts that workers were told to stop, and still run: each "
             "takes a slot.",
             MetricType::Gauge, sample.stopping_attempts),
      Single("atelier_parked_calls",
             "Synchronize calls that are held open until there is work.",
             MetricType::Gauge, sample.parked_calls),
      Single("atelier_checkpoints_kept_total",
             "Checkpoints of renders that were made durable.",
             MetricType::Counter, sample.checkpoints_kept),
      Single("atelier_attempts_resumed_total",
             "Attempts that were told to go on from a checkpoint.",
             MetricType::Counter, sample.attempts_resumed),
      Single("atelier_checkpoint_stored_bytes",
             "Bytes of all checkpoints, as --checkpoint-bytes counts them.",
             MetricType::Gauge, sample.checkpoint_bytes),
  };
}

void WorkerSamples::Set(const std::string& worker, Samples samples) {
  samples.erase(std::remove_if(samples.begin(), samples.end(),
                               [](const auto& sample) {
                                 return !IsAllowed(sample.first) ||
                                        !IsPlausible(sample.second);
                               }),
                samples.end());
  const std::lock_guard<std::mutex> lock(mutex_);
  by_worker_[worker] = std::move(samples);
}

void WorkerSamples::Keep(absl::Span<const std::string> live) {
  const std::set<absl::string_view> names(live.begin(), live.end());
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto it = by_worker_.begin(); it != by_worker_.end();) {
    const bool is_live = names.count(it->first) > 0;
    it = is_live ? std::next(it) : by_worker_.erase(it);
  }
}

std::vector<MetricFamily> WorkerSamples::Collect() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<MetricFamily> families;
  for (const WorkerMetric& known : kWorkerMetrics) {
    const MetricType type = known.kind == WorkerMetricKind::kCounter
                                ? MetricType::Counter
                                : MetricType::Gauge;
    MetricFamily family{known.name, known.help, type, {}};
    for (const auto& [worker, samples] : by_worker_) {
      // A name that is sent twice would make the whole page unreadable.
      const auto found =
          std::find_if(samples.begin(), samples.end(),
                       [&](const auto& s) { return s.first == known.name; });
      if (found == samples.end()) continue;
      ClientMetric metric = Metric(type, found->second);
      metric.label.push_back({"worker", worker});
      family.metric.push_back(std::move(metric));
    }
    families.push_back(std::move(family));
  }
  return families;
}

}  // namespace atelier
