#include "worker/engine/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace atelier::engine {
namespace {

using Verdict = Progress::Verdict;

CurvePoint Total(int iteration, double total) {
  return {iteration,
          {{"content", total}, {"style", 0}, {"total_variation", 0}},
          total};
}

TEST(ProgressTest, TheBestIsTheFirstOfTheLeast) {
  Progress progress;
  int iteration = 0;
  for (double total : {3.0, 1.0, 2.0, 1.0}) {
    EXPECT_EQ(progress.Judge(Total(++iteration, total)), Verdict::kGoOn);
  }
  EXPECT_EQ(progress.best().iteration, 2);
}

TEST(ProgressTest, AnyTermThatIsNotFiniteRestarts) {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    const CurvePoint points[] = {
        {2, {{"content", bad}, {"style", 0}, {"total_variation", 0}}, 4},
        {2, {{"content", 4}, {"style", bad}, {"total_variation", 0}}, 4},
        {2, {{"content", 4}, {"style", 0}, {"total_variation", bad}}, 4},
        {2, {{"content", 4}, {"style", 0}, {"total_variation", 0}}, bad}};
    for (const CurvePoint& point : points) {
      Progress progress;
      (void)progress.Judge(Total(1, 5));
      EXPECT_EQ(progress.Judge(point), Verdict::kRestart);
      EXPECT_EQ(progress.best().iteration, 1);
    }
  }
}

TEST(ProgressTest, TheFourthFailureDiverges) {
  Progress progress;
  int iteration = 0;
  for (int restart = 0; restart < kMaxRestarts; ++restart) {
    (void)progress.Judge(Total(++iteration, 5));
    EXPECT_EQ(progress.Judge(Total(++iteration, NAN)), Verdict::kRestart);
    progress.BeginAnew();  // A new scale grants no new tries.
  }
  (void)progress.Judge(Total(++iteration, 5));
  EXPECT_EQ(progress.Judge(Total(++iteration, NAN)), Verdict::kDiverged);
}

TEST(ProgressTest, ThereIsNothingToGoBackToBeforeAFiniteLoss) {
  Progress progress;
  EXPECT_EQ(progress.Judge(Total(1, NAN)), Verdict::kDiverged);
}

TEST(ProgressTest, OnlyLossesThatStayHighExplode) {
  const double high = 1.01 * kExplosion;
  Progress progress;
  int iteration = 0;
  (void)progress.Judge(Total(++iteration, 1));
  for (int i = 0; i < 3; ++i) {
    for (int j = 1; j < kExplosionPatience; ++j) {
      EXPECT_EQ(progress.Judge(Total(++iteration, high)), Verdict::kGoOn);
    }
    EXPECT_EQ(progress.Judge(Total(++iteration, 0.99 * kExplosion)),
              Verdict::kGoOn);
  }
  for (int j = 1; j < kExplosionPatience; ++j) {
    EXPECT_EQ(progress.Judge(Total(++iteration, high)), Verdict::kGoOn);
  }
  EXPECT_EQ(progress.Judge(Total(++iteration, high)), Verdict::kRestart);
}

TEST(ProgressTest, StallsWhereTheWholeWindowGainedTooLittle) {
  Progress progress;
  double total = 100;
  for (int i = 1; i <= kProgressWindow; ++i) {
    total *= 0.999;
    (void)progress.Judge(Total(i, total));
    EXPECT_FALSE(progress.StalledBelow(1)) << i;
  }
  (void)progress.Judge(Total(kProgressWindow + 1, total * 0.999));
  const double gained = 1 - std::pow(0.999, kProgressWindow);
  EXPECT_FALSE(progress.StalledBelow(0.99 * gained));
  EXPECT_TRUE(progress.StalledBelow(1.01 * gained));
  EXPECT_FALSE(progress.StalledBelow(0));
}

TEST(ProgressTest, ALossOfZeroHasNoProgressLeft) {
  Progress progress;
  for (int i = 0; i <= kProgressWindow; ++i) {
    (void)progress.Judge(Total(i + 1, 0));
  }
  EXPECT_TRUE(progress.StalledBelow(1e-6));
}

TEST(ProgressTest, ARestartMeasuresProgressAnew) {
  Progress progress;
  for (int i = 1; i <= kProgressWindow; ++i) (void)progress.Judge(Total(i, 1));
  EXPECT_EQ(progress.Judge(Total(kProgressWindow + 1, NAN)), Verdict::kRestart);
  (void)progress.Judge(Total(kProgressWindow + 2, 1));
  EXPECT_FALSE(progress.StalledBelow(1));
}

TEST(ProgressTest, LossesAreDescribedByTheLabelsOfTheirTerms) {
  EXPECT_EQ(Describe(Total(3, 0.5)),
            "iteration 3: content loss 0.5, style loss 0, total variation 0, "
            "total 0.5");
}

}  // namespace
}  // namespace atelier::engine
