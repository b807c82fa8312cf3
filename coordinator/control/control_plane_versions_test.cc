// Workers of two engine versions at once: neither's results and checkpoints are
// taken for the other's.
#include <string>
#include <utility>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class ControlPlaneVersionsTest : public ControlPlaneTest {
 protected:
  JobId Submit(const std::string& request, const std::string& spec) {
    const JobId id = cluster_.SubmitSpec(request, spec)->id;
    for (int i = 0; i < 5; ++i) cluster_.Settle();
    return id;
  }
  static SyncRequest Worker(const std::string& name, int version) {
    SyncRequest request = From(name);
    request.worker.arithmetic = {version, "p"};
    return request;
  }
  // Renders the only task there is.
  void Render(const std::string& worker, int version) {
    const AttemptToken token = Sync(Worker(worker, version)).start.at(0).token;
    SyncRequest done =
        Finished(Worker(worker, version), token, Outcome::kSucceeded);
    done.draining = true;  // And is answered at once.
    Sync(std::move(done));
  }
  // Calls, and hears nothing for now.
  void Call(const std::string& worker, int version) {
    cluster_.Synchronize(Worker(worker, version));
    cluster_.Settle();
  }
  // Until nobody is live.
  void SendAllHome() {
    cluster_.Advance(absl::Minutes(1));
    cluster_.Advance(absl::Minutes(1));
  }
  int VersionOf(const JobId& job) {
    return Task(job, 0).result->arithmetic.engine_version;
  }
};

TEST_F(ControlPlaneVersionsTest, AResultIsReusedByTheVersionThatMadeIt) {
  Submit("first", "c1");
  Render("old", 7);
  const JobId again = Submit("again", "c1");
  EXPECT_EQ(Job(again).state, JobState::kSucceeded);
  EXPECT_EQ(VersionOf(again), 7);
}

TEST_F(ControlPlaneVersionsTest, ANewerWorkerMakesOldResultsOld) {
  Submit("first", "c1");
  Render("old", 7);
  Call("new", 8);
  const JobId again = Submit("again", "c1");
  EXPECT_EQ(Job(again).state, JobState::kRunning);
  Render("new", 8);
  EXPECT_EQ(VersionOf(again), 8);
  const JobId third = Submit("third", "c1");
  EXPECT_EQ(VersionOf(third), 8);
}

TEST_F(ControlPlaneVersionsTest, WhereTheNewerDoesNotFitTheOlderCounts) {
  Submit("first", "cq1");
  SyncRequest old = Worker("old", 7);
  old.worker.arithmetic.profile = "q";
  const AttemptToken token = Sync(old).start.at(0).token;
  SyncRequest next = Worker("new", 8);
  cluster_.Synchronize(next);
  cluster_.Synchronize(Finished(old, token, Outcome::kSucceeded));
  cluster_.Settle();
  const JobId pinned = Submit("pinned", "cq1");
  EXPECT_EQ(Job(pinned).state, JobState::kSucceeded) << "new is not q";
  EXPECT_EQ(VersionOf(pinned), 7);
  const JobId free = Submit("free", "c1");
  EXPECT_EQ(Task(free, 0).worker, WorkerName("new"));
}

TEST_F(ControlPlaneVersionsTest, WithNobodyThereTheLastSeenCounts) {
  Submit("first", "c1");
  Render("old", 7);
  SendAllHome();
  EXPECT_EQ(Job(Submit("again", "c1")).state, JobState::kSucceeded);
  Call("new", 8);
  SendAllHome();
  EXPECT_EQ(Job(Submit("third", "c1")).state, JobState::kRunning);
  cluster_.Restart();
  EXPECT_EQ(Job(Submit("fourth", "c1")).state, JobState::kRunning)
      << "a restart remembers";
}

TEST_F(ControlPlaneVersionsTest, AfterARollbackTheOldResultsCountAgain) {
  Submit("first", "c1");
  Render("old", 7);
  Call("new", 8);
  SendAllHome();
  Call("old", 7);
  const JobId again = Submit("again", "c1");
  EXPECT_EQ(Job(again).state, JobState::kSucceeded);
  EXPECT_EQ(VersionOf(again), 7);
}

TEST_F(ControlPlaneVersionsTest, TheFirstToCallAfterARestartMayBeTheOlder) {
  Submit("first", "c1");
  Render("old", 7);
  Call("new", 8);
  cluster_.Restart();
  Call("old", 7);
  EXPECT_EQ(Job(Submit("again", "c1")).state, JobState::kRunning);
  SendAllHome();
  Call("old", 7);
  EXPECT_EQ(VersionOf(Submit("third", "c1")), 7) << "the newer did not come";
}

TEST_F(ControlPlaneVersionsTest, AfterARestartAnAttemptIsJoinedOnceItIsKnown) {
  Submit("first", "c1");
  const AttemptToken token = Sync(Worker("old", 7)).start.at(0).token;
  Call("new", 8);
  cluster_.Restart();
  const JobId second = Submit("second", "c1");
  const SyncResponse given = Sync(Worker("new", 8));
  ASSERT_THAT(given.start, SizeIs(1));
  EXPECT_NE(given.start[0].token, token) << "it may be of another version";
}

TEST_F(ControlPlaneVersionsTest, NobodyJoinsAnAttemptOfAnOlderVersion) {
  Submit("first", "c1");
  const AttemptToken old = Sync(Worker("old", 7)).start.at(0).token;
  const JobId second = Submit("second", "c1");
  const SyncResponse given = Sync(Worker("new", 8));
  ASSERT_THAT(given.start, SizeIs(1));
  EXPECT_EQ(given.start[0].task.job, second);
  EXPECT_NE(given.start[0].token, old);
}

TEST_F(ControlPlaneVersionsTest, ACheckpointIsGoneOnWithByItsVersionOnly) {
  const JobId job = Submit("first", "1");
  const AttemptToken token = Sync(Worker("old", 7)).start.at(0).token;
  SyncRequest stopped = Finished(Worker("old", 7), token, Outcome::kPreempted);
  stopped.draining = true;
  stopped.finished[0].checkpoint =
      Checkpoint{std::string(64, 'd'), 1, {7, "p"}, 1000};
  Sync(std::move(stopped));
  Assignment given = Sync(Worker("new", 8)).start.at(0);
  EXPECT_FALSE(given.resume_from.has_value());
  SyncRequest leaving =
      Finished(Worker("new", 8), given.token, Outcome::kPreempted);
  leaving.draining = true;
  Sync(std::move(leaving));
  given = Sync(Worker("old", 7)).start.at(0);
  ASSERT_TRUE(given.resume_from.has_value());
  EXPECT_EQ(given.resume_from->arithmetic, (Arithmetic{7, "p"}));
}

}  // namespace
}  // namespace atelier
