// What a coordinator says may come from anybody: whoever named a job, a label
// or a worker, or wrote a message. None of it steers a terminal.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/cli/terminal_testing.h"
#include "client/lib/fake_jobs.h"
#include "common/quoted_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using Json = nlohmann::ordered_json;
using ::testing::HasSubstr;
using ::testing::Not;

// Clears the screen, writes backwards, forges a line, and steers with one byte.
constexpr char kHostile[] = "\x1b[2J\u202eX\natelier: forged\r\u009b31m\u2066";
constexpr int64_t kTasks = 1200;

v1::Job HostileJob() {
  v1::Job job;
  job.set_job_id(kHostile);
  job.mutable_spec()->set_name(kHostile);
  job.mutable_spec()->set_user(kHostile);
  job.mutable_spec()->set_study(kHostile);
  job.set_state(v1::JOB_STATE_FAILED);
  job.set_message(kHostile);
  job.set_task_count(kTasks);
  return job;
}

class HostileJobs : public FakeJobs {
 public:
  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest*,
                      v1::Job* response) override {
    *response = HostileJob();
    return grpc::Status::OK;
  }
  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest*,
                        v1::ListJobsResponse* response) override {
    *response->add_jobs() = HostileJob();
    return grpc::Status::OK;
  }
  grpc::Status ListTasks(grpc::ServerContext* context,
                         const v1::ListTasksRequest* request,
                         v1::ListTasksResponse* response) override {
    ++pages;
    const grpc::Status status = FakeJobs::ListTasks(context, request, response);
    for (v1::Task& task : *response->mutable_tasks()) {
      task.add_labels(kHostile);
      task.set_state(task.index() % 100 == 7 ? v1::TASK_STATE_FAILED
                                             : v1::TASK_STATE_QUEUED);
      task.set_worker(kHostile);
      task.set_message(kHostile);
    }
    return status;
  }
  grpc::Status ListAttempts(grpc::ServerContext*,
                            const v1::ListAttemptsRequest*,
                            v1::ListAttemptsResponse* response) override {
    v1::Attempt& attempt = *response->add_attempts();
    attempt.set_worker(kHostile);
    attempt.set_message(kHostile);
    attempt.mutable_began_at()->set_seconds(INT64_MIN);
    attempt.mutable_ended_at()->set_seconds(INT64_MAX);
    attempt.set_outcome(static_cast<v1::Outcome>(99));
    return grpc::Status::OK;
  }
  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::JobSnapshot>* writer) override {
    v1::JobSnapshot snapshot;
    *snapshot.mutable_job() = HostileJob();
    writer->Write(snapshot);
    return grpc::Status::OK;
  }
  grpc::Status CancelJob(grpc::ServerContext*, const v1::CancelJobRequest*,
                         v1::Job* response) override {
    *response = HostileJob();
    return grpc::Status::OK;
  }
  grpc::Status PauseJob(grpc::ServerContext*, const v1::PauseJobRequest*,
                        v1::Job*) override {
    return {grpc::StatusCode::FAILED_PRECONDITION, kHostile};
  }

  int pages = 0;
};

class HostileWorkers : public v1::Workers::Service {
 public:
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                           v1::ListWorkersResponse* response) override {
    Fill(*response->add_workers());
    return grpc::Status::OK;
  }
  grpc::Status DrainWorker(grpc::ServerContext*, const v1::DrainWorkerRequest*,
                           v1::Worker* response) override {
    Fill(*response);
    return grpc::Status::OK;
  }

 private:
  static void Fill(v1::Worker& worker) {
    worker.mutable_description()->set_name(kHostile);
    worker.mutable_description()->set_device(kHostile);
    worker.mutable_description()->set_device_model(kHostile);
    worker.mutable_description()->set_profile(kHostile);
  }
};

class HostileTextTest : public testing::TestWithParam<int> {
 protected:
  HostileTextTest() : server_({&jobs_, &workers_}) {
    jobs_.SetTaskCount(kTasks);
  }

  int Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    jobs_.pages = 0;
    Environment environment =
        EnvironmentOver(server_, out_, err_, interruption_, clock_,
                        /*columns=*/GetParam());
    return RunAtelier(arguments, environment);
  }
  int64_t LinesOut() const {
    const std::string text = out_.str();
    return std::count(text.begin(), text.end(), '\n');
  }

  HostileJobs jobs_;
  HostileWorkers workers_;
  InProcessServer server_;
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
};

INSTANTIATE_TEST_SUITE_P(WithAndWithoutATerminal, HostileTextTest,
                         testing::Values(0, 80));

TEST_P(HostileTextTest, NoCommandPassesOnWhatSteersATerminal) {
  const std::vector<std::string> kCommands[] = {
      {"jobs"},
      {"jobs", "--json"},
      {"show", kHostile},
      {"show", kHostile, "--json"},
      {"show", kHostile, "7"},
      {"show", kHostile, "7", "--json"},
      {"show", kHostile, kHostile},
      {"show", kHostile, "9999"},
      {"watch", kHostile},
      {"watch", kHostile, "--json"},
      {"cancel", kHostile},
      {"cancel", kHostile, "--json"},
      {"pause", kHostile},
      {"workers"},
      {"workers", "--json"},
      {"drain", kHostile},
      {"drain", kHostile, "--json"},
      {"release", kHostile},
      {kHostile},
      {"jobs", kHostile},
      {"jobs", absl::StrCat("--", kHostile)},
      {"jobs", "--limit", kHostile},
      {"jobs", "--coordinator", kHostile},
      {"jobs", "--coordinator", "host\xff:1"},
      {"submit", kHostile},
      {"submit", "no\xff such.yaml"},
      {"study", kHostile, "--content", "a", "--style", "b", "--output", "o"},
      {"render", "--content", kHostile, "--output", "o.png"},
      {"render", "--content", "a", "--output", kHostile},
      {"render", "--content", "a", "--output", "o.png", "--user", kHostile},
      {"weights", "fetch", kHostile},
      {"weights", "inspect", kHostile},
      {"gc", "--keep", kHostile},
  };
  for (const auto& command : kCommands) {
    Run(command);
    const std::string said = absl::StrReplaceAll(
        WithoutOwnEscapes(absl::StrCat(out_.str(), err_.str())),
        {{"\n", ""}, {"\r", ""}});
    EXPECT_EQ(EscapedText(said), said) << command[0];
    EXPECT_NE(said, "") << command[0];
    EXPECT_THAT(absl::StrCat("\n", err_.str()),
                Not(HasSubstr("\natelier: forged")))
        << command[0];
  }
}

TEST_P(HostileTextTest, ShowComesPageByPage) {
  EXPECT_EQ(Run({"show", "J"}), 0) << err_.str();
  EXPECT_EQ(LinesOut(), kTasks + 2);
  EXPECT_EQ(jobs_.pages, 3);
  if (GetParam() > 0) {
    EXPECT_THAT(err_.str(), HasSubstr("\rreading tasks: 0 of 1200"));
    EXPECT_THAT(err_.str(), HasSubstr("\rreading tasks: 1000 of 1200"));
    // And leaves nothing behind.
    EXPECT_EQ(err_.str().back(), '\r');
  } else {
    EXPECT_EQ(err_.str(), "");
  }
  EXPECT_EQ(Run({"show", "J", "--quiet"}), 0);
  EXPECT_EQ(err_.str(), "");
}

TEST_P(HostileTextTest, ShowStopsAtItsLimit) {
  EXPECT_EQ(Run({"show", "J", "--limit", "3"}), 0) << err_.str();
  EXPECT_EQ(LinesOut(), 3 + 2);
  EXPECT_EQ(jobs_.pages, 1);
  EXPECT_EQ(Run({"show", "J", "--state", "failed"}), 0) << err_.str();
  EXPECT_EQ(LinesOut(), kTasks / 100 + 2);
  EXPECT_EQ(Run({"show", "J", "--state", "failed", "--limit", "6"}), 0);
  EXPECT_EQ(LinesOut(), 6 + 2);
  EXPECT_EQ(jobs_.pages, 2);
  EXPECT_EQ(Run({"show", "J", "--state", "fialed"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("did you mean 'failed'?"));
}

TEST_P(HostileTextTest, ShowsJsonIsOneValueHoweverLong) {
  for (const char* limit : {"1", "1200", "9999"}) {
    EXPECT_EQ(Run({"show", "J", "--json", "--limit", limit}), 0);
    const Json json = Json::parse(out_.str());
    EXPECT_EQ(json["name"], kHostile);
    EXPECT_EQ(json["task_list"].size(), std::min<int64_t>(atoi(limit), kTasks));
    EXPECT_EQ(json["task_list"][0]["labels"][0], kHostile);
  }
  jobs_.SetTaskCount(0);
  EXPECT_EQ(Run({"show", "J", "--json"}), 0);
  EXPECT_EQ(Json::parse(out_.str())["task_list"].size(), 0);
}

TEST_P(HostileTextTest, ShowStopsWhenNobodyReads) {
  out_.setstate(std::ios::badbit);
  Run({"show", "J"});
  EXPECT_EQ(jobs_.pages, 1);
}

}  // namespace
}  // namespace atelier
