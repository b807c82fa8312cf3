// Where an attempt goes on from, and what it leaves.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "worker/agent/agent_fixture_testing.h"

namespace atelier {
namespace {

class AgentCheckpointTest : public AgentTest {};

TEST_F(AgentCheckpointTest, GoesOnFromTheLastCheckpoint) {
  checkpoints_.Keep({}, "41");
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work());
  EXPECT_EQ(
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).result().iterations(),
      42);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentCheckpointTest, DoesWithoutACheckpointThatIsRefused) {
  checkpoints_.Keep({}, "damaged");
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work());
  EXPECT_EQ(
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).result().iterations(), 1);
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(renderer_.renders(), 2);
}

TEST_F(AgentCheckpointTest, KeepsCheckpointsAsItGoesAndTheLastWhenStopped) {
  Start();
  coordinator_.Assign(Work());
  renderer_.AwaitIteration(3);
  EXPECT_GE(checkpoints_.kept(), 3);
  EXPECT_TRUE(Stop().ok());
  // One of each iteration, the one at which it stopped included.
  EXPECT_EQ(checkpoints_.Last({}), absl::StrCat(checkpoints_.kept()));
}

TEST_F(AgentCheckpointTest, CheckpointsAreOfTheRenderWithoutItsIterations) {
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  std::vector<std::string> keys;
  int number = 0;
  for (auto [iterations, seed] : {std::pair(10, 1), {20, 1}, {20, 2}}) {
    render_.params.init = Initialisation::kNoise;
    render_.params.iterations = iterations;
    render_.params.seed = seed;
    coordinator_.Assign(Work(++number));
    coordinator_.Await([number](const v1::SynchronizeRequest& request) {
      return request.finished_size() > 0 &&
             request.finished(0).token().number() == number;
    });
    keys.push_back(renderer_.last_job().resumption.key);
  }
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_NE(keys[1], keys[2]);
  EXPECT_TRUE(Stop().ok());
}

}  // namespace
}  // namespace atelier
