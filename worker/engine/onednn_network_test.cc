#include "worker/engine/onednn_network.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/render/convention.h"
#include "worker/engine/reference_network.h"
#include "worker/engine/runtime.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

using ::testing::HasSubstr;

// Of the reference's largest value.
constexpr double kTolerance = 2e-5;

double LargestDifference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>() /
         std::max(b.abs().max().item<double>(), 1e-30);
}

class OnednnNetworkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ConfigureTorch(2);
    if (const std::string why = WhyNoOnednn(); !why.empty()) {
      GTEST_SKIP() << "THE ONEDNN BACKEND IS NOT TESTED: " << why;
    }
  }

  // Features at all taps, and the gradient for noise at some or all of them.
  static void ExpectLikeTheReference(const TestNetwork& network,
                                     const NetworkOptions& options,
                                     const at::Tensor& picture,
                                     const Regions& regions = {}) {
    const auto reference = network.Make(options);
    const auto onednn = MakeOnednnNetwork(network.weights(), options);
    ASSERT_TRUE(onednn.ok()) << onednn.status();
    const auto expected = reference->Forward(picture, regions);
    const auto features = (*onednn)->Forward(picture, regions);
    ASSERT_TRUE(expected.ok()) << expected.status();
    ASSERT_TRUE(features.ok()) << features.status();
    TapGradients gradients;
    for (size_t i = 0; i < options.taps.size(); ++i) {
      SCOPED_TRACE(options.taps[i]);
      ASSERT_EQ(features->taps[i].sizes(), expected->taps[i].sizes());
      EXPECT_LT(LargestDifference(features->taps[i], expected->taps[i]),
                kTolerance);
      gradients.taps.push_back(
          at::sin(expected->taps[i] * static_cast<double>(i + 3)));
    }
    for (size_t i = 0; i < options.grams.size(); ++i) {
      SCOPED_TRACE(options.grams[i]);
      EXPECT_LT(LargestDifference(features->grams[i], expected->grams[i]),
                kTolerance);
      const at::Tensor pull = at::sin(expected->grams[i]);
      gradients.grams.push_back(pull + pull.transpose(2, 3));
      if (!options.sums) continue;
      ASSERT_EQ(features->sums[i].sizes(), expected->sums[i].sizes());
      EXPECT_LT(LargestDifference(features->sums[i], expected->sums[i]),
                kTolerance);
      gradients.sums.push_back(at::cos(expected->sums[i]) * 30);
    }
    const auto right = reference->Backward(gradients);
    const auto gradient = (*onednn)->Backward(gradients);
    ASSERT_TRUE(right.ok()) << right.status();
    ASSERT_TRUE(gradient.ok()) << gradient.status();
    EXPECT_LT(LargestDifference(*gradient, *right), 1e-3);
  }
};

TEST_F(OnednnNetworkTest, AgreesWithTheReferenceOnEverySize) {
  const TestNetwork network({{16, 16}, {32, 32}, {64}});
  for (Padding padding :
       {Padding::kZeros, Padding::kReflect, Padding::kReplicate}) {
    for (Pooling pooling : {Pooling::kMax, Pooling::kAverage, Pooling::kL2}) {
      for (const auto& [height, width] :
           {std::make_pair(8, 8), {9, 8}, {8, 11}, {31, 33}, {32, 64}}) {
        SCOPED_TRACE(absl::StrCat(Name(padding), " ", Name(pooling), " ",
                                  height, " x ", width));
        ExpectLikeTheReference(
            network,
            {{"relu1_1", "conv1_2", "pool2", "conv3_1"}, padding, pooling},
            NoisePicture(height, width, 3));
      }
    }
  }
}

TEST_F(OnednnNetworkTest, ReadsTheSmallestPicture) {
  const TestNetwork network({{16}, {16}, {16}});
  ExpectLikeTheReference(network, {{"conv1_1", "conv3_1"}},
                         NoisePicture(4, 4, 1));
  ExpectLikeTheReference(network, {{"conv1_1", "conv3_1"}, Padding::kReflect},
                         NoisePicture(8, 8, 1));
}

TEST_F(OnednnNetworkTest, PadsTheFirstConvolutionAndScalesPoolsAsToldTo) {
  const TestNetwork network({{16, 20}, {32}, {5}});
  NetworkOptions options{{"relu1_1", "pool1", "conv2_1", "conv3_1"}};
  options.first_padding = Padding::kReplicate;
  for (Pooling pooling : {Pooling::kMax, Pooling::kAverage, Pooling::kL2}) {
    options.pooling = pooling;
    options.pooling_scale = 1.5;
    for (const bool recompute : {false, true}) {
      options.recompute = recompute;
      ExpectLikeTheReference(
          network, options,
          at::cat({NoisePicture(9, 14, 3), NoisePicture(9, 14, 4)}));
    }
  }
}

TEST_F(OnednnNetworkTest, TakesChannelsThatFillNoVector) {
  ExpectLikeTheReference(
      TestNetwork({{4, 5}, {20}}),
      {{"conv1_1", "relu1_1", "relu1_2", "pool1", "relu2_1"}},
      NoisePicture(14, 18, 2));
}

TEST_F(OnednnNetworkTest, PicturesOfABatchDoNotSeeEachOther) {
  const TestNetwork network({{16, 16}, {16}});
  const at::Tensor both =
      at::cat({NoisePicture(12, 20, 1), NoisePicture(12, 20, 2)});
  ExpectLikeTheReference(network, {{"relu1_2", "relu2_1"}}, both);
}

TEST_F(OnednnNetworkTest, ReadsGramsWithAndWithoutFeatures) {
  const TestNetwork network({{16, 20}, {32}, {5}});
  for (Padding padding : {Padding::kZeros, Padding::kReflect}) {
    for (const auto& [height, width] : {std::make_pair(8, 8), {41, 67}}) {
      SCOPED_TRACE(absl::StrCat(Name(padding), " ", height, " x ", width));
      ExpectLikeTheReference(network,
                             {{"relu1_1", "relu2_1"},
                              padding,
                              Pooling::kMax,
                              {"conv1_1", "relu1_1", "conv1_2", "relu1_2",
                               "pool1", "relu2_1", "conv3_1"}},
                             at::cat({NoisePicture(height, width, 3),
                                      NoisePicture(height, width, 4)}));
    }
  }
}

TEST_F(OnednnNetworkTest, ReadsSumsWithAndWithoutRegions) {
  const TestNetwork network({{16, 20}, {5}});
  NetworkOptions options;
  options.grams = {"conv1_1", "relu1_2", "relu2_1"};
  options.sums = true;
  const at::Tensor pictures =
      at::cat({NoisePicture(23, 41, 3), NoisePicture(23, 41, 4)});
  ExpectLikeTheReference(network, options, pictures);
  options.recompute = true;
  Regions regions;
  regions.grams = {NoisePicture(23, 41, 5)[0], at::Tensor(),
                   NoisePicture(11, 20, 6)[0].slice(0, 0, 2)};
  ExpectLikeTheReference(network, options, pictures, regions);
}

TEST_F(OnednnNetworkTest, ReadsGramsOfRegions) {
  const TestNetwork network({{16, 20}, {32}});
  Regions regions;
  regions.grams = {NoisePicture(22, 14, 5)[0], at::Tensor(),
                   NoisePicture(11, 7, 6)[0].slice(0, 0, 2)};
  ExpectLikeTheReference(network,
                         {{},
                          Padding::kZeros,
                          Pooling::kAverage,
                          {"relu1_1", "relu1_2", "relu2_1"}},
                         NoisePicture(22, 14, 3), regions);
}

TEST_F(OnednnNetworkTest, RecomputingTakesLessMemoryAndGivesTheSameBytes) {
  const TestNetwork network({{16, 20}, {32, 16}, {16}});
  for (const auto& [padding, pooling] :
       {std::make_pair(Padding::kZeros, Pooling::kMax),
        {Padding::kReflect, Pooling::kMax},
        {Padding::kZeros, Pooling::kL2}}) {
    SCOPED_TRACE(absl::StrCat(Name(padding), " ", Name(pooling)));
    NetworkOptions options{
        {"relu2_2"},
        padding,
        pooling,
        {"relu1_1", "relu1_2", "pool1", "relu2_1", "relu2_2", "relu3_1"}};
    const auto kept = MakeOnednnNetwork(network.weights(), options).value();
    options.recompute = true;
    const auto again = MakeOnednnNetwork(network.weights(), options).value();
    const at::Tensor picture = NoisePicture(46, 34, 2);
    EXPECT_LT(again->BytesFor(picture.sizes())->all,
              kept->BytesFor(picture.sizes())->all);
    const Features features = kept->Forward(picture).value();
    ASSERT_TRUE(again->Forward(picture).ok());
    TapGradients gradients;
    gradients.taps = {at::sin(features.taps[0])};
    for (const at::Tensor& gram : features.grams) {
      gradients.grams.push_back(at::sin(gram + gram.transpose(2, 3)));
    }
    EXPECT_TRUE(at::equal(again->Backward(gradients).value(),
                          kept->Backward(gradients).value()));
  }
}

TEST_F(OnednnNetworkTest, RecomputesLayersThatNobodyReads) {
  const TestNetwork network({{16, 20, 24}, {32}});
  NetworkOptions options{
      {}, Padding::kZeros, Pooling::kAverage, {"relu1_3", "relu2_1"}};
  options.recompute = true;
  for (Pooling pooling : {Pooling::kAverage, Pooling::kL2}) {
    options.pooling = pooling;
    options.grams = {"relu1_3", "relu2_1"};
    ExpectLikeTheReference(network, options, NoisePicture(33, 20, 5));
    options.grams = {"conv1_2", "conv1_3", "relu2_1"};
    ExpectLikeTheReference(network, options, NoisePicture(33, 20, 6));
  }
}

// Where the ReLU is not fused, and either side of it is kept or neither.
TEST_F(OnednnNetworkTest, RecomputesConvolutionsThatAreRead) {
  const TestNetwork network({{16}, {20, 24}, {32}});
  NetworkOptions options{{}, Padding::kZeros, Pooling::kL2};
  options.recompute = true;
  for (const std::vector<std::string>& taps :
       {std::vector<std::string>{"conv1_1", "relu3_1"},
        {"conv2_1", "relu3_1"},
        {"conv2_2", "relu3_1"},
        {"conv1_1", "conv2_1", "conv2_2", "conv3_1"}}) {
    for (const std::vector<std::string>& grams :
         {std::vector<std::string>{}, {"conv1_1", "conv2_2"}, {"relu2_1"}}) {
      options.taps = taps;
      options.grams = grams;
      for (const Pooling pooling : {Pooling::kL2, Pooling::kMax}) {
        options.pooling = pooling;
        ExpectLikeTheReference(
            network, options,
            at::cat({NoisePicture(33, 20, 5), NoisePicture(33, 20, 6)}));
      }
    }
  }
}

TEST_F(OnednnNetworkTest, TapsWithoutAGradientAddNothing) {
  const TestNetwork network(Blocks{{16}, {16}});
  const NetworkOptions options{{"relu1_1", "relu2_1"}};
  const auto reference = network.Make(options);
  const auto onednn = MakeOnednnNetwork(network.weights(), options).value();
  const at::Tensor picture = NoisePicture(10, 10, 4);
  for (const bool first : {true, false}) {
    const auto features = reference->Forward(picture);
    ASSERT_TRUE(onednn->Forward(picture).ok());
    TapGradients gradients;
    gradients.taps.resize(2);
    const size_t tap = first ? 0 : 1;
    gradients.taps[tap] = at::ones_like(features->taps[tap]);
    EXPECT_LT(LargestDifference(onednn->Backward(gradients).value(),
                                reference->Backward(gradients).value()),
              1e-4);
  }
  ASSERT_TRUE(onednn->Forward(picture).ok());
  TapGradients none;
  none.taps.resize(2);
  EXPECT_EQ(onednn->Backward(none)->abs().max().item<float>(), 0);
}

TEST_F(OnednnNetworkTest, TheSameInputTwiceGivesTheSameBytes) {
  const TestNetwork network({{32, 32}, {64, 64}});
  const auto vgg = MakeOnednnNetwork(network.weights(), {{"relu2_2"}}).value();
  const auto run = [&](const at::Tensor& picture) {
    const at::Tensor features = vgg->Forward(picture)->taps[0].clone();
    return std::make_pair(features,
                          vgg->Backward({{at::ones_like(features)}}).value());
  };
  const auto first = run(NoisePicture(40, 30, 9));
  run(NoisePicture(20, 20, 8));  // Another shape in between.
  const auto second = run(NoisePicture(40, 30, 9));
  EXPECT_TRUE(at::equal(first.first, second.first));
  EXPECT_TRUE(at::equal(first.second, second.second));
}

TEST_F(OnednnNetworkTest, RefusesWhatTheReferenceRefuses) {
  const TestNetwork network({{4}, {4}, {4}});
  EXPECT_EQ(MakeOnednnNetwork(network.weights(), {{"conv9_9"}}).status().code(),
            absl::StatusCode::kInvalidArgument);
  const auto vgg = MakeOnednnNetwork(network.weights(), {{"conv3_1"}}).value();
  const absl::Status small = vgg->Forward(NoisePicture(3, 4, 1)).status();
  EXPECT_EQ(small.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(small.message()), HasSubstr("[1, 3, 3, 4]"));
  EXPECT_EQ(vgg->Backward({{at::Tensor()}}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace atelier::engine
