#include "client/lib/state_names.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

TEST(ShownStateTest, SaysPausedOnlyOfWhatRuns) {
  v1::Job job;
  job.set_state(v1::JOB_STATE_RUNNING);
  EXPECT_EQ(ShownState(job), "running");
  job.set_paused(true);
  EXPECT_EQ(ShownState(job), "paused");
  job.set_state(v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(ShownState(job), "cancelled");
}

}  // namespace
}  // namespace atelier
