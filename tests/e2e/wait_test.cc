// A job that nobody renders says so, and why, for as long as that lasts.
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/child_process.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class WaitTest : public testing::Test {
 protected:
  void AwaitReason(v1::WaitReason reason) {
    WatchUntil(cluster_, job_id_, [&](const v1::JobSnapshot& snapshot) {
      return snapshot.job().wait_reason() == reason;
    });
  }
  std::string Atelier(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), Binary("atelier"));
    arguments.insert(arguments.end(), {"--coordinator", cluster_.address()});
    const Finished finished = RunProgram(arguments);
    EXPECT_EQ(finished.code, 0) << finished.err;
    return finished.out;
  }

  Cluster cluster_;
  std::string job_id_;
};

TEST_F(WaitTest, WorkersThatComeChangeWhatAJobSays) {
  job_id_ = Submit(
      cluster_, absl::StrCat(SweepOfSeeds(2, 32, 2), "worker_tags: [gpu]\n"));
  AwaitReason(v1::WAIT_REASON_NO_WORKER);
  EXPECT_THAT(Atelier({"jobs"}), HasSubstr("no worker is connected"));
  EXPECT_EQ(cluster_.Metric("atelier_jobs_waiting{reason=\"no-worker\"}"), 1);

  cluster_.StartWorker("anna");
  AwaitReason(v1::WAIT_REASON_TAGS);
  EXPECT_THAT(Atelier({"jobs"}), HasSubstr("queued"));
  EXPECT_THAT(Atelier({"show", job_id_}),
              HasSubstr("queued, 0 of 2 tasks done; no live worker has the tag "
                        "gpu"));
  EXPECT_THAT(Atelier({"jobs", "--json"}),
              HasSubstr("\"wait_reason\":\"tags\""));

  cluster_.StartWorker("bert", {"--tag", "gpu"});
  EXPECT_EQ(WatchToItsEnd(cluster_, job_id_).state(), v1::JOB_STATE_SUCCEEDED);
}

}  // namespace
}  // namespace atelier
