#include "coordinator/scheduler/fair_share.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

class FairSharePolicyTest : public testing::Test {
 protected:
  void Add(const std::string& id, int64_t sequence, int64_t tasks,
           JobSpec spec = {}) {
    JobRecord record;
    record.id = JobId(id);
    record.request_id = RequestId(id);
    record.sequence = sequence;
    record.priority = spec.priority;
    record.task_count = tasks;
    record.counts.queued = tasks;
    queue_.Add(Job(std::move(record),
                   std::make_shared<const JobSpec>(std::move(spec))));
  }
  std::optional<TaskId> Next(const WorkerDescription& worker = {}) {
    return policy_.Next({queue_, shares_, quotas_, largest_memory_}, worker);
  }
  // "job:index", leased; "" when there is nothing.
  std::string Take(const WorkerDescription& worker = {}) {
    const std::optional<TaskId> task = Next(worker);
    if (!task.has_value()) return "";
    const AttemptToken token{RenderKey("k"), ++last_, 1};
    queue_.Update(task->job, [&](Job& job) { Lease(job, task->index, token); });
    return absl::StrCat(task->job.value(), ":", task->index);
  }
  void HandBack(const std::string& id, int64_t index, AttemptCosts costs = {}) {
    queue_.Update(JobId(id), [&](Job& job) {
      job.End(index, TaskEvent::kHandBack, Outcome::kPreempted, costs, "");
    });
  }
  static void Lease(Job& job, int64_t index, const AttemptToken& token) {
    job.Lease(index, token, WorkerName("w"), InstanceId("i"), kNow);
  }

  JobTable queue_;
  UserShares shares_{ShareOptions{}};
  UserQuotas quotas_;
  int64_t largest_memory_ = 0;
  int64_t last_ = 0;
  FairSharePolicy policy_;
};

JobSpec Of(const std::string& user, int priority = 0) {
  JobSpec spec;
  spec.user = user;
  spec.priority = priority;
  return spec;
}

TEST_F(FairSharePolicyTest, OneUsersJobsGoByPriorityThenAge) {
  Add("young", 3, 1);
  Add("old", 1, 2);
  Add("urgent", 2, 1, Of("", 5));
  EXPECT_EQ(Take(), "urgent:0");
  EXPECT_EQ(Take(), "old:0");
  EXPECT_EQ(Take(), "old:1");
  EXPECT_EQ(Take(), "young:0");
  EXPECT_EQ(Take(), "");
}

TEST_F(FairSharePolicyTest, WhatWasHandedBackGoesBeforeWhatIsNew) {
  Add("a", 1, 5);
  for (int i = 0; i < 3; ++i) Take();
  HandBack("a", 1);
  EXPECT_EQ(Take(), "a:1");
  EXPECT_EQ(Take(), "a:3");
}

TEST_F(FairSharePolicyTest, TheUserWhoUsedLeastGoesFirstWhateverThePriority) {
  Add("a", 1, 9, Of("ann", 1000));
  Add("b", 2, 9, Of("bob"));
  shares_.AccountUsage("ann", absl::Seconds(1), kNow);
  EXPECT_EQ(Take(), "b:0");
  shares_.AccountUsage("bob", absl::Seconds(2), kNow);
  EXPECT_EQ(Take(), "a:0");
}

TEST_F(FairSharePolicyTest, TheFirstUserGoesFirstWhateverTheShares) {
  Add("a", 1, 1, Of("ann"));
  Add("b", 2, 9, Of("bob"));
  shares_.AccountUsage("ann", absl::Seconds(1), kNow);
  const std::string ann = "ann";
  const auto next = [&] {
    return policy_.Next({queue_, shares_, quotas_, 0, &ann}, {})->job;
  };
  EXPECT_EQ(next(), JobId("a"));
  EXPECT_EQ(Take(), "b:0");
  shares_.AccountUsage("bob", absl::Seconds(2), kNow);
  EXPECT_EQ(Take(), "a:0");
  EXPECT_EQ(next(), JobId("b")) << "ann has nothing left";
}

TEST_F(FairSharePolicyTest, SharesFollowTheWeights) {
  UserShares shares({absl::Hours(1), {{"ann", 3}}});
  Add("a", 1, 100, Of("ann"));
  Add("b", 2, 100, Of("bob"));
  std::map<std::string, int> given;
  for (int i = 0; i < 40; ++i) {
    const TaskId task = *policy_.Next({queue_, shares, quotas_, 0}, {});
    const AttemptToken token{RenderKey("k"), ++last_, 1};
    queue_.Update(task.job, [&](Job& job) { Lease(job, task.index, token); });
    ++given[task.job.value()];
    shares.AccountUsage(task.job == JobId("a") ? "ann" : "bob",
                        absl::Seconds(1), kNow);
  }
  EXPECT_EQ(given["a"], 30);
  EXPECT_EQ(given["b"], 10);
}

TEST_F(FairSharePolicyTest, AUserAtTheLimitIsPassedOver) {
  quotas_ = UserQuotas({0, /*max_running_tasks=*/1, 0});
  Add("a", 1, 9, Of("ann"));
  Add("b", 2, 9, Of("bob"));
  EXPECT_EQ(Take(), "a:0");
  EXPECT_EQ(Next()->job, JobId("b"));
  HandBack("a", 0);
  EXPECT_EQ(Next()->job, JobId("a"));
}

TEST_F(FairSharePolicyTest, AUsersOwnQuotaCountsBeforeTheDefault) {
  quotas_ = UserQuotas({0, /*max_running_tasks=*/1, 0});
  quotas_.Set({"ann", {}, 2, {}});
  Add("a", 1, 9, Of("ann"));
  EXPECT_EQ(Take(), "a:0");
  EXPECT_EQ(Take(), "a:1");
  EXPECT_EQ(Take(), "");
  quotas_.Set({"ann", {}, /*any number=*/0, {}});
  EXPECT_EQ(Take(), "a:2");
}

TEST_F(FairSharePolicyTest, AJobAtItsLimitOrPausedIsPassedOver) {
  JobSpec limited;
  limited.max_running = 1;
  Add("a", 1, 9, limited);
  Add("b", 2, 9);
  EXPECT_EQ(Take(), "a:0");
  EXPECT_EQ(Take(), "b:0");
  queue_.Update(JobId("b"), [](Job& job) { job.Steer(/*paused=*/true, 0); });
  EXPECT_EQ(Take(), "");
  queue_.Update(JobId("b"), [](Job& job) { job.Steer(/*paused=*/false, 0); });
  EXPECT_EQ(Take(), "b:1");
}

TEST_F(FairSharePolicyTest, ANewPriorityCountsAtOnce) {
  Add("a", 1, 9);
  Add("b", 2, 9);
  EXPECT_EQ(Take(), "a:0");
  queue_.Update(JobId("b"), [](Job& job) { job.Steer(false, 1); });
  EXPECT_EQ(Take(), "b:0");
  queue_.Update(JobId("b"), [](Job& job) { job.Steer(false, -1); });
  EXPECT_EQ(Take(), "a:1");
}

TEST_F(FairSharePolicyTest, AWorkerGetsOnlyWhatItIsFitFor) {
  JobSpec demanding;
  demanding.needs = {{"bf16", "gpu"}, 100, "p"};
  Add("a", 1, 9, demanding);
  Add("b", 2, 9);
  WorkerDescription worker;
  worker.arithmetic.profile = "p";
  worker.tags = {"bf16", "gpu", "lab"};
  worker.memory_bytes = 99;
  EXPECT_EQ(Take(worker), "b:0") << "too little memory";
  worker.memory_bytes = 100;
  EXPECT_EQ(Take(worker), "a:0");
  worker.tags = {"gpu"};
  EXPECT_EQ(Take(worker), "b:1") << "a tag is missing";
  worker.tags = {"bf16", "gpu"};
  worker.arithmetic.profile = "q";
  EXPECT_EQ(Take(worker), "b:2") << "another profile";
}

TEST_F(FairSharePolicyTest, WhatRanOutOfMemoryWaitsForMore) {
  largest_memory_ = 16;
  WorkerDescription small;
  small.memory_bytes = 8;
  WorkerDescription large;
  large.memory_bytes = 16;
  Add("a", 1, 3);
  Take(small);
  AttemptCosts costs;
  costs.memory_floor_bytes = 8;
  HandBack("a", 0, costs);
  EXPECT_EQ(Take(small), "a:1");
  EXPECT_EQ(Take(large), "a:0");
}

TEST_F(FairSharePolicyTest, TheLargestWorkerTakesItWhenTheLargerAreGone) {
  largest_memory_ = 8;
  WorkerDescription worker;
  worker.memory_bytes = 8;
  Add("a", 1, 1);
  Take(worker);
  AttemptCosts costs;
  costs.memory_floor_bytes = 12;
  HandBack("a", 0, costs);
  EXPECT_EQ(Take(worker), "a:0");
}

// Task i is the i-th content picture.
JobSpec OverContents(int count) {
  JobSpec spec;
  Axis axis{"content", {}};
  for (int i = 0; i < count; ++i) {
    AxisValue value;
    value.label = absl::StrCat(i);
    value.set.content_digest = absl::StrCat("picture", 1000 + i);
    axis.values.push_back(std::move(value));
  }
  spec.axes.push_back(std::move(axis));
  return spec;
}

TEST_F(FairSharePolicyTest, AWorkerGetsTheTaskWhoseInputsItHolds) {
  Add("a", 1, 200, OverContents(200));
  WorkerDescription worker;
  worker.held_inputs = {"picture1005", "picture1070"};
  EXPECT_EQ(Take(worker), "a:5");
  EXPECT_EQ(Take(worker), "a:0") << "70 is not among the next 64";
  EXPECT_EQ(Take(), "a:1");
}

TEST_F(FairSharePolicyTest, NoTaskIsPassedOverForLong) {
  Add("a", 1, 200, OverContents(200));
  WorkerDescription worker;
  for (int i = 1; i < 200; ++i) {
    worker.held_inputs.push_back(absl::StrCat("picture", 1000 + i));
  }
  int before_the_first = 0;
  while (Take(worker) != "a:0") ++before_the_first;
  EXPECT_EQ(before_the_first, 63);
}

TEST_F(FairSharePolicyTest, AJobThatWaitsForItsPageIsPassedOver) {
  JobRecord retried;
  retried.id = JobId("a");
  retried.sequence = 1;
  retried.task_count = 3;
  retried.cursor = 2;
  retried.generation = 1;
  queue_.Add(Job(std::move(retried), std::make_shared<const JobSpec>()));
  Add("b", 2, 1);
  EXPECT_EQ(Next()->job, JobId("b"));
  TaskRecord failed;
  failed.id = {JobId("a"), 1};
  failed.state = TaskState::kFailed;
  queue_.Fill(JobId("a"),
              [&](Job& job) { job.AddPage({failed}, /*last=*/true); });
  EXPECT_EQ(*Next(), (TaskId{JobId("a"), 1}));
}

}  // namespace
}  // namespace atelier
