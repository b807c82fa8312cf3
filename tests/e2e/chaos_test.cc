// Everything is killed, again and again, and nothing is lost or changed.
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

constexpr int kTasks = 200;
constexpr int kWorkers = 3;
constexpr int kKills = 24;

std::string Spec() { return SweepOfSeeds(kTasks, /*size_px=*/48, 12); }

std::string WorkerName(int i) { return absl::StrCat("w", i); }

uint64_t Seed() {
  const char* given = std::getenv("ATELIER_CHAOS_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10)
                          : std::random_device()();
}

std::vector<std::string> Pictures(const Cluster& cluster,
                                  const std::string& job_id) {
  std::vector<std::string> pictures;
  for (const v1::Task& task : Tasks(cluster, job_id)) {
    EXPECT_EQ(task.state(), v1::TASK_STATE_SUCCEEDED) << task.index();
    pictures.push_back(task.result().image_digest());
  }
  return pictures;
}

// A cluster where a task goes back soon after its worker died.
Cluster Start() {
  return Cluster({"--lease", "3s", "--sync-interval", "200ms"});
}

std::vector<std::string> QuietRun() {
  Cluster cluster = Start();
  for (int i = 0; i < kWorkers; ++i) cluster.StartWorker(WorkerName(i));
  const std::string job_id = Submit(cluster, Spec());
  EXPECT_EQ(WatchToItsEnd(cluster, job_id).tasks().succeeded(), kTasks);
  return Pictures(cluster, job_id);
}

// One kill, and what comes back after it.
void KillSomething(Cluster& cluster, std::mt19937_64& random) {
  const int victim = static_cast<int>(random() % (kWorkers + 1));
  if (victim == kWorkers) {
    cluster.KillCoordinator();
    cluster.RestartCoordinator();
  } else {
    cluster.KillWorker(WorkerName(victim));
    cluster.StartWorker(WorkerName(victim));
  }
}

TEST(ChaosTest, KillingEverythingChangesNoByteOfTheResults) {
  const std::vector<std::string> quiet = QuietRun();
  ASSERT_EQ(quiet.size(), kTasks);

  const uint64_t seed = Seed();
  SCOPED_TRACE(absl::StrCat("replay with ATELIER_CHAOS_SEED=", seed));
  std::mt19937_64 random(seed);
  Cluster cluster = Start();
  for (int i = 0; i < kWorkers; ++i) cluster.StartWorker(WorkerName(i));
  const std::string job_id = Submit(cluster, Spec());
  for (int kill = 0; kill < kKills; ++kill) {
    // The time between kills is what is tested, not a wait for something.
    absl::SleepFor(absl::Milliseconds(1000 + random() % 1000));
    KillSomething(cluster, random);
  }
  const v1::Job ended = WatchToItsEnd(cluster, job_id);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
  EXPECT_EQ(ended.tasks().succeeded(), kTasks);
  EXPECT_EQ(Pictures(cluster, job_id), quiet);
}

}  // namespace
}  // namespace atelier
