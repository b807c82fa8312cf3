// An agent with two slots, whose attempts are rendered together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "worker/agent/agent_fixture_testing.h"

namespace atelier {
namespace {

using ::testing::SizeIs;

class AgentBatchTest : public AgentTest {
 protected:
  AgentBatchTest() { runners_.push_back(&second_); }
  ~AgentBatchTest() override { End(); }

  static bool BothRun(const v1::SynchronizeRequest& request) {
    return request.running_size() == 2 && request.running(0).iteration() > 0 &&
           request.running(1).iteration() > 0;
  }

  void ExpectTheSecondToSucceed() {
    renderer_.EndWith(RenderEnd::kCompleted);
    EXPECT_EQ(coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).token().number(),
              2);
    EXPECT_TRUE(Stop().ok());
  }

  CheckpointCarrier second_checkpoints_{server_.Channel(), Self(),
                                        folder_.path()};
  ExtrasCarrier second_extras_{server_.Channel()};
  AttemptRunner second_{PartsOf(1, second_checkpoints_, second_extras_),
                        Self()};
};

TEST_F(AgentBatchTest, WhatOneAnswerStartsIsRenderedTogether) {
  Start();
  const v1::WorkerDescription self = coordinator_.Await(IsFree).worker();
  EXPECT_EQ(self.slots(), 2);
  EXPECT_TRUE(self.batches());
  coordinator_.Assign({Work(1), Work(2)});
  coordinator_.Await(BothRun);
  EXPECT_EQ(renderer_.most_at_once(), 2);
  renderer_.EndWith(RenderEnd::kCompleted);
  for (const int number : {1, 2}) {
    coordinator_.Await([number](const v1::SynchronizeRequest& request) {
      for (const v1::AttemptReport& report : request.finished()) {
        if (report.token().number() != number) continue;
        return report.outcome() == v1::OUTCOME_SUCCEEDED;
      }
      return false;
    });
  }
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentBatchTest, OneThatNobodyWantsEndsWithoutTheOther) {
  Start();
  coordinator_.Assign({Work(1), Work(2)});
  coordinator_.Await(BothRun);
  coordinator_.StopAttempt(Work(1).token());
  const auto only_the_second = [](const v1::SynchronizeRequest& request) {
    return request.running_size() == 1 &&
           request.running(0).token().number() == 2;
  };
  coordinator_.Await(only_the_second);
  ExpectTheSecondToSucceed();
}

// One has no input to render; the other does not wait for it.
TEST_F(AgentBatchTest, OneThatDoesNotComeToItsRenderIsNotWaitedFor) {
  Start();
  v1::Assignment broken = Work(1);
  broken.mutable_render()->set_content_digest(store_.Add("no picture"));
  coordinator_.Assign({broken, Work(2)});
  coordinator_.AwaitReport(v1::OUTCOME_INVALID_INPUT);
  ExpectTheSecondToSucceed();
}

TEST_F(AgentBatchTest, BothAreHandedBackWithCheckpointsWhenStopped) {
  Start();
  coordinator_.Assign({Work(1), Work(2)});
  coordinator_.Await(BothRun);
  EXPECT_TRUE(Stop().ok());
  const v1::SynchronizeRequest last = coordinator_.requests().back();
  ASSERT_THAT(last.finished(), SizeIs(2));
  for (const v1::AttemptReport& report : last.finished()) {
    EXPECT_EQ(report.outcome(), v1::OUTCOME_PREEMPTED);
    EXPECT_GT(report.checkpoint().iteration(), 0);
  }
}

}  // namespace
}  // namespace atelier
