#include "worker/engine/winograd.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "hwy/targets.h"

namespace atelier::engine {
namespace {

using Floats = std::vector<float>;

void OneAfterAnother(int64_t count, absl::FunctionRef<void(int64_t i)> work) {
  for (int64_t i = 0; i < count; ++i) work(i);
}

// Of the sets that this processor has, each in turn, widest first.
std::vector<int64_t> InstructionSets() {
  std::vector<int64_t> sets;
  hwy::SetSupportedTargetsForTest(0);
  for (const int64_t set : {HWY_AVX3, HWY_AVX2}) {
    if ((hwy::SupportedTargets() & set) != 0) sets.push_back(set);
  }
  return sets;
}

class WinogradTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (InstructionSets().empty()) {
      GTEST_SKIP() << "WINOGRAD IS NOT TESTED: neither AVX2 nor AVX-512";
    }
  }
  ~WinogradTest() override { Use(0); }

  static void Use(int64_t set) {
    hwy::SetSupportedTargetsForTest(set);
    hwy::GetChosenTarget().DeInit();
  }
};

// A convolution and its operands, plain: [images, channels, h, w].
struct Problem {
  explicit Problem(const WinogradShape& s)
      : shape(s),
        out_height(s.height + 2 * s.row_padding - 2),
        out_width(s.width + 2 * s.column_padding - 2) {
    const auto waves = [](int64_t size, double step) {
      Floats values(size);
      for (int64_t i = 0; i < size; ++i) {
        values[i] = static_cast<float>(std::sin(step * i));
      }
      return values;
    };
    input = waves(s.images * s.in_channels * s.height * s.width, 1.3);
    kernel = waves(int64_t{9} * s.in_channels * s.out_channels, 0.7);
    bias = waves(s.out_channels, 2.1);
  }

  double Input(int64_t image, int64_t c, int64_t y, int64_t x) const {
    if (y < 0 || x < 0 || y >= shape.height || x >= shape.width) return 0;
    return input[((image * shape.in_channels + c) * shape.height + y) *
                     shape.width +
                 x];
  }

  // By the definition, in double precision.
  double Output(int64_t image, int64_t k, int64_t y, int64_t x) const {
    double sum = shape.bias ? bias[k] : 0;
    for (int64_t c = 0; c < shape.in_channels; ++c) {
      for (int64_t tap = 0; tap < 9; ++tap) {
        sum += kernel[(k * shape.in_channels + c) * 9 + tap] *
               Input(image, c, y + tap / 3 - shape.row_padding,
                     x + tap % 3 - shape.column_padding);
      }
    }
    return shape.relu ? std::max(sum, 0.0) : sum;
  }

  Floats BlockedKernel() const {
    const int64_t block = WinogradConvolution::KernelBlock(shape.block);
    const int64_t panels = (shape.out_channels + block - 1) / block;
    Floats blocked(panels * block * 9 * shape.in_channels);
    for (int64_t k = 0; k < shape.out_channels; ++k) {
      for (int64_t c = 0; c < shape.in_channels; ++c) {
        for (int64_t tap = 0; tap < 9; ++tap) {
          blocked[((k / block * 9 + tap) * shape.in_channels + c) * block +
                  k % block] = kernel[(k * shape.in_channels + c) * 9 + tap];
        }
      }
    }
    return blocked;
  }

  // The blocked place of a plain value.
  int64_t Place(int64_t image, int64_t channels, int64_t c, int64_t pixels,
                int64_t pixel) const {
    const int64_t block = image * channels / shape.block + c / shape.block;
    return (block * pixels + pixel) * shape.block + c % shape.block;
  }

  Floats BlockedInput() const {
    const int64_t pixels = shape.height * shape.width;
    Floats blocked(input.size());
    for (int64_t i = 0; i < static_cast<int64_t>(input.size()); ++i) {
      const int64_t plane = i / pixels;
      blocked[Place(plane / shape.in_channels, shape.in_channels,
                    plane % shape.in_channels, pixels, i % pixels)] = input[i];
    }
    return blocked;
  }

  // Blocked.
  Floats Convolve(int threads) const {
    const WinogradConvolution convolution(shape, threads);
    const Floats from = BlockedInput();
    const Floats blocked_kernel = BlockedKernel();
    Floats to(shape.images * shape.out_channels * out_height * out_width, NAN);
    // What lies there first is never read.
    Floats workspace(convolution.workspace_bytes() / sizeof(float), NAN);
    convolution.Run(OneAfterAnother,
                    {from.data(), to.data(), blocked_kernel.data(), bias.data(),
                     workspace.data()});
    return to;
  }

  double LargestError(const Floats& blocked) const {
    double largest = 0;
    const int64_t pixels = out_height * out_width;
    for (int64_t image = 0; image < shape.images; ++image) {
      for (int64_t k = 0; k < shape.out_channels; ++k) {
        for (int64_t i = 0; i < pixels; ++i) {
          const double got =
              blocked[Place(image, shape.out_channels, k, pixels, i)];
          const double error =
              std::abs(got - Output(image, k, i / out_width, i % out_width));
          if (std::isnan(error)) return error;
          largest = std::max(largest, error);
        }
      }
    }
    return largest;
  }

  WinogradShape shape;
  int64_t out_height;
  int64_t out_width;
  Floats input;
  Floats kernel;
  Floats bias;
};

WinogradShape SmallShape() {
  WinogradShape shape;
  shape.images = 2;
  shape.in_channels = 16;
  shape.out_channels = 48;
  shape.height = 13;
  shape.width = 22;
  shape.bias = true;
  shape.relu = true;
  return shape;
}

TEST_F(WinogradTest, IsTheConvolutionOnEverySizeAndPadding) {
  for (const int64_t set : InstructionSets()) {
    Use(set);
    for (const int block : {8, 16}) {
      for (const auto& [height, width] :
           {std::make_pair(3, 3), {4, 5}, {7, 30}, {13, 22}}) {
        for (const auto& [rows, columns] :
             {std::make_pair(0, 0), {0, 1}, {1, 1}, {2, 2}}) {
          SCOPED_TRACE(absl::StrCat("instructions ", set, ", blocks of ", block,
                                    ", ", height, " x ", width, ", padding ",
                                    rows, " and ", columns));
          WinogradShape shape = SmallShape();
          shape.block = block;
          shape.height = height;
          shape.width = width;
          shape.row_padding = rows;
          shape.column_padding = columns;
          const Problem problem(shape);
          EXPECT_LT(problem.LargestError(problem.Convolve(2)), 2e-5);
        }
      }
    }
  }
}

TEST_F(WinogradTest, AddsABiasAndRectifiesWhereAsked) {
  for (const bool bias : {false, true}) {
    for (const bool relu : {false, true}) {
      SCOPED_TRACE(absl::StrCat("bias ", bias, ", ReLU ", relu));
      WinogradShape shape = SmallShape();
      shape.bias = bias;
      shape.relu = relu;
      const Problem problem(shape);
      EXPECT_LT(problem.LargestError(problem.Convolve(1)), 2e-5);
    }
  }
}

TEST_F(WinogradTest, EveryInstructionSetGivesTheSameBytes) {
  for (const int block : {8, 16}) {
    WinogradShape shape = SmallShape();
    shape.block = block;
    const Problem problem(shape);
    std::vector<Floats> results;
    for (const int64_t set : InstructionSets()) {
      Use(set);
      results.push_back(problem.Convolve(2));
    }
    for (const Floats& result : results) EXPECT_EQ(result, results.front());
  }
}

TEST_F(WinogradTest, AnyNumberOfThreadsGivesTheSameBytes) {
  WinogradShape shape = SmallShape();
  shape.height = 61;
  const Problem problem(shape);
  const Floats alone = problem.Convolve(1);
  for (const int threads : {2, 3, 64}) {
    SCOPED_TRACE(threads);
    EXPECT_EQ(problem.Convolve(threads), alone);
  }
}

TEST_F(WinogradTest, TheWorkspaceDoesNotGrowWithThePicture) {
  WinogradShape shape = SmallShape();
  shape.height = 128;
  shape.width = 128;
  const int64_t small = WinogradConvolution(shape, 2).workspace_bytes();
  shape.height = 1024;
  shape.width = 1024;
  EXPECT_LE(WinogradConvolution(shape, 2).workspace_bytes(), small);
}

}  // namespace
}  // namespace atelier::engine
