// What a user may have at once.
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "coordinator/control/quota_control.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const Caller kAnn{"ann", {Role::kSubmit}};

// "ann 10": ten tasks of hers.
absl::StatusOr<JobSpec> SpecOfUser(absl::string_view text) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(' ', 1));
  absl::StatusOr<JobSpec> spec = SpecOfTasks(parts.second);
  if (spec.ok()) spec->user = parts.first;
  return spec;
}

class ControlPlaneQuotasTest : public testing::Test {
 protected:
  ControlPlaneQuotasTest() { Restart(); }

  void Restart() {
    control_.reset();
    ControlPlane::Options options;
    options.decode_spec = SpecOfUser;
    options.owner_bytes = &bytes_;
    options.state.default_quota = defaults_;
    options.picture_made = [this](const MadePicture& made) {
      absl::MutexLock lock(&mutex_);
      made_.push_back(absl::StrCat(made.user, " ", made.digest.substr(0, 2)));
    };
    store_ = std::make_unique<FaultyStore>(tables_);
    control_ = ControlPlane::Start(*store_, clock_, policy_, std::move(options))
                   .value();
  }
  absl::StatusOr<JobRecord> Submit(const std::string& text) {
    return Submit(absl::StrCat("request ", ++requests_), text);
  }
  absl::StatusOr<JobRecord> Submit(const std::string& request,
                                   const std::string& text) {
    return control_->Submit(Admin(), RequestId(request),
                            SpecOfUser(text).value(), text);
  }
  void SetQuota(const QuotaUpdate& update) {
    const auto set = control_->quotas().Set(Admin(), update);
    ASSERT_TRUE(set.ok()) << set.status();
  }
  void SetQueued(int64_t most) { SetQuota({"ann", most, {}, {}}); }
  SyncResponse Sync(SyncRequest request) {
    PendingSync pending;
    control_->Synchronize(Admin(), std::move(request),
                          [&](auto answer) { pending.Set(std::move(answer)); });
    return pending.get().value();
  }
  // How many tasks a worker of so many slots gets.
  size_t Take(const std::string& worker, int slots) {
    return Sync(From(worker, slots)).start.size();
  }
  static void ExpectRefused(const absl::Status& status,
                            const std::string& message) {
    EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }

  absl::Mutex mutex_;
  std::vector<std::string> made_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<InMemoryTables> tables_ = std::make_shared<InMemoryTables>();
  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  FairSharePolicy policy_;
  OwnerBytes bytes_;
  UserQuota defaults_;
  int requests_ = 0;
  std::unique_ptr<FaultyStore> store_;
  std::unique_ptr<ControlPlane> control_;
};

TEST_F(ControlPlaneQuotasTest, AJobThatWouldQueueTooManyTasksIsRefused) {
  SetQueued(10);
  ASSERT_TRUE(Submit("first", "ann 6").ok());
  const absl::Status refused = Submit("ann 5").status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(refused.message(),
            "user ann: has 6 queued tasks and asked for 5 more, the quota is "
            "10; an admin can change it (atelier quota set --user ann "
            "--max-queued N)");
  EXPECT_TRUE(Submit("first", "ann 6").ok()) << "it is there already";
  EXPECT_TRUE(Submit("bob 1000").ok()) << "others have their own";
  EXPECT_TRUE(Submit("ann 4").ok()) << "all of it may be used";
  ExpectRefused(Submit("ann 1").status(), "has 10 queued tasks");
}

TEST_F(ControlPlaneQuotasTest, OfSubmitsBesideEachOtherOnlyAsManyPassAsMay) {
  SetQueued(10);
  std::atomic<int> passed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      if (Submit(absl::StrCat("request", i), "ann 4").ok()) ++passed;
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(passed, 2);
}

TEST_F(ControlPlaneQuotasTest, WhatWorkersHoldOrHasEndedIsNotQueued) {
  SetQueued(10);
  const JobId id = Submit("ann 10")->id;
  ASSERT_EQ(Take("w", 3), 3);
  EXPECT_FALSE(Submit("ann 4").ok());
  EXPECT_TRUE(Submit("ann 3").ok());
  ASSERT_TRUE(control_->Cancel(Admin(), id).ok());
  EXPECT_TRUE(Submit("ann 7").ok());
}

TEST_F(ControlPlaneQuotasTest, ARetryIsHeldAgainstItAsASubmitIs) {
  const JobId ended = Submit("ann 8")->id;
  ASSERT_TRUE(control_->Cancel(Admin(), ended).ok());
  SetQueued(10);
  ASSERT_TRUE(Submit("ann 3").ok());
  ExpectRefused(control_->Retry(Admin(), ended).status(),
                "has 3 queued tasks and asked for 8 more");
  EXPECT_EQ(control_->GetJob(Admin(), ended)->state, JobState::kCancelled);
  SetQueued(11);
  EXPECT_TRUE(control_->Retry(Admin(), ended).ok());
  SetQueued(1);
  EXPECT_TRUE(control_->Retry(Admin(), ended).ok()) << "it was retried";
}

TEST_F(ControlPlaneQuotasTest, SoIsARetryOfWhatFailedWhileTheRestGoesOn) {
  const JobId id = Submit("ann 2")->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Finished(From("w"), token, Outcome::kInvalidInput));
  // The other task of it is leased.
  ASSERT_TRUE(Submit("ann 3").ok());
  SetQueued(3);
  ExpectRefused(control_->Retry(Admin(), id).status(),
                "has 3 queued tasks and asked for 1 more");
  EXPECT_EQ(control_->GetJob(Admin(), id)->counts.failed, 1);
  SetQueued(4);
  EXPECT_TRUE(control_->Retry(Admin(), id).ok());
  EXPECT_EQ(control_->GetJob(Admin(), id)->counts.queued, 1);
}

TEST_F(ControlPlaneQuotasTest, SoIsARetryOfSomeTasks) {
  const JobId id = Submit("ann 1")->id;
  Sync(Finished(From("w"), Sync(From("w")).start.at(0).token,
                Outcome::kInvalidInput));
  ASSERT_TRUE(Submit("ann 3").ok());
  SetQueued(3);
  ExpectRefused(control_->Retry(Admin(), id, {0}).status(), "asked for 1 more");
  EXPECT_EQ(control_->GetJob(Admin(), id)->state, JobState::kFailed);
  SetQueued(4);
  EXPECT_TRUE(control_->Retry(Admin(), id, {0}).ok());
}

TEST_F(ControlPlaneQuotasTest, ARepairIsHeldAgainstItToo) {
  const JobId id = Submit("ann 1")->id;
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  ASSERT_TRUE(Submit("ann 5").ok());
  Sync(Finished(From("w"), token, Outcome::kSucceeded));
  SetQueued(4);
  const std::vector<TaskPicture> lost = {{0, std::string(64, 'a')}};
  ExpectRefused(control_->Repair(Admin(), id, lost).status(),
                "has 4 queued tasks and asked for 1 more");
  EXPECT_EQ(control_->GetJob(Admin(), id)->state, JobState::kSucceeded);
  SetQueued(5);
  EXPECT_THAT(*control_->Repair(Admin(), id, lost), ElementsAre(0));
}

TEST_F(ControlPlaneQuotasTest, ABoundOfRunningTasksCountsAtOnce) {
  ASSERT_TRUE(Submit("ann 9").ok());
  SetQuota({"ann", {}, 2, {}});
  EXPECT_EQ(Take("w", 8), 2);
  // A waiting worker hears of a new bound without another call.
  PendingSync waiting;
  control_->Synchronize(Admin(), From("x", 8),
                        [&](auto answer) { waiting.Set(std::move(answer)); });
  EXPECT_FALSE(waiting.answered());
  SetQuota({"ann", {}, 5, {}});
  EXPECT_THAT(waiting.get()->start, SizeIs(3));
  const std::vector<JobOutlook> outlooks =
      control_->OutlooksOf(Admin(), {Submit("ann 1")->id}).value();
  EXPECT_EQ(outlooks.at(0).wait.reason, WaitReason::kUserLimit);
  SetQuota({"ann", {}, /*any number=*/0, {}});
  EXPECT_EQ(Take("y", 2), 2);
}

TEST_F(ControlPlaneQuotasTest, QuotasOutliveTheCoordinatorAndAFailedStore) {
  SetQuota({"ann", 10, 1, {}});
  for (const bool restart : {true, false}) {
    SCOPED_TRACE(restart ? "restart" : "failed store");
    if (restart) {
      Restart();
    } else {
      store_->FailNext(Fault::kLost);
      EXPECT_FALSE(
          control_->quotas().Set(Admin(), {"ann", 1000, 1000, {}}).ok());
    }
    ExpectRefused(Submit("ann 11").status(), "the quota is 10");
    EXPECT_EQ(control_->quotas().Of("ann").max_running_tasks, 1);
  }
}

TEST_F(ControlPlaneQuotasTest, WhatIsNotSetIsWhatTheFlagsSay) {
  defaults_ = {5, 0, 0};
  Restart();
  ExpectRefused(Submit("ann 6").status(), "the quota is 5");
  SetQueued(/*any number=*/0);
  EXPECT_TRUE(Submit("ann 6").ok());
  SetQueued(QuotaUpdate::kByDefault);
  ExpectRefused(Submit("ann 1").status(), "the quota is 5");
  EXPECT_EQ(store_->ListQuotas()->size(), 0) << "there is nothing to keep";
}

TEST_F(ControlPlaneQuotasTest, WhoHasMoreBytesThanMaySubmitsNothing) {
  SetQuota({"ann", {}, {}, 100});
  bytes_.Add("ann", 100);
  const JobId id = Submit("ann 2")->id;
  bytes_.Add("ann", 1);
  ExpectRefused(Submit("ann 1").status(),
                "user ann: has 101 artifact bytes, the quota is 100; an admin "
                "can change it (atelier quota set --user ann --max-bytes N)");
  EXPECT_TRUE(Submit("bob 1").ok());
  EXPECT_EQ(Take("w", 1), 1) << "what is queued goes on";
  ASSERT_TRUE(control_->Cancel(Admin(), id).ok());
  ExpectRefused(control_->Retry(Admin(), id).status(), "101 artifact bytes");
}

TEST_F(ControlPlaneQuotasTest, APictureIsMadeForItsJobsUser) {
  ASSERT_TRUE(Submit("ann 1").ok());
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  Sync(Finished(From("w"), token, Outcome::kSucceeded));
  control_->Stop();  // Callbacks have run then.
  absl::MutexLock lock(&mutex_);
  EXPECT_THAT(made_, ElementsAre("ann aa"));
}

TEST_F(ControlPlaneQuotasTest, AnAdminSeesAllAndOthersTheirOwn) {
  SetQuota({"ann", 10, {}, {}});
  bytes_.Add("carl", 7);
  ASSERT_TRUE(Submit("bob 3").ok());
  ASSERT_EQ(Take("w", 1), 1);
  const auto all = control_->quotas().List(Admin()).value();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].user, "ann");
  EXPECT_EQ(all[0].bounds.max_queued_tasks, 10);
  EXPECT_EQ(all[0].set.max_queued_tasks, 10);
  EXPECT_EQ(all[0].set.max_running_tasks, std::nullopt);
  EXPECT_EQ(all[1].user, "bob");
  EXPECT_EQ(all[1].queued_tasks, 2);
  EXPECT_EQ(all[1].running_tasks, 1);
  EXPECT_EQ(all[2].artifact_bytes, 7);
  const auto own = control_->quotas().List(kAnn).value();
  ASSERT_THAT(own, SizeIs(1));
  EXPECT_EQ(own[0].user, "ann");
  EXPECT_EQ(own[0].bounds.max_queued_tasks, 10);
  EXPECT_THAT(control_->quotas().List({"dora", {Role::kSubmit}}).value(),
              SizeIs(1));
  EXPECT_TRUE(absl::IsPermissionDenied(
      control_->quotas().List({"ann", {Role::kRead}}).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(
      control_->quotas().Set(kAnn, {"ann", 1000, {}, {}}).status()));
  EXPECT_EQ(control_->quotas().Of("ann").max_queued_tasks, 10);
}

TEST_F(ControlPlaneQuotasTest, APriorityAbove0IsAnAdminsToGive) {
  JobSpec urgent = SpecOfUser("ann 1").value();
  urgent.priority = 1;
  const absl::Status denied =
      control_->Submit(kAnn, RequestId("a"), urgent, "ann 1").status();
  EXPECT_TRUE(absl::IsPermissionDenied(denied));
  EXPECT_EQ(denied.message(),
            "spec.priority: 1 given: ann may not raise a priority above 0: "
            "needs the role admin, has submit");
  urgent.priority = -1;
  const JobId id = control_->Submit(kAnn, RequestId("b"), urgent, "ann 1")->id;
  EXPECT_TRUE(control_->SetPriority(kAnn, id, 0).ok());
  const absl::Status raised = control_->SetPriority(kAnn, id, 1).status();
  EXPECT_TRUE(absl::IsPermissionDenied(raised));
  EXPECT_THAT(std::string(raised.message()),
              HasSubstr("priority: 1 given: ann may not raise"));
  EXPECT_EQ(control_->GetJob(Admin(), id)->priority, 0);
  EXPECT_TRUE(control_->SetPriority(Admin(), id, 1).ok());
}

}  // namespace
}  // namespace atelier
