#include "coordinator/state/time_left.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/attempt_table.h"
#include "coordinator/state/job.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::Eq;
using ::testing::Optional;

class TimeLeftTest : public ::testing::Test {
 protected:
  static JobRecord Record(int64_t tasks) {
    JobRecord record;
    record.id = JobId("a");
    record.task_count = record.counts.queued = tasks;
    return record;
  }
  static RenderClass Render(int iterations) {
    RenderClass render;
    render.plan = {{10, 10, 1, iterations}};
    render.iterations = iterations;
    return render;
  }

  void Begin(int64_t index) {
    const AttemptToken token = TokenOf(index);
    job_.Lease(index, token, WorkerName("w"), InstanceId("i"), now_);
    Attempt& attempt = attempts_.Begin(token, absl::InfiniteFuture());
    attempt.granted_at = now_;
    attempt.pace = IterationPace(now_);
    attempt.render = Render(100);
  }
  void Hear(int64_t index, int iteration) {
    Attempt& attempt = attempts_.At(TokenOf(index));
    attempt.pace.Hear(iteration, now_);
    attempt.progress.iteration = iteration;
  }
  void Succeed(int64_t index, absl::Duration took) {
    attempts_.End(TokenOf(index));
    TaskResult result;
    result.elapsed = took;
    job_.End(index, TaskEvent::kSucceed, Outcome::kSucceeded, {}, "", result);
  }
  std::optional<absl::Duration> Left() const {
    return TimeLeft(job_, attempts_, now_);
  }
  static AttemptToken TokenOf(int64_t index) {
    return {RenderKey(absl::StrCat(index)), index + 1, 1};
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  Job job_{Record(10), std::make_shared<const JobSpec>()};
  AttemptTable attempts_;
};

TEST_F(TimeLeftTest, IsNotKnownWhileNothingTells) {
  EXPECT_EQ(Left(), std::nullopt) << "none runs";
  Begin(0);
  now_ += absl::Seconds(9);
  EXPECT_EQ(Left(), std::nullopt) << "nothing was heard of it";
  Hear(0, 1);
  EXPECT_EQ(Left(), std::nullopt) << "one iteration is no pace";
}

TEST_F(TimeLeftTest, BeforeOneHasEndedItGoesByThePaceOfThoseThatRun) {
  Begin(0);
  Hear(0, 10);
  now_ += absl::Seconds(10);
  Hear(0, 20);  // A second each: 80 left of 90 in all, and nine such wait.
  EXPECT_THAT(Left(), Optional(Eq(absl::Seconds(80 + 9 * 90))));
}

TEST_F(TimeLeftTest, AsManyAsRunShareWhatIsLeft) {
  for (int64_t index : {0, 1, 2, 3, 4}) {
    Begin(index);
    Succeed(index, absl::Seconds(60));
  }
  Begin(5);
  EXPECT_THAT(Left(), Optional(Eq(absl::Minutes(5))));
  for (int64_t index : {6, 7, 8, 9}) Begin(index);
  EXPECT_THAT(Left(), Optional(Eq(absl::Minutes(1))));
  now_ += absl::Seconds(45);
  EXPECT_THAT(Left(), Optional(Eq(absl::Seconds(15))));
  now_ += absl::Hours(1);
  EXPECT_THAT(Left(), Optional(Eq(absl::ZeroDuration()))) << "late ones";
}

TEST_F(TimeLeftTest, TheLastOneIsWaitedFor) {
  for (int64_t index = 0; index < 10; ++index) Begin(index);
  Hear(0, 1);
  now_ += absl::Seconds(10);
  Hear(0, 2);
  for (int64_t index = 1; index < 9; ++index) Succeed(index, absl::Seconds(10));
  EXPECT_THAT(Left(), Optional(Eq(absl::Seconds(980))));
}

TEST_F(TimeLeftTest, TheLastTasksCountMost) {
  Begin(0);
  Succeed(0, absl::Hours(10));
  EXPECT_EQ(job_.mean_task_time(), absl::Hours(10));
  Job many(Record(1000), std::make_shared<const JobSpec>());
  for (int64_t index = 0; index < 500; ++index) {
    many.Lease(index, TokenOf(index), WorkerName("w"), InstanceId("i"), now_);
    TaskResult result;
    result.elapsed = index == 0 ? absl::Hours(10) : absl::Seconds(10);
    many.End(index, TaskEvent::kSucceed, Outcome::kSucceeded, {}, "", result);
  }
  EXPECT_LT(*many.mean_task_time(), absl::Seconds(11));
}

TEST_F(TimeLeftTest, AResultWithoutATimeSaysNothing) {
  Begin(0);
  Succeed(0, absl::ZeroDuration());  // Of an older worker.
  EXPECT_EQ(job_.mean_task_time(), std::nullopt);
  Begin(1);
  EXPECT_EQ(Left(), std::nullopt);
}

TEST_F(TimeLeftTest, OfAMillionTasksItIsSaidAsQuickly) {
  constexpr int64_t kTasks = 1'000'000;
  job_ = Job(Record(kTasks), std::make_shared<const JobSpec>());
  Begin(0);
  Succeed(0, absl::Hours(24 * 365));
  Begin(1);
  EXPECT_THAT(Left(), Optional(Eq(RenderTimes::kLongest)));
}

}  // namespace
}  // namespace atelier
