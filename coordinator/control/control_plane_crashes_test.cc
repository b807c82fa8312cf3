// Attempts that crash their worker, or stall on it.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kSegv[] = "signal 11 (SIGSEGV)";

// A worker that leaves: it is given nothing with its answer.
SyncRequest Leaving(SyncRequest request) {
  request.draining = true;
  return request;
}

class ControlPlaneCrashesTest : public ControlPlaneTest {
 protected:
  AttemptToken Take(const std::string& name, const char* instance = "1") {
    return Sync(From(name, 1, instance)).start.at(0).token;
  }
  // The process dies of its attempt, and the next one says so.
  Disposition Crash(const std::string& reporter, const AttemptToken& token) {
    return Sync(Leaving(
                    Finished(From(reporter), token, Outcome::kCrashed, kSegv)))
        .acknowledged.at(0)
        .disposition;
  }
  void RunOutLeases() { cluster_.Advance(absl::Seconds(31)); }
  AttemptToken TakeAndLose(const std::string& name) {
    const AttemptToken token = Take(name);
    RunOutLeases();
    return token;
  }
  bool IsQuarantined(const std::string& name) {
    const auto workers = control().ListWorkers(Admin());
    for (const WorkerView& worker : *workers) {
      if (worker.description.name == WorkerName(name)) {
        return worker.quarantined;
      }
    }
    return false;
  }
};

TEST_F(ControlPlaneCrashesTest, ThreeCrashesFailTheTaskAndBlameNobody) {
  const JobId id = cluster_.Submit("r", 1)->id;
  for (const char* name : {"w1", "w2", "w3"}) {
    EXPECT_EQ(Crash(name, Take(name)), Disposition::kCommitted);
  }
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_EQ(Task(id, 0).message,
            "crashed the worker \"w1\": signal 11 (SIGSEGV); \"w2\": signal 11 "
            "(SIGSEGV); \"w3\": signal 11 (SIGSEGV) (crashed 3 times)");
  EXPECT_EQ(Task(id, 0).outcome, Outcome::kCrashed);
  EXPECT_THAT(Job(id).message, HasSubstr("crashed the worker \"w1\""));
  EXPECT_EQ(Count(Outcome::kCrashed), 3);
  for (const char* name : {"w1", "w2", "w3"}) EXPECT_FALSE(IsQuarantined(name));
}

TEST_F(ControlPlaneCrashesTest, ACrashIsCountedAfterItsLeaseRanOut) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken lost = TakeAndLose("w1");
  EXPECT_EQ(Crash("other", lost), Disposition::kCommitted);
  EXPECT_EQ(Task(id, 0).message,
            "crashed the worker \"w1\": signal 11 (SIGSEGV)")
      << "the worker of the attempt, whoever reports";
  EXPECT_EQ(Crash("other", lost), Disposition::kIgnored) << "and once";
  EXPECT_EQ(Count(Outcome::kLost), 1);
  EXPECT_EQ(Count(Outcome::kCrashed), 1);
}

TEST_F(ControlPlaneCrashesTest, TheThirdMayBeToldWhileTheTaskWaits) {
  const JobId id = cluster_.Submit("r", 1)->id;
  for (const char* name : {"w1", "w2", "w3"}) {
    EXPECT_EQ(Job(id).state, JobState::kRunning);
    EXPECT_EQ(Crash("other", TakeAndLose(name)), Disposition::kCommitted);
  }
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_EQ(Job(id).counts, (TaskCounts{0, 0, 0, 1, 0}));
  EXPECT_THAT(Task(id, 0).message, HasSubstr("crashed 3 times"));
}

TEST_F(ControlPlaneCrashesTest, TheThirdMayBeToldWhileAnotherHasTheTask) {
  const JobId id = cluster_.Submit("r", 1)->id;
  std::vector<AttemptToken> lost;
  for (const char* name : {"w1", "w2", "w3"}) lost.push_back(TakeAndLose(name));
  const AttemptToken held = Take("w4");
  Crash("other", lost[0]);
  Crash("other", lost[2]);
  EXPECT_EQ(Task(id, 0).state, TaskState::kLeased);
  EXPECT_THAT(Sync(Running(From("w4"), held)).stop, IsEmpty());
  Crash("other", lost[1]);
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_THAT(Sync(Running(From("w4"), held)).stop, ElementsAre(held));
}

TEST_F(ControlPlaneCrashesTest, WhatSucceedsMeanwhileStays) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken lost = TakeAndLose("w1");
  Report("w2", Take("w2"), Outcome::kSucceeded);
  EXPECT_EQ(Crash("other", lost), Disposition::kIgnored);
  EXPECT_EQ(Job(id).state, JobState::kSucceeded);
}

TEST_F(ControlPlaneCrashesTest, ARestartForgetsNoCrashAndNoLossThatMayBeOne) {
  const JobId id = cluster_.Submit("r", 1)->id;
  Crash("w1", Take("w1"));
  const AttemptToken lost = TakeAndLose("w2");
  cluster_.Restart();
  EXPECT_EQ(Crash("w2", lost), Disposition::kCommitted);
  cluster_.Restart();
  const AttemptToken held = Take("w3");
  cluster_.Restart();
  EXPECT_EQ(Crash("w3", held), Disposition::kCommitted);
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_THAT(
      Task(id, 0).message,
      AllOf(HasSubstr("\"w1\""), HasSubstr("\"w2\""), HasSubstr("\"w3\"")));
}

TEST_F(ControlPlaneCrashesTest, WhatDidNotCountForItsCompanyDoesNotCountAlone) {
  for (const bool is_late : {false, true}) {
    SCOPED_TRACE(is_late);
    const JobId id = cluster_.Submit(is_late ? "late" : "held", 1)->id;
    Crash("w1", Take("w1"));
    const AttemptToken token = is_late ? TakeAndLose("w2") : Take("w2");
    AttemptToken beside = token;
    beside.number += 1000;
    Sync(Leaving(Finished(Finished(From("w2"), token, Outcome::kCrashed, kSegv),
                          beside, Outcome::kCrashed, kSegv)));
    cluster_.Restart();
    EXPECT_EQ(Crash("w2", token), Disposition::kIgnored);
    EXPECT_THAT(Task(id, 0).message, HasSubstr("not counted"));
    ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  }
}

TEST_F(ControlPlaneCrashesTest, ARetryBeginsAnew) {
  const JobId id = cluster_.Submit("r", 1)->id;
  for (const char* name : {"w1", "w2", "w3"}) Crash(name, Take(name));
  ASSERT_EQ(control().Retry(Admin(), id)->state, JobState::kRunning);
  const AttemptToken lost = TakeAndLose("w4");
  EXPECT_EQ(Crash("w4", lost), Disposition::kCommitted);
  EXPECT_EQ(Job(id).state, JobState::kRunning);
}

TEST_F(ControlPlaneCrashesTest, WithoutEvidenceTheBoundOnLossesHolds) {
  const JobId id = cluster_.Submit("r", 1)->id;
  for (int i = 0; i < 20; ++i) TakeAndLose("w");
  EXPECT_EQ(Job(id).state, JobState::kRunning);
  TakeAndLose("w");
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_THAT(Job(id).message, HasSubstr("interrupted 21 times"));
}

TEST_F(ControlPlaneCrashesTest, AWorkerThatGetsOnEachTimeIsNotGivenUp) {
  const JobId id = cluster_.SubmitSpec("r", "s1")->id;
  for (int i = 1; i <= 30; ++i) {
    const AttemptToken token = Take("w");
    Sync(Running(From("w"), token, i));
    RunOutLeases();
  }
  EXPECT_EQ(Job(id).state, JobState::kRunning);
}

TEST_F(ControlPlaneCrashesTest,
       AWorkerThatCrashesOnWhatOthersCompleteIsSetAside) {
  for (int i = 1; i <= 3; ++i) {
    EXPECT_FALSE(IsQuarantined("bad")) << i;
    cluster_.Submit(absl::StrCat("r", i), 1).value();
    const std::string instance = absl::StrCat(i);
    const AttemptToken token = Take("bad", instance.c_str());
    RunOutLeases();
    // Each time as another process: there is nothing in memory of the last.
    const std::string next = absl::StrCat(i + 1);
    SyncRequest report =
        Finished(From("bad", 0, next), token, Outcome::kCrashed, kSegv);
    Sync(report);
    Report("good", Take("good"), Outcome::kSucceeded);
  }
  EXPECT_TRUE(IsQuarantined("bad"));
  EXPECT_FALSE(IsQuarantined("good"));
}

TEST_F(ControlPlaneCrashesTest, WhatCrashedTogetherIsTriedAlone) {
  cluster_.SubmitSpec("s", "s4").value();
  SyncRequest batching = From("b", 3);
  batching.worker.batches = true;
  const std::vector<Assignment> batch = Sync(batching).start;
  ASSERT_THAT(batch, SizeIs(3));
  SyncRequest report = batching;
  for (const Assignment& start : batch) {
    report = Finished(report, start.token, Outcome::kCrashed, kSegv);
  }
  for (int i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    const std::vector<Assignment> alone = Sync(report).start;
    ASSERT_THAT(alone, SizeIs(1));
    EXPECT_EQ(alone[0].task.index, i);
    report = Finished(batching, alone[0].token, Outcome::kSucceeded);
  }
  EXPECT_THAT(Sync(report).start, SizeIs(1))
      << "the last, which has not crashed";
}

TEST_F(ControlPlaneCrashesTest, NothingRunsBesideASuspect) {
  cluster_.SubmitSpec("s", "s1").value();
  Crash("w1", Take("w1"));
  const SyncRequest two = From("w2", 2);
  const std::vector<Assignment> suspect = Sync(two).start;
  ASSERT_THAT(suspect, SizeIs(1));
  cluster_.SubmitSpec("t", "s2").value();
  const auto waiting = cluster_.Synchronize(Running(two, suspect[0].token));
  cluster_.Advance(absl::Seconds(3));
  EXPECT_THAT(waiting->get()->start, IsEmpty());
  EXPECT_THAT(Sync(Finished(two, suspect[0].token, Outcome::kSucceeded)).start,
              SizeIs(2));
}

class ControlPlaneStallsTest : public ControlPlaneTest {
 protected:
  // Calls once a minute at this iteration; the last answer.
  SyncResponse Call(const AttemptToken& token, int iteration, int minutes) {
    SyncResponse last;
    for (int i = 0; i < minutes; ++i) {
      for (int j = 0; j < 3; ++j) {
        cluster_.Advance(absl::Seconds(20));
        last = Sync(Running(From("w"), token, iteration));
      }
    }
    return last;
  }
};

TEST_F(ControlPlaneStallsTest, ARenderThatStaysWhereItIsIsTriedElsewhere) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  EXPECT_THAT(Call(token, 0, 29).stop, IsEmpty());
  EXPECT_THAT(Call(token, 17, 29).stop, IsEmpty()) << "it has moved";
  EXPECT_THAT(Call(token, 17, 2).stop, ElementsAre(token));
  EXPECT_EQ(Task(id, 0).outcome, Outcome::kStalled);
  EXPECT_EQ(Task(id, 0).message,
            "stalled: worker \"w\" calls, but iteration 17 has been its last "
            "for 30m (--stall-after)");
  EXPECT_EQ(Count(Outcome::kStalled), 1);

  // The slot is taken for as long as the worker says so.
  EXPECT_THAT(Sync(Running(From("w"), token, 17)).start, IsEmpty());
  EXPECT_EQ(control().ListWorkers(Admin())->at(0).stopping, 1);
  EXPECT_EQ(control().Counts().stopping_attempts, 1);
  EXPECT_THAT(Sync(From("other")).start, SizeIs(1));
  Sync(Leaving(From("w")));
  EXPECT_EQ(control().ListWorkers(Admin())->at(1).stopping, 0);
}

TEST_F(ControlPlaneStallsTest, InputsThatNeverComeCountFromTheGrant) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Call(token, 0, 30);
  EXPECT_THAT(Task(id, 0).message,
              HasSubstr("its first iteration has not come"));
}

TEST_F(ControlPlaneStallsTest, SlowIterationsHaveTime) {
  cluster_.Submit("r", 1).value();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  for (int i = 1; i <= 3; ++i) Call(token, i, 5);
  EXPECT_THAT(Call(token, 3, 200).stop, IsEmpty());
  EXPECT_THAT(Call(token, 3, 60).stop, ElementsAre(token));
}

TEST_F(ControlPlaneStallsTest, ThreeStallsFailTheTask) {
  const JobId id = cluster_.Submit("r", 1)->id;
  for (int i = 0; i < 3; ++i) {
    const AttemptToken token = Sync(From("w")).start.at(0).token;
    Call(token, 0, 30);
    Sync(Leaving(From("w")));  // It has stopped.
  }
  EXPECT_EQ(Job(id).state, JobState::kFailed);
  EXPECT_THAT(Job(id).message,
              AllOf(HasSubstr("stalled"), HasSubstr("failed 3 times")));
}

// A batch that does not fit is rendered one after the other.
TEST_F(ControlPlaneStallsTest, WhatWaitsForAnotherOfItsWorkerHasTime) {
  cluster_.SubmitSpec("s", "s2").value();
  SyncRequest batching = From("w", 2);
  batching.worker.batches = true;
  const std::vector<Assignment> batch = Sync(batching).start;
  ASSERT_THAT(batch, SizeIs(2));
  const auto call = [&](int minutes, int iteration) {
    cluster_.Advance(absl::Seconds(20));
    SyncResponse last;
    for (int i = 0; i < minutes * 3; ++i) {
      last = Sync(Running(Running(batching, batch[0].token, iteration + i),
                          batch[1].token, 0));
      cluster_.Advance(absl::Seconds(20));
    }
    return last;
  };
  EXPECT_THAT(call(100, 1).stop, IsEmpty());
}

TEST_F(ControlPlaneStallsTest, ASilentWorkerIsLostNotStalled) {
  const JobId id = cluster_.Submit("r", 1)->id;
  Sync(From("w"));
  cluster_.Advance(absl::Hours(1));
  EXPECT_EQ(Task(id, 0).outcome, Outcome::kLost);
}

}  // namespace
}  // namespace atelier
