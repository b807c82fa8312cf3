#include "worker/agent/worker_metrics.h"

#include <unistd.h>

#include <fstream>

#include "monitoring/worker_metric_names.h"

namespace atelier {

void WorkerMetrics::CountIteration(absl::Duration took) {
  absl::MutexLock lock(&mutex_);
  ++iterations_;
  if (took > absl::ZeroDuration()) last_iteration_ = took;
}

void WorkerMetrics::CountRender(absl::Duration took) {
  absl::MutexLock lock(&mutex_);
  ++renders_;
  render_time_ += took;
}

void WorkerMetrics::Describe(int busy_slots,
                             v1::SynchronizeRequest* request) const {
  const auto add = [request](const char* name, double value) {
    v1::MetricSample* sample = request->add_metrics();
    sample->set_name(name);
    sample->set_value(value);
  };
  absl::MutexLock lock(&mutex_);
  add(kWorkerIterations, static_cast<double>(iterations_));
  add(kWorkerRenders, static_cast<double>(renders_));
  add(kWorkerRenderSeconds, absl::ToDoubleSeconds(render_time_));
  add(kWorkerIterationSeconds, absl::ToDoubleSeconds(last_iteration_));
  add(kWorkerResidentMemory, static_cast<double>(ResidentMemoryBytes()));
  add(kWorkerSlots, slots_);
  add(kWorkerBusySlots, busy_slots);
}

int64_t ResidentMemoryBytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total_pages = 0;
  int64_t resident_pages = 0;
  if (!(statm >> total_pages >> resident_pages)) return 0;
  return resident_pages * sysconf(_SC_PAGESIZE);
}

}  // namespace atelier
