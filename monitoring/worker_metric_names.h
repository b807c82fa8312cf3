// The samples a worker sends inside Synchronize, and the coordinator exposes.
// Plain constants: both sides of the wire share them, Prometheus sees one.
#ifndef ATELIER_MONITORING_WORKER_METRIC_NAMES_H_
#define ATELIER_MONITORING_WORKER_METRIC_NAMES_H_

namespace atelier {

inline constexpr char kWorkerIterations[] = "atelier_worker_iterations_total";
inline constexpr char kWorkerRenderSeconds[] =
    "atelier_worker_render_seconds_total";
inline constexpr char kWorkerRenders[] = "atelier_worker_renders_total";
inline constexpr char kWorkerIterationSeconds[] =
    "atelier_worker_iteration_seconds";
inline constexpr char kWorkerResidentMemory[] =
    "atelier_worker_resident_memory_bytes";
inline constexpr char kWorkerSlots[] = "atelier_worker_slots";
inline constexpr char kWorkerBusySlots[] = "atelier_worker_busy_slots";

/// Counters only grow while the worker's process lives; gauges go both ways.
enum class WorkerMetricKind { kCounter, kGauge };

struct WorkerMetric {
  const char* name;
  WorkerMetricKind kind;
  const char* help;
};

/// The allow-list: the coordinator drops samples of any other name.
inline constexpr WorkerMetric kWorkerMetrics[] = {
    {kWorkerIterations, WorkerMetricKind::kCounter,
     "Evaluations of loss and gradient done."},
    {kWorkerRenderSeconds, WorkerMetricKind::kCounter,
     "Time spent rendering, inputs fetched to result uploaded."},
    {kWorkerRenders, WorkerMetricKind::kCounter,
     "Attempts ended, whatever their outcome."},
    {kWorkerIterationSeconds, WorkerMetricKind::kGauge,
     "Time the last iteration took."},
    {kWorkerResidentMemory, WorkerMetricKind::kGauge,
     "Resident memory of the worker's process."},
    {kWorkerSlots, WorkerMetricKind::kGauge,
     "Attempts the worker can run at once."},
    {kWorkerBusySlots, WorkerMetricKind::kGauge,
     "Attempts the worker runs now."},
};

}  // namespace atelier

#endif  // ATELIER_MONITORING_WORKER_METRIC_NAMES_H_
