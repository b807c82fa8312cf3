// A coordinator whose jobs are in PostgreSQL: the server comes and goes, and
// nothing that was acknowledged is lost.
#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "coordinator/store/postgresql/pq_connection.h"
#include "coordinator/store/postgresql/pq_server_testing.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kTasks = 30;
constexpr char kPassword[] = "correct horse";

std::string Spec() { return SweepOfSeeds(kTasks, /*size_px=*/32, 8); }

// A task goes back soon after its worker was not heard.
std::vector<std::string> Flags(const std::string& url) {
  std::vector<std::string> flags = {"--lease", "5s", "--sync-interval",
                                    "200ms"};
  if (!url.empty()) flags.insert(flags.end(), {"--store", url});
  return flags;
}

// By the tasks' index.
using Pictures = std::map<int64_t, std::string>;

Pictures Succeeded(const Cluster& cluster, const std::string& job_id) {
  Pictures pictures;
  for (const v1::Task& task : Tasks(cluster, job_id)) {
    if (task.state() != v1::TASK_STATE_SUCCEEDED) continue;
    pictures[task.index()] = task.result().image_digest();
  }
  return pictures;
}

Pictures QuietRunOnSqlite() {
  Cluster cluster(Flags(""));
  cluster.StartWorker("w");
  const std::string job_id = Submit(cluster, Spec());
  EXPECT_EQ(WatchToItsEnd(cluster, job_id).state(), v1::JOB_STATE_SUCCEEDED);
  return Succeeded(cluster, job_id);
}

class PostgresqlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::StatusOr<std::string> url = MakePqDatabase();
    if (absl::IsNotFound(url.status())) {
      GTEST_SKIP() << "NOT TESTED: a coordinator on PostgreSQL, as no server "
                      "is installed here";
    }
    ASSERT_TRUE(url.ok()) << url.status();
    url_ = *url;
  }

  // What a coordinator at these addresses and with this folder is started by.
  std::vector<std::string> Start(
      const std::string& data, const std::string& url,
      const std::string& http = "127.0.0.1:0") const {
    return {Binary("atelier-coordinator"),
            "--listen",
            "127.0.0.1:0",
            "--http",
            http,
            "--data",
            data,
            "--store",
            url};
  }

  void Say(const std::string& sql) const {
    const auto connection = PqConnection::Open(url_, absl::Seconds(5));
    ASSERT_TRUE(connection.ok()) << connection.status();
    const absl::Status said = (*connection)->RunOnce(sql);
    ASSERT_TRUE(said.ok()) << said;
  }

  std::string url_;
};

TEST_F(PostgresqlTest, ServerAndCoordinatorCrashAndNoByteOfTheResultsChanges) {
  const Pictures quiet = QuietRunOnSqlite();
  ASSERT_EQ(quiet.size(), kTasks);

  Cluster cluster(Flags(url_));
  cluster.StartWorker("w");
  const std::string job_id = Submit(cluster, Spec());
  Pictures acknowledged;
  constexpr int kRounds = 5;
  for (int round = 1; round <= kRounds; ++round) {
    SCOPED_TRACE(round);
    const auto some = [round](const v1::JobSnapshot& snapshot) {
      return snapshot.job().tasks().succeeded() >=
             round * kTasks / (kRounds + 1);
    };
    WatchUntil(cluster, job_id, some);
    const Pictures now = Succeeded(cluster, job_id);
    for (const auto& [index, picture] : acknowledged) {
      EXPECT_EQ(now.count(index), 1) << index << " was acknowledged";
    }
    acknowledged = now;
    if (round == 3) cluster.KillCoordinator();
    ASSERT_TRUE(RestartPqServer().ok());
    if (round == 3) cluster.RestartCoordinator();
    EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
  }
  const v1::Job ended = WatchToItsEnd(cluster, job_id);
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED) << ended.message();
  EXPECT_EQ(Succeeded(cluster, job_id), quiet);
  EXPECT_THAT(cluster.CoordinatorLog(), HasSubstr("jobs in postgresql://"));
}

TEST_F(PostgresqlTest, WhileTheServerIsAwayItIsSaidAndARenderGoesOn) {
  Cluster cluster(Flags(url_));
  cluster.StartWorker("w", {"--checkpoint-every", "24h"});
  const std::string job_id = Submit(cluster, SweepOfSeeds(1, 96, 600));
  WatchUntil(cluster, job_id, SomeTaskIsHalfway);
  StopPqServer();
  EXPECT_THAT(cluster.AwaitReadiness("503"), HasSubstr("PostgreSQL: "));
  grpc::ClientContext context;
  v1::ListTasksRequest request;
  request.set_job_id(job_id);
  v1::ListTasksResponse tasks;
  const grpc::Status asked = v1::Jobs::NewStub(cluster.Connect())
                                 ->ListTasks(&context, request, &tasks);
  EXPECT_EQ(asked.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(asked.error_message(), HasSubstr("PostgreSQL: "));
  EXPECT_EQ(cluster.Metric("atelier_storage_full"), 0) << "the disk is not";
  ASSERT_TRUE(StartPqServer().ok());
  EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
  EXPECT_EQ(WatchToItsEnd(cluster, job_id).state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Tasks(cluster, job_id).at(0).attempts(), 1) << "it went on";
  const std::string log = cluster.CoordinatorLog();
  const std::vector<std::string> lines = absl::StrSplit(log, '\n');
  EXPECT_THAT(log, AllOf(HasSubstr(" takes nothing: PostgreSQL: "),
                         HasSubstr(" takes all again")));
  EXPECT_LT(std::count_if(lines.begin(), lines.end(),
                          [](const std::string& line) {
                            return absl::StrContains(line, "PostgreSQL: ");
                          }),
            20)
      << log;
}

TEST_F(PostgresqlTest, AnIdleCoordinatorNoticesThatTheServerIsAway) {
  Cluster cluster(Flags(url_));
  EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
  StopPqServer();
  EXPECT_THAT(cluster.AwaitReadiness("503"), HasSubstr("PostgreSQL: "));
  ASSERT_TRUE(StartPqServer().ok());
  EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
}

TEST_F(PostgresqlTest, AStartWaitsForTheServerAndSaysSo) {
  Cluster cluster(Flags(url_));
  cluster.KillCoordinator();
  StopPqServer();
  {
    const ChildProcess waiting(
        Start(cluster.data(), url_, cluster.http_address()));
    EXPECT_THAT(
        cluster.AwaitReadiness("503 not ready: --store: "),
        AllOf(HasSubstr("--store: postgresql:///"), HasSubstr("PostgreSQL: ")));
    ASSERT_TRUE(StartPqServer().ok());
    EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
    EXPECT_THAT(waiting.Errors(), HasSubstr("not serving yet: --store: "));
  }
  StopPqServer();
  ChildProcess stopped(Start(cluster.data(), url_, cluster.http_address()));
  EXPECT_THAT(cluster.AwaitReadiness("503 not ready: --store: "),
              HasSubstr("--store: "));
  stopped.Signal(SIGTERM);
  const auto finished = stopped.Wait(absl::Seconds(20));
  ASSERT_TRUE(finished.has_value()) << "SIGTERM does not end the wait";
  EXPECT_EQ(finished->code, 0) << finished->err;
  ASSERT_TRUE(StartPqServer().ok());
}

TEST_F(PostgresqlTest, AFolderWithArtifactsIsNotTakenWithAnUnusedDatabase) {
  TemporaryFolder folder;
  const std::string data = folder / "data";
  {
    Cluster on_sqlite(ClusterOptions{{}, data, {}});
    Submit(on_sqlite, SweepOfSeeds(1, 32, 5));
  }
  const Finished refused = RunProgram(Start(data, url_));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("--store: postgresql:///"),
                    HasSubstr("has never been used"), HasSubstr("artifacts"),
                    HasSubstr(data), HasSubstr("--adopt")));
  std::vector<std::string> flags = Flags(url_);
  flags.push_back("--adopt");
  {
    Cluster adopted(ClusterOptions{flags, data, {}});
    EXPECT_THAT(adopted.AwaitReadiness("200"), HasSubstr("ready"));
    const Finished second = RunProgram(Start(data, url_));
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.err, HasSubstr("in use by another coordinator"));
  }
  Cluster again(ClusterOptions{Flags(url_), data, {}});
  EXPECT_THAT(again.AwaitReadiness("200"), HasSubstr("ready")) << "it is used";
}

TEST_F(PostgresqlTest, ASchemaOfANewerVersionIsRefusedInOneLine) {
  TemporaryFolder folder;
  { Cluster cluster(ClusterOptions{Flags(url_), folder / "data", {}}); }
  Say("UPDATE schema_version SET version = 1000");
  const Finished refused = RunProgram(Start(folder / "data", url_));
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.err, HasSubstr("has schema version 1000"));
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1)
      << refused.err;
}

TEST_F(PostgresqlTest, APasswordIsInNoLineOfTheLog) {
  const auto guarded = GuardPqDatabase(url_, kPassword);
  ASSERT_TRUE(guarded.ok()) << guarded.status();
  TemporaryFolder folder;
  std::string with_password = guarded->url;
  with_password.insert(with_password.find('@'), ":wr0ng");
  const Finished shown = RunProgram(Start(folder / "data", with_password));
  EXPECT_EQ(shown.code, 2);
  EXPECT_THAT(shown.err,
              AllOf(HasSubstr("PGPASSFILE"), Not(HasSubstr("wr0n"))));

  WriteFile(folder / "pgpass", absl::StrCat("*:*:*:*:wr0ng\n"));
  std::filesystem::permissions(folder / "pgpass",
                               std::filesystem::perms::owner_read);
  ChildProcess wrong(Start(folder / "data", guarded->url),
                     {absl::StrCat("PGPASSFILE=", folder / "pgpass")});
  const auto refused = wrong.Wait(absl::Seconds(20));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->code, 1);
  EXPECT_THAT(refused->err, AllOf(HasSubstr("password authentication failed"),
                                  Not(HasSubstr("wr0ng"))));

  Cluster cluster(ClusterOptions{Flags(guarded->url),
                                 folder / "data",
                                 {absl::StrCat("PGPASSWORD=", kPassword)}});
  EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
  StopPqServer();
  EXPECT_THAT(cluster.AwaitReadiness("503"), Not(HasSubstr(kPassword)));
  ASSERT_TRUE(StartPqServer().ok());
  EXPECT_THAT(cluster.AwaitReadiness("200"), HasSubstr("ready"));
  EXPECT_THAT(cluster.CoordinatorLog(), Not(HasSubstr(kPassword)));
}

}  // namespace
}  // namespace atelier
