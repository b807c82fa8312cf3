// Where jobs are private: others see none of them, and share nothing.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "coordinator/control/ratings.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Caller kOwner{"anna", {Role::kSubmit}};
const Caller kStranger{"bert", {Role::kSubmit}};

class ControlPlanePrivateTest : public ControlPlaneTest {
 protected:
  ControlPlanePrivateTest() : ControlPlaneTest(/*private_jobs=*/true) {}

  // Tasks whose results are shared, but for privacy.
  JobId SubmitAs(const Caller& caller, const std::string& request) {
    JobSpec spec = SpecOfTasks("c1").value();
    spec.user = caller.name;
    return control().Submit(caller, RequestId(request), spec, "c1")->id;
  }
  std::vector<std::string> ListedFor(const Caller& caller) {
    std::vector<std::string> ids;
    const std::vector<JobRecord> jobs = control().ListJobs(caller, 100).value();
    for (const JobRecord& job : jobs) ids.push_back(job.id.value());
    return ids;
  }
  // All that can be asked about a job.
  using Ask = std::function<absl::Status(const JobId&)>;
  std::vector<std::pair<std::string, Ask>> Requests(const Caller& c) {
    ControlPlane& to = control();
    using Id = const JobId&;
    return {
        {"GetJob", [&](Id id) { return to.GetJob(c, id).status(); }},
        {"ListTasks",
         [&](Id id) { return to.ListTasks(c, id, 0, 1).status(); }},
        {"ListAttempts",
         [&](Id id) {
           return to.ListAttempts(c, {id, 0}).status();
         }},
        {"ListRunning",
         [&](Id id) { return to.ListRunning(c, id, 1).status(); }},
        {"GetSpec", [&](Id id) { return to.GetSpec(c, id).status(); }},
        {"Watch", [&](Id id) { return to.Watch(c, id, [] {}).status(); }},
        {"Star",
         [&](Id id) {
           return to.ratings().Star(c, {id, 0}, 1).status();
         }},
        {"Judge",
         [&](Id id) {
           return to.ratings().Judge(c, id, {0, 1}, 1).status();
         }},
        {"ListRatings",
         [&](Id id) { return to.ratings().List(c, id, 0, 9, 9).status(); }},
        {"OutlooksOf", [&](Id id) { return to.OutlooksOf(c, {id}).status(); }},
        {"Cancel", [&](Id id) { return to.Cancel(c, id).status(); }},
        {"Retry", [&](Id id) { return to.Retry(c, id).status(); }},
        {"Pause", [&](Id id) { return to.Pause(c, id).status(); }},
        {"Resume", [&](Id id) { return to.Resume(c, id).status(); }},
        {"SetPriority",
         [&](Id id) { return to.SetPriority(c, id, 0).status(); }},
        {"FindPictures",
         [&](Id id) { return to.FindPictures(c, id, {0}).status(); }},
        {"Repair",
         [&](Id id) {
           return to.Repair(c, id, {{0, "x"}}).status();
         }},
        {"DeleteJob", [&](Id id) { return to.DeleteJob(c, id).status(); }},
    };
  }
  void Settle() {
    for (int i = 0; i < 50; ++i) cluster_.Settle();
  }
  SyncResponse Render(const std::string& worker) {
    const AttemptToken token = Sync(From(worker)).start.at(0).token;
    return Sync(Finished(From(worker), token, Outcome::kSucceeded));
  }
};

TEST_F(ControlPlanePrivateTest, AnothersJobIsNoJob) {
  const JobId hers = SubmitAs(kOwner, "r");
  for (const auto& [name, ask] : Requests(kStranger)) {
    SCOPED_TRACE(name);
    for (const JobId& id : {hers, JobId("none")}) {
      const absl::Status status = ask(id);
      EXPECT_TRUE(absl::IsNotFound(status)) << status;
      EXPECT_EQ(status.message(), "no job " + id.value());
    }
    EXPECT_FALSE(DeniedAction(ask(hers)).empty()) << "it is counted";
  }
  EXPECT_TRUE(control().GetJob(kOwner, hers).ok());
  EXPECT_TRUE(control().GetJob(Admin(), hers).ok());
  EXPECT_EQ(Job(hers).state, JobState::kRunning);
}

TEST_F(ControlPlanePrivateTest, EachListsItsOwnAndAnAdminAll) {
  const std::string first = SubmitAs(kOwner, "1").value();
  const std::string his = SubmitAs(kStranger, "2").value();
  const std::string second = SubmitAs(kOwner, "3").value();
  EXPECT_THAT(ListedFor(kOwner), ElementsAre(second, first));
  EXPECT_THAT(ListedFor(kStranger), ElementsAre(his));
  EXPECT_THAT(ListedFor({"", {Role::kRead}}), IsEmpty());
  EXPECT_THAT(ListedFor(Admin()), SizeIs(3));
  ASSERT_TRUE(control().Cancel(kOwner, JobId(second)).ok());
  ASSERT_TRUE(control().DeleteJob(kOwner, JobId(second)).ok());
  EXPECT_THAT(ListedFor(kOwner), ElementsAre(first));
}

TEST_F(ControlPlanePrivateTest, AWorkerIsShownWithOnesOwnAttemptsAlone) {
  SubmitAs(kOwner, "r");
  Sync(From("w"));
  ASSERT_THAT(control().ListWorkers(kStranger).value(), SizeIs(1));
  EXPECT_THAT(control().ListWorkers(kStranger).value()[0].running, IsEmpty());
  EXPECT_THAT(control().ListWorkers(kOwner).value()[0].running, SizeIs(1));
  EXPECT_THAT(control().ListWorkers(Admin()).value()[0].running, SizeIs(1));
}

TEST_F(ControlPlanePrivateTest, AResultIsReusedByItsOwnerAndByNobodyElse) {
  SubmitAs(kOwner, "1");
  Render("w");
  const JobId again = SubmitAs(kOwner, "2");
  Settle();
  EXPECT_EQ(Job(again).state, JobState::kSucceeded);
  const JobId his = SubmitAs(kStranger, "3");
  Settle();
  EXPECT_EQ(Job(his).state, JobState::kRunning);
}

TEST_F(ControlPlanePrivateTest, AttemptsAreJoinedByTheirOwnerAndByNobodyElse) {
  SubmitAs(kOwner, "1");
  const SyncResponse first = Sync(From("w"));
  ASSERT_THAT(first.start, SizeIs(1));
  const JobId joined = SubmitAs(kOwner, "2");
  const JobId his = SubmitAs(kStranger, "3");
  const SyncResponse second = Sync(From("v"));
  ASSERT_THAT(second.start, SizeIs(1));
  EXPECT_EQ(second.start[0].task.job, his);
  EXPECT_NE(second.start[0].token.render_key, first.start[0].token.render_key);
  Sync(Finished(From("w"), first.start[0].token, Outcome::kSucceeded));
  Settle();
  EXPECT_EQ(Job(joined).state, JobState::kSucceeded);
  EXPECT_EQ(Job(his).state, JobState::kRunning);
}

}  // namespace
}  // namespace atelier
