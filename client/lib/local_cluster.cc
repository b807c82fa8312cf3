#include "client/lib/local_cluster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

constexpr int64_t kMaxReadyFileBytes = 4096;
constexpr absl::Duration kMonitorInterval = absl::Milliseconds(200);
// A task that kills its worker does so three times; one after the other may.
constexpr absl::Duration kEarly = absl::Seconds(10);
constexpr int kMostEarlyDeaths = 12;

}  // namespace

absl::StatusOr<std::unique_ptr<LocalCluster>> LocalCluster::Start(
    LocalClusterOptions options) {
  if (options.programs.empty()) {
    ASSIGN_OR_RETURN(options.programs, FolderOfThisProgram());
  }
  auto cluster =
      std::unique_ptr<LocalCluster>(new LocalCluster(std::move(options)));
  auto scratch = ScratchFolder::Make("atelier-local-");
  if (!scratch.ok()) {
    return InvalidArgument("TMPDIR: ", scratch.status().message(),
                           "; set TMPDIR to a folder that can be written to");
  }
  cluster->scratch_ = *std::move(scratch);
  RETURN_IF_ERROR(cluster->StartAll());
  cluster->monitor_ = std::thread([self = cluster.get()] { self->Monitor(); });
  return cluster;
}

LocalCluster::~LocalCluster() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  if (monitor_.joinable()) {
    monitor_.join();
  } else {
    StopChildren();
  }
}

void LocalCluster::StopChildren() {
  // Workers first, so that they hand back what they run; all at once, so that
  // the wait is one wait.
  const absl::Time deadline = Clock::Steady().Now() + options_.stop_timeout;
  for (const Worker& worker : workers_) worker.process->RequestStop();
  for (const Worker& worker : workers_) worker.process->Reap(deadline);
  if (coordinator_process_ != nullptr) {
    coordinator_process_->RequestStop();
    coordinator_process_->Reap(Clock::Steady().Now() + options_.stop_timeout);
  }
}

absl::StatusOr<std::unique_ptr<ChildProcess>> LocalCluster::StartProgram(
    const std::string& program, const std::string& name,
    const std::vector<std::string>& flags) {
  std::vector<std::string> argv = {
      absl::StrCat(options_.programs, "/", program), "--exit-with-parent"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return ChildProcess::Start(name, argv,
                             absl::StrCat(scratch_->path(), "/", name, ".log"));
}

absl::StatusOr<std::string> LocalCluster::ListenAddress() {
  constexpr char kSocket[] = "/grpc";
  if (!options_.listen.empty()) return options_.listen;
  std::string path = scratch_->path() + kSocket;
  if (path.size() > kMaxUnixPathBytes) {
    ASSIGN_OR_RETURN(socket_folder_,
                     ScratchFolder::MakeIn("/tmp", "atelier-socket-"));
    path = socket_folder_->path() + kSocket;
  }
  return absl::StrCat("unix:", path);
}

// A worker takes longer to load than a coordinator to start: where the address
// is known before, none waits for the other.
absl::Status LocalCluster::StartAll() {
  const std::string ready_file = scratch_->path() + "/ready.json";
  ASSIGN_OR_RETURN(const std::string listen, ListenAddress());
  RETURN_IF_ERROR(StartCoordinator(listen, ready_file));
  const bool is_known = absl::StartsWith(listen, "unix:");
  if (is_known) {
    coordinator_ = listen;
    RETURN_IF_ERROR(StartWorkers());
  }
  RETURN_IF_ERROR(AwaitReady(ready_file));
  return is_known ? absl::OkStatus() : StartWorkers();
}

absl::Status LocalCluster::StartCoordinator(const std::string& listen,
                                            const std::string& ready_file) {
  const std::string data =
      options_.data.empty() ? scratch_->path() + "/data" : options_.data;
  if (const absl::Status made = MakeFolders(data); !made.ok()) {
    return InvalidArgument("data: ", made.message());
  }
  std::vector<std::string> flags = {"--listen",     listen,    "--http",
                                    options_.http,  "--data",  data,
                                    "--ready-file", ready_file};
  if (options_.data.empty()) {
    // What goes with the cluster takes no more room than it must, and does not
    // grow old enough to go bad.
    flags.insert(flags.end(), {"--reserve-bytes", "0", "--scrub-every", "0s"});
  }
  ASSIGN_OR_RETURN(coordinator_process_,
                   StartProgram("atelier-coordinator", "coordinator", flags));
  return absl::OkStatus();
}

absl::Status LocalCluster::AwaitReady(const std::string& ready_file) {
  const absl::Time deadline = Clock::Steady().Now() + options_.start_timeout;
  absl::Duration wait = absl::Milliseconds(1);
  while (Clock::Steady().Now() < deadline) {
    const absl::StatusOr<std::string> text =
        ReadFile(ready_file, kMaxReadyFileBytes);
    if (text.ok()) {
      const auto ready = nlohmann::json::parse(*text, nullptr, false);
      if (!ready.is_object() || !ready.contains("listen") ||
          !ready.contains("http") || !ready["listen"].is_string() ||
          !ready["http"].is_string()) {
        return absl::InternalError(absl::StrCat(
            "the coordinator's ready file is not as agreed: ", *text));
      }
      coordinator_ = ready["listen"].get<std::string>();
      http_ = ready["http"].get<std::string>();
      return absl::OkStatus();
    }
    if (coordinator_process_->HasEnded()) {
      return absl::InternalError(coordinator_process_->ExitSummary());
    }
    if (options_.is_stopped && options_.is_stopped()) {
      return absl::CancelledError("interrupted");
    }
    absl::SleepFor(wait);
    wait = std::min(wait * 2, absl::Milliseconds(50));
  }
  return absl::DeadlineExceededError(
      absl::StrCat("the coordinator did not start within ",
                   absl::FormatDuration(options_.start_timeout)));
}

absl::Status LocalCluster::StartWorkers() {
  for (int i = 1; i <= options_.workers; ++i) {
    Worker worker;
    worker.name = absl::StrCat("worker-", i);
    RETURN_IF_ERROR(StartWorker(worker));
    workers_.push_back(std::move(worker));
  }
  return absl::OkStatus();
}

absl::Status LocalCluster::StartWorker(Worker& worker) {
  const int cores = std::max<int>(std::thread::hardware_concurrency(), 1);
  const int threads = std::max(cores / std::max(options_.workers, 1), 1);
  ASSIGN_OR_RETURN(
      worker.process,
      StartProgram(
          "atelier-worker", worker.name,
          {"--coordinator", coordinator_, "--device", "cpu", "--threads",
           absl::StrCat(threads), "--name", worker.name, "--cache",
           absl::StrCat(scratch_->path(), "/", worker.name), "--stop-within",
           absl::FormatDuration(options_.stop_timeout * 0.8)}));
  worker.started_at = Clock::Steady().Now();
  return absl::OkStatus();
}

// Children that this thread has started again are told to stop when it ends,
// so it lives until they are gone.
void LocalCluster::Monitor() {
  bool watching = true;
  while (true) {
    watching = watching && CheckChildren();
    absl::MutexLock lock(&mutex_);
    if (mutex_.AwaitWithTimeout(
            absl::Condition(&stopping_),
            watching ? kMonitorInterval : absl::InfiniteDuration())) {
      break;
    }
  }
  StopChildren();
}

bool LocalCluster::CheckChildren() {
  if (coordinator_process_->HasEnded()) {
    if (options_.on_failure) {
      options_.on_failure(
          absl::InternalError(coordinator_process_->ExitSummary()));
    }
    return false;
  }
  for (size_t i = 0; i < workers_.size(); ++i) {
    if (!workers_[i].process->HasEnded()) continue;
    const std::string why = workers_[i].process->ExitSummary();
    const auto tell = [&](const char* what) {
      if (options_.on_worker_lost) {
        options_.on_worker_lost(absl::StrCat(why, what));
      }
    };
    if (Revive(workers_[i])) {
      tell("; it is started again");
      continue;
    }
    std::swap(workers_[i], workers_.back());
    workers_.pop_back();
    if (!workers_.empty()) {
      tell("; the others go on");
      return true;
    }
    if (options_.on_failure) options_.on_failure(absl::InternalError(why));
    return false;
  }
  return true;
}

bool LocalCluster::Revive(Worker& worker) {
  if (!worker.process->WasKilled()) return false;
  const bool early = Clock::Steady().Now() - worker.started_at < kEarly;
  worker.early_deaths = early ? worker.early_deaths + 1 : 0;
  return worker.early_deaths <= kMostEarlyDeaths && StartWorker(worker).ok();
}

}  // namespace atelier
