// What holders of tokens can do with the real programs, and what is written of
// it.
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/endpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/child_process.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "tests/testing/http_client.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Minutes(2);

class AccessTest : public ::testing::Test {
 protected:
  // By an admin of this machine.
  Finished Admin(const Cluster& cluster,
                 std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), Binary("atelier"));
    arguments.insert(arguments.end(), {"--coordinator", cluster.address()});
    return RunProgram(arguments, kPatience);
  }
  // Makes a token, in a file.
  std::string Make(const Cluster& cluster, const std::string& name,
                   std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"token", "create"});
    const Finished made = Admin(cluster, arguments);
    EXPECT_EQ(made.code, 0) << made.err;
    const std::string path = folder_ / name;
    WriteFile(path, made.out);
    std::filesystem::permissions(path,
                                 static_cast<std::filesystem::perms>(0600));
    return path;
  }
  Finished As(const std::string& token_file, const Cluster& cluster,
              std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--token-file", token_file});
    return Admin(cluster, arguments);
  }
  // Returns the job's id.
  std::string SubmitAs(const std::string& token_file, const Cluster& cluster) {
    WriteFile(folder_ / "spec.yaml", SweepOfSeeds(2, 32, 1));
    const Finished submitted =
        As(token_file, cluster, {"submit", folder_ / "spec.yaml"});
    EXPECT_EQ(submitted.code, 0) << submitted.err;
    return std::string(absl::StripAsciiWhitespace(submitted.out));
  }

  TemporaryFolder folder_;
};

TEST_F(AccessTest, ASubmitterAndAWorkerDoTheirPartsAndAreAudited) {
  Cluster cluster;
  const std::string anna =
      Make(cluster, "anna", {"--role", "submit", "--user", "anna"});
  const std::string work =
      Make(cluster, "work", {"--role", "work", "--worker", "w*"});
  cluster.StartWorker("w1", {"--token-file", work, "--checkpoint-every", "1s"});
  const std::string id = SubmitAs(anna, cluster);
  const Finished watched = As(anna, cluster, {"watch", id});
  EXPECT_EQ(watched.code, 0) << watched.err;
  const Finished fetched =
      As(anna, cluster, {"fetch", id, "--output", folder_ / "out"});
  EXPECT_EQ(fetched.code, 0) << fetched.err;
  EXPECT_TRUE(std::filesystem::exists(folder_ / "out/results.csv"));
  EXPECT_EQ(cluster.StopWorker("w1").code, 0);

  const Finished audit =
      Admin(cluster, {"audit", "--job", id, "--since", "1h", "--json"});
  EXPECT_EQ(audit.code, 0) << audit.err;
  EXPECT_THAT(audit.out, HasSubstr("\"action\":\"submit-job\""));
  EXPECT_THAT(audit.out, HasSubstr("\"user\":\"anna\""));
  EXPECT_THAT(audit.out, HasSubstr("\"address\":\"127.0.0.1\""));
  const Finished all = Admin(cluster, {"audit"});
  EXPECT_THAT(all.out, HasSubstr("create-token"));
  EXPECT_THAT(all.out, HasSubstr("upload-artifact"));
  EXPECT_THAT(all.out, Not(HasSubstr("atl_")));
  const Finished of_work = Admin(cluster, {"audit", "--user", "nobody"});
  EXPECT_THAT(of_work.out, Not(HasSubstr("upload-artifact")));
  const Finished denied = As(anna, cluster, {"audit"});
  EXPECT_EQ(denied.code, 3);
  EXPECT_THAT(denied.err, HasSubstr("anna may not read the audit log"));
}

TEST_F(AccessTest, WhatWasRefusedIsSummedAndOutlivesTheCoordinator) {
  Cluster cluster;
  const std::string anna =
      Make(cluster, "anna", {"--role", "submit", "--user", "anna"});
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(As(anna, cluster, {"drain", "w1"}).code, 3);
  }
  // What was summed is written at an orderly end.
  cluster.StopCoordinator();
  cluster.RestartCoordinator();
  const Finished audit = Admin(cluster, {"audit", "--user", "anna", "--json"});
  EXPECT_THAT(audit.out, HasSubstr("\"action\":\"drain-worker\""));
  EXPECT_THAT(audit.out, HasSubstr("\"outcome\":\"PERMISSION_DENIED\""));
  EXPECT_THAT(audit.out, HasSubstr("\"count\":2"));
}

TEST_F(AccessTest, PrivateJobsAreNobodyElses) {
  Cluster cluster({"--private-jobs"});
  const std::string anna =
      Make(cluster, "anna", {"--role", "submit", "--user", "anna"});
  const std::string bert =
      Make(cluster, "bert", {"--role", "submit", "--user", "bert"});
  cluster.StartWorker(
      "w1", {"--token-file", Make(cluster, "work", {"--role", "work"})});
  const std::string hers = SubmitAs(anna, cluster);
  EXPECT_EQ(As(anna, cluster, {"watch", hers}).code, 0);
  const Finished listed = As(bert, cluster, {"jobs", "--json"});
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, Not(HasSubstr(hers)));
  EXPECT_THAT(As(bert, cluster, {"show", hers}).err,
              HasSubstr(absl::StrCat("no job ", hers)));
  EXPECT_NE(As(bert, cluster, {"fetch", hers, "--output", folder_ / "b"}).code,
            0);
  // The same files and renders again: nothing of hers is taken, and it works.
  const std::string his = SubmitAs(bert, cluster);
  EXPECT_EQ(As(bert, cluster, {"watch", his}).code, 0);
  const Finished fetched =
      As(bert, cluster, {"fetch", his, "--output", folder_ / "out"});
  EXPECT_EQ(fetched.code, 0) << fetched.err;
  for (const v1::Task& task : Tasks(cluster, his)) {
    EXPECT_EQ(task.attempts(), 1) << "it was rendered anew";
  }
  // Its owner's own is taken.
  const std::string again = SubmitAs(bert, cluster);
  EXPECT_EQ(As(bert, cluster, {"watch", again}).code, 0);
  for (const v1::Task& task : Tasks(cluster, again)) {
    EXPECT_EQ(task.attempts(), 0);
  }
}

TEST_F(AccessTest, ALinkLogsABrowserInOnceAndIsInNoLog) {
  Cluster cluster({"--log-level", "debug"});
  const Finished made =
      Admin(cluster, {"login-link", "--http", cluster.http_address()});
  ASSERT_EQ(made.code, 0) << made.err;
  const std::string page =
      absl::StrCat("http://", cluster.http_address(), "/#login=");
  ASSERT_THAT(made.out, ::testing::StartsWith(page));
  const std::string code(
      absl::StripAsciiWhitespace(made.out.substr(page.size())));
  const auto log_in = [&] {
    return HttpAsk(
        *ParseEndpoint(cluster.http_address()),
        {"POST", "/api/v1/session/login", "Content-Type: application/json\r\n",
         absl::StrCat("{\"code\": \"", code, "\"}")});
  };
  const HttpAnswer first = log_in();
  EXPECT_EQ(first.code, 200) << first.body;
  EXPECT_THAT(first.head, HasSubstr("Set-Cookie: atelier_session="));
  EXPECT_EQ(log_in().code, 401);
  EXPECT_THAT(cluster.CoordinatorLog(), Not(HasSubstr(code)));
}

}  // namespace
}  // namespace atelier
