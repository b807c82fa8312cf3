#include "client/lib/state_names.h"

#include <gtest/gtest.h>

#include "atelier/v1/jobs.pb.h"

namespace atelier {
namespace {

TEST(ShownStateTest, SaysPausedOnlyOfWhatRuns) {
  v1::Job job;
  job.set_state(v1::JOB_STATE_RUNNING);
  EXPECT_EQ(ShownState(job), "running");
  job.set_paused(true);
  EXPECT_EQ(ShownState(job), "paused");
  job.set_state(v1::JOB_STATE_QUEUED);
  EXPECT_EQ(ShownState(job), "paused");
  job.set_state(v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(ShownState(job), "cancelled");
}

TEST(ShownWaitTest, SaysWhyOnlyOfWhatIsQueued) {
  v1::Job job;
  job.set_state(v1::JOB_STATE_QUEUED);
  job.set_wait_reason(v1::WAIT_REASON_NO_WORKER);
  job.set_wait_message("no worker\x1b is connected");
  EXPECT_EQ(ShownState(job), "queued");
  EXPECT_EQ(StateName(job.wait_reason()), "no_worker");
  EXPECT_EQ(ShownWait(job), "no worker\\x1b is connected");
  job.set_wait_reason(v1::WAIT_REASON_PAUSED);
  EXPECT_EQ(ShownWait(job), "");
  job.set_wait_reason(v1::WAIT_REASON_UNSPECIFIED);
  job.set_state(v1::JOB_STATE_RUNNING);
  EXPECT_EQ(ShownWait(job), "");
  EXPECT_EQ(StateName(job.wait_reason()), "");
}

}  // namespace
}  // namespace atelier
