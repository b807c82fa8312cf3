// Previews of renders that run, and the logs of attempts, however they end.
#include <string>
#include <vector>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kLog(64, '1');
const std::string kLonger(64, '2');
const std::vector<PicturePreview> kPreviews = {{1, std::string(64, '3')},
                                               {2, std::string(64, '4')}};

class ControlPlaneLogsTest : public ControlPlaneTest {
 protected:
  static SyncRequest Telling(const AttemptToken& token,
                             const std::string& log = kLog,
                             const std::string& worker = "w") {
    SyncRequest request = Running(From(worker), token, 2);
    request.running[0].previews = kPreviews;
    request.running[0].log_digest = log;
    return request;
  }
  std::vector<AttemptRecord> Attempts(const JobId& id, int64_t index = 0) {
    return control().ListAttempts(Admin(), {id, index}).value();
  }
  // Of the last that has ended.
  std::string LogOf(const JobId& id) { return Attempts(id).back().log_digest; }
};

TEST_F(ControlPlaneLogsTest, ARunningTaskShowsWhatItsWorkerTold) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  EXPECT_THAT(Task(id, 0).previews, IsEmpty());
  Sync(Telling(token));
  EXPECT_EQ(Task(id, 0).previews, kPreviews);
  EXPECT_EQ(Task(id, 0).log_digest, kLog);
  const auto running = control().ListRunning(Admin(), id, 9).value();
  ASSERT_THAT(running, SizeIs(1));
  EXPECT_EQ(running[0].preview, kPreviews.back()) << "a snapshot is small";
  EXPECT_EQ(running[0].log_digest, kLog);
}

TEST_F(ControlPlaneLogsTest, TellingOfThemWritesNothing) {
  cluster_.Submit("r", 1).value();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Telling(token, ""));
  cluster_.Settle();
  const int64_t rows = control().Counts().rows;
  Sync(Telling(token));
  cluster_.Settle();
  EXPECT_EQ(control().Counts().rows, rows);
}

TEST_F(ControlPlaneLogsTest, TheReportHasTheLogOfTheWholeAttempt) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Telling(token));
  SyncRequest done = Finished(From("w"), token, Outcome::kSucceeded);
  done.finished[0].log_digest = kLonger;
  done.finished[0].result.previews = {kPreviews[0]};
  Sync(done);
  EXPECT_EQ(LogOf(id), kLonger);
  EXPECT_THAT(Task(id, 0).result->previews, ElementsAre(kPreviews[0]));
  EXPECT_THAT(Task(id, 0).previews, IsEmpty()) << "it does not run";
  EXPECT_EQ(Task(id, 0).log_digest, "");
}

TEST_F(ControlPlaneLogsTest, AReportWithoutOneLeavesTheLastThatWasTold) {
  for (const Outcome outcome :
       {Outcome::kSucceeded, Outcome::kInternal, Outcome::kCrashed,
        Outcome::kPreempted, Outcome::kDiverged}) {
    const std::string name(Name(outcome));
    SCOPED_TRACE(name);
    const JobId id = cluster_.Submit(name, 1)->id;
    const AttemptToken token = Sync(From(name)).start.at(0).token;
    Sync(Telling(token, kLog, name));
    SyncRequest report = Finished(From(name), token, outcome);
    report.draining = true;  // Or it would have the task again.
    Sync(report);
    EXPECT_EQ(LogOf(id), kLog);
    control().Cancel(Admin(), id).IgnoreError();
  }
}

TEST_F(ControlPlaneLogsTest, ALostAttemptKeepsItsLog) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Telling(token));
  cluster_.Advance(absl::Hours(1));
  ASSERT_THAT(Attempts(id), SizeIs(1));
  EXPECT_EQ(Attempts(id)[0].outcome, Outcome::kLost);
  EXPECT_EQ(LogOf(id), kLog);
}

TEST_F(ControlPlaneLogsTest, ALateReportChangesNeitherPreviewsNorLog) {
  const JobId id = cluster_.Submit("r", 1)->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Telling(token));
  cluster_.Advance(absl::Hours(1));
  const AttemptToken next = Sync(From("v")).start.at(0).token;
  Sync(Telling(next, "", "v"));
  SyncRequest late = Finished(From("w"), token, Outcome::kSucceeded);
  late.finished[0].log_digest = kLonger;
  late.finished[0].result.previews = {{9, kLonger}};
  Sync(late);
  EXPECT_EQ(LogOf(id), kLog);
  EXPECT_EQ(Task(id, 0).previews, kPreviews);
  EXPECT_EQ(Task(id, 0).log_digest, "");
  Report("v", next, Outcome::kSucceeded);
  EXPECT_THAT(Task(id, 0).result->previews, IsEmpty());
}

TEST_F(ControlPlaneLogsTest, WhatIsTakenBackKeepsItsLog) {
  const JobId paused = cluster_.Submit("paused", 1)->id;
  Sync(Telling(Sync(From("w")).start.at(0).token));
  ASSERT_TRUE(control().Pause(Admin(), paused).ok());
  EXPECT_EQ(Attempts(paused).back().outcome, Outcome::kPreempted);
  EXPECT_EQ(LogOf(paused), kLog);
  const JobId cancelled = cluster_.Submit("cancelled", 1)->id;
  Sync(Telling(Sync(From("v")).start.at(0).token, kLonger, "v"));
  ASSERT_TRUE(control().Cancel(Admin(), cancelled).ok());
  EXPECT_EQ(Attempts(cancelled).back().outcome, Outcome::kCancelled);
  EXPECT_EQ(LogOf(cancelled), kLonger);
}

TEST_F(ControlPlaneLogsTest, AllTasksOfAnAttemptHaveItsLog) {
  const JobId one = cluster_.SubmitSpec("one", "c1")->id;
  const JobId two = cluster_.SubmitSpec("two", "c1")->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  cluster_.Synchronize(From("v"));  // Finds that two's task can join.
  cluster_.Settle();
  ASSERT_EQ(Task(two, 0).state, TaskState::kLeased);
  Sync(Telling(token));
  EXPECT_EQ(Task(two, 0).previews, kPreviews);
  Report("w", token, Outcome::kSucceeded);
  EXPECT_EQ(LogOf(one), kLog);
  EXPECT_EQ(LogOf(two), kLog);
}

TEST_F(ControlPlaneLogsTest, AResultThatIsTakenAgainHasItsPreviews) {
  cluster_.SubmitSpec("one", "c1").value();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  SyncRequest done = Finished(From("w"), token, Outcome::kSucceeded);
  done.finished[0].result.previews = kPreviews;
  Sync(done);
  const JobId two = cluster_.SubmitSpec("two", "c1")->id;
  cluster_.Settle();
  ASSERT_EQ(Job(two).state, JobState::kSucceeded);
  EXPECT_EQ(Task(two, 0).result->previews, kPreviews);
}

TEST_F(ControlPlaneLogsTest, WorkersHearHowOftenAPreviewIsWanted) {
  cluster_.Submit("r", 2).value();
  EXPECT_EQ(Sync(From("w")).preview_every, absl::Seconds(5));
  ASSERT_TRUE(control().HoldPreviews(true).ok());
  EXPECT_EQ(Sync(From("v")).preview_every, std::nullopt);
  ASSERT_TRUE(control().HoldPreviews(false).ok());
}

TEST_F(ControlPlaneLogsTest, TheMoreRunTheLessOftenEachBringsOne) {
  constexpr int kRunning = 500;
  cluster_.Submit("r", kRunning).value();
  SyncRequest request = From("w", kRunning);
  const SyncResponse response = Sync(request);
  ASSERT_THAT(response.start, SizeIs(kRunning));
  EXPECT_EQ(response.preview_every, absl::Seconds(10)) << "50 a second";
}

}  // namespace
}  // namespace atelier
