// Disks that are full from the start, files that go bad, a database that is
// gone: with the real binaries.
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/blobs/directory/damaged_files_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "soci/soci.h"
#include "soci/sqlite3/soci-sqlite3.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "tests/testing/small_disk.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

Finished Atelier(const Cluster& cluster, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), Binary("atelier"));
  arguments.insert(arguments.end(), {"--coordinator", cluster.address()});
  return RunProgram(arguments);
}

void CopyDataFolder(const Cluster& from, const std::string& to) {
  // As an earlier build leaves it, with nothing set aside.
  fs::remove(from.data() + "/reserve");
  fs::create_directories(to);
  fs::copy(from.data(), to, fs::copy_options::recursive);
}

// As old as garbage must be, in a folder whose database knows no artifacts.
void Age(const std::string& data) {
  soci::session sql(soci::sqlite3, data + "/atelier.db");
  sql << "DELETE FROM artifacts";
  for (const auto& entry :
       fs::recursive_directory_iterator(data + "/artifacts")) {
    if (!entry.is_regular_file()) continue;
    fs::last_write_time(
        entry.path(), fs::file_time_type::clock::now() - std::chrono::hours(2));
  }
}

class StartOnAFullDiskTest : public ::testing::Test {
 protected:
  // A data folder with a finished job.
  std::string MakeData(const std::string& folder) {
    Cluster cluster;
    cluster.StartWorker("w", {"--checkpoint-every", "24h"});
    const std::string job_id = Submit(cluster, SweepOfSeeds(2, 32, 5));
    EXPECT_EQ(WatchToItsEnd(cluster, job_id).state(), v1::JOB_STATE_SUCCEEDED);
    cluster.KillWorker("w");
    cluster.KillCoordinator();
    CopyDataFolder(cluster, folder);
    return job_id;
  }
};

TEST_F(StartOnAFullDiskTest, ReadsCollectsAndGoesOnByItself) {
  SmallDisk disk("32m");
  if (!disk.mounted()) {
    GTEST_SKIP() << "NOT TESTED: a start on a full disk, as no tmpfs can be "
                    "mounted here: "
                 << disk.why_not();
  }
  const std::string job_id = MakeData(disk.data());
  Age(disk.data());
  disk.Fill();

  Cluster cluster(ClusterOptions{{"--lease", "5s"}, disk.data(), {}});
  EXPECT_THAT(cluster.AwaitReadiness("503"),
              AllOf(HasSubstr(disk.data()), HasSubstr("full"),
                    HasSubstr("atelier gc")));
  EXPECT_EQ(cluster.Metric("atelier_storage_full"), 1);
  TemporaryFolder folder;
  const Finished fetched =
      Atelier(cluster, {"fetch", job_id, "--output", folder / "out"});
  EXPECT_EQ(fetched.code, 0) << fetched.err;
  const Finished collected = Atelier(cluster, {"gc", "--keep", "0s"});
  EXPECT_EQ(collected.code, 0) << collected.err;
  EXPECT_THAT(collected.out, Not(HasSubstr("removed 0 "))) << collected.out;

  disk.MakeRoom();
  EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("200"));
  EXPECT_EQ(cluster.Metric("atelier_storage_full"), 0);
  EXPECT_TRUE(fs::exists(disk.data() + "/reserve"));
  cluster.StartWorker("w");
  const std::string again = Submit(cluster, SweepOfSeeds(1, 32, 6));
  EXPECT_EQ(WatchToItsEnd(cluster, again).state(), v1::JOB_STATE_SUCCEEDED);
}

TEST(RunningOnAFullDiskTest, SaysSoAndStartsNothing) {
  SmallDisk disk("32m");
  if (!disk.mounted()) {
    GTEST_SKIP() << "NOT TESTED: a disk that fills, as no tmpfs can be mounted "
                    "here: "
                 << disk.why_not();
  }
  Cluster cluster(ClusterOptions{{"--lease", "5s"}, disk.data(), {}});
  const std::string job_id = Submit(cluster, SweepOfSeeds(2, 32, 5));
  EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
  disk.Fill();
  EXPECT_THAT(cluster.AwaitReadiness("503"), HasSubstr("full"));
  EXPECT_EQ(Atelier(cluster, {"show", job_id}).code, 0);
  disk.MakeRoom();
  EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
  cluster.StartWorker("w");
  EXPECT_EQ(WatchToItsEnd(cluster, job_id).state(), v1::JOB_STATE_SUCCEEDED);
}

// Starts a coordinator that is not to come up.
Finished StartAndFail(const std::string& data, std::vector<std::string> flags) {
  std::vector<std::string> argv = {Binary("atelier-coordinator"),
                                   "--listen",
                                   "127.0.0.1:0",
                                   "--http",
                                   "127.0.0.1:0",
                                   "--data",
                                   data};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return RunProgram(argv);
}

TEST(LostDatabaseTest, IsRefusedByNameAndAdoptedByFlag) {
  TemporaryFolder folder;
  const std::string data = folder / "data";
  {
    Cluster cluster(ClusterOptions{{}, data, {}});
    Submit(cluster, SweepOfSeeds(1, 32, 5));
  }
  const std::string database = data + "/atelier.db";
  const auto forget = [&] {
    for (const char* file : {"", "-wal", "-shm"}) fs::remove(database + file);
  };
  for (const bool empty : {false, true}) {
    SCOPED_TRACE(empty);
    forget();
    if (empty) WriteFile(database, "");
    const Finished refused = StartAndFail(data, {});
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.err, AllOf(HasSubstr(database), HasSubstr("--adopt"),
                                   HasSubstr("artifacts")));
  }
  Cluster adopted(ClusterOptions{{"--adopt"}, data, {}});
  EXPECT_THAT(adopted.AwaitReadiness("200"), HasSubstr("ready"));
  adopted.KillCoordinator();
  Cluster again(ClusterOptions{{}, data, {}});
  EXPECT_THAT(again.AwaitReadiness("200"), HasSubstr("ready"))
      << "it is used now";
}

TEST(DamagedResultTest, FetchRepairsWhatIsLost) {
  Cluster cluster;
  cluster.StartWorker("w");
  const std::string job_id = Submit(cluster, SweepOfSeeds(3, 32, 5));
  EXPECT_EQ(WatchToItsEnd(cluster, job_id).state(), v1::JOB_STATE_SUCCEEDED);
  const std::vector<v1::Task> tasks = Tasks(cluster, job_id);
  const std::string artifacts = cluster.data() + "/artifacts";
  FlipABit(ArtifactPath(artifacts, tasks.at(0).result().image_digest()));
  fs::remove(ArtifactPath(artifacts, tasks.at(2).result().image_digest()));
  TemporaryFolder folder;
  const Finished broken =
      Atelier(cluster, {"fetch", job_id, "--output", folder / "out"});
  EXPECT_EQ(broken.code, 1) << broken.err;
  const Finished repaired = Atelier(
      cluster, {"fetch", job_id, "--output", folder / "out", "--repair"});
  EXPECT_EQ(repaired.code, 0) << repaired.err;
  for (const v1::Task& task : Tasks(cluster, job_id)) {
    SCOPED_TRACE(task.index());
    EXPECT_EQ(task.attempts(), task.index() == 1 ? 1 : 2);
    EXPECT_EQ(task.result().image_digest(),
              tasks.at(task.index()).result().image_digest());
  }
}

TEST(DamagedResultTest, IsNotReusedAndTheNextRenderHealsIt) {
  Cluster cluster;
  cluster.StartWorker("w");
  const std::string spec = SweepOfSeeds(2, 32, 5);
  const std::string job_id = Submit(cluster, spec);
  EXPECT_EQ(WatchToItsEnd(cluster, job_id).state(), v1::JOB_STATE_SUCCEEDED);
  const std::string digest =
      Tasks(cluster, job_id).at(0).result().image_digest();
  const std::string path = ArtifactPath(cluster.data() + "/artifacts", digest);
  cluster.KillCoordinator();
  FlipABit(path);
  cluster.RestartCoordinator();

  const std::string again = Submit(cluster, spec);
  EXPECT_EQ(WatchToItsEnd(cluster, again).state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Tasks(cluster, again).at(0).attempts(), 1) << "rendered again";
  EXPECT_EQ(Tasks(cluster, again).at(1).attempts(), 0) << "taken as it was";
  EXPECT_EQ(Tasks(cluster, again).at(0).result().image_digest(), digest);
  TemporaryFolder folder;
  const Finished fetched =
      Atelier(cluster, {"fetch", job_id, "--output", folder / "out"});
  EXPECT_EQ(fetched.code, 0) << fetched.err;
  EXPECT_EQ(
      cluster.Metric("atelier_artifacts_damaged_total{kind=\"artifact\"}"), 1);
}

}  // namespace
}  // namespace atelier
