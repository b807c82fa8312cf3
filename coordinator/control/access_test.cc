#include "coordinator/control/access.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::StrEq;

constexpr char kRoles[] = "rswa";

Roles RoleOf(char letter) {
  switch (letter) {
    case 'r':
      return {Role::kRead};
    case 's':
      return {Role::kSubmit};
    case 'w':
      return {Role::kWork};
    default:
      return {Role::kAdmin};
  }
}

// What the table is meant to say: the roles, by their first letters, that may
// do this to anything, and to a job of one's own.
const struct Expected {
  Verb verb;
  std::string any;
  std::string own;
} kMatrix[] = {
    {Verb::kSubmitJob, "sa", "sa"},
    {Verb::kPreviewJob, "sa", "sa"},
    {Verb::kListJobs, "rsa", "rsa"},
    {Verb::kReadJob, "rsa", "rsa"},
    {Verb::kRateJob, "sa", "sa"},
    {Verb::kCancelJob, "a", "sa"},
    {Verb::kRetryJob, "a", "sa"},
    {Verb::kDeleteJob, "a", "sa"},
    {Verb::kRepairJob, "a", "sa"},
    {Verb::kPauseJob, "a", "sa"},
    {Verb::kResumeJob, "a", "sa"},
    {Verb::kSetJobPriority, "a", "sa"},
    {Verb::kRaisePriority, "a", "a"},
    {Verb::kListWorkers, "rsa", "rsa"},
    {Verb::kDrainWorker, "a", "a"},
    {Verb::kReleaseWorker, "a", "a"},
    {Verb::kSynchronize, "wa", "wa"},
    {Verb::kFindArtifacts, "sa", "sa"},
    {Verb::kUploadArtifact, "swa", "swa"},
    {Verb::kDownloadArtifact, "rswa", "rswa"},
    {Verb::kUploadCheckpoint, "wa", "wa"},
    {Verb::kDownloadCheckpoint, "wa", "wa"},
    {Verb::kUploadPreview, "wa", "wa"},
    {Verb::kDownloadPreview, "rsa", "rsa"},
    {Verb::kUploadLog, "wa", "wa"},
    {Verb::kDownloadLog, "rsa", "rsa"},
    {Verb::kCollectGarbage, "a", "a"},
    {Verb::kReadMetrics, "rsa", "rsa"},
    {Verb::kReflect, "rsa", "rsa"},
    {Verb::kCreateToken, "a", "a"},
    {Verb::kListTokens, "a", "a"},
    {Verb::kRevokeToken, "a", "a"},
    {Verb::kReadAudit, "a", "a"},
    {Verb::kNameAnotherUser, "a", "a"},
    {Verb::kSetQuota, "a", "a"},
    {Verb::kListQuotas, "a", "a"},
    {Verb::kReadOwnQuota, "sa", "sa"},
};

absl::Status CheckJob(const Caller& caller, Verb verb,
                      const std::string& owner) {
  return CheckJobAccess(caller, verb, JobId("j1"),
                        [&]() -> absl::StatusOr<std::string> { return owner; });
}

TEST(AccessTest, EachRoleMayWhatTheMatrixSays) {
  for (const Expected& expected : kMatrix) {
    std::string any;
    std::string any_job;
    std::string own_job;
    for (const char letter : std::string(kRoles)) {
      const Caller caller{"alice", RoleOf(letter)};
      if (CheckAccess(caller, expected.verb).ok()) any += letter;
      if (CheckJob(caller, expected.verb, "bob").ok()) any_job += letter;
      if (CheckJob(caller, expected.verb, "alice").ok()) own_job += letter;
    }
    SCOPED_TRACE(static_cast<int>(expected.verb));
    EXPECT_EQ(any, expected.any);
    EXPECT_EQ(any_job, expected.any);
    EXPECT_EQ(own_job, expected.own);
  }
}

TEST(AccessTest, TheMatrixAndTheTableHaveTheSameVerbs) {
  std::multiset<Verb> in_matrix;
  std::multiset<Verb> in_table;
  for (const Expected& expected : kMatrix) in_matrix.insert(expected.verb);
  for (const AccessRule& rule : AccessRules()) {
    in_table.insert(rule.verb);
    EXPECT_FALSE(rule.name.empty());
  }
  EXPECT_EQ(in_table, in_matrix);
}

TEST(AccessTest, NobodyMayAnythingWithoutARole) {
  const Caller nobody;
  const Caller alice{"alice", {}};
  for (const AccessRule& rule : AccessRules()) {
    SCOPED_TRACE(rule.name);
    EXPECT_TRUE(absl::IsPermissionDenied(CheckAccess(nobody, rule.verb)));
    EXPECT_TRUE(absl::IsPermissionDenied(CheckAccess(alice, rule.verb)));
    EXPECT_TRUE(absl::IsPermissionDenied(CheckJob(alice, rule.verb, "alice")));
  }
}

TEST(AccessTest, AVerbWithoutARowIsAnAdmins) {
  const Verb unlisted = static_cast<Verb>(1000);
  EXPECT_TRUE(CheckAccess(AnonymousAdmin(), unlisted).ok());
  const Caller others{"alice", {Role::kRead, Role::kSubmit, Role::kWork}};
  EXPECT_TRUE(absl::IsPermissionDenied(CheckAccess(others, unlisted)));
  EXPECT_TRUE(absl::IsPermissionDenied(CheckJob(others, unlisted, "alice")));
}

TEST(AccessTest, RolesAdd) {
  const Caller caller{"alice", {Role::kRead, Role::kWork}};
  EXPECT_TRUE(CheckAccess(caller, Verb::kListJobs).ok());
  EXPECT_TRUE(CheckAccess(caller, Verb::kSynchronize).ok());
  EXPECT_FALSE(CheckAccess(caller, Verb::kSubmitJob).ok());
}

TEST(AccessTest, WhoHasNoNameOwnsNothing) {
  const Caller caller{"", {Role::kSubmit}};
  EXPECT_TRUE(absl::IsPermissionDenied(CheckJob(caller, Verb::kCancelJob, "")));
}

TEST(AccessTest, TheOwnerIsAskedForOnlyWhereThatDecides) {
  const auto fails = []() -> absl::StatusOr<std::string> {
    return absl::NotFoundError("no such job");
  };
  const JobId id("j1");
  EXPECT_TRUE(
      CheckJobAccess(AnonymousAdmin(), Verb::kCancelJob, id, fails).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(
      CheckJobAccess({"alice", {Role::kRead}}, Verb::kCancelJob, id, fails)));
  EXPECT_TRUE(absl::IsNotFound(
      CheckJobAccess({"alice", {Role::kSubmit}}, Verb::kCancelJob, id, fails)));
}

TEST(AccessTest, RefusalsNameWhoWhatAndWhatIsNeeded) {
  const Caller alice{"alice", {Role::kSubmit}};
  const Caller reader{"ray", {Role::kRead}};
  const struct {
    absl::Status status;
    const char* message;
  } cases[] = {
      {CheckAccess(alice, Verb::kDrainWorker),
       "alice may not drain a worker: needs the role admin, has submit"},
      {CheckAccess(reader, Verb::kUploadArtifact),
       "ray may not upload an artifact: needs one of the roles submit, work, "
       "admin, has read"},
      {CheckAccess({}, Verb::kSubmitJob),
       "nobody may not submit a job: needs one of the roles submit, admin, has "
       "none"},
      {CheckJob(alice, Verb::kCancelJob, "bob"),
       "job j1: alice may not cancel it: it is bob's; needs the role admin, "
       "has submit"},
      {CheckJob(alice, Verb::kCancelJob, ""),
       "job j1: alice may not cancel it: it has no owner; needs the role "
       "admin, has submit"},
      {CheckJob(reader, Verb::kCancelJob, "ray"),
       "job j1: ray may not cancel it: needs the role admin, or submit for a "
       "job of one's own, has read"},
      {CheckJob({"w\n", {Role::kWork}}, Verb::kReadJob, "bob"),
       "job j1: w\\n may not read it: needs one of the roles read, submit, "
       "admin, has work"},
  };
  for (const auto& one : cases) {
    EXPECT_TRUE(absl::IsPermissionDenied(one.status));
    EXPECT_THAT(std::string(one.status.message()), StrEq(one.message));
  }
}

}  // namespace
}  // namespace atelier
