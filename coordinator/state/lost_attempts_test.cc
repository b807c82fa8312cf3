#include "coordinator/state/lost_attempts.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

AttemptToken Token(int64_t number) { return {RenderKey("k"), number, 1}; }
TaskId Task(const std::string& job, int64_t index) {
  return {JobId(job), index};
}

TEST(LostAttemptsTest, AreTakenOnce) {
  LostAttempts lost;
  lost.Remember(Token(1), WorkerName("w"), {Task("a", 0), Task("b", 3)});
  const auto taken = lost.Take(Token(1));
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->worker, WorkerName("w"));
  EXPECT_THAT(taken->tasks, ElementsAre(Task("a", 0), Task("b", 3)));
  EXPECT_FALSE(lost.Take(Token(1)).has_value());
}

TEST(LostAttemptsTest, TasksOfOneAttemptMayComeOneByOne) {
  LostAttempts lost;
  lost.Remember(Token(1), WorkerName("w"), {Task("a", 0)});
  lost.Remember(Token(1), WorkerName("w"), {Task("b", 0)});
  EXPECT_THAT(lost.Take(Token(1))->tasks,
              ElementsAre(Task("a", 0), Task("b", 0)));
}

TEST(LostAttemptsTest, KeepsTheNewest) {
  LostAttempts lost(/*capacity=*/3);
  for (int i = 1; i <= 1000; ++i) {
    lost.Remember(Token(i), WorkerName("w"), {Task("a", i)});
    if (i % 2 == 0) lost.Take(Token(i));
    ASSERT_LE(lost.size(), 3);
  }
  EXPECT_TRUE(lost.Take(Token(999)).has_value());
  EXPECT_FALSE(lost.Take(Token(995)).has_value());
}

TEST(LostAttemptsTest, ForgetsTheTasksOfOneJob) {
  LostAttempts lost;
  lost.Remember(Token(1), WorkerName("w"), {Task("a", 0), Task("b", 0)});
  lost.Remember(Token(2), WorkerName("w"), {Task("a", 1)});
  lost.ForgetJob(JobId("a"));
  EXPECT_FALSE(lost.Take(Token(2)).has_value());
  EXPECT_THAT(lost.Take(Token(1))->tasks, ElementsAre(Task("b", 0)));
}

TEST(LostAttemptsTest, ForgetsOneTask) {
  LostAttempts lost;
  lost.Remember(Token(1), WorkerName("w"), {Task("a", 0), Task("a", 1)});
  lost.Remember(Token(2), WorkerName("w"), {Task("a", 0)});
  lost.ForgetTask(Task("a", 0));
  EXPECT_FALSE(lost.Take(Token(2)).has_value());
  EXPECT_THAT(lost.Take(Token(1))->tasks, ElementsAre(Task("a", 1)));
}

}  // namespace
}  // namespace atelier
