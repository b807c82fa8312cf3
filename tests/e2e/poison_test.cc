// Tasks that take their worker down, and workers that hang, with the real
// binaries.
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kCrashed[] = "atelier_attempts_total{outcome=\"crashed\"}";

// Longer than any test.
std::string NeverDone() { return SweepOfSeeds(1, 96, 1'000'000); }

Cluster QuickCluster() {
  return Cluster({"--lease", "3s", "--sync-interval", "200ms"});
}

// Follows the only task of a job from attempt to attempt.
class Attempts {
 public:
  Attempts(const Cluster& cluster, std::string job_id)
      : cluster_(cluster), job_id_(std::move(job_id)) {}

  // Waits until an attempt that was not seen yet has done an iteration; the
  // name of its worker.
  std::string Next() {
    v1::Task task;
    WatchUntil(cluster_, job_id_, [&](const v1::JobSnapshot& /*snapshot*/) {
      task = Tasks(cluster_, job_id_).at(0);
      return task.attempts() > seen_ && task.iteration() > 0;
    });
    seen_ = task.attempts();
    return task.worker();
  }

 private:
  const Cluster& cluster_;
  const std::string job_id_;
  int seen_ = 0;
};

TEST(PoisonTest, ATaskThatKillsThreeWorkersFailsAndNothingElseDoes) {
  Cluster cluster = QuickCluster();
  cluster.StartWorker("w1");
  cluster.StartWorker("w2");
  const std::string poison = Submit(cluster, NeverDone());
  const std::string healthy = Submit(cluster, SweepOfSeeds(8, 64, 20));
  Attempts attempts(cluster, poison);
  const int signals[] = {SIGSEGV, SIGABRT, SIGBUS};
  for (int signal : signals) {
    const std::string worker = attempts.Next();
    // The render is what it dies in: nothing but the signal tells the test's
    // from one of its own.
    EXPECT_EQ(cluster.EndWorker(worker, signal).code, 128 + signal);
    cluster.StartWorker(worker);
  }
  const v1::Job ended = WatchToItsEnd(cluster, poison);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(
      ended.message(),
      AllOf(HasSubstr("crashed the worker \"w"),
            HasSubstr("signal 11 (SIGSEGV)"), HasSubstr("signal 6 (SIGABRT)"),
            HasSubstr("signal 7 (SIGBUS)"), HasSubstr("crashed 3 times")));
  EXPECT_EQ(Tasks(cluster, poison).at(0).outcome(), v1::OUTCOME_CRASHED);
  const v1::Job other = WatchToItsEnd(cluster, healthy);
  EXPECT_EQ(other.state(), v1::JOB_STATE_SUCCEEDED) << other.message();
  EXPECT_EQ(cluster.Metric(kCrashed), 3);
  EXPECT_EQ(cluster.Metric("atelier_workers_quarantined"), 0);
}

TEST(PoisonTest, KillsLeaveNoEvidence) {
  Cluster cluster = QuickCluster();
  cluster.StartWorker("w");
  const std::string job_id = Submit(cluster, NeverDone());
  Attempts attempts(cluster, job_id);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(attempts.Next(), "w");
    cluster.EndWorker("w", SIGKILL);
    cluster.StartWorker("w");
  }
  attempts.Next();
  EXPECT_EQ(cluster.Metric(kCrashed), 0);
}

// A memory cgroup of a test's own, of version 1, or 2 where that counts memory.
class SmallCgroup {
 public:
  explicit SmallCgroup(int64_t limit_bytes) {
    const std::string name = absl::StrCat("/atelier-test-", getpid());
    for (const auto& [root, file] :
         {std::pair<std::string, const char*>("/sys/fs/cgroup/memory",
                                              "/memory.limit_in_bytes"),
          std::pair<std::string, const char*>("/sys/fs/cgroup",
                                              "/memory.max")}) {
      folder_ = root + name;
      if (mkdir(folder_.c_str(), 0700) != 0) continue;
      home_ = root + PathOf(root == "/sys/fs/cgroup" ? "0::" : ":memory:");
      if (Write(folder_ + file, absl::StrCat(limit_bytes))) return;
      rmdir(folder_.c_str());
    }
    folder_.clear();
  }
  ~SmallCgroup() {
    if (!folder_.empty()) rmdir(folder_.c_str());
  }
  SmallCgroup(const SmallCgroup&) = delete;
  SmallCgroup& operator=(const SmallCgroup&) = delete;

  const std::string& folder() const { return folder_; }
  // What this process starts meanwhile is in the cgroup, and is the first to be
  // killed there.
  template <typename Start>
  void StartInside(Start start) const {
    ASSERT_TRUE(Enter(folder_) && Write("/proc/self/oom_score_adj", "1000"));
    start();
    ASSERT_TRUE(Write("/proc/self/oom_score_adj", "0") && Enter(home_));
  }
  // A process in it that takes so much memory, and ends.
  void Take(int64_t bytes) const {
    const pid_t child = fork();
    if (child == 0) {
      if (!Enter(folder_)) _exit(1);
      void* const memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (memory == MAP_FAILED) _exit(1);
      for (int64_t i = 0; i < bytes; i += 4096) {
        static_cast<volatile char*>(memory)[i] = 1;
      }
      _exit(0);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
  }

 private:
  static bool Enter(const std::string& folder) {
    return Write(folder + "/cgroup.procs", absl::StrCat(getpid()));
  }
  // Of this process, in the tree whose line has `mark`.
  static std::string PathOf(const std::string& mark) {
    std::ifstream file("/proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
      const size_t at = line.find(mark);
      if (at != std::string::npos) return line.substr(at + mark.size());
    }
    return "";
  }
  static bool Write(const std::string& path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    return file.good();
  }

  std::string folder_;
  std::string home_;  // Where this process was.
};

TEST(PoisonTest, AKillForWantOfMemoryIsACrash) {
  constexpr int64_t kLimit = int64_t{1} << 30;
  const SmallCgroup cgroup(kLimit);
  if (cgroup.folder().empty()) {
    GTEST_SKIP() << "NOT TESTED: kills for want of memory, as no memory cgroup "
                    "can be made here";
  }
  Cluster cluster = QuickCluster();
  const auto start = [&] {
    cgroup.StartInside([&] { cluster.StartWorker("w"); });
  };
  start();
  const std::string job_id = Submit(cluster, NeverDone());
  Attempts attempts(cluster, job_id);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(attempts.Next(), "w");
    cgroup.Take(kLimit - (int64_t{64} << 20));
    EXPECT_EQ(cluster.AwaitEnd("w").code, 128 + SIGKILL);
    start();
  }
  const v1::Job ended = WatchToItsEnd(cluster, job_id);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(ended.message(),
              AllOf(HasSubstr("crashed the worker \"w\": killed by the kernel "
                              "for want of memory (cgroup "),
                    HasSubstr(absl::StrCat("limit ", kLimit, " bytes")),
                    HasSubstr("crashed 3 times")));
  cluster.KillWorker("w");
}

// A worker that calls, and whose render does not get on: no real one hangs
// when a test wants it to.
class HangingWorker {
 public:
  explicit HangingWorker(const Cluster& cluster)
      : workers_(v1::Workers::NewStub(cluster.Connect())) {
    request_.mutable_worker()->set_name("hangs");
    request_.mutable_worker()->set_instance_id("0123456789abcdef");
    request_.mutable_worker()->set_device("cpu");
    // With one to spare, the coordinator holds its calls.
    request_.mutable_worker()->set_slots(2);
  }

  // Calls until the coordinator has told it to stop.
  void CallUntilStopped() {
    v1::SynchronizeResponse response;
    while (response.stop().empty()) {
      response = Call();
      for (const v1::Assignment& start : response.start()) {
        *request_.add_running()->mutable_token() = start.token();
      }
      ASSERT_FALSE(testing::Test::HasFailure());
    }
  }
  v1::SynchronizeResponse Call() {
    grpc::ClientContext context;
    v1::SynchronizeResponse response;
    const grpc::Status status =
        workers_->Synchronize(&context, request_, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

 private:
  std::unique_ptr<v1::Workers::Stub> workers_;
  v1::SynchronizeRequest request_;
};

TEST(StallTest, ARenderThatHangsIsEndedAndItsWorkerIsSeenToHang) {
  Cluster cluster(
      {"--lease", "3s", "--sync-interval", "100ms", "--stall-after", "1s"});
  HangingWorker hanging(cluster);
  const std::string job_id = Submit(cluster, SweepOfSeeds(1, 64, 20));
  hanging.CallUntilStopped();
  const v1::Task task = Tasks(cluster, job_id).at(0);
  EXPECT_EQ(task.outcome(), v1::OUTCOME_STALLED);
  EXPECT_THAT(task.message(), AllOf(HasSubstr("worker \"hangs\" calls"),
                                    HasSubstr("--stall-after")));
  EXPECT_EQ(cluster.Metric("atelier_attempts_total{outcome=\"stalled\"}"), 1);
  EXPECT_EQ(cluster.Metric("atelier_attempts_stopping"), 1);
  const Finished workers = RunProgram(
      {Binary("atelier"), "workers", "--coordinator", cluster.address()});
  EXPECT_THAT(workers.out, HasSubstr("1 stopping")) << workers.err;

  cluster.StartWorker("works");
  EXPECT_EQ(WatchToItsEnd(cluster, job_id).state(), v1::JOB_STATE_SUCCEEDED);
}

TEST(StallTest, TheFlagHasBounds) {
  TemporaryFolder folder;
  const Finished refused =
      RunProgram({Binary("atelier-coordinator"), "--data", folder / "data",
                  "--stall-after", "soon"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--stall-after"));
}

}  // namespace
}  // namespace atelier
