// Workers and coordinators that come back after a kill.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What a worker that was started again says in the name of its predecessor.
SyncRequest Farewell() {
  SyncRequest request = From("w");
  request.draining = true;
  return request;
}

class SuccessorTest : public ControlPlaneTest {
 protected:
  SuccessorTest() { id_ = cluster_.Submit("r", 1).value().id; }

  JobId id_;
};

TEST_F(SuccessorTest, AFarewellFreesTheNameAndTheTaskBeforeTheLeaseRunsOut) {
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Running(From("w"), token));
  const SyncResponse farewell = Sync(Farewell());
  EXPECT_THAT(farewell.start, IsEmpty());
  const SyncResponse next = Sync(From("w", 1, "2"));
  ASSERT_THAT(next.start, SizeIs(1));
  EXPECT_NE(next.start[0].token, token);
  EXPECT_EQ(Count(Outcome::kLost), 1);
}

TEST_F(SuccessorTest, WhatThePredecessorNeverHeardOfIsHandedBack) {
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  // The answer was lost, so it comes again.
  ASSERT_THAT(Sync(Farewell()).start, SizeIs(1));
  const SyncResponse second =
      Sync(Finished(Farewell(), token, Outcome::kPreempted));
  EXPECT_THAT(second.start, IsEmpty());
  EXPECT_THAT(Sync(From("w", 1, "2")).start, SizeIs(1));
}

TEST_F(SuccessorTest, ANamesakeCannotKeepItsPredecessorsAttempt) {
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Running(From("w"), token));
  cluster_.clock().Advance(absl::Seconds(30));  // Nobody has looked since.
  EXPECT_THAT(Sync(Running(From("w", 1, "2"), token)).stop, ElementsAre(token));
  cluster_.Advance(absl::ZeroDuration());
  EXPECT_EQ(Count(Outcome::kLost), 1);
}

// A key, a number and an epoch are easily guessed.
TEST_F(SuccessorTest, NobodyEndsAnAttemptWhoseSecretHeDoesNotKnow) {
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  EXPECT_FALSE(token.secret.empty());
  for (const char* guess : {"", "00000000000000000000000000000000"}) {
    AttemptToken forged = token;
    forged.secret = guess;
    EXPECT_EQ(Report("v", forged, Outcome::kSucceeded), Disposition::kIgnored);
    EXPECT_THAT(Sync(Running(From("v", 0), forged)).stop, SizeIs(1));
  }
  cluster_.Restart();
  AttemptToken forged = token;
  forged.secret.clear();
  EXPECT_EQ(Report("v", forged, Outcome::kSucceeded), Disposition::kIgnored);
  EXPECT_EQ(Task(id_, 0).state, TaskState::kLeased);
  EXPECT_EQ(Report("w", token, Outcome::kSucceeded), Disposition::kCommitted);
}

TEST_F(SuccessorTest, AFarewellBringsItsLastReportsFirst) {
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Running(From("w"), token));
  const SyncResponse farewell =
      Sync(Finished(Farewell(), token, Outcome::kSucceeded));
  EXPECT_EQ(farewell.acknowledged.at(0).disposition, Disposition::kCommitted);
  EXPECT_EQ(Job(id_).state, JobState::kSucceeded);
  EXPECT_EQ(Count(Outcome::kLost), 0);
}

TEST_F(SuccessorTest, AFarewellWorksAcrossARestartOfTheCoordinator) {
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Running(From("w"), token));
  cluster_.Restart();
  for (const Assignment& start : Sync(Farewell()).start) {
    Sync(Finished(Farewell(), start.token, Outcome::kPreempted));
  }
  EXPECT_THAT(Sync(From("w", 1, "2")).start, SizeIs(1));
}

TEST_F(SuccessorTest, AFarewellAfterACrashForgivesNothing) {
  control().Cancel(Admin(), id_).value();
  for (int i = 1; i <= 3; ++i) {
    cluster_.Submit(absl::StrCat("r", i), 1).value();
    const std::string instance = absl::StrCat(i);
    const AttemptToken token = Sync(From("bad", 1, instance)).start.at(0).token;
    SyncRequest farewell =
        Finished(From("bad", 1, instance), token, Outcome::kCrashed, "SIGSEGV");
    farewell.draining = true;
    Sync(farewell);
    SyncRequest done = From("good");
    done.draining = true;
    const AttemptToken other = Sync(From("good")).start.at(0).token;
    Sync(Finished(std::move(done), other, Outcome::kSucceeded));
  }
  EXPECT_EQ(control().Counts().quarantined_workers, 1);
}

TEST_F(SuccessorTest, NobodySpeaksForALiveWorkerButItself) {
  Sync(From("w"));
  SyncRequest stranger = From("w", 1, "0");
  stranger.draining = true;
  EXPECT_EQ(cluster_.Synchronize(stranger)->get().status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Count(Outcome::kLost), 0);
}

// Reading what is unfinished takes longer than a lease.
class SlowStore : public InMemoryStore {
 public:
  SlowStore(std::shared_ptr<InMemoryTables> tables, FakeClock& clock)
      : InMemoryStore(std::move(tables)), clock_(clock) {}
  absl::StatusOr<std::vector<JobRecord>> LoadJobs(JobState state,
                                                  int limit) override {
    clock_.Advance(absl::Minutes(10));
    return InMemoryStore::LoadJobs(state, limit);
  }

 private:
  FakeClock& clock_;
};

TEST_F(SuccessorTest, LeasesRunFromTheEndOfASlowStart) {
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Running(From("w"), token));
  control().Stop();
  FakeClock clock(absl::FromUnixSeconds(2'000'000));
  SlowStore store(cluster_.tables(), clock);
  FairSharePolicy policy;
  const auto restarted =
      ControlPlane::Start(store, clock, policy, cluster_.MakeOptions()).value();
  restarted->Tick();
  EXPECT_EQ(restarted->Counts().decisions.leases_expired, 0);
  EXPECT_EQ(restarted->Counts().tasks_leased, 1);
}

}  // namespace
}  // namespace atelier
