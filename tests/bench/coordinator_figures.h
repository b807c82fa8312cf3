// What the coordinator bench measures, each figure on real processes.
#ifndef ATELIER_TESTS_BENCH_COORDINATOR_FIGURES_H_
#define ATELIER_TESTS_BENCH_COORDINATOR_FIGURES_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/bench/bench_coordinator.h"

namespace atelier {

/// How much work the figures are taken from.
struct BenchLoad {
  int64_t sweep_tasks = 1'000'000;
  int busy_workers = 64;
  int waiting_workers = 1'000;
  int single_tasks = 1'000;  ///< Submitted one by one.
  absl::Duration between_singles = absl::Milliseconds(10);
  int listed_jobs = 10'000;
  BenchAccess access = BenchAccess::kToken;
  BenchStore store = BenchStore::kSqlite;
  /// Event streams that are open on a job which workers render meanwhile, as
  /// single tasks are dispatched.
  int streams = 0;
};

struct SweepFigures {
  double submit_seconds = 0;
  double rss_mb = 0;            ///< After the submit.
  double tasks_per_second = 0;  ///< Leased and committed, half of the sweep.
  double rss_half_done_mb = 0;
  /// Processor time for one task: hardly changes when others use the machine.
  double coordinator_cpu_us = 0;
  double generator_cpu_us = 0;
  double restart_seconds = 0;  ///< kill -9, start, first answer about the job.
  double cancel_seconds = 0;
  std::vector<TableFigures> tables;  ///< Half done; with kPostgresql.
};

struct DispatchFigures {
  double p50_ms = 0;
  double p99_ms = 0;   ///< Submit acknowledged to task received.
  double list_ms = 0;  ///< `atelier jobs` as a person runs it, median of five.
  double rss_grown_mb = 0;  ///< While they were dispatched.
  /// GET /healthz meanwhile.
  double healthz_p50_ms = 0;
  double healthz_p99_ms = 0;
  double streamed_mb = 0;  ///< To all of BenchLoad.streams together.
};

/// One large job: submitted, half done by busy workers (the coordinator loses
/// its life in the middle of their calls), taken up again, cancelled.
absl::StatusOr<SweepFigures> MeasureSweep(const BenchLoad& load);

/// Single tasks at a steady pace while many workers wait; then the listing of
/// many jobs.
absl::StatusOr<DispatchFigures> MeasureDispatch(const BenchLoad& load);

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_COORDINATOR_FIGURES_H_
