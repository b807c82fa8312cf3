// `atelier rate`, against a coordinator that only remembers.
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/ratings.grpc.pb.h"
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

class FakeRatings : public v1::Ratings::Service {
 public:
  grpc::Status StarTask(grpc::ServerContext* /*context*/,
                        const v1::StarTaskRequest* request,
                        v1::TaskRating* response) override {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    stars_ = *request;
    response->set_task_index(request->task_index());
    if (request->stars() == 0) return grpc::Status::OK;
    response->set_mean_stars(3.5);
    response->set_people(2);
    response->set_own_stars(request->stars());
    return grpc::Status::OK;
  }
  grpc::Status JudgeTasks(grpc::ServerContext* /*context*/,
                          const v1::JudgeTasksRequest* request,
                          v1::JudgeTasksResponse* response) override {
    absl::MutexLock lock(&mutex_);
    ++calls_;
    judged_ = *request;
    for (const auto task : request->task_indexes()) {
      v1::TaskRating& rating = *response->add_ratings();
      rating.set_task_index(task);
      rating.set_times_shown(5);
      rating.set_times_worst(task == request->worst() ? 2 : 0);
    }
    return grpc::Status::OK;
  }
  int calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }
  v1::StarTaskRequest stars() const {
    absl::MutexLock lock(&mutex_);
    return stars_;
  }
  v1::JudgeTasksRequest judged() const {
    absl::MutexLock lock(&mutex_);
    return judged_;
  }

 private:
  mutable absl::Mutex mutex_;
  int calls_ ABSL_GUARDED_BY(mutex_) = 0;
  v1::StarTaskRequest stars_ ABSL_GUARDED_BY(mutex_);
  v1::JudgeTasksRequest judged_ ABSL_GUARDED_BY(mutex_);
};

class RateCommandTest : public ::testing::Test {
 protected:
  int Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    return RunAtelier(arguments, environment_);
  }

  FakeRatings ratings_;
  FakeJobs jobs_;
  InProcessServer server_{&ratings_, &jobs_};
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
  Environment environment_ = EnvironmentOver(server_, out_, err_, interruption_,
                                             clock_, /*columns=*/0);
};

TEST_F(RateCommandTest, GivesStars) {
  ASSERT_EQ(Run({"rate", "J", "7", "--stars", "4"}), 0) << err_.str();
  EXPECT_EQ(ratings_.stars().job_id(), "J");
  EXPECT_EQ(ratings_.stars().task_index(), 7);
  EXPECT_EQ(ratings_.stars().stars(), 4);
  EXPECT_THAT(err_.str(), HasSubstr("task 7: 3.5 stars by 2\n"));
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(RateCommandTest, TakesStarsAway) {
  ASSERT_EQ(Run({"rate", "J", "0", "--stars", "0"}), 0) << err_.str();
  EXPECT_EQ(ratings_.calls(), 1);
  EXPECT_EQ(ratings_.stars().stars(), 0);
  EXPECT_THAT(err_.str(), HasSubstr("task 0: no stars\n"));
}

TEST_F(RateCommandTest, SaysWhichIsWorst) {
  ASSERT_EQ(Run({"rate", "J", "--worst", "3", "--of", "1,3"}), 0) << err_.str();
  EXPECT_EQ(ratings_.judged().job_id(), "J");
  EXPECT_THAT(ratings_.judged().task_indexes(), ElementsAre(1, 3));
  EXPECT_EQ(ratings_.judged().worst(), 3);
  EXPECT_THAT(err_.str(), HasSubstr("task 1: no stars, worst in 0 of 5\n"));
  EXPECT_THAT(err_.str(), HasSubstr("task 3: no stars, worst in 2 of 5\n"));
}

TEST_F(RateCommandTest, PrintsJson) {
  ASSERT_EQ(Run({"rate", "J", "7", "--stars", "4", "--json"}), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            "{\"ratings\":[{\"task_index\":7,\"mean_stars\":3.5,\"people\":2,"
            "\"own_stars\":4,\"times_shown\":0,\"times_worst\":0}]}\n");
  ASSERT_EQ(Run({"rate", "J", "7", "--stars", "0", "--json"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\"mean_stars\":null,\"people\":0,"
                                    "\"own_stars\":null"));
}

TEST_F(RateCommandTest, WhatIsNoRatingIsOneLineAndExitsTwo) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> kCases = {
      {{}, "give TASK and --stars, or --worst and --of"},
      {{"7"}, "give TASK and --stars, or --worst and --of"},
      {{"--stars", "3"}, "give TASK and --stars, or --worst and --of"},
      {{"--worst", "3"}, "give TASK and --stars, or --worst and --of"},
      {{"--of", "1,2"}, "give TASK and --stars, or --worst and --of"},
      {{"7", "--stars", "3", "--worst", "1", "--of", "1,2"},
       "give one of both"},
      {{"7", "--stars", "6"}, "--stars: '6'"},
      {{"7", "--stars", "-1"}, "--stars: '-1'"},
      {{"-7", "--stars", "1"}, "task"},
      {{"--worst", "9", "--of", "1,2"},
       "--worst: 9 is not allowed; one of --of 1,2"},
      {{"--worst", "1", "--of", "1"},
       "--of: '1' is not allowed; from 2 to 4 tasks"},
      {{"--worst", "1", "--of", "1,2,3,4,5"},
       "--of: '1,2,3,4,5' is not allowed; from 2 to 4 tasks"},
      {{"--worst", "1", "--of", "1,1"}, "--of: 1 is there twice"},
      {{"--worst", "1", "--of", "1,"},
       "--of: '1,' is not allowed; numbers of tasks, as 1,2,3,4"},
      {{"--worst", "1", "--of", "1,-2"}, "--of: '1,-2' is not allowed"},
      {{"--worst", "1", "--of", "1,9999999999999999999"}, "is not allowed"},
  };
  for (const auto& [flags, message] : kCases) {
    SCOPED_TRACE(message);
    std::vector<std::string> arguments = {"rate", "J"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    EXPECT_EQ(Run(arguments), 2);
    EXPECT_THAT(err_.str(), HasSubstr(message));
    EXPECT_THAT(out_.str(), IsEmpty());
  }
  EXPECT_EQ(ratings_.calls(), 0);
}

}  // namespace
}  // namespace atelier
