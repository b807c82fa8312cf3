// `atelier log`: which log it prints, and what it says where there is none.
#include <string>
#include <vector>

#include "client/cli/command_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LogCommandTest : public CommandFixture {
 protected:
  LogCommandTest() {
    v1::SubmitJobRequest request;
    request.set_request_id("J");
    v1::Job job;
    EXPECT_TRUE(jobs_.SubmitJob(nullptr, &request, &job).ok());
    v1::Attempt lost;
    lost.set_number(1);
    lost.set_worker("anna");
    lost.set_log_digest(artifacts_.Add("first\n"));
    v1::Attempt silent;
    silent.set_number(2);
    silent.set_worker("bert");
    attempts_ = {lost, silent};
    jobs_.SetAttempts(attempts_);
    SetTask(v1::TASK_STATE_QUEUED, 2, "");
  }

  void SetTask(v1::TaskState state, int attempts, const std::string& log) {
    v1::Task task;
    task.set_state(state);
    task.set_attempts(attempts);
    if (state == v1::TASK_STATE_LEASED) {
      task.set_worker("carl");
      task.set_log_digest(log);
    }
    jobs_.SetTasks({task});
  }

  std::vector<v1::Attempt> attempts_;
};

TEST_F(LogCommandTest, PrintsThatOfTheAttemptThatIsAskedFor) {
  EXPECT_EQ(Run({"log", "J", "0", "--attempt", "1"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "first\n");
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(LogCommandTest, PrintsThatOfTheLastAttempt) {
  attempts_[1].set_log_digest(artifacts_.Add("second, without an end"));
  jobs_.SetAttempts(attempts_);
  EXPECT_EQ(Run({"log", "J", "0"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "second, without an end\n");
}

TEST_F(LogCommandTest, TheLastMayBeRunning) {
  SetTask(v1::TASK_STATE_LEASED, 3, artifacts_.Add("third\n"));
  EXPECT_EQ(Run({"log", "J", "0"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "third\n");
  EXPECT_EQ(Run({"log", "J", "0", "--attempt", "1"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "first\n");
}

TEST_F(LogCommandTest, WithJsonItSaysWhoseItIs) {
  EXPECT_EQ(Run({"log", "J", "0", "--attempt", "1", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(out_.str()),
            nlohmann::json({{"job_id", "J"},
                            {"task_index", 0},
                            {"attempt", 1},
                            {"worker", "anna"},
                            {"log", "first\n"}}));
}

TEST_F(LogCommandTest, WhereThereIsNoneItSaysSo) {
  EXPECT_EQ(Run({"log", "J", "0"}), 1);
  EXPECT_EQ(err_.str(), "atelier: job J, task 0: attempt 2 has left no log\n");
  SetTask(v1::TASK_STATE_LEASED, 3, "");
  EXPECT_EQ(Run({"log", "J", "0"}), 1);
  EXPECT_EQ(err_.str(),
            "atelier: job J, task 0: attempt 3 has brought no log yet\n");
  EXPECT_EQ(Run({"log", "J", "0", "--attempt", "4"}), 1);
  EXPECT_EQ(err_.str(),
            "atelier: job J, task 0: there is no attempt 4; the last is 3\n");
  SetTask(v1::TASK_STATE_SUCCEEDED, 0, "");
  EXPECT_EQ(Run({"log", "J", "0"}), 1);
  EXPECT_EQ(err_.str(), "atelier: job J, task 0: no worker has tried it\n");
  EXPECT_THAT(out_.str(), IsEmpty());
  SetTask(v1::TASK_STATE_QUEUED, 9, "");
  EXPECT_EQ(Run({"log", "J", "0", "--attempt", "5"}), 1);
  EXPECT_EQ(err_.str(),
            "atelier: job J, task 0: attempt 5 of 9 is not kept any more\n");
}

TEST_F(LogCommandTest, OneThatMadeRoomIsSaidToBeGone) {
  attempts_[1].set_log_digest(std::string(64, 'f'));
  jobs_.SetAttempts(attempts_);
  EXPECT_EQ(Run({"log", "J", "0"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("task 0: the log of attempt 2 was removed "
                                    "to make room (--log-bytes"));
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(LogCommandTest, AWrongNumberIsRefused) {
  EXPECT_EQ(Run({"log", "J"}), 2);
  EXPECT_EQ(Run({"log", "J", "0", "--attempt", "0"}), 2);
  EXPECT_EQ(Run({"log", "J", "1"}), 1);
}

TEST_F(LogCommandTest, ItsTextSteersNoTerminalAndKeepsItsLines) {
  attempts_[1].set_log_digest(
      artifacts_.Add("a\x1b[2Jb\n\xff c\n\nd\r\u202e\n"));
  jobs_.SetAttempts(attempts_);
  EXPECT_EQ(Run({"log", "J", "0"}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "a\\x1b[2Jb\n\\xff c\n\nd\\r\\u202e\n");
}

}  // namespace
}  // namespace atelier
