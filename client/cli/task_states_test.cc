#include "client/cli/task_states.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

class TaskStatesTest : public testing::Test {
 protected:
  // Tasks that run, at half of 10 iterations, of a job of six.
  static v1::JobSnapshot Snapshot(const std::vector<int>& running,
                                  int succeeded, int failed = 0,
                                  int tasks = 6) {
    v1::JobSnapshot snapshot;
    v1::TaskCounts& counts = *snapshot.mutable_job()->mutable_tasks();
    counts.set_leased(static_cast<int>(running.size()));
    counts.set_succeeded(succeeded);
    counts.set_failed(failed);
    counts.set_queued(tasks - counts.leased() - succeeded - failed);
    for (int index : running) {
      v1::Task& task = *snapshot.add_running();
      task.set_index(index);
      task.set_state(v1::TASK_STATE_LEASED);
      task.mutable_render()->set_iterations(10);
      task.set_iteration(5);
    }
    return snapshot;
  }

  static v1::Task Task(int index, v1::TaskState state, int attempts = 1,
                       double loss = 0) {
    v1::Task task;
    task.set_index(index);
    task.set_state(state);
    task.set_attempts(attempts);
    if (state == v1::TASK_STATE_SUCCEEDED) {
      task.mutable_result()->mutable_losses()->set_total(loss);
    }
    return task;
  }

  // Answers the page that is asked for with these; whether one was.
  bool Read(const std::vector<v1::Task>& tasks) {
    const auto page = states_.NextPage();
    if (!page.has_value()) return false;
    v1::ListTasksResponse response;
    for (const v1::Task& task : tasks) {
      if (task.index() < page->first ||
          task.index() >= page->first + page->count) {
        continue;
      }
      *response.add_tasks() = task;
    }
    states_.Apply(*page, response);
    return true;
  }

  std::vector<CellState> States() const {
    std::vector<CellState> states;
    for (const TaskCell& cell : states_.cells()) states.push_back(cell.state);
    return states;
  }

  v1::JobSpec spec_;
  TaskStates states_{spec_, "", 6};
};

constexpr CellState kQ = CellState::kQueued;
constexpr CellState kR = CellState::kRunning;
constexpr CellState kD = CellState::kDone;

TEST_F(TaskStatesTest, ReadsNothingOfAJobThatBegins) {
  states_.Apply(Snapshot({}, 0));
  EXPECT_THAT(States(), ElementsAre(kQ, kQ, kQ, kQ, kQ, kQ));
  states_.Apply(Snapshot({0, 1}, 0));
  EXPECT_THAT(States(), ElementsAre(kR, kR, kQ, kQ, kQ, kQ));
  EXPECT_EQ(states_.cells()[0].fraction, 0.5);
  EXPECT_FALSE(states_.NextPage().has_value());
}

TEST_F(TaskStatesTest, ReadsOnlyThoseThatDoNotRunAnyMore) {
  states_.Apply(Snapshot({1, 3}, 0));
  states_.Apply(Snapshot({2, 3}, 1));
  const auto page = states_.NextPage();
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->first, 1);
  EXPECT_EQ(page->count, 1);
  EXPECT_EQ(States()[1], kD) << "as it seems";
  EXPECT_TRUE(Read({Task(1, v1::TASK_STATE_SUCCEEDED)}));
  EXPECT_THAT(States(), ElementsAre(kQ, kD, kR, kR, kQ, kQ));
  EXPECT_FALSE(states_.NextPage().has_value());
  // A result that was there is told from one that was made.
  states_.Apply(Snapshot({2, 3}, 2));
  // It may be any of those that were queued, from where reading goes on.
  EXPECT_TRUE(
      Read({Task(4, v1::TASK_STATE_QUEUED), Task(5, v1::TASK_STATE_QUEUED)}));
  EXPECT_TRUE(Read({Task(0, v1::TASK_STATE_SUCCEEDED, /*attempts=*/0)}));
  EXPECT_THAT(States(), ElementsAre(CellState::kCached, kD, kR, kR, kQ, kQ));
  EXPECT_FALSE(states_.NextPage().has_value());
  EXPECT_EQ(states_.Counts()[CellState::kCached], 1);
  EXPECT_EQ(states_.Counts()[CellState::kDone], 1);
}

TEST_F(TaskStatesTest, AnAnswerOlderThanTheSnapshotIsAskedForAgain) {
  states_.Apply(Snapshot({0}, 5));
  const auto page = states_.NextPage();
  ASSERT_TRUE(page.has_value());
  states_.Apply(Snapshot({}, 6));
  v1::ListTasksResponse old;
  *old.add_tasks() = Task(0, v1::TASK_STATE_LEASED);
  for (int i = 1; i < 6; ++i) {
    *old.add_tasks() = Task(i, v1::TASK_STATE_SUCCEEDED);
  }
  states_.Apply(*page, old);
  ASSERT_TRUE(states_.NextPage().has_value());
  EXPECT_TRUE(Read({Task(0, v1::TASK_STATE_SUCCEEDED)}));
  EXPECT_FALSE(states_.NextPage().has_value());
  EXPECT_THAT(States(), ElementsAre(kD, kD, kD, kD, kD, kD));
}

TEST_F(TaskStatesTest, ReadsAllOfAJobThatHasGoneOnForAWhile) {
  states_.Apply(Snapshot({2}, 2));
  const auto page = states_.NextPage();
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->first, 0);
  EXPECT_EQ(page->count, 6);
  EXPECT_THAT(States()[0], CellState::kUnknown);
}

TEST_F(TaskStatesTest, FollowsTasksThatAreQueuedAgain) {
  states_.Apply(Snapshot({}, 4, 2));
  std::vector<v1::Task> ended;
  for (int i = 0; i < 6; ++i) {
    ended.push_back(
        Task(i, i < 4 ? v1::TASK_STATE_SUCCEEDED : v1::TASK_STATE_FAILED));
  }
  EXPECT_TRUE(Read(ended));
  EXPECT_FALSE(states_.NextPage().has_value());
  // A snapshot that is older than the page is no reason to ask again.
  states_.Apply(Snapshot({5}, 4, 1));
  states_.Apply(Snapshot({}, 4, 2));
  EXPECT_TRUE(Read(ended)) << "the one that ran";
  EXPECT_FALSE(states_.NextPage().has_value());
  states_.Apply(Snapshot({}, 4, 0));
  states_.Apply(Snapshot({}, 4, 0));
  ended[4] = Task(4, v1::TASK_STATE_QUEUED);
  ended[5] = Task(5, v1::TASK_STATE_QUEUED);
  EXPECT_TRUE(Read(ended));
  EXPECT_THAT(States(), ElementsAre(kD, kD, kD, kD, kQ, kQ));
}

TEST_F(TaskStatesTest, WhatEndedAsNobodyKnowsLooksAsItDid) {
  states_.Apply(Snapshot({0, 1}, 0));
  states_.Apply(Snapshot({}, 1, 1));
  EXPECT_THAT(States(), ElementsAre(kR, kR, kQ, kQ, kQ, kQ));
  EXPECT_TRUE(Read(
      {Task(0, v1::TASK_STATE_FAILED), Task(1, v1::TASK_STATE_SUCCEEDED)}));
  EXPECT_THAT(States(), ElementsAre(CellState::kFailed, kD, kQ, kQ, kQ, kQ));
}

TEST_F(TaskStatesTest, ForgetsTheBestOfAJobThatBeginsAnew) {
  states_.Apply(Snapshot({}, 6));
  EXPECT_TRUE(Read({Task(2, v1::TASK_STATE_SUCCEEDED, 1, 5)}));
  EXPECT_EQ(states_.best().index(), 2);
  states_.Apply(Snapshot({}, 0));
  EXPECT_FALSE(states_.best().index().has_value());
}

TEST_F(TaskStatesTest, ACoordinatorThatAnswersNonsenseIsAskedInTurn) {
  TaskStates states(spec_, "", 2000);
  states.Apply(Snapshot({}, 2000, 0, 2000));
  std::vector<int64_t> firsts;
  for (int i = 0; i < 5; ++i) {
    const auto page = states.NextPage();
    ASSERT_TRUE(page.has_value());
    EXPECT_LE(page->count, TaskStates::kMostInPage);
    firsts.push_back(page->first);
    v1::ListTasksResponse response;
    *response.add_tasks() = Task(-1, v1::TASK_STATE_SUCCEEDED);
    *response.add_tasks() = Task(2000, v1::TASK_STATE_SUCCEEDED);
    states.Apply(*page, response);
  }
  EXPECT_THAT(firsts, ElementsAre(0, 500, 1000, 1500, 0));
  // Nor does a snapshot of others change anything.
  v1::JobSnapshot snapshot = Snapshot({-1, 2000, 7}, 0, 0, 2000);
  snapshot.mutable_running(2)->set_iteration(INT32_MIN);
  states.Apply(snapshot);
  EXPECT_EQ(states.cells()[7].state, kR);
  EXPECT_EQ(states.cells()[7].fraction, 0);
}

}  // namespace
}  // namespace atelier
