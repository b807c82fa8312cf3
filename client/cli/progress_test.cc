#include "client/cli/progress.h"

#include <sstream>
#include <string>

#include "atelier/v1/jobs.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::JobSnapshot Queued(v1::WaitReason reason, const std::string& message) {
  v1::JobSnapshot snapshot;
  v1::Job& job = *snapshot.mutable_job();
  job.mutable_spec()->set_name("job");
  job.set_task_count(8);
  job.mutable_tasks()->set_queued(8);
  job.set_state(v1::JOB_STATE_QUEUED);
  job.set_paused(reason == v1::WAIT_REASON_PAUSED);
  job.set_wait_reason(reason);
  job.set_wait_message(message);
  return snapshot;
}

class ProgressWaitTest : public testing::Test {
 protected:
  FakeClock clock_{absl::UnixEpoch()};
  std::ostringstream err_;
};

TEST_F(ProgressWaitTest, AJobThatWaitsSaysWhy) {
  Progress progress(err_, clock_, {});
  progress.Show(Queued(v1::WAIT_REASON_NO_WORKER, "no worker is connected"));
  EXPECT_EQ(err_.str(), "job: queued: no worker is connected; 0/8 tasks, 0%\n");
}

TEST_F(ProgressWaitTest, AnotherReasonIsALineOfItsOwn) {
  Progress progress(err_, clock_, {});
  const v1::JobSnapshot none = Queued(v1::WAIT_REASON_NO_WORKER, "none");
  progress.Show(none);
  progress.Show(none);
  progress.Show(Queued(v1::WAIT_REASON_TAGS, "no live worker has the tag gpu"));
  v1::JobSnapshot runs = none;
  runs.mutable_job()->set_state(v1::JOB_STATE_RUNNING);
  runs.mutable_job()->mutable_tasks()->set_leased(1);
  progress.Show(runs);
  progress.Show(Queued(v1::WAIT_REASON_PAUSED, "paused"));
  EXPECT_EQ(err_.str(),
            "job: queued: none; 0/8 tasks, 0%\n"
            "job: queued: no live worker has the tag gpu; 0/8 tasks, 0%\n"
            "job: 0/8 tasks, 1 running, 0%\n"
            "job: paused; 0/8 tasks, 0%\n");
}

TEST_F(ProgressWaitTest, OwnWorkersThatStartAreNotMissed) {
  ProgressOptions options;
  options.own_workers = true;
  Progress progress(err_, clock_, options);
  progress.Show(Queued(v1::WAIT_REASON_NO_WORKER, "no worker is connected"));
  EXPECT_EQ(err_.str(), "job: 0/8 tasks, 0%\n");
  // What they lack is worth a word.
  progress.Show(Queued(v1::WAIT_REASON_TAGS, "no live worker has the tag gpu"));
  EXPECT_THAT(err_.str(), HasSubstr("queued: no live worker has the tag gpu"));
}

TEST_F(ProgressWaitTest, AMessageSteersNoTerminal) {
  Progress progress(err_, clock_, {});
  progress.Show(Queued(v1::WAIT_REASON_PROFILE, "no\x1b[2J\nworker"));
  EXPECT_THAT(err_.str(), HasSubstr("no\\x1b[2J\\nworker"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace atelier
