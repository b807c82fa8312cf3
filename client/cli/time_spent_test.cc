#include "client/cli/time_spent.h"

#include "common/rpc/timings_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TimeSpentTest : public testing::Test {
 protected:
  void Pass(int seconds) { clock_.Advance(absl::Seconds(seconds)); }
  static v1::Task Rendered() {
    v1::Task task;
    task.set_attempts(1);
    AttemptTimings timings;
    timings.targets = absl::Seconds(2);
    timings.iterations = absl::Seconds(15);
    *task.mutable_result()->mutable_timings() = ToProto(timings);
    return task;
  }

  FakeClock clock_{absl::UnixEpoch()};
  TimeSpent spent_{clock_};
};

TEST_F(TimeSpentTest, TellsStepsThoseOfTheAttemptAndTheirShares) {
  Pass(1);
  spent_.Add("starting");
  Pass(18);
  spent_.AddTask(Rendered());
  Pass(1);
  spent_.Add("fetching");
  const std::string text = spent_.Text();
  for (const char* line :
       {"starting       1.000 s    5.0%", "queued         1.000 s    5.0%",
        "targets        2.000 s   10.0%", "iterations    15.000 s   75.0%",
        "fetching       1.000 s    5.0%", "all           20.000 s  100.0%"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  EXPECT_THAT(spent_.Json().Text(), HasSubstr("\"iterations\":15.0"));
}

TEST_F(TimeSpentTest, AResultThatWasThereTookItsTimeThen) {
  v1::Task task = Rendered();
  task.set_attempts(0);
  Pass(2);
  spent_.AddTask(task);
  EXPECT_THAT(spent_.Text(), HasSubstr("queued         2.000 s  100.0%"));
  EXPECT_THAT(spent_.Text(), Not(HasSubstr("iterations")));
}

// The worker's clock is its own.
TEST_F(TimeSpentTest, PhasesAreNoLongerThanWhatWasWaited) {
  Pass(3);
  spent_.AddTask(Rendered());
  EXPECT_THAT(spent_.Text(), HasSubstr("queued         0.000 s"));
  EXPECT_THAT(spent_.Text(), HasSubstr("targets        2.000 s"));
  EXPECT_THAT(spent_.Text(), HasSubstr("iterations     1.000 s"));
  EXPECT_THAT(spent_.Text(), HasSubstr("all            3.000 s"));
}

}  // namespace
}  // namespace atelier
