#include "common/weights/batch_norm.h"

#include <cmath>
#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

// One input, two outputs.
ConvolutionWeights TwoChannels() {
  ConvolutionWeights convolution{1, 2, std::vector<float>(18), {0.5f, -2}};
  for (size_t i = 0; i < convolution.kernel.size(); ++i) {
    convolution.kernel[i] = 0.25f * static_cast<float>(i) - 1;
  }
  return convolution;
}

BatchNorm Norm() { return {{2, -3}, {0.125f, 4}, {1, -1}, {0.25f, 9}}; }

TEST(BatchNormTest, TheFoldedConvolutionGivesWhatBothGaveInTurn) {
  const ConvolutionWeights before = TwoChannels();
  ConvolutionWeights after = before;
  const BatchNorm norm = Norm();
  ASSERT_TRUE(FoldBatchNorm(norm, after).ok());
  for (int c = 0; c < 2; ++c) {
    double plain = before.bias[c];
    double folded = after.bias[c];
    for (int i = 0; i < 9; ++i) {
      const double input = std::sin(1.0 + i);
      plain += before.kernel[9 * c + i] * input;
      folded += after.kernel[9 * c + i] * input;
    }
    const double expected = (plain - norm.running_mean[c]) /
                                std::sqrt(norm.running_var[c] + 1e-5) *
                                norm.weight[c] +
                            norm.bias[c];
    EXPECT_NEAR(folded, expected, 1e-6 * std::abs(expected));
  }
}

TEST(BatchNormTest, AVarianceOfZeroIsHeldUpByEpsilon) {
  ConvolutionWeights convolution = TwoChannels();
  BatchNorm norm = Norm();
  norm.running_var = {0, 0};
  ASSERT_TRUE(FoldBatchNorm(norm, convolution).ok());
  EXPECT_FLOAT_EQ(convolution.kernel[0], -2 / std::sqrt(1e-5));
}

TEST(BatchNormTest, NamesTheChannelThatCannotBeFolded) {
  ConvolutionWeights convolution = TwoChannels();
  BatchNorm norm = Norm();
  norm.running_var[1] = -0.5f;
  EXPECT_THAT(FoldBatchNorm(norm, convolution).message(),
              HasSubstr("variance -0.5 in channel 1"));
  norm = Norm();
  norm.running_var[0] = 0;
  norm.weight[0] = std::numeric_limits<float>::max();
  convolution = TwoChannels();
  EXPECT_THAT(FoldBatchNorm(norm, convolution).message(),
              HasSubstr("overflows when folded into the convolution, in "
                        "channel 0"));
}

}  // namespace
}  // namespace atelier
