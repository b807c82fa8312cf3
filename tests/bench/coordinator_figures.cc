#include "tests/bench/coordinator_figures.h"

#include <sys/resource.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/random_id.h"
#include "common/status_macros.h"
#include "tests/bench/bench_coordinator.h"
#include "tests/bench/bench_jobs.h"
#include "tests/bench/event_readers.h"
#include "tests/bench/worker_fleet.h"
#include "tests/testing/http_client.h"

namespace atelier {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(10);
constexpr int kChannels = 8;
constexpr int kSubmitsAtOnce = 64;
constexpr int kListRuns = 5;
constexpr absl::Duration kBetweenProbes = absl::Milliseconds(20);
constexpr int64_t kWatchedTasks = 1'000'000;
constexpr int kWatchedWorkers = 16;
constexpr absl::Duration kWatchedRender = absl::Milliseconds(100);

std::vector<std::shared_ptr<grpc::Channel>> Channels(
    const BenchCoordinator& coordinator) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < kChannels; ++i) channels.push_back(coordinator.Connect());
  return channels;
}

double Seconds(absl::Duration duration) {
  return absl::ToDoubleSeconds(duration);
}

double Microseconds(const timeval& time) {
  return 1e6 * static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_usec);
}

double OwnCpuMicroseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return Microseconds(usage.ru_utime) + Microseconds(usage.ru_stime);
}

absl::Status MeasureThroughput(BenchCoordinator& coordinator,
                               const BenchLoad& load, SweepFigures& figures) {
  WorkerFleet::Options options;
  options.workers = load.busy_workers;
  ASSIGN_OR_RETURN(const absl::Duration cpu_before, coordinator.CpuTime());
  const double own_before = OwnCpuMicroseconds();
  const absl::Time before = absl::Now();
  WorkerFleet fleet(Channels(coordinator), std::move(options));
  const auto tasks = static_cast<double>(
      fleet.WaitForCommitted(load.sweep_tasks / 2, kPatience));
  figures.tasks_per_second = tasks / Seconds(absl::Now() - before);
  RETURN_IF_ERROR(fleet.status());
  ASSIGN_OR_RETURN(const absl::Duration cpu, coordinator.CpuTime());
  figures.coordinator_cpu_us =
      absl::ToDoubleMicroseconds(cpu - cpu_before) / tasks;
  figures.generator_cpu_us = (OwnCpuMicroseconds() - own_before) / tasks;
  ASSIGN_OR_RETURN(figures.rss_half_done_mb, coordinator.ResidentMegabytes());
  return absl::OkStatus();
}

// When each job was acknowledged and when its task was received. Thread-safe.
class Stopwatches {
 public:
  void Acknowledged(const std::string& job) {
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mu_);
    acknowledged_.emplace(job, now);
  }
  void Received(const std::string& job) {
    const absl::Time now = absl::Now();
    absl::MutexLock lock(&mu_);
    received_.emplace(job, now);
  }
  /// Sorted milliseconds of all jobs that have both; what was received before
  /// its submit was acknowledged took none.
  std::vector<double> Milliseconds() {
    absl::MutexLock lock(&mu_);
    std::vector<double> times;
    for (const auto& [job, received] : received_) {
      const auto acknowledged = acknowledged_.find(job);
      if (acknowledged == acknowledged_.end()) continue;
      times.push_back(std::max(
          0.0, absl::ToDoubleMilliseconds(received - acknowledged->second)));
    }
    std::sort(times.begin(), times.end());
    return times;
  }

 private:
  absl::Mutex mu_;
  std::map<std::string, absl::Time> acknowledged_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, absl::Time> received_ ABSL_GUARDED_BY(mu_);
};

// Submits without waiting for the answer, a bounded number at once.
// Thread-compatible.
class Submitter {
 public:
  Submitter(std::shared_ptr<grpc::Channel> channel,
            std::function<void(const v1::Job&)> on_answer)
      : stub_(v1::Jobs::NewStub(std::move(channel))),
        on_answer_(std::move(on_answer)) {}
  ~Submitter() { Finish().IgnoreError(); }

  void Submit(v1::JobSpec spec) {
    auto call = std::make_shared<Call>();
    call->request.set_request_id(RandomId());
    *call->request.mutable_spec() = std::move(spec);
    const auto room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return flying_ < kSubmitsAtOnce;
    };
    {
      absl::MutexLock lock(&mu_);
      mu_.Await(absl::Condition(&room));
      ++flying_;
    }
    stub_->async()->SubmitJob(
        &call->context, &call->request, &call->job,
        [this, call](const grpc::Status& status) mutable {
          if (status.ok()) on_answer_(call->job);
          // Its context holds the channel, which must not end on this thread:
          // after the last answer, the Submitter may be gone.
          call.reset();
          absl::MutexLock lock(&mu_);
          --flying_;
          if (!status.ok()) {
            status_ = absl::UnavailableError(status.error_message());
          }
        });
  }

  /// Waits for all answers.
  absl::Status Finish() {
    const auto landed = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return flying_ == 0;
    };
    absl::MutexLock lock(&mu_);
    mu_.Await(absl::Condition(&landed));
    return status_;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::SubmitJobRequest request;
    v1::Job job;
  };

  const std::unique_ptr<v1::Jobs::Stub> stub_;
  const std::function<void(const v1::Job&)> on_answer_;
  absl::Mutex mu_;
  int flying_ ABSL_GUARDED_BY(mu_) = 0;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
};

// Asks for /healthz now and then, on a thread of its own. Thread-compatible.
class HealthProbe {
 public:
  explicit HealthProbe(const Endpoint& http)
      : thread_([this, http] { Probe(http); }) {}
  ~HealthProbe() { Stop(); }

  /// Sorted, of what it has asked.
  const std::vector<double>& Stop() {
    if (!stop_.HasBeenNotified()) stop_.Notify();
    if (thread_.joinable()) thread_.join();
    std::sort(times_ms_.begin(), times_ms_.end());
    return times_ms_;
  }

 private:
  void Probe(const Endpoint& http) {
    HttpClient client(http);
    while (!stop_.WaitForNotificationWithTimeout(kBetweenProbes)) {
      const absl::Time before = absl::Now();
      if (client.Get("/healthz").code != 200) return;
      times_ms_.push_back(absl::ToDoubleMilliseconds(absl::Now() - before));
    }
  }

  absl::Notification stop_;
  std::vector<double> times_ms_;  // The thread's until it has ended.
  std::thread thread_;
};

// A job that is rendered and watched for as long as this lives.
class WatchedJob {
 public:
  static absl::StatusOr<std::unique_ptr<WatchedJob>> Start(
      BenchCoordinator& coordinator, int streams,
      std::function<void(const v1::Assignment&)> on_assignment) {
    ASSIGN_OR_RETURN(const v1::Job job,
                     coordinator.Submit(WatchedSweepOf(kWatchedTasks)));
    std::unique_ptr<WatchedJob> started(new WatchedJob);
    ASSIGN_OR_RETURN(
        started->readers_,
        EventReaders::Open(coordinator.http(), coordinator.HttpToken(),
                           job.job_id(), streams));
    WorkerFleet::Options options;
    options.workers = kWatchedWorkers;
    options.name = "watched";
    options.tags = {kWatchedTag};
    options.render_time = kWatchedRender;
    options.on_assignment = std::move(on_assignment);
    started->fleet_.emplace(Channels(coordinator), std::move(options));
    return started;
  }

  /// Errors: Internal (a stream has ended), what a worker met.
  absl::StatusOr<double> StreamedMegabytes() const {
    RETURN_IF_ERROR(fleet_->status());
    if (readers_->closed() == 0) {
      return static_cast<double>(readers_->bytes()) / 1e6;
    }
    return absl::InternalError(
        absl::StrCat(readers_->closed(), " event streams have ended"));
  }

 private:
  WatchedJob() = default;

  std::unique_ptr<EventReaders> readers_;
  std::optional<WorkerFleet> fleet_;
};

absl::Status DispatchSingles(BenchCoordinator& coordinator,
                             const BenchLoad& load, Stopwatches& watches) {
  WorkerFleet::Options options;
  options.workers = load.waiting_workers;
  options.on_assignment = [&watches](const v1::Assignment& assignment) {
    watches.Received(assignment.job_id());
  };
  WorkerFleet fleet(Channels(coordinator), std::move(options));
  Submitter submitter(coordinator.Connect(), [&watches](const v1::Job& job) {
    watches.Acknowledged(job.job_id());
  });
  absl::Time next = absl::Now();
  for (int i = 0; i < load.single_tasks; ++i) {
    absl::SleepFor(next - absl::Now());
    next += load.between_singles;
    submitter.Submit(SingleTask(i));
  }
  RETURN_IF_ERROR(submitter.Finish());
  const int64_t committed =
      fleet.WaitForCommitted(load.single_tasks, kPatience);
  RETURN_IF_ERROR(fleet.status());
  if (committed == load.single_tasks) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(committed, " of ", load.single_tasks,
                                          " single tasks were committed"));
}

absl::StatusOr<double> MedianListMilliseconds(
    const BenchCoordinator& coordinator) {
  std::vector<double> times;
  for (int i = 0; i < kListRuns; ++i) {
    const absl::Time before = absl::Now();
    std::vector<std::string> argv = {Binary("atelier"), "jobs"};
    const std::vector<std::string> flags = coordinator.ClientFlags();
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Finished listed = RunProgram(argv);
    times.push_back(absl::ToDoubleMilliseconds(absl::Now() - before));
    if (listed.code != 0) {
      return absl::InternalError(absl::StrCat("atelier jobs: ", listed.err));
    }
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

absl::StatusOr<SweepFigures> MeasureSweep(const BenchLoad& load) {
  ASSIGN_OR_RETURN(const auto coordinator,
                   BenchCoordinator::Start(load.access, load.store));
  SweepFigures figures;
  const v1::JobSpec spec = SweepOf(load.sweep_tasks);
  absl::Time before = absl::Now();
  ASSIGN_OR_RETURN(const v1::Job job, coordinator->Submit(spec));
  figures.submit_seconds = Seconds(absl::Now() - before);
  ASSIGN_OR_RETURN(figures.rss_mb, coordinator->ResidentMegabytes());
  RETURN_IF_ERROR(MeasureThroughput(*coordinator, load, figures));
  coordinator->Kill();
  ASSIGN_OR_RETURN(figures.tables, coordinator->Tables());
  ASSIGN_OR_RETURN(const absl::Duration restart,
                   coordinator->Restart(job.job_id()));
  figures.restart_seconds = Seconds(restart);
  before = absl::Now();
  ASSIGN_OR_RETURN(const v1::Job cancelled, coordinator->Cancel(job.job_id()));
  figures.cancel_seconds = Seconds(absl::Now() - before);
  if (cancelled.state() != v1::JOB_STATE_CANCELLED ||
      cancelled.tasks().succeeded() < load.sweep_tasks / 2) {
    return absl::InternalError(
        absl::StrCat("the cancelled job is not as it should be: ",
                     cancelled.ShortDebugString().substr(0, 2000)));
  }
  return figures;
}

absl::StatusOr<DispatchFigures> MeasureDispatch(const BenchLoad& load) {
  ASSIGN_OR_RETURN(const auto coordinator,
                   BenchCoordinator::Start(load.access, load.store));
  DispatchFigures figures;
  Stopwatches watches;
  ASSIGN_OR_RETURN(const double before_mb, coordinator->ResidentMegabytes());
  std::unique_ptr<WatchedJob> watched;
  if (load.streams > 0) {
    ASSIGN_OR_RETURN(watched,
                     WatchedJob::Start(*coordinator, load.streams,
                                       [&watches](const v1::Assignment& one) {
                                         watches.Received(one.job_id());
                                       }));
  }
  HealthProbe health(coordinator->http());
  RETURN_IF_ERROR(DispatchSingles(*coordinator, load, watches));
  const std::vector<double>& healthz = health.Stop();
  figures.healthz_p50_ms = healthz.at(healthz.size() / 2);
  figures.healthz_p99_ms = healthz.at(healthz.size() * 99 / 100);
  ASSIGN_OR_RETURN(const double after_mb, coordinator->ResidentMegabytes());
  figures.rss_grown_mb = after_mb - before_mb;
  if (watched != nullptr) {
    ASSIGN_OR_RETURN(figures.streamed_mb, watched->StreamedMegabytes());
    watched.reset();
  }
  const std::vector<double> times = watches.Milliseconds();
  figures.p50_ms = times.at(times.size() / 2);
  figures.p99_ms = times.at(times.size() * 99 / 100);
  {
    Submitter submitter(coordinator->Connect(), [](const v1::Job&) {});
    for (int i = load.single_tasks; i < load.listed_jobs; ++i) {
      submitter.Submit(SingleTask(i));
    }
    RETURN_IF_ERROR(submitter.Finish());
  }
  ASSIGN_OR_RETURN(figures.list_ms, MedianListMilliseconds(*coordinator));
  return figures;
}

}  // namespace atelier
