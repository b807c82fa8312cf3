// Commands of `atelier` run against a coordinator of this process.
#ifndef ATELIER_CLIENT_CLI_COMMAND_FIXTURE_TESTING_H_
#define ATELIER_CLIENT_CLI_COMMAND_FIXTURE_TESTING_H_

#include <sstream>
#include <string>
#include <vector>

#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/cli/interruption.h"
#include "client/lib/comparison_run.h"
#include "client/lib/fake_jobs.h"
#include "common/file.h"
#include "common/image/image.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"
#include "tests/testing/temp_folder.h"

namespace atelier {

class CommandFixture : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("command_fixture").ok());
  }

  CommandFixture() : server_({&jobs_, &artifacts_}) {}

  /// Returns the exit code; `out_` and `err_` have what this command printed.
  int Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    Environment environment = EnvironmentOver(
        server_, out_, err_, interruption_, clock_, /*columns=*/0);
    environment.run_worker_measure = measure_;
    return RunAtelier(arguments, environment);
  }

  /// Writes a grey picture of 64 x 48 pixels; returns its path.
  std::string Picture(const std::string& name, float grey = 0.5f) {
    const std::string path = folder_.File(name);
    const std::string png =
        Encode({64, 48, std::vector<float>(3 * 64 * 48, grey)}, "png").value();
    EXPECT_TRUE(WriteFile(path, png, Durability::kAtomic).ok());
    return path;
  }

  std::string PrintedId() const {
    std::string id = out_.str();
    if (!id.empty()) id.pop_back();
    return id;
  }

  /// The job that the last command printed the id of.
  v1::JobSpec Submitted() {
    v1::GetJobRequest request;
    request.set_job_id(PrintedId());
    v1::Job job;
    EXPECT_TRUE(jobs_.GetJob(nullptr, &request, &job).ok()) << out_.str();
    return job.spec();
  }

  const TempFolder folder_;
  FakeJobs jobs_;
  FakeArtifacts artifacts_;
  InProcessServer server_;
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
  WorkerMeasureFn measure_ = [](const std::string&, int,
                                const WorkerMeasureOptions&)
      -> absl::StatusOr<std::vector<std::string>> {
    return absl::InternalError("no worker in this test");
  };
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_COMMAND_FIXTURE_TESTING_H_
