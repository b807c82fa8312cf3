// Where an attempt goes on from, and what it leaves.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "worker/agent/agent_fixture_testing.h"

namespace atelier {
namespace {

// The fake renderer's checkpoints are the iteration as text.
class AgentCheckpointTest : public AgentTest {
 protected:
  v1::Assignment WorkFrom(const std::string& digest, int iteration) const {
    v1::Assignment work = Work();
    work.mutable_resume_from()->set_digest(digest);
    work.mutable_resume_from()->set_iteration(iteration);
    work.mutable_resume_from()->set_profile("profile");
    work.mutable_resume_from()->set_engine_version(8);
    return work;
  }
  // Starts a render that ends at once; the iterations of its result.
  int IterationsOf(const v1::Assignment& work) {
    renderer_.EndWith(RenderEnd::kCompleted);
    Start();
    coordinator_.Assign(work);
    const int iterations =
        coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).result().iterations();
    EXPECT_TRUE(Stop().ok());
    return iterations;
  }
  static bool TellsOfACheckpoint(const v1::SynchronizeRequest& request) {
    return request.running_size() > 0 && request.running(0).has_checkpoint();
  }
  void ExpectInStore(const v1::Checkpoint& checkpoint) const {
    EXPECT_GT(checkpoint.iteration(), 0);
    EXPECT_EQ(checkpoint.profile(), "profile");
    EXPECT_EQ(store_.Find(checkpoint.digest()),
              absl::StrCat(checkpoint.iteration()));
  }
};

TEST_F(AgentCheckpointTest, GoesOnFromWhereTheAssignmentSays) {
  EXPECT_EQ(IterationsOf(WorkFrom(store_.Add("41"), 41)), 42);
}

TEST_F(AgentCheckpointTest, DoesWithoutACheckpointThatIsRefused) {
  EXPECT_EQ(IterationsOf(WorkFrom(store_.Add("damaged"), 41)), 1);
  EXPECT_EQ(renderer_.renders(), 2);
}

TEST_F(AgentCheckpointTest, DoesWithoutACheckpointThatIsGone) {
  EXPECT_EQ(IterationsOf(WorkFrom(HexDigest("gone"), 41)), 1);
  EXPECT_EQ(renderer_.renders(), 1);
}

TEST_F(AgentCheckpointTest, DoesWithoutACheckpointThatIsNotWhatItIsCalled) {
  const std::string digest = HexDigest("41");
  store_.AddAs(digest, "40");
  EXPECT_EQ(IterationsOf(WorkFrom(digest, 41)), 1);
}

TEST_F(AgentCheckpointTest, StoppedWhileItFetchesItHandsBackWithoutOne) {
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work(1));  // Brings the inputs.
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  const int before = store_.downloads();
  store_.HangDownloads();
  v1::Assignment work = WorkFrom(HexDigest("41"), 41);
  work.mutable_token()->set_number(2);
  coordinator_.Assign(work);
  store_.AwaitDownload(before + 1);
  EXPECT_TRUE(Stop().ok());
  // One of less than 41 iterations would only take the place of that.
  EXPECT_FALSE(
      coordinator_.AwaitReport(v1::OUTCOME_PREEMPTED).has_checkpoint());
}

TEST_F(AgentCheckpointTest, TellsOfWhatItHasUploadedAsItGoes) {
  Start();
  coordinator_.Assign(Work());
  const v1::SynchronizeRequest request = coordinator_.Await(TellsOfACheckpoint);
  ExpectInStore(request.running(0).checkpoint());
  EXPECT_LE(request.running(0).checkpoint().iteration(),
            request.running(0).iteration());
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentCheckpointTest, HandsBackWithACheckpointOfWhereItStopped) {
  Start();
  coordinator_.Assign(Work());
  renderer_.AwaitIteration(3);
  EXPECT_TRUE(Stop().ok());
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_PREEMPTED);
  ASSERT_TRUE(report.has_checkpoint());
  ExpectInStore(report.checkpoint());
  EXPECT_GE(report.checkpoint().iteration(), 3);
}

TEST_F(AgentCheckpointTest, WhatIsCutShortIsHandedBackWithItsLastCheckpoint) {
  options_.stop_within = absl::ZeroDuration();
  renderer_.TurnDeaf();
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(TellsOfACheckpoint);
  agent_->Stop();
  thread_.join();  // Though the render goes on.
  ExpectInStore(coordinator_.AwaitReport(v1::OUTCOME_PREEMPTED).checkpoint());
  renderer_.EndWith(RenderEnd::kCompleted);
  agent_.reset();
}

TEST_F(AgentCheckpointTest, ReportsTheEndForRendersOfMoreIterations) {
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work());
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  ExpectInStore(report.checkpoint());
  EXPECT_EQ(report.checkpoint().iteration(), report.result().iterations());
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentCheckpointTest, WhatDivergedLeavesNone) {
  renderer_.EndWith(RenderEnd::kDiverged);
  Start();
  coordinator_.Assign(Work());
  EXPECT_FALSE(coordinator_.AwaitReport(v1::OUTCOME_DIVERGED).has_checkpoint());
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentCheckpointTest, TheNextAttemptTellsOfItsOwnOnly) {
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work(1));
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  renderer_.EndWith(RenderEnd::kDiverged);
  coordinator_.Assign(Work(2));
  coordinator_.AwaitReport(v1::OUTCOME_DIVERGED);
  EXPECT_TRUE(Stop().ok());
  for (const v1::SynchronizeRequest& request : coordinator_.requests()) {
    for (const v1::AttemptProgress& running : request.running()) {
      if (running.token().number() != 2) continue;
      EXPECT_LE(running.checkpoint().iteration(), running.iteration());
    }
  }
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
