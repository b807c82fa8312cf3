#include "coordinator/state/task_state.h"

#include <map>
#include <utility>

#include "coordinator/state/records.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

constexpr TaskState kStates[] = {TaskState::kQueued, TaskState::kLeased,
                                 TaskState::kSucceeded, TaskState::kFailed,
                                 TaskState::kCancelled};
constexpr TaskEvent kEvents[] = {TaskEvent::kLease,    TaskEvent::kSucceed,
                                 TaskEvent::kHandBack, TaskEvent::kGiveUp,
                                 TaskEvent::kRefuse,   TaskEvent::kCancel,
                                 TaskEvent::kRetry,    TaskEvent::kRepair};

TEST(TaskStateTest, EveryPairIsAMoveOfTheDesignOrAnError) {
  const std::map<std::pair<TaskState, TaskEvent>, TaskState> moves = {
      {{TaskState::kQueued, TaskEvent::kLease}, TaskState::kLeased},
      {{TaskState::kQueued, TaskEvent::kRefuse}, TaskState::kFailed},
      {{TaskState::kQueued, TaskEvent::kGiveUp}, TaskState::kFailed},
      {{TaskState::kQueued, TaskEvent::kCancel}, TaskState::kCancelled},
      {{TaskState::kLeased, TaskEvent::kSucceed}, TaskState::kSucceeded},
      {{TaskState::kLeased, TaskEvent::kHandBack}, TaskState::kQueued},
      {{TaskState::kLeased, TaskEvent::kGiveUp}, TaskState::kFailed},
      {{TaskState::kLeased, TaskEvent::kCancel}, TaskState::kCancelled},
      {{TaskState::kFailed, TaskEvent::kRetry}, TaskState::kQueued},
      {{TaskState::kCancelled, TaskEvent::kRetry}, TaskState::kQueued},
      {{TaskState::kSucceeded, TaskEvent::kRepair}, TaskState::kQueued},
  };
  for (TaskState state : kStates) {
    for (TaskEvent event : kEvents) {
      SCOPED_TRACE(testing::Message() << Name(state) << " " << Name(event));
      const auto next = NextState(state, event);
      const auto move = moves.find({state, event});
      if (move != moves.end()) {
        ASSERT_TRUE(next.ok());
        EXPECT_EQ(*next, move->second);
      } else {
        EXPECT_TRUE(absl::IsFailedPrecondition(next.status()));
      }
    }
  }
}

TEST(TaskStateTest, AnIllegalMoveNamesStateAndEvent) {
  EXPECT_THAT(
      NextState(TaskState::kSucceeded, TaskEvent::kRetry).status().message(),
      HasSubstr("succeeded task does not allow retry"));
}

TEST(TaskCountsTest, CancelAndRetryMoveTheWholeJob) {
  TaskCounts counts{1, 2, 3, 4, 0};
  counts.CancelAll();
  EXPECT_EQ(counts, (TaskCounts{0, 0, 3, 4, 3}));
  counts.RetryAll();
  EXPECT_EQ(counts, (TaskCounts{7, 0, 3, 0, 0}));
  counts.Move(TaskState::kQueued, TaskState::kLeased);
  EXPECT_EQ(counts, (TaskCounts{6, 1, 3, 0, 0}));
  EXPECT_EQ(counts.Total(), 10);
}

TEST(StateOfTest, ATaskWithoutARowFollowsItsJob) {
  JobRecord job;
  EXPECT_EQ(StateOf(job, nullptr), TaskState::kQueued);
  job.state = JobState::kCancelled;
  EXPECT_EQ(StateOf(job, nullptr), TaskState::kCancelled);
}

TEST(StateOfTest, ARowOfAnOlderGenerationSpeaksOnlyOfSuccess) {
  struct Case {
    TaskState row;
    int64_t generation;
    JobState job;
    TaskState expected;
  };
  const Case cases[] = {
      {TaskState::kLeased, 1, JobState::kRunning, TaskState::kLeased},
      {TaskState::kLeased, 0, JobState::kRunning, TaskState::kQueued},
      {TaskState::kLeased, 1, JobState::kCancelled, TaskState::kCancelled},
      {TaskState::kQueued, 1, JobState::kCancelled, TaskState::kCancelled},
      {TaskState::kFailed, 1, JobState::kRunning, TaskState::kFailed},
      {TaskState::kFailed, 0, JobState::kRunning, TaskState::kQueued},
      {TaskState::kFailed, 1, JobState::kCancelled, TaskState::kFailed},
      {TaskState::kFailed, 0, JobState::kCancelled, TaskState::kCancelled},
      {TaskState::kSucceeded, 0, JobState::kRunning, TaskState::kSucceeded},
      {TaskState::kSucceeded, 0, JobState::kCancelled, TaskState::kSucceeded},
  };
  for (const Case& c : cases) {
    JobRecord job;
    job.generation = 1;
    job.state = c.job;
    TaskRecord row;
    row.state = c.row;
    row.generation = c.generation;
    EXPECT_EQ(StateOf(job, &row), c.expected)
        << Name(c.row) << " of generation " << c.generation << " in a "
        << Name(c.job) << " job";
  }
}

}  // namespace
}  // namespace atelier
