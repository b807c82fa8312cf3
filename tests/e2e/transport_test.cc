// What carries the calls: Unix sockets in private, TLS among machines.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/endpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/child_process.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "tests/testing/http_client.h"
#include "tests/testing/process_table.h"
#include "tests/testing/samples.h"
#include "tests/testing/tls_files.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr absl::Duration kPatience = absl::Minutes(1);

// Those of a command's processes that run this program, once there are so many
// or the command has ended.
std::vector<pid_t> AwaitPrograms(ChildProcess& command, const std::string& mark,
                                 const std::string& program, size_t count) {
  const absl::Time deadline = absl::Now() + kPatience;
  std::vector<pid_t> found;
  while (found.size() < count && absl::Now() < deadline &&
         !command.Wait(absl::Milliseconds(20)).has_value()) {
    found.clear();
    for (const pid_t pid : MarkedProcesses(mark)) {
      if (ProgramOf(pid) == program) found.push_back(pid);
    }
  }
  return found;
}

class PrivateClusterTest : public testing::Test {
 protected:
  // A command that takes for ever, once its workers have been started, which
  // they are when the coordinator serves.
  void ExpectNoPort(const std::vector<std::string>& command) {
    const std::string mark = NewMark();
    ChildProcess running(command, {mark});
    ASSERT_THAT(AwaitPrograms(running, mark, "atelier-worker", 2), SizeIs(2))
        << running.Errors();
    const std::vector<pid_t> processes = MarkedProcesses(mark);
    // One that is about to start its decoder is there twice.
    EXPECT_GE(processes.size(), 4);
    for (const pid_t pid : processes) {
      EXPECT_THAT(ListeningPorts(pid), IsEmpty()) << ProgramOf(pid);
    }
    running.Kill();
    EXPECT_TRUE(WaitUntilGone(processes, kPatience));
  }

  TemporaryFolder folder_;
};

TEST_F(PrivateClusterTest, OpensNoPort) {
  const std::vector<std::string> inputs = {"--content", SamplePath("content"),
                                           "--style",   SamplePath("style"),
                                           "--workers", "2",
                                           "--size",    "64"};
  std::vector<std::string> render = {Binary("atelier"), "render",
                                     "--output",        folder_ / "out.png",
                                     "--iterations",    "1000000"};
  render.insert(render.end(), inputs.begin(), inputs.end());
  ExpectNoPort(render);
  std::vector<std::string> study = {Binary("atelier"), "study", "all",
                                    "--output", folder_ / "study"};
  study.insert(study.end(), inputs.begin(), inputs.end());
  ExpectNoPort(study);
  WriteFile(folder_ / "spec.yaml", SweepOfSeeds(2, 64, 1'000'000));
  ExpectNoPort({Binary("atelier"), "submit", folder_ / "spec.yaml", "--wait",
                "--workers", "2", "--output", folder_ / "sweep"});
}

TEST_F(PrivateClusterTest, RendersWhereTheTemporaryFolderHasALongName) {
  const std::string temporary = folder_ / std::string(120, 'x');
  std::filesystem::create_directory(temporary);
  ChildProcess render(
      {Binary("atelier"), "render", "--content", SamplePath("content"),
       "--style", SamplePath("style"), "--size", "32", "--iterations", "1",
       "--output", folder_ / "out.png"},
      {absl::StrCat("TMPDIR=", temporary)});
  const auto finished = render.Wait(kPatience);
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->code, 0) << finished->err;
}

TEST_F(PrivateClusterTest, ATokenForAnotherCoordinatorIsNotLookedAt) {
  ChildProcess render(
      {Binary("atelier"), "render", "--content", SamplePath("content"),
       "--style", SamplePath("style"), "--size", "32", "--iterations", "1",
       "--output", folder_ / "out.png"},
      {"ATELIER_TOKEN=no token", "ATELIER_TOKEN_FILE=/no/such/file"});
  const auto finished = render.Wait(kPatience);
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->code, 0) << finished->err;
}

TEST_F(PrivateClusterTest, UpHasPorts) {
  const std::string mark = NewMark();
  ChildProcess up({Binary("atelier"), "up", "--workers", "1", "--listen",
                   "127.0.0.1:0", "--http", "127.0.0.1:0"},
                  {mark});
  ASSERT_THAT(AwaitPrograms(up, mark, "atelier-worker", 1), SizeIs(1))
      << up.Errors();
  const std::vector<pid_t> coordinator =
      AwaitPrograms(up, mark, "atelier-coordinator", 1);
  ASSERT_THAT(coordinator, SizeIs(1));
  EXPECT_THAT(ListeningPorts(coordinator[0]), SizeIs(2));
}

TEST(BoundedCallersTest, AWorkerAndAClientAtTheirBoundsComeThrough) {
  TemporaryFolder folder;
  // All share this user's token, and its bounds.
  Cluster cluster({"--open-metrics", "--max-requests-per-second", "1",
                   "--max-uploads-per-caller", "1"});
  cluster.StartWorker("anna");
  WriteFile(folder / "spec.yaml", SweepOfSeeds(2, 32, 1));
  const Finished finished = RunProgram(
      {Binary("atelier"), "submit", folder / "spec.yaml", "--wait", "--output",
       folder / "out", "--coordinator", cluster.address()},
      2 * kPatience);
  EXPECT_EQ(finished.code, 0) << finished.err;
  EXPECT_TRUE(std::filesystem::exists(folder / "out/results.csv"));
  EXPECT_GT(cluster.Metric("atelier_refused_calls_total{bound=\"requests\"}"),
            0);
  EXPECT_EQ(cluster.Metric("atelier_attempts_total{outcome=\"succeeded\"}"), 2);
  EXPECT_EQ(cluster.Metric("atelier_leases_expired_total"), 0);
}

// Tokens of attempts and other people's pictures are in there.
void ExpectPrivate(const std::string& folder) {
  namespace fs = std::filesystem;
  constexpr fs::perms kOthers = fs::perms::group_all | fs::perms::others_all;
  int files = 0;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    ++files;
    EXPECT_EQ(file.status().permissions() & kOthers, fs::perms::none)
        << file.path();
  }
  EXPECT_GT(files, 0);
}

class TlsClusterTest : public testing::Test {
 protected:
  TlsClusterTest() { tls_.Issue("server", {"IP:127.0.0.1"}); }

  std::vector<std::string> CoordinatorFlags() const {
    return {"--tls-cert",  tls_.certificate("server"),
            "--tls-key",   tls_.key("server"),
            "--worker-ca", tls_.ca()};
  }
  std::vector<std::string> WorkerFlags(const std::string& certificate) const {
    return {"--ca",       tls_.ca(),
            "--tls-cert", tls_.certificate(certificate),
            "--tls-key",  tls_.key(certificate)};
  }
  // With --coordinator at the end of the arguments.
  Finished Run(std::vector<std::string> arguments, const std::string& at,
               const std::string& ca = "") const {
    arguments.insert(arguments.begin(), Binary("atelier"));
    arguments.insert(arguments.end(), {"--coordinator", at});
    if (!ca.empty()) arguments.insert(arguments.end(), {"--ca", ca});
    return RunProgram(arguments, kPatience);
  }

  TemporaryFolder folder_;
  TlsFiles tls_{folder_.path()};
};

TEST_F(TlsClusterTest, RendersAndFetches) {
  Cluster cluster(CoordinatorFlags());
  ASSERT_TRUE(absl::StartsWith(cluster.address(), "grpcs://127.0.0.1:"));
  tls_.Issue("anna", {"DNS:anna"});
  cluster.StartWorker("anna", WorkerFlags("anna"));
  WriteFile(folder_ / "spec.yaml", SweepOfSeeds(2, 32, 1));
  ChildProcess submit({Binary("atelier"), "submit", folder_ / "spec.yaml",
                       "--wait", "--output", folder_ / "out"},
                      {absl::StrCat("ATELIER_COORDINATOR=", cluster.address()),
                       absl::StrCat("ATELIER_CA=", tls_.ca())});
  const auto finished = submit.Wait(kPatience);
  ASSERT_TRUE(finished.has_value()) << submit.Errors();
  EXPECT_EQ(finished->code, 0) << finished->err;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out/results.csv"));
  const Endpoint http = *ParseEndpoint(cluster.http_address());
  EXPECT_THAT(
      HttpsGet(http, tls_.ca(), "/metrics", Cluster::Token()).body,
      AllOf(HasSubstr("atelier_workers 1"),
            HasSubstr("\natelier_tls_certificate_expiry_timestamp_seconds ")));
  EXPECT_EQ(HttpGet(http, "/metrics").code, 400);
  EXPECT_EQ(cluster.StopWorker("anna").code, 0);
  ExpectPrivate(cluster.data());
  ExpectPrivate(cluster.worker_folder("anna"));
}

TEST_F(TlsClusterTest, WhatIsWrongIsOneLine) {
  Cluster cluster(CoordinatorFlags());
  const std::string address = cluster.address();
  const std::string plain = address.substr(address.find("://") + 3);
  const Cluster without;
  const TlsFiles strangers(folder_.path(), "stranger-ca");
  const struct {
    std::string at;
    std::string ca;
    std::string message;
  } kCases[] = {
      {address, strangers.ca(), "not trusted"},
      {plain, "", absl::StrCat(plain, " wants TLS; write ", address)},
      {absl::StrCat("grpcs://", without.address()), tls_.ca(),
       "answers without TLS"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    const Finished finished = Run({"jobs"}, c.at, c.ca);
    EXPECT_EQ(finished.code, 3);
    EXPECT_THAT(finished.err, HasSubstr(c.message));
    EXPECT_THAT(finished.err, HasSubstr(plain.substr(0, plain.find(':'))));
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1);
  }
}

TEST_F(TlsClusterTest, AWorkerThatMayNotEndsWithThree) {
  Cluster cluster(CoordinatorFlags());
  tls_.Issue("anna", {"DNS:anna"});
  cluster.StartWorker("berta", WorkerFlags("anna"));
  const Finished other = cluster.AwaitEnd("berta");
  EXPECT_EQ(other.code, 3);
  EXPECT_THAT(other.err, AllOf(HasSubstr("'berta'"), HasSubstr("anna")));
  cluster.StartWorker("anna", {});
  const Finished untrusting = cluster.AwaitEnd("anna");
  EXPECT_EQ(untrusting.code, 3);
  EXPECT_THAT(untrusting.err, HasSubstr("not trusted"));
}

TEST_F(TlsClusterTest, AWorkerWhoseTokenOthersCanReadEndsWithTwo) {
  Cluster cluster(CoordinatorFlags());
  tls_.Issue("anna", {"DNS:anna"});
  WriteFile(folder_ / "token", "atl_secret\n");
  std::filesystem::permissions(folder_ / "token",
                               static_cast<std::filesystem::perms>(0644));
  std::vector<std::string> flags = WorkerFlags("anna");
  flags.insert(flags.end(), {"--token-file", folder_ / "token"});
  cluster.StartWorker("anna", flags);
  const Finished ended = cluster.AwaitEnd("anna");
  EXPECT_EQ(ended.code, 2);
  EXPECT_THAT(ended.err,
              AllOf(HasSubstr("--token-file: "), HasSubstr("its mode is 0644"),
                    Not(HasSubstr("secret"))));
}

TEST_F(TlsClusterTest, TakesUpANewCertificateWithoutARestart) {
  Cluster cluster(CoordinatorFlags());
  EXPECT_EQ(Run({"jobs"}, cluster.address(), tls_.ca()).code, 0);
  const TlsFiles other(folder_.path(), "other-ca");
  other.Issue("server", {"IP:127.0.0.1"});
  const absl::Time deadline = absl::Now() + kPatience;
  int code = -1;
  while (code != 0 && absl::Now() < deadline) {
    code = Run({"jobs"}, cluster.address(), other.ca()).code;
  }
  EXPECT_EQ(code, 0);
  EXPECT_EQ(Run({"jobs"}, cluster.address(), tls_.ca()).code, 3);
}

TEST_F(TlsClusterTest, InsecureTurnsItOff) {
  std::vector<std::string> flags = CoordinatorFlags();
  flags.push_back("--insecure");
  Cluster cluster(flags);
  EXPECT_EQ(Run({"jobs"}, cluster.address()).code, 0);
  EXPECT_THAT(cluster.CoordinatorLog(),
              HasSubstr("anybody may do anything; --tls-cert is not used"));
}

}  // namespace
}  // namespace atelier
