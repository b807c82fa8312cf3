#include "coordinator/scheduler/fifo.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace atelier {
namespace {

void AddJob(JobQueue& queue, const std::string& id, int64_t sequence,
            int64_t tasks) {
  JobRecord record;
  record.id = JobId(id);
  record.request_id = RequestId(id);
  record.sequence = sequence;
  record.task_count = tasks;
  record.counts.queued = tasks;
  queue.Add(Job(std::move(record), std::make_shared<const JobSpec>(),
                /*stale=*/false));
}

AttemptToken Token(int64_t number) { return {RenderKey("k"), number, 1}; }

TEST(FifoPolicyTest, TheOldestJobGoesFirstTaskByTask) {
  JobQueue queue;
  AddJob(queue, "young", 2, 1);
  AddJob(queue, "old", 1, 2);
  FifoPolicy policy;
  const TaskId expected[] = {
      {JobId("old"), 0}, {JobId("old"), 1}, {JobId("young"), 0}};
  for (int i = 0; i < 3; ++i) {
    const std::optional<TaskId> next = policy.Next(queue, {});
    ASSERT_TRUE(next.has_value());
    EXPECT_EQ(*next, expected[i]);
    queue.Update(next->job,
                 [&](Job& job) { job.Lease(next->index, Token(i)); });
  }
  EXPECT_FALSE(policy.Next(queue, {}).has_value());
}

TEST(FifoPolicyTest, WhatWasHandedBackGoesBeforeWhatIsNew) {
  JobQueue queue;
  AddJob(queue, "a", 1, 5);
  for (int i = 0; i < 3; ++i) {
    queue.Update(JobId("a"), [&](Job& job) { job.Lease(i, Token(i)); });
  }
  queue.Update(JobId("a"),
               [](Job& job) { job.End(1, TaskState::kQueued, {}); });
  FifoPolicy policy;
  EXPECT_EQ(policy.Next(queue, {})->index, 1);
}

TEST(FifoPolicyTest, AJobThatWaitsForItsPageIsPassedOver) {
  JobQueue queue;
  AddJob(queue, "b", 2, 1);
  JobRecord retried;
  retried.id = JobId("a");
  retried.sequence = 1;
  retried.task_count = 3;
  retried.cursor = 2;
  queue.Add(Job(std::move(retried), std::make_shared<const JobSpec>(),
                /*stale=*/true));
  FifoPolicy policy;
  EXPECT_EQ(policy.Next(queue, {})->job, JobId("b"));
  queue.Update(JobId("a"), [](Job& job) {
    job.AddPage({{0, 1}}, /*last=*/true);
  });
  EXPECT_EQ(*policy.Next(queue, {}), (TaskId{JobId("a"), 1}));
}

}  // namespace
}  // namespace atelier
