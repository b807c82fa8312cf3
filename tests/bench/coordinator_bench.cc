// coordinator_bench: the design's figures for the coordinator, measured on the
// real binary over real gRPC. Everything, the load generator included, shares
// this machine.
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cli/command_line.h"
#include "tests/bench/coordinator_figures.h"

namespace atelier {
namespace {

BenchLoad SmokeLoad() {
  BenchLoad load;
  load.sweep_tasks = 1'000;
  load.busy_workers = 8;
  load.waiting_workers = 16;
  load.single_tasks = 20;
  load.streams = 4;
  load.listed_jobs = 40;
  return load;
}

nlohmann::ordered_json JsonOf(const std::vector<TableFigures>& tables) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const TableFigures& table : tables) {
    all[table.name] = {{"rows", table.rows},
                       {"dead_rows", table.dead_rows},
                       {"mb", table.mb},
                       {"index_mb", table.index_mb},
                       {"vacuums", table.vacuums}};
  }
  return all;
}

void PrintJson(const std::string& store, const SweepFigures& sweep,
               const DispatchFigures& dispatch) {
  nlohmann::ordered_json figures = {
      {"store", store},
      {"tasks_per_second", sweep.tasks_per_second},
      {"submit_million_seconds", sweep.submit_seconds},
      {"rss_mb", sweep.rss_mb},
      {"dispatch_p99_ms", dispatch.p99_ms},
      {"restart_seconds", sweep.restart_seconds},
      {"cancel_seconds", sweep.cancel_seconds},
      {"list_ms", dispatch.list_ms},
      {"coordinator_cpu_us_per_task", sweep.coordinator_cpu_us},
      {"generator_cpu_us_per_task", sweep.generator_cpu_us},
      {"rss_half_done_mb", sweep.rss_half_done_mb},
      {"dispatch_p50_ms", dispatch.p50_ms},
      {"dispatch_rss_grown_mb", dispatch.rss_grown_mb},
      {"healthz_p50_ms", dispatch.healthz_p50_ms},
      {"healthz_p99_ms", dispatch.healthz_p99_ms},
      {"streamed_mb", dispatch.streamed_mb}};
  if (!sweep.tables.empty()) figures["tables"] = JsonOf(sweep.tables);
  std::printf("%s\n", figures.dump().c_str());
}

void PrintTable(const BenchLoad& load, const SweepFigures& sweep,
                const DispatchFigures& dispatch) {
  const long long tasks = load.sweep_tasks;
  std::printf("submit of a sweep of %lld tasks  %8.3f s\n", tasks,
              sweep.submit_seconds);
  std::printf("  resident after it              %8.0f MB\n", sweep.rss_mb);
  std::printf("lease and commit, %4d workers   %8.0f tasks/s\n",
              load.busy_workers, sweep.tasks_per_second);
  std::printf("  processor time for one         %8.0f us, and %.0f us here\n",
              sweep.coordinator_cpu_us, sweep.generator_cpu_us);
  std::printf("  resident, half of it done      %8.0f MB\n",
              sweep.rss_half_done_mb);
  std::printf("restart, half of it done         %8.3f s\n",
              sweep.restart_seconds);
  std::printf("cancel of the rest               %8.3f s\n",
              sweep.cancel_seconds);
  std::printf("dispatch, %5d workers waiting  %8.2f ms median, %.2f ms p99\n",
              load.waiting_workers, dispatch.p50_ms, dispatch.p99_ms);
  std::printf("  /healthz meanwhile             %8.2f ms median, %.2f ms p99\n",
              dispatch.healthz_p50_ms, dispatch.healthz_p99_ms);
  std::printf("  resident memory grown by       %8.0f MB\n",
              dispatch.rss_grown_mb);
  if (load.streams > 0) {
    std::printf("  to %5d event streams          %8.1f MB\n", load.streams,
                dispatch.streamed_mb);
  }
  std::printf("atelier jobs, %6d jobs        %8.0f ms\n", load.listed_jobs,
              dispatch.list_ms);
  for (const TableFigures& table : sweep.tables) {
    std::printf(
        "table %-12s %9lld rows, %7lld dead, %6.0f MB, indexes %4.0f MB, "
        "%lld vacuums\n",
        table.name.c_str(), static_cast<long long>(table.rows),
        static_cast<long long>(table.dead_rows), table.mb, table.index_mb,
        static_cast<long long>(table.vacuums));
  }
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "coordinator_bench: %s\n", status.ToString().c_str());
  return 1;
}

int Main(int argc, char** argv) {
  Command app("coordinator_bench", "Measures the coordinator on this machine.");
  BenchLoad load;
  bool json = false;
  bool smoke = false;
  app.AddFlag("--json", json, "Print one JSON object");
  app.AddFlag("--smoke", smoke, "A thousand times less work: does it run?");
  app.AddOption("--tasks", load.sweep_tasks,
                "Tasks of the large job; a product of two numbers up to "
                "100,000")
      .Range(1, int64_t{1} << 40)
      .ShowDefault();
  app.AddOption("--workers", load.busy_workers, "Workers that are never idle")
      .Range(1, 10'000)
      .ShowDefault();
  app.AddOption("--streams", load.streams,
                "Event streams open on a job that renders while single tasks "
                "are dispatched")
      .Range(0, 10'000)
      .ShowDefault();
  bool dispatch_only = false;
  app.AddFlag("--dispatch-only", dispatch_only, "Nothing of the large job");
  std::string access = "token";
  app.AddOption("--access", access,
                "How callers come: insecure, as anybody; token, with the token "
                "of this user; tls, with that and TLS")
      .OneOf({"insecure", "token", "tls"})
      .ShowDefault();
  std::string store = "sqlite";
  app.AddOption("--store", store,
                "Where jobs are kept: sqlite, in the coordinator's folder; "
                "postgresql, on a server that is started for it (fsync on), "
                "and needs to be installed")
      .OneOf({"sqlite", "postgresql"})
      .ShowDefault();
  const absl::StatusOr<bool> parsed =
      app.Parse(ArgumentsOf(argc, argv), std::cout);
  if (!parsed.ok()) return Fail(parsed.status());
  if (!*parsed) return 0;
  if (smoke) load = SmokeLoad();
  if (access == "insecure") load.access = BenchAccess::kInsecure;
  if (access == "tls") load.access = BenchAccess::kTls;
  if (store == "postgresql") load.store = BenchStore::kPostgresql;
  const absl::StatusOr<SweepFigures> sweep =
      dispatch_only ? SweepFigures() : MeasureSweep(load);
  if (!sweep.ok()) return Fail(sweep.status());
  const absl::StatusOr<DispatchFigures> dispatch = MeasureDispatch(load);
  if (!dispatch.ok()) return Fail(dispatch.status());
  if (json) {
    PrintJson(store, *sweep, *dispatch);
  } else {
    PrintTable(load, *sweep, *dispatch);
  }
  return 0;
}

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) { return atelier::Main(argc, argv); }
