// What every store promises of jobs that have ended and of rows that go, run
// against all of them.
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StoreRemovalTest : public StoreContractTest {};

TEST_P(StoreRemovalTest, JobsAreFoundByStateAndByTheirEnd) {
  const auto ended = [](const char* id, int64_t sequence, JobState state,
                        int64_t seconds) {
    JobChange job = NewJob(id, sequence, 1);
    job.after.state = state;
    job.after.ended_at = absl::FromUnixSeconds(seconds);
    return job;
  };
  ASSERT_EQ(
      Apply({ended("late", 1, JobState::kFailed, 30),
             ended("first", 2, JobState::kSucceeded, 10),
             ended("deleted", 3, JobState::kDeleted, 5),
             ended("second", 4, JobState::kCancelled, 20),
             ended("too", 5, JobState::kDeleted, 1), NewJob("runs", 6, 1)}),
      kOk);
  const auto id = [](const char* name) {
    return Field(&JobRecord::id, JobId(name));
  };
  const absl::Time time = absl::FromUnixSeconds(30);
  EXPECT_THAT(store_->ListEndedJobs(time, 9).value(),
              ElementsAre(id("first"), id("second")));
  EXPECT_THAT(store_->ListEndedJobs(time, 1).value(), ElementsAre(id("first")));
  EXPECT_THAT(store_->LoadJobs(JobState::kDeleted, 9).value(),
              ElementsAre(id("deleted"), id("too")));
  EXPECT_THAT(store_->LoadJobs(JobState::kDeleted, 1).value(),
              ElementsAre(id("deleted")));
}

TEST_P(StoreRemovalTest, RemovedRowsAreGoneAndNoOthers) {
  std::vector<AnyChange> changes = {NewJob("a", 1, 9), NewJob("b", 2, 9)};
  for (const char* job : {"a", "b"}) {
    for (int64_t index = 0; index < 3; ++index) {
      TaskRecord row = Succeeded(job, index, index);
      row.token.render_key = RenderKey(job + std::to_string(index));
      changes.emplace_back(Inserted(row));
      changes.emplace_back(ResultOf(row));
      AttemptRecord attempt = Attempt(1);
      attempt.task = row.id;
      changes.emplace_back(attempt);
    }
  }
  ASSERT_EQ(Apply(changes), kOk);
  const auto remove = [this](int64_t first, int64_t end, bool job) {
    RowChanges removal;
    removal.removed_tasks.push_back({JobId("a"), first, end});
    if (job) removal.removed_jobs.push_back({JobId("a"), JobVersion()});
    return store_->Apply(removal).code();
  };
  ASSERT_EQ(remove(0, 2, false), kOk);
  EXPECT_THAT(store_->ListTasks(JobId("a"), 0, 9)->rows, SizeIs(1));
  EXPECT_THAT(store_->ListAttempts({JobId("a"), 1}).value(), IsEmpty());
  EXPECT_THAT(store_->ListAttempts({JobId("a"), 2}).value(), SizeIs(1));
  EXPECT_THAT(
      store_->FindResults({RenderKey("a0"), RenderKey("a2"), RenderKey("b0")})
          .value(),
      SizeIs(2));
  EXPECT_EQ(remove(0, 1, true), kFailedPrecondition) << "a task has a row";
  EXPECT_EQ(Job("a").sequence, 1);
  RowChanges stale;
  stale.removed_tasks.push_back({JobId("a"), 0, 9});
  stale.removed_jobs.push_back({JobId("a"), {JobState::kDeleted, 0}});
  EXPECT_EQ(store_->Apply(stale).code(), kFailedPrecondition);
  EXPECT_THAT(store_->ListTasks(JobId("a"), 0, 9)->rows, SizeIs(1))
      << "all or nothing";
  EXPECT_EQ(remove(0, 9, true), kOk);
  Reopen();
  EXPECT_EQ(store_->GetJob(JobId("a")).status().code(), kNotFound);
  EXPECT_THAT(store_->FindResults({RenderKey("a2")}).value(), IsEmpty());
  EXPECT_THAT(store_->ListTasks(JobId("b"), 0, 9)->rows, SizeIs(3));
  EXPECT_THAT(store_->ListAttempts({JobId("b"), 1}).value(), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreRemovalTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
