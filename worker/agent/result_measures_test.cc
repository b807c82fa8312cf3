#include "worker/agent/result_measures.h"

#include <cmath>
#include <cstddef>
#include <vector>

#include "common/rpc/measure_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

std::vector<LossAt> CurveOf(int iterations) {
  std::vector<LossAt> curve;
  for (int i = 1; i <= iterations; ++i) {
    LossAt at;
    at.iteration = i;
    at.losses.terms = {{"content", 2.0 * i}, {"style", 1.0 / i}};
    at.losses.total = i;
    curve.push_back(at);
  }
  return curve;
}

TEST(ThinCurveTest, AShortOneIsWhole) {
  const v1::LossCurve thin = ThinCurve(CurveOf(3));
  EXPECT_THAT(thin.iterations(), ElementsAre(1, 2, 3));
  EXPECT_THAT(thin.total(), ElementsAre(1, 2, 3));
  ASSERT_EQ(thin.terms_size(), 2);
  EXPECT_EQ(thin.terms(0).term(), "content");
  EXPECT_THAT(thin.terms(0).losses(), ElementsAre(2, 4, 6));
  EXPECT_THAT(thin.terms(1).losses(), ElementsAre(1, 0.5F, 1.0F / 3));
  EXPECT_TRUE(ThinCurve({}).iterations().empty());
  EXPECT_THAT(ThinCurve(CurveOf(1)).iterations(), ElementsAre(1));
}

TEST(ThinCurveTest, ALongOneKeepsItsEndsAndIsAccepted) {
  for (const int length : {64, 65, 127, 300, 5000}) {
    const v1::LossCurve thin = ThinCurve(CurveOf(length));
    ASSERT_EQ(thin.iterations_size(), kMaxCurvePoints) << length;
    EXPECT_EQ(thin.iterations(0), 1);
    EXPECT_EQ(*thin.iterations().rbegin(), length);
    EXPECT_EQ(*thin.total().rbegin(), static_cast<float>(length));
    v1::Measures measures;
    measures.set_version(1);
    *measures.mutable_curve() = thin;
    EXPECT_TRUE(CheckMeasures(measures).ok()) << CheckMeasures(measures);
  }
}

TEST(ThinCurveTest, ATermThatIsMissingSomewhereLeavesNoGap) {
  std::vector<LossAt> curve = CurveOf(2);
  curve[1].losses.terms.erase("style");
  const v1::LossCurve thin = ThinCurve(curve);
  ASSERT_EQ(thin.terms(1).losses_size(), 2);
  EXPECT_TRUE(std::isnan(thin.terms(1).losses(1)));
}

TEST(AsEncodedTest, IsWhatAPictureKeeps) {
  ASSERT_TRUE(InitialiseImages("agent_test").ok());
  Image image{2, 1, {-0.5F, 0.1F, 0.2F, 0.30001F, 0.998F, 7.0F}};
  for (const int bits : {8, 16}) {
    const Image kept = AsEncoded(image, bits);
    const Image read = Decode(*Encode(image, "png", "", bits)).value();
    ASSERT_EQ(kept.rgb.size(), read.rgb.size());
    for (size_t i = 0; i < kept.rgb.size(); ++i) {
      EXPECT_NEAR(kept.rgb[i], read.rgb[i], 1e-7) << bits << " " << i;
    }
  }
}

}  // namespace
}  // namespace atelier
