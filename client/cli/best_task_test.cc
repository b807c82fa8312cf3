#include "client/cli/best_task.h"

#include <cmath>
#include <string>

#include "atelier/v1/jobs.pb.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

v1::JobSpec SweepOf(void (*set)(v1::RenderSpec& render)) {
  v1::JobSpec spec;
  v1::Axis& axis = *spec.add_axes();
  axis.set_name("axis");
  axis.add_values()->set_label("1500");
  set(*axis.add_values()->mutable_set());
  return spec;
}

v1::Task Done(int index, double total, double ssim, double style = 1) {
  v1::Task task;
  task.set_index(index);
  task.add_labels("1500");
  task.set_state(v1::TASK_STATE_SUCCEEDED);
  v1::TaskResult& result = *task.mutable_result();
  result.mutable_losses()->set_total(total);
  (*result.mutable_losses()->mutable_terms())["style"] = style;
  v1::Measures& measures = *result.mutable_measures();
  measures.mutable_by()->set_size_px(256);
  measures.mutable_by()->set_weights_digest(
      LoadWeights(std::string(kBuiltinNetwork))->digest);
  (*measures.mutable_values())["ssim"] = ssim;
  return task;
}

TEST(BestTaskTest, TheLossIsUsedWhereAllTasksMinimiseTheSame) {
  EXPECT_EQ(UsualBestBy(v1::JobSpec()), "total_loss");
  EXPECT_EQ(UsualBestBy(SweepOf([](v1::RenderSpec& r) { r.set_seed(3); })),
            "total_loss");
  EXPECT_EQ(
      UsualBestBy(SweepOf([](v1::RenderSpec& r) { r.set_iterations(3); })),
      "total_loss");
  EXPECT_EQ(
      UsualBestBy(SweepOf([](v1::RenderSpec& r) { r.set_style_weight(3); })),
      "ssim");
  EXPECT_EQ(UsualBestBy(SweepOf([](v1::RenderSpec& r) {
              r.set_content_digest(std::string(64, 'a'));
            })),
            "ssim");
}

TEST(BestTaskTest, IsTheHighestOrTheLowestByItsMeasure) {
  const v1::JobSpec spec = SweepOf([](v1::RenderSpec& r) { r.set_seed(1); });
  const struct {
    const char* by;
    const char* text;
  } kCases[] = {
      {"", "best total_loss 2: axis 1500 (task 1)"},
      {"total_loss", "best total_loss 2: axis 1500 (task 1)"},
      {"style_loss", "best style_loss 0.5: axis 1500 (task 0)"},
      {"ssim", "best ssim 0.9: axis 1500 (task 2)"},
      {"psnr", ""},
  };
  for (const auto& c : kCases) {
    BestTask best(spec, c.by, 3);
    EXPECT_EQ(best.Text(), "");
    best.Take(Done(0, 3, 0.2, 0.5));
    best.Take(Done(1, 2, 0.4));
    best.Take(Done(2, 4, 0.9));
    best.Take(Done(7, 0, 1));
    EXPECT_EQ(best.Text(), c.text);
  }
}

TEST(BestTaskTest, ATaskIsRenderedAgain) {
  const v1::JobSpec spec;
  BestTask best(spec, "ssim", 2);
  best.Take(Done(0, 1, 0.5));
  best.Take(Done(1, 1, std::nan("")));
  EXPECT_EQ(best.index(), 0);
  v1::Task queued;
  queued.set_state(v1::TASK_STATE_QUEUED);
  best.Take(queued);
  EXPECT_FALSE(best.index().has_value());
}

TEST(BestTaskTest, WhatWasMeasuredInAnotherWayIsNotCompared) {
  const v1::JobSpec spec;
  BestTask best(spec, "ssim", 2);
  const v1::Task as_asked = Done(0, 1, 0.5);
  v1::Task smaller = Done(1, 1, 0.9);
  smaller.mutable_result()->mutable_measures()->mutable_by()->set_size_px(64);
  best.Take(as_asked);
  best.Take(smaller);
  EXPECT_EQ(best.index(), 0);
  // A loss is one whatever the measures are.
  BestTask by_loss(spec, "total_loss", 2);
  by_loss.Take(smaller);
  EXPECT_EQ(by_loss.index(), 1);
}

TEST(BestTaskTest, WhatIsNoMeasureIsRefusedByName) {
  EXPECT_TRUE(CheckBestBy("").ok());
  for (const std::string& name : BestByNames()) {
    EXPECT_TRUE(CheckBestBy(name).ok());
  }
  EXPECT_THAT(CheckBestBy("sssim").message(),
              HasSubstr("--by: 'sssim' is no measure; did you mean 'ssim'?"));
  EXPECT_THAT(CheckBestBy("mean_wavelength").message(),
              HasSubstr("--by: 'mean_wavelength' has no best value"));
}

}  // namespace
}  // namespace atelier
