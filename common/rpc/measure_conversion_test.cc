#include "common/rpc/measure_conversion.h"

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

const std::string kDigest(64, 'a');

TEST(MeasureConversionTest, WhatIsAbsentIsTheDefault) {
  EXPECT_EQ(FromProto(v1::MeasureSpec()).value(), MeasureChoice());
  EXPECT_EQ(MeasureChoice().size_px, 256);
}

TEST(MeasureConversionTest, AChoiceComesBackAsItWas) {
  MeasureChoice choice;
  choice.weights_digest = kDigest;
  choice.size_px = 512;
  choice.pooling = Pooling::kL2;
  choice.preprocessing = "caffe-255-bgr";
  EXPECT_EQ(FromProto(ToProto(choice)).value(), choice);
  EXPECT_EQ(FromProto(ToProto(MeasureChoice())).value(), MeasureChoice());
}

TEST(MeasureConversionTest, ErrorsNameTheFieldAndWhatIsAllowed) {
  struct {
    std::function<void(v1::MeasureSpec&)> change;
    const char* message;
  } const cases[] = {
      {[](v1::MeasureSpec& s) { s.set_size_px(31); },
       "measure.size_px: 31 is not allowed; 32 to 1024"},
      {[](v1::MeasureSpec& s) { s.set_size_px(1025); },
       "measure.size_px: 1025 is not allowed; 32 to 1024"},
      {[](v1::MeasureSpec& s) { s.set_pooling(v1::POOLING_UNSPECIFIED); },
       "measure.pooling: value 0 is unknown; allowed: 1 to 3"},
      {[](v1::MeasureSpec& s) { s.set_preprocessing("none"); },
       "measure.preprocessing: 'none' is unknown"},
      {[](v1::MeasureSpec& s) { s.set_weights_digest("vgg19"); },
       "measure.weights_digest: 'vgg19' is not allowed"},
  };
  for (const auto& one : cases) {
    v1::MeasureSpec spec;
    one.change(spec);
    EXPECT_THAT(FromProto(spec).status().message(), HasSubstr(one.message));
  }
}

TEST(MeasureConversionTest, OnlyWhatWasMeasuredTheSameWayIsAsAsked) {
  v1::MeasureSpec by;
  by.set_weights_digest(kDigest);
  by.set_size_px(256);
  by.set_pooling(v1::POOLING_AVERAGE);
  by.set_preprocessing("imagenet-unit-rgb");
  EXPECT_TRUE(IsMeasuredAsAsked({}, by, kDigest));
  EXPECT_TRUE(IsMeasuredAsAsked(by, by, "other"));
  EXPECT_FALSE(IsMeasuredAsAsked({}, by, "other"));
  v1::MeasureSpec asked;
  asked.set_size_px(512);
  EXPECT_FALSE(IsMeasuredAsAsked(asked, by, kDigest));
  asked.set_size_px(256);
  asked.set_pooling(v1::POOLING_MAX);
  EXPECT_FALSE(IsMeasuredAsAsked(asked, by, kDigest));
  asked.clear_pooling();
  asked.set_preprocessing("caffe-255-bgr");
  EXPECT_FALSE(IsMeasuredAsAsked(asked, by, kDigest));
}

v1::Measures Good() {
  v1::Measures measures;
  measures.set_version(1);
  (*measures.mutable_values())["psnr"] = 20;
  v1::LossCurve& curve = *measures.mutable_curve();
  for (const int iteration : {1, 5}) {
    curve.add_iterations(iteration);
    curve.add_total(2);
  }
  v1::LossCurve::TermCurve& term = *curve.add_terms();
  term.set_term("style");
  term.add_losses(1);
  term.add_losses(1);
  return measures;
}

TEST(CheckMeasuresTest, RefusesWhatAWorkerMayNotSay) {
  ASSERT_TRUE(CheckMeasures(Good()).ok()) << CheckMeasures(Good());
  const std::function<void(v1::Measures&)> changes[] = {
      [](v1::Measures& m) { m.set_version(0); },
      [](v1::Measures& m) { m.mutable_by()->set_size_px(4); },
      [](v1::Measures& m) { (*m.mutable_values())["psnr"] = INFINITY; },
      [](v1::Measures& m) { (*m.mutable_values())["PSNR"] = 1; },
      [](v1::Measures& m) { (*m.mutable_values())[""] = 1; },
      [](v1::Measures& m) { (*m.mutable_values())[std::string(65, 'a')] = 1; },
      [](v1::Measures& m) {
        for (int i = 0; i < kMaxMeasures; ++i) {
          (*m.mutable_values())["m" + std::to_string(i)] = 1;
        }
      },
      [](v1::Measures& m) { m.set_peak_memory_bytes(-1); },
      [](v1::Measures& m) { m.mutable_iteration_time()->set_seconds(-1); },
      [](v1::Measures& m) {
        m.mutable_iteration_time()->set_nanos(1'000'000'000);
      },
      [](v1::Measures& m) { m.mutable_curve()->set_iterations(1, 1); },
      [](v1::Measures& m) { m.mutable_curve()->set_iterations(0, 0); },
      [](v1::Measures& m) { m.mutable_curve()->add_total(1); },
      [](v1::Measures& m) {
        m.mutable_curve()->mutable_terms(0)->add_losses(1);
      },
      [](v1::Measures& m) {
        m.mutable_curve()->mutable_terms(0)->set_term("a b");
      },
      [](v1::Measures& m) {
        for (int i = 0; i < kMaxCurvePoints; ++i) {
          m.mutable_curve()->add_iterations(6 + i);
          m.mutable_curve()->add_total(1);
          m.mutable_curve()->mutable_terms(0)->add_losses(1);
        }
      },
      [](v1::Measures& m) {
        for (int i = 0; i < kMaxCurveTerms; ++i) {
          *m.mutable_curve()->add_terms() = m.curve().terms(0);
        }
      },
  };
  int number = 0;
  for (const auto& change : changes) {
    v1::Measures measures = Good();
    change(measures);
    EXPECT_FALSE(CheckMeasures(measures).ok()) << number;
    ++number;
  }
}

}  // namespace
}  // namespace atelier
