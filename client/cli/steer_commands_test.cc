// `atelier retry`, against a coordinator that only remembers.
#include <sstream>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/jobs.grpc.pb.h"
#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/lib/fake_jobs.h"
#include "common/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RetriedJobs : public FakeJobs {
 public:
  grpc::Status RetryJob(grpc::ServerContext* /*context*/,
                        const v1::RetryJobRequest* request,
                        v1::Job* response) override {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    asked_ = *request;
    response->set_job_id(request->job_id());
    response->set_state(v1::JOB_STATE_QUEUED);
    return grpc::Status::OK;
  }
  v1::RetryJobRequest asked() const {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }
  int calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  mutable absl::Mutex mutex_;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  v1::RetryJobRequest asked_ ABSL_GUARDED_BY(mutex_);
};

class RetryCommandTest : public ::testing::Test {
 protected:
  int Retry(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"retry", "j1"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    err_.str("");
    return RunAtelier(all, environment_);
  }

  RetriedJobs jobs_;
  InProcessServer server_{&jobs_};
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
  Environment environment_ = EnvironmentOver(server_, out_, err_, interruption_,
                                             clock_, /*columns=*/0);
};

TEST_F(RetryCommandTest, AsksForAllOrForSome) {
  EXPECT_EQ(Retry({}), 0) << err_.str();
  EXPECT_EQ(jobs_.asked().job_id(), "j1");
  EXPECT_THAT(jobs_.asked().task_indices(), IsEmpty());
  EXPECT_EQ(Retry({"--tasks", "12,0-2"}), 0) << err_.str();
  EXPECT_THAT(jobs_.asked().task_indices(), ElementsAre(0, 1, 2, 12));
}

TEST_F(RetryCommandTest, AsksNothingOfWhatNamesNoTasks) {
  EXPECT_NE(Retry({"--tasks", "-1"}), 0);
  EXPECT_NE(Retry({"--tasks", "3-1"}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("--tasks"));
  EXPECT_EQ(Retry({"--tasks", "0-1000"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--tasks: 1001 given; at most 1000"));
  EXPECT_NE(Retry({"--tasks", "0-9223372036854775806"}), 0);
  EXPECT_EQ(jobs_.calls(), 0);
}

}  // namespace
}  // namespace atelier
