// A data folder that an earlier build left: nothing in it is lost.
#include <filesystem>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class OldFolderTest : public ::testing::Test {
 protected:
  OldFolderTest() {
    const Finished unpacked = RunProgram(
        {"/bin/tar", "-xzf",
         std::string(ATELIER_SOURCE_DIR) + "/tests/e2e/data/schema-5.tar.gz",
         "-C", folder_ / ""});
    EXPECT_EQ(unpacked.code, 0) << unpacked.err;
  }

  std::string JobCalled(const Cluster& cluster, const std::string& name) {
    const auto stub = v1::Jobs::NewStub(cluster.Connect());
    grpc::ClientContext context;
    v1::ListJobsResponse response;
    EXPECT_TRUE(stub->ListJobs(&context, {}, &response).ok());
    for (const v1::Job& job : response.jobs()) {
      if (job.spec().name() == name) return job.job_id();
    }
    ADD_FAILURE() << "no job is called " << name;
    return "";
  }
  Finished Fetch(const Cluster& cluster, const std::string& job_id) {
    return RunProgram({Binary("atelier"), "fetch", job_id, "--output",
                       folder_ / job_id, "--coordinator", cluster.address()});
  }

  TemporaryFolder folder_;
};

TEST_F(OldFolderTest, ItsResultsAreServedAndItsHalfDoneJobGoesOnToItsEnd) {
  Cluster cluster(
      {{"--lease", "2s", "--sync-interval", "100ms"}, folder_ / "data", {}});
  const std::string finished = JobCalled(cluster, "finished");
  const std::string half_done = JobCalled(cluster, "half-done");
  EXPECT_EQ(Fetch(cluster, finished).code, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / (finished + "/results.csv")));
  EXPECT_EQ(Tasks(cluster, half_done).at(0).state(), v1::TASK_STATE_SUCCEEDED);
  EXPECT_EQ(Tasks(cluster, half_done).at(2).state(), v1::TASK_STATE_LEASED);

  cluster.StartWorker("new");
  const v1::Job ended =
      WatchUntil(cluster, half_done, [](const v1::JobSnapshot& snapshot) {
        return snapshot.job().tasks().succeeded() == 3;
      });
  EXPECT_EQ(ended.tasks().failed(), 1);
  EXPECT_THAT(ended.message(), HasSubstr("diverged"));
  const std::vector<v1::Task> tasks = Tasks(cluster, half_done);
  EXPECT_THAT(tasks, SizeIs(4));
  EXPECT_EQ(tasks.at(3).state(), v1::TASK_STATE_SUCCEEDED);
  EXPECT_EQ(tasks.at(1).outcome(), v1::OUTCOME_DIVERGED);
}

}  // namespace
}  // namespace atelier
