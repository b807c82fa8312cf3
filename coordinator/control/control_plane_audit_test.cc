// Which requests ControlPlane writes into the audit log, and when.
#include <string>
#include <vector>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Caller Anna() {
  Caller caller{"anna", {Role::kSubmit}, "0a1b2c3d4e5f"};
  caller.address = "10.0.0.7";
  return caller;
}

class ControlPlaneAuditTest : public ControlPlaneTest {
 protected:
  JobId SubmitAsAnna(const std::string& request = "r") {
    JobSpec spec = SpecOfTasks("2").value();
    spec.user = "anna";
    return control().Submit(Anna(), RequestId(request), spec, "2")->id;
  }
  // Oldest first.
  std::vector<AuditRecord> Entries() {
    std::vector<AuditRecord> entries =
        cluster_.store().ListAudit({}, 100).value();
    return {entries.rbegin(), entries.rend()};
  }
};

auto Is(const std::string& action, const std::string& outcome) {
  return AllOf(Field("action", &AuditRecord::action, action),
               Field("outcome", &AuditRecord::outcome, outcome));
}

TEST_F(ControlPlaneAuditTest, ASubmitSaysWhoWhenWhatAndWhich) {
  const JobId id = SubmitAsAnna();
  ASSERT_THAT(Entries(), ElementsAre(Is("submit-job", "OK")));
  const AuditRecord entry = Entries()[0];
  EXPECT_EQ(entry.job, id.value());
  EXPECT_EQ(entry.accessor, "0a1b2c3d4e5f");
  EXPECT_EQ(entry.user, "anna");
  EXPECT_EQ(entry.address, "10.0.0.7");
  EXPECT_EQ(entry.at, cluster_.clock().Now());
  EXPECT_EQ(entry.message, "2 tasks for anna");
  EXPECT_FALSE(entry.is_refusal);
}

TEST_F(ControlPlaneAuditTest, EachChangeOfAJobIsAnEntry) {
  const JobId id = SubmitAsAnna();
  ASSERT_TRUE(control().Pause(Anna(), id).ok());
  ASSERT_TRUE(control().Resume(Anna(), id).ok());
  ASSERT_TRUE(control().SetPriority(Anna(), id, -3).ok());
  ASSERT_TRUE(control().Cancel(Anna(), id).ok());
  ASSERT_TRUE(control().Retry(Anna(), id).ok());
  ASSERT_TRUE(control().Repair(Anna(), id, {{0, "lost"}}).ok());
  ASSERT_TRUE(control().Cancel(Anna(), id).ok());
  ASSERT_TRUE(control().DeleteJob(Anna(), id).ok());
  EXPECT_THAT(
      Entries(),
      ElementsAre(Is("submit-job", "OK"), Is("pause-job", "OK"),
                  Is("resume-job", "OK"),
                  AllOf(Is("set-job-priority", "OK"),
                        Field("message", &AuditRecord::message, "to -3")),
                  Is("cancel-job", "OK"), Is("retry-job", "OK"),
                  AllOf(Is("repair-job", "OK"),
                        Field(&AuditRecord::message, "1 pictures lost")),
                  Is("cancel-job", "OK"), Is("delete-job", "OK")));
  for (const AuditRecord& entry : Entries()) EXPECT_EQ(entry.job, id.value());
}

TEST_F(ControlPlaneAuditTest, AWorkersDrainAndReleaseAreEntries) {
  const auto waiting = cluster_.Synchronize(From("w"));
  cluster_.Settle();
  ASSERT_TRUE(control().DrainWorker(Admin(), WorkerName("w")).ok());
  ASSERT_TRUE(control().ReleaseWorker(Admin(), WorkerName("w")).ok());
  ASSERT_FALSE(control().DrainWorker(Admin(), WorkerName("x")).ok());
  EXPECT_THAT(Entries(),
              ElementsAre(AllOf(Is("drain-worker", "OK"),
                                Field("target", &AuditRecord::target, "w")),
                          Is("release-worker", "OK"),
                          AllOf(Is("drain-worker", "NOT_FOUND"),
                                Field("target", &AuditRecord::target, "x"),
                                Field(&AuditRecord::message, HasSubstr("x")))));
}

TEST_F(ControlPlaneAuditTest, WhatCouldNotBeDoneSaysWhy) {
  const JobId id = SubmitAsAnna();
  EXPECT_FALSE(control().DeleteJob(Anna(), id).ok());
  EXPECT_THAT(Entries().back(), AllOf(Is("delete-job", "FAILED_PRECONDITION"),
                                      Field("message", &AuditRecord::message,
                                            HasSubstr("not ended"))));
}

TEST_F(ControlPlaneAuditTest, WorkersWorkIsNoEntry) {
  SubmitAsAnna();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Running(From("w"), token));
  ReportAndTake(token, Outcome::kSucceeded);
  EXPECT_THAT(Entries(), ElementsAre(Is("submit-job", "OK")));
}

TEST_F(ControlPlaneAuditTest, AnEntryIsThereExactlyWhenItsChangeIs) {
  const JobId id = SubmitAsAnna();
  cluster_.store().FailNext(Fault::kLost);
  EXPECT_TRUE(absl::IsUnavailable(control().Pause(Anna(), id).status()));
  EXPECT_FALSE(Job(id).paused);
  EXPECT_THAT(Entries(), ElementsAre(Is("submit-job", "OK")));
  cluster_.store().FailNext(Fault::kUnconfirmed);
  EXPECT_TRUE(absl::IsUnavailable(control().Pause(Anna(), id).status()));
  EXPECT_TRUE(Job(id).paused);
  EXPECT_THAT(Entries(),
              ElementsAre(Is("submit-job", "OK"), Is("pause-job", "OK")));
}

TEST_F(ControlPlaneAuditTest, WhatIsDeniedIsLeftToThoseWhoCountRefusals) {
  const JobId id = SubmitAsAnna();
  const Caller bert{"bert", {Role::kSubmit}};
  const absl::Status denied = control().Cancel(bert, id).status();
  EXPECT_TRUE(absl::IsPermissionDenied(denied));
  EXPECT_EQ(DeniedAction(denied), "cancel-job");
  EXPECT_THAT(Entries(), ElementsAre(Is("submit-job", "OK")));
}

TEST_F(ControlPlaneAuditTest, ReadingIsNoEntry) {
  ASSERT_TRUE(control().ListJobs(Admin(), 9).ok());
  ASSERT_TRUE(control().ListWorkers(Admin()).ok());
  EXPECT_THAT(Entries(), IsEmpty());
}

}  // namespace
}  // namespace atelier
