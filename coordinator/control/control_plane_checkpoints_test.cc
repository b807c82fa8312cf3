// Renders go on where their last attempt was, through leases, restarts and
// budgets.
#include <string>
#include <utility>
#include <vector>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kMega = int64_t{1} << 20;

Checkpoint At(int iteration, const Arithmetic& arithmetic = {1, "p"}) {
  return {absl::StrCat("digest", iteration), iteration, arithmetic, kMega};
}

// The fixture's tasks are one render, the n-th of n iterations.
class ControlPlaneCheckpointsTest : public ControlPlaneTest {
 protected:
  static SyncRequest Worker(const std::string& name,
                            const Arithmetic& arithmetic = {1, "p"}) {
    SyncRequest request = From(name);
    request.worker.arithmetic = arithmetic;
    return request;
  }
  Assignment Take(const std::string& name,
                  const Arithmetic& arithmetic = {1, "p"}) {
    return Sync(Worker(name, arithmetic)).start.at(0);
  }
  void Progress(const std::string& name, const AttemptToken& token,
                const Checkpoint& checkpoint) {
    SyncRequest request = Running(Worker(name, checkpoint.arithmetic), token,
                                  checkpoint.iteration);
    request.running.back().checkpoint = checkpoint;
    Sync(std::move(request));
  }
  SyncResponse End(const std::string& name, const AttemptToken& token,
                   Outcome outcome, const Checkpoint& checkpoint) {
    SyncRequest request =
        Finished(Worker(name, checkpoint.arithmetic), token, outcome);
    request.finished.back().checkpoint = checkpoint;
    return Sync(std::move(request));
  }
  // A job of the longest render alone: its only attempt so far is running.
  Assignment TakeOneOfSeven(const std::string& worker,
                            const std::string& request = "r",
                            const std::string& spec = "c7") {
    cluster_.SubmitSpec(request, spec).value();
    SyncRequest all = Worker(worker);
    all.worker.slots = 7;
    std::vector<Assignment> started = Sync(all).start;
    SyncRequest six = all;
    for (int i = 0; i < 6; ++i) {
      six = Finished(six, started[i].token, Outcome::kSucceeded);
    }
    six.worker.slots = 1;
    Sync(Running(std::move(six), started[6].token));
    return started[6];
  }
};

TEST_F(ControlPlaneCheckpointsTest, ALostAttemptIsGoneOnWith) {
  const Assignment first = TakeOneOfSeven("anna");
  EXPECT_FALSE(first.resume_from.has_value());
  Progress("anna", first.token, At(3));
  Progress("anna", first.token, At(5));
  cluster_.Advance(absl::Seconds(31));
  const Assignment second = Take("bert");
  ASSERT_TRUE(second.resume_from.has_value());
  EXPECT_EQ(second.resume_from->digest, "digest5");
  EXPECT_EQ(second.resume_from->iteration, 5);
  EXPECT_EQ(second.resume_from->arithmetic.profile, "p");
  EXPECT_EQ(control().Counts().decisions.attempts_resumed, 1);
  EXPECT_EQ(control().Counts().checkpoint_bytes, kMega) << "one of it";
}

TEST_F(ControlPlaneCheckpointsTest, OneThatIsHandedBackIsGoneOnWith) {
  const Assignment first = TakeOneOfSeven("anna");
  const SyncResponse answer =
      End("anna", first.token, Outcome::kPreempted, At(6));
  EXPECT_EQ(answer.start.at(0).resume_from->iteration, 6);
}

TEST_F(ControlPlaneCheckpointsTest, OutlivesTheCoordinator) {
  const Assignment first = TakeOneOfSeven("anna");
  Progress("anna", first.token, At(5));
  cluster_.Restart();
  EXPECT_TRUE(control().NamesCheckpoint("digest5"));
  // The attempt was adopted: told of again, it is nothing new.
  Progress("anna", first.token, At(5));
  EXPECT_EQ(control().Counts().decisions.checkpoints_kept, 0);
  cluster_.Advance(absl::Seconds(31));
  EXPECT_EQ(Take("bert").resume_from->iteration, 5);
}

TEST_F(ControlPlaneCheckpointsTest, AnAssignmentSentAgainSaysItAgain) {
  const Assignment first = TakeOneOfSeven("anna");
  Progress("anna", first.token, At(5));
  cluster_.Advance(absl::Seconds(31));
  const Assignment lost = Take("bert");
  const Assignment again = Take("bert");
  EXPECT_EQ(again.token, lost.token);
  EXPECT_EQ(again.resume_from->iteration, 5);
}

TEST_F(ControlPlaneCheckpointsTest, AnotherProfileBeginsAnew) {
  const Assignment first = TakeOneOfSeven("anna");
  Progress("anna", first.token, At(5));
  cluster_.Advance(absl::Seconds(31));
  EXPECT_FALSE(Take("bert", {1, "q"}).resume_from.has_value());
}

TEST_F(ControlPlaneCheckpointsTest, AWorkerWithoutAProfileHasNoCheckpoints) {
  const Assignment first = TakeOneOfSeven("anna");
  Progress("anna", first.token, At(5, {1, ""}));
  cluster_.Advance(absl::Seconds(31));
  EXPECT_FALSE(Take("bert", {1, ""}).resume_from.has_value());
}

TEST_F(ControlPlaneCheckpointsTest, ALongerRenderGoesOnFromAShorterOnesEnd) {
  cluster_.SubmitSpec("r", "c3").value();
  Assignment next = Take("anna");
  for (int iterations : {1, 2}) {
    ASSERT_EQ(next.render.params.iterations, iterations);
    next = End("anna", next.token, Outcome::kSucceeded, At(iterations))
               .start.at(0);
    ASSERT_TRUE(next.resume_from.has_value());
    EXPECT_EQ(next.resume_from->iteration, iterations);
  }
}

TEST_F(ControlPlaneCheckpointsTest, AShorterRenderDoesNotUseALongerOnesEnd) {
  cluster_.SubmitSpec("r", "c2").value();
  const Assignment shorter = Take("anna");
  const Assignment longer = Take("bert");
  ASSERT_LT(shorter.render.params.iterations, longer.render.params.iterations);
  End("bert", longer.token, Outcome::kSucceeded, At(2));
  cluster_.Advance(absl::Seconds(31));
  EXPECT_FALSE(Take("carl").resume_from.has_value());
}

TEST_F(ControlPlaneCheckpointsTest, AfterAFailureItIsBegunAnew) {
  const Assignment first = TakeOneOfSeven("anna");
  const SyncResponse answer =
      End("anna", first.token, Outcome::kInternal, At(5));
  EXPECT_FALSE(answer.start.at(0).resume_from.has_value());
}

TEST_F(ControlPlaneCheckpointsTest, APausedJobGoesOnFromTheLastOne) {
  const Assignment first = TakeOneOfSeven("anna");
  Progress("anna", first.token, At(5));
  ASSERT_TRUE(control().Pause(Admin(), first.task.job).ok());
  ASSERT_TRUE(control().Resume(Admin(), first.task.job).ok());
  EXPECT_EQ(Take("bert").resume_from->iteration, 5);
}

TEST_F(ControlPlaneCheckpointsTest, AJobWithoutCacheGoesOnFromItsOwnOnly) {
  const Assignment first = TakeOneOfSeven("anna", "first", "7");
  Progress("anna", first.token, At(5));
  cluster_.Advance(absl::Seconds(31));
  const Assignment again = Take("bert");
  EXPECT_EQ(again.resume_from->iteration, 5);
  End("bert", again.token, Outcome::kSucceeded, At(7));
  EXPECT_FALSE(TakeOneOfSeven("bert", "second", "7").resume_from.has_value());
}

TEST_F(ControlPlaneCheckpointsTest, WhatHasBecomeUselessIsDiscarded) {
  const Assignment first = TakeOneOfSeven("anna");
  Progress("anna", first.token, At(3));
  EXPECT_THAT(cluster_.discarded(), IsEmpty());
  Progress("anna", first.token, At(5));
  EXPECT_THAT(cluster_.discarded(), ElementsAre("digest3"));
  EXPECT_FALSE(control().NamesCheckpoint("digest3"));
  // An attempt that is over has nothing to say about the render.
  cluster_.Advance(absl::Seconds(31));
  Progress("anna", first.token, At(6));
  EXPECT_THAT(cluster_.discarded(), ElementsAre("digest3", "digest6"));
}

TEST_F(ControlPlaneCheckpointsTest, NothingIsDiscardedThatADiskStillNeeds) {
  const Assignment first = TakeOneOfSeven("anna");
  Progress("anna", first.token, At(3));
  cluster_.store().FailNext(Fault::kLost);
  SyncRequest request = Running(Worker("anna"), first.token, 5);
  request.running.back().checkpoint = At(5);
  EXPECT_FALSE(cluster_.Synchronize(request)->get().ok());
  EXPECT_THAT(cluster_.discarded(), IsEmpty());
  Sync(Running(Worker("anna"), first.token, 5));
  EXPECT_TRUE(control().NamesCheckpoint("digest3"));
  Sync(std::move(request));
  EXPECT_THAT(cluster_.discarded(), ElementsAre("digest3"));
}

}  // namespace
}  // namespace atelier
