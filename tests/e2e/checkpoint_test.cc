// Renders that go on where another worker, or a shorter render, ended.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::Gt;
using ::testing::Lt;

constexpr int kIterations = 400;

void RemoveFilesUnder(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  EXPECT_FALSE(files.empty());
  for (const auto& file : files) std::filesystem::remove(file);
}

class CheckpointTest : public ::testing::Test {
 protected:
  double Metric(const std::string& name) { return cluster_.Metric(name); }
  double IterationsOf(const std::string& worker) {
    return Metric(absl::StrCat("atelier_worker_iterations_total{worker=\"",
                               worker, "\"}"));
  }
  std::string SubmitOne(int iterations) {
    return Submit(cluster_, SweepOfSeeds(1, /*size_px=*/96, iterations));
  }
  // The same from its beginning, whatever is stored.
  std::string SubmitAnew(int iterations) {
    return Submit(cluster_,
                  absl::StrCat(SweepOfSeeds(1, /*size_px=*/96, iterations),
                               "no_cache: true\n"));
  }
  // Waits until the job's only task has a picture.
  std::string Picture(const std::string& job_id) {
    const v1::Job ended = WatchToItsEnd(cluster_, job_id);
    EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
    const std::vector<v1::Task> tasks = Tasks(cluster_, job_id);
    return tasks.size() == 1 ? tasks[0].result().image_digest() : "";
  }

  Cluster cluster_{{"--lease", "2s", "--sync-interval", "100ms"}};
};

TEST_F(CheckpointTest, AfterAKillARenderGoesOnFromTheLastOne) {
  cluster_.StartWorker("first", {"--checkpoint-every", "10ms"});
  const std::string job_id = SubmitOne(kIterations);
  WatchUntil(cluster_, job_id, [this](const v1::JobSnapshot& snapshot) {
    return SomeTaskIsHalfway(snapshot) &&
           Metric("atelier_checkpoints_kept_total") >= 2;
  });
  cluster_.KillWorker("first");
  cluster_.StartWorker("second");
  const std::string picture = Picture(job_id);
  EXPECT_EQ(Metric("atelier_attempts_resumed_total"), 1);
  EXPECT_THAT(IterationsOf("second"), AllOf(Gt(0), Lt(kIterations)));
  EXPECT_EQ(Picture(SubmitAnew(kIterations)), picture);
  EXPECT_EQ(Metric("atelier_attempts_resumed_total"), 1);
}

TEST_F(CheckpointTest, AWorkerToldToStopLeavesWhereItWas) {
  cluster_.StartWorker("first", {"--checkpoint-every", "24h"});
  const std::string job_id = SubmitOne(kIterations);
  WatchUntil(cluster_, job_id, SomeTaskIsHalfway);
  EXPECT_EQ(Metric("atelier_checkpoints_kept_total"), 0);
  EXPECT_EQ(cluster_.StopWorker("first").code, 0);
  EXPECT_EQ(Metric("atelier_checkpoints_kept_total"), 1);
  cluster_.StartWorker("second");
  const std::string picture = Picture(job_id);
  EXPECT_EQ(Metric("atelier_attempts_resumed_total"), 1);
  EXPECT_THAT(IterationsOf("second"), AllOf(Gt(0), Lt(kIterations)));
  EXPECT_EQ(Picture(SubmitAnew(kIterations)), picture);
}

TEST_F(CheckpointTest, ALongerRenderGoesOnFromTheEndOfAShorter) {
  cluster_.StartWorker("only");
  Picture(SubmitOne(50));
  EXPECT_EQ(IterationsOf("only"), 50);
  const std::string picture = Picture(SubmitOne(100));
  EXPECT_EQ(IterationsOf("only"), 100);
  EXPECT_EQ(Picture(SubmitAnew(100)), picture);
  EXPECT_EQ(IterationsOf("only"), 200);
}

TEST_F(CheckpointTest, OneThatIsLostCostsOnlyTime) {
  cluster_.StartWorker("only");
  Picture(SubmitOne(50));
  RemoveFilesUnder(cluster_.data() + "/checkpoints");
  const std::string picture = Picture(SubmitOne(100));
  EXPECT_EQ(IterationsOf("only"), 150);
  EXPECT_EQ(Picture(SubmitAnew(100)), picture);
}

}  // namespace
}  // namespace atelier
