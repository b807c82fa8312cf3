// Workers that render several tasks of a sweep as one batch.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

using ::testing::SizeIs;

constexpr int kTasks = 5;
constexpr int kIterations = 200;

bool ThreeAreHalfway(const v1::JobSnapshot& snapshot) {
  int halfway = 0;
  for (const v1::Task& task : snapshot.running())
    halfway += task.iteration() > 0;
  return halfway == 3;
}

class BatchTest : public ::testing::Test {
 protected:
  std::string SubmitSweep(const std::string& more = "") {
    return Submit(
        cluster_,
        absl::StrCat(SweepOfSeeds(kTasks, /*size_px=*/64, kIterations), more));
  }
  // By task, once the job has ended.
  std::vector<std::string> Pictures(const std::string& job_id) {
    const v1::Job ended = WatchToItsEnd(cluster_, job_id);
    EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
    std::vector<std::string> pictures;
    for (const v1::Task& task : Tasks(cluster_, job_id)) {
      pictures.push_back(task.result().image_digest());
    }
    EXPECT_THAT(pictures, SizeIs(kTasks));
    return pictures;
  }
  // Whatever is stored, by a worker that renders one at a time.
  std::vector<std::string> PicturesOneByOne() {
    cluster_.StartWorker("single", {"--batch", "1"});
    return Pictures(SubmitSweep("no_cache: true\n"));
  }

  Cluster cluster_{{"--lease", "2s", "--sync-interval", "100ms"}};
};

TEST_F(BatchTest, PicturesAreThoseOfRendersOneByOne) {
  cluster_.StartWorker("batch", {"--batch", "3"});
  const std::string job_id = SubmitSweep();
  WatchUntil(cluster_, job_id, ThreeAreHalfway);
  EXPECT_EQ(cluster_.Metric("atelier_worker_slots{worker=\"batch\"}"), 3);
  const std::vector<std::string> pictures = Pictures(job_id);
  EXPECT_EQ(cluster_.StopWorker("batch").code, 0);
  EXPECT_EQ(PicturesOneByOne(), pictures);
}

TEST_F(BatchTest, AKilledOnesTasksAreRenderedByAnother) {
  cluster_.StartWorker("batch", {"--batch", "3", "--checkpoint-every", "10ms"});
  const std::string job_id = SubmitSweep();
  WatchUntil(cluster_, job_id, [this](const v1::JobSnapshot& snapshot) {
    return ThreeAreHalfway(snapshot) &&
           cluster_.Metric("atelier_checkpoints_kept_total") >= 1;
  });
  cluster_.KillWorker("batch");
  cluster_.StartWorker("other", {"--batch", "2"});
  const std::vector<std::string> pictures = Pictures(job_id);
  EXPECT_GT(cluster_.Metric("atelier_attempts_resumed_total"), 0);
  EXPECT_EQ(cluster_.StopWorker("other").code, 0);
  EXPECT_EQ(PicturesOneByOne(), pictures);
}

TEST_F(BatchTest, OneThatIsToldToStopLeavesWhereEachWas) {
  cluster_.StartWorker("batch", {"--batch", "3", "--checkpoint-every", "24h"});
  const std::string job_id = SubmitSweep();
  WatchUntil(cluster_, job_id, ThreeAreHalfway);
  EXPECT_EQ(cluster_.StopWorker("batch").code, 0);
  EXPECT_EQ(cluster_.Metric("atelier_checkpoints_kept_total"), 3);
  cluster_.StartWorker("other", {"--batch", "3"});
  const std::vector<std::string> pictures = Pictures(job_id);
  EXPECT_EQ(cluster_.Metric("atelier_attempts_resumed_total"), 3);
  EXPECT_EQ(cluster_.StopWorker("other").code, 0);
  EXPECT_EQ(PicturesOneByOne(), pictures);
}

}  // namespace
}  // namespace atelier
