#include "worker/agent/attempt_lines.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The iterations with a line, of `iterations` that take so long each.
std::vector<int> LinesOf(int iterations, absl::Duration each) {
  std::vector<int> lines;
  LossLinePace pace(iterations);
  absl::Time now = absl::UnixEpoch();
  for (int i = 1; i <= iterations; ++i) {
    now += each;
    if (pace.Due(i, now)) lines.push_back(i);
  }
  return lines;
}

TEST(LossLinePaceTest, OfAFastRenderTheFirstIterationHasALine) {
  EXPECT_THAT(LinesOf(300, absl::Milliseconds(10)), ElementsAre(1));
}

TEST(LossLinePaceTest, ATenthAndHalfAMinuteLieBetweenTwoLines) {
  EXPECT_THAT(LinesOf(40, absl::Minutes(1)),
              ElementsAre(1, 5, 9, 13, 17, 21, 25, 29, 33, 37));
  EXPECT_THAT(LinesOf(300, absl::Milliseconds(300)), ElementsAre(1, 101, 201));
}

TEST(AttemptLinesTest, AnAssignmentIsNamedWithoutItsSecret) {
  v1::Assignment assignment;
  assignment.mutable_token()->set_render_key("0123");
  assignment.mutable_token()->set_number(2);
  assignment.mutable_token()->set_epoch(5);
  assignment.mutable_token()->set_secret("hush");
  assignment.set_job_id("j7");
  assignment.set_task_index(3);
  assignment.mutable_resume_from()->set_iteration(60);
  EXPECT_EQ(AssignmentText(assignment),
            "attempt 2 (epoch 5) of render 0123, for task 3 of job j7; a "
            "checkpoint of iteration 60 is there");
}

TEST(AttemptLinesTest, LossesAreByTheirTerms) {
  EXPECT_EQ(LossText({20, {{{"content", 5}, {"style", 7}}, 12}}, 500),
            "iteration 20 of 500: total loss 12, content 5, style 7");
}

TEST(AttemptLinesTest, MeasuresHaveTheirUnits) {
  EXPECT_EQ(BytesText(int64_t{812} << 20), "812 MiB");
  EXPECT_EQ(BytesText(1 << 19), "0.5 MiB");
  EXPECT_EQ(SecondsText(absl::Milliseconds(1234)), "1.234s");
  AttemptTimings timings;
  timings.planning = absl::Milliseconds(20);
  EXPECT_THAT(TimingsText(timings), HasSubstr("planning 0.020s, targets"));
}

}  // namespace
}  // namespace atelier
