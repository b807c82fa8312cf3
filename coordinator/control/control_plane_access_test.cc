// Whom ControlPlane serves.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "coordinator/control/ratings.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ControlPlaneAccessTest : public ControlPlaneTest {
 protected:
  // A job of two tasks whose owner is `user`.
  JobId SubmitAs(const std::string& user) {
    JobSpec spec = SpecOfTasks("2").value();
    spec.user = user;
    return control().Submit(Admin(), RequestId(user), spec, "2")->id;
  }
  absl::Status SynchronizeAs(const Caller& caller, SyncRequest request) {
    PendingSync pending;
    control().Synchronize(
        caller, std::move(request),
        [&](absl::StatusOr<SyncResponse> answer) { pending.Set(answer); });
    return pending.get().status();
  }

  // Every request from outside, about this job and the worker "w".
  using Request = std::function<absl::Status(const Caller& caller)>;
  std::vector<std::pair<std::string, Request>> AllRequests(const JobId& id) {
    ControlPlane& to = control();
    const WorkerName w("w");
    using C = const Caller&;
    return {
        {"Submit",
         [&](C c) {
           return to.Submit(c, RequestId("new"), SpecOfTasks("1").value(), "1")
               .status();
         }},
        {"GetJob", [&to, id](C c) { return to.GetJob(c, id).status(); }},
        {"ListJobs", [&to](C c) { return to.ListJobs(c, 9).status(); }},
        {"ListTasks",
         [&to, id](C c) { return to.ListTasks(c, id, 0, 9).status(); }},
        {"ListAttempts",
         [&to, id](C c) {
           return to.ListAttempts(c, {id, 0}).status();
         }},
        {"ListRunning",
         [&to, id](C c) { return to.ListRunning(c, id, 9).status(); }},
        {"Star",
         [&to, id](C c) {
           return to.ratings().Star(c, {id, 0}, 1).status();
         }},
        {"Judge",
         [&to, id](C c) {
           return to.ratings().Judge(c, id, {0, 1}, 1).status();
         }},
        {"ListRatings",
         [&to, id](C c) { return to.ratings().List(c, id, 0, 9, 9).status(); }},
        {"Cancel", [&to, id](C c) { return to.Cancel(c, id).status(); }},
        {"Retry", [&to, id](C c) { return to.Retry(c, id).status(); }},
        {"DeleteJob", [&to, id](C c) { return to.DeleteJob(c, id).status(); }},
        {"FindPictures",
         [&to, id](C c) { return to.FindPictures(c, id, {0}).status(); }},
        {"Repair",
         [&to, id](C c) {
           return to.Repair(c, id, {{0, std::string(64, 'a')}}).status();
         }},
        {"Pause", [&to, id](C c) { return to.Pause(c, id).status(); }},
        {"Resume", [&to, id](C c) { return to.Resume(c, id).status(); }},
        {"SetPriority",
         [&to, id](C c) { return to.SetPriority(c, id, 5).status(); }},
        {"OutlooksOf",
         [&to, id](C c) { return to.OutlooksOf(c, {id}).status(); }},
        {"ListWorkers", [&to](C c) { return to.ListWorkers(c).status(); }},
        {"DrainWorker",
         [&to, w](C c) { return to.DrainWorker(c, w).status(); }},
        {"ReleaseWorker",
         [&to, w](C c) { return to.ReleaseWorker(c, w).status(); }},
        {"Synchronize",
         [this](C c) { return SynchronizeAs(c, From("another")); }},
        {"Watch", [&to, id](C c) { return to.Watch(c, id, [] {}).status(); }},
    };
  }
};

TEST_F(ControlPlaneAccessTest,
       WithoutARoleEveryRequestIsDeniedAndNothingIsDone) {
  const JobId id = SubmitAs("alice");
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Finished(From("w"), token, Outcome::kSucceeded));
  const JobRecord before = Job(id);
  const int64_t rows = control().Counts().rows;
  for (const Caller& caller : {Caller{}, Caller{"alice", {}}}) {
    for (const auto& [name, request] : AllRequests(id)) {
      SCOPED_TRACE(name);
      const absl::Status status = request(caller);
      EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(" may not "));
    }
  }
  cluster_.Settle();
  EXPECT_EQ(control().Counts().rows, rows);
  EXPECT_THAT(control().ListJobs(Admin(), 9).value(), SizeIs(1));
  EXPECT_EQ(Job(id).state, before.state);
  EXPECT_EQ(Job(id).priority, before.priority);
  EXPECT_FALSE(Job(id).paused);
  const auto workers = control().ListWorkers(Admin()).value();
  ASSERT_THAT(workers, SizeIs(1)) << "the other was not taken in";
  EXPECT_FALSE(workers[0].draining);
}

TEST_F(ControlPlaneAccessTest, AnOwnerSteersItsOwnJobAndNoOther) {
  const Caller alice{"alice", {Role::kSubmit}};
  const JobId hers = SubmitAs("alice");
  const JobId his = SubmitAs("bob");
  const absl::Status denied = control().Cancel(alice, his).status();
  EXPECT_EQ(denied.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(denied.message(),
            "job " + his.value() +
                ": alice may not cancel it: it is bob's; needs the role "
                "admin, has submit");
  EXPECT_EQ(Job(his).state, JobState::kRunning);
  EXPECT_TRUE(control().GetJob(alice, his).ok()) << "to see it is allowed";

  EXPECT_TRUE(control().Pause(alice, hers)->paused);
  EXPECT_FALSE(control().Resume(alice, hers)->paused);
  EXPECT_EQ(control().SetPriority(alice, hers, -2)->priority, -2);
  EXPECT_EQ(control().Cancel(alice, hers)->state, JobState::kCancelled);
}

TEST_F(ControlPlaneAccessTest, AJobThatEndedKeepsItsOwner) {
  // What is not in memory is decoded: SpecOfTasks has no user.
  const JobId id = SubmitAs("");
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  const absl::Status denied =
      control().Retry({"alice", {Role::kSubmit}}, id).status();
  EXPECT_TRUE(absl::IsPermissionDenied(denied)) << denied;
  EXPECT_THAT(std::string(denied.message()), HasSubstr("it has no owner"));
}

TEST_F(ControlPlaneAccessTest, AJobThatIsNotThereIsNotFoundByWhoMayHaveOne) {
  const JobId id("none");
  EXPECT_TRUE(absl::IsNotFound(
      control().Cancel({"alice", {Role::kSubmit}}, id).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(
      control().Cancel({"ray", {Role::kRead}}, id).status()));
}

TEST_F(ControlPlaneAccessTest, AWorkerTakesWorkAndSeesNoJobs) {
  const JobId id = SubmitAs("alice");
  const Caller worker{"w1", {Role::kWork}};
  EXPECT_TRUE(SynchronizeAs(worker, From("w")).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(control().GetJob(worker, id).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(control().Cancel(worker, id).status()));
}

}  // namespace
}  // namespace atelier
