#include "worker/engine/reference_network.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "worker/engine/test_networks.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ReferenceNetworkTest, ConvolutionsAreReadBeforeTheirRelu) {
  const TestNetwork network({{4, 4}, {4}});
  const auto vgg = network.Make({{"conv1_1", "relu1_1", "conv_2", "conv1_2"}});
  const auto features = vgg->Forward(NoisePicture(6, 6, 1));
  ASSERT_TRUE(features.ok()) << features.status();
  const auto& taps = features->taps;
  EXPECT_LT(taps[0].min().item<float>(), 0);
  EXPECT_TRUE(at::equal(taps[0].relu(), taps[1]));
  EXPECT_TRUE(at::equal(taps[2], taps[3]));
}

TEST(ReferenceNetworkTest, PoolsHalveAndDropTheOddLine) {
  const TestNetwork network({{4}, {5}, {6}});
  const auto vgg = network.Make({{"conv3_1", "pool1", "pool2"}});
  const auto features = vgg->Forward(NoisePicture(13, 22, 1));
  ASSERT_TRUE(features.ok()) << features.status();
  EXPECT_EQ(features->taps[0].sizes(), at::IntArrayRef({1, 6, 3, 5}));
  EXPECT_EQ(features->taps[1].sizes(), at::IntArrayRef({1, 4, 6, 11}));
  EXPECT_EQ(features->taps[2].sizes(), at::IntArrayRef({1, 5, 3, 5}));
}

struct TooSmall {
  Padding padding;
  const char* tap;
  int64_t least;
};

TEST(ReferenceNetworkTest, TheSmallestPictureIsReadAndASmallerOneRefused) {
  const TestNetwork network({{4}, {5}, {6}});
  const TooSmall cases[] = {
      {Padding::kZeros, "conv1_1", 1},   {Padding::kZeros, "conv3_1", 4},
      {Padding::kZeros, "pool1", 2},     {Padding::kReplicate, "conv1_1", 1},
      {Padding::kReflect, "conv1_1", 2}, {Padding::kReflect, "relu3_1", 8}};
  for (const auto& [padding, tap, least] : cases) {
    SCOPED_TRACE(tap);
    const auto vgg = network.Make({{tap}, padding});
    EXPECT_TRUE(vgg->Forward(NoisePicture(least, least, 1)).ok());
    if (least == 1) continue;
    const absl::Status status =
        vgg->Forward(NoisePicture(least, least - 1, 1)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(
        std::string(status.message()),
        AllOf(HasSubstr(absl::StrCat("[1, 3, ", least, ", ", least - 1, "]")),
              HasSubstr(absl::StrCat("[1, 3, ", least, ", ", least, "]"))));
  }
}

TEST(ReferenceNetworkTest, BackwardNeedsAForwardAndTakesOne) {
  const TestNetwork network(Blocks{{4}});
  const auto vgg = network.Make({{"conv1_1"}});
  const TapGradients gradients{{at::ones({1, 4, 5, 5})}};
  EXPECT_EQ(vgg->Backward(gradients).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(vgg->Forward(NoisePicture(5, 5, 1)).ok());
  EXPECT_TRUE(vgg->Backward(gradients).ok());
  EXPECT_EQ(vgg->Backward(gradients).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

double Difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

// A rounding to 8 bits at each of four layers, 0.4% each; and where a maximum
// is in doubt, the gradient may go back to the neighbour.
TEST(ReferenceNetworkTest, Bfloat16IsCloseAndSeenAsFloat32) {
  const TestNetwork network({{16, 20}, {32, 16}});
  for (const auto pooling : {Pooling::kMax, Pooling::kAverage, Pooling::kL2}) {
    for (const auto padding :
         {Padding::kZeros, Padding::kReflect, Padding::kReplicate}) {
      NetworkOptions options{{"relu2_2", "conv1_2"}, padding, pooling};
      options.grams = {"relu1_1", "relu2_1"};
      const auto exact = network.Make(options);
      const auto narrow = MakeReferenceNetwork(network.weights(), options,
                                               at::kCPU, Arithmetic::kBfloat16);
      ASSERT_TRUE(narrow.ok()) << narrow.status();
      const at::Tensor picture =
          at::cat({NoisePicture(31, 34, 1), NoisePicture(31, 34, 2)});
      const auto wanted = exact->Forward(picture);
      const auto given = (*narrow)->Forward(picture);
      ASSERT_TRUE(given.ok()) << given.status();
      TapGradients gradients;
      for (size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(given->taps[i].scalar_type(), at::kFloat);
        EXPECT_TRUE(given->taps[i].is_contiguous());
        EXPECT_LT(Difference(given->taps[i], wanted->taps[i]), 0.01);
        EXPECT_EQ(given->grams[i].scalar_type(), at::kFloat);
        EXPECT_LT(Difference(given->grams[i], wanted->grams[i]), 0.01);
        gradients.taps.push_back(wanted->taps[i].clone());
        gradients.grams.push_back(wanted->grams[i].clone());
      }
      const at::Tensor back = *exact->Backward(gradients);
      const at::Tensor narrow_back = *(*narrow)->Backward(gradients);
      EXPECT_EQ(narrow_back.scalar_type(), at::kFloat);
      EXPECT_LT(Difference(narrow_back, back),
                pooling == Pooling::kAverage ? 0.02 : 0.1);
      EXPECT_GT(Difference(narrow_back, back), 0) << "not in bfloat16 at all";
    }
  }
}

class RecomputeTest : public ::testing::TestWithParam<Pooling> {};

INSTANTIATE_TEST_SUITE_P(All, RecomputeTest,
                         ::testing::Values(Pooling::kMax, Pooling::kL2));

TEST_P(RecomputeTest, TakesLessMemoryAndGivesTheSameBytes) {
  const TestNetwork network({{16, 20}, {32, 16}, {16}});
  NetworkOptions options{{"relu2_2"},
                         Padding::kReflect,
                         GetParam(),
                         {"conv1_1", "relu1_2", "pool1", "relu3_1"}};
  const auto kept = network.Make(options);
  options.recompute = true;
  const auto again = network.Make(options);
  const at::Tensor picture = NoisePicture(46, 34, 2);
  EXPECT_LT(again->BytesFor(picture.sizes())->all,
            kept->BytesFor(picture.sizes())->all);
  const Features features = kept->Forward(picture).value();
  const Features same = again->Forward(picture).value();
  TapGradients gradients;
  EXPECT_TRUE(at::equal(same.taps[0], features.taps[0]));
  gradients.taps = {at::sin(features.taps[0])};
  for (size_t i = 0; i < features.grams.size(); ++i) {
    EXPECT_TRUE(at::equal(same.grams[i], features.grams[i]));
    const at::Tensor& gram = features.grams[i];
    gradients.grams.push_back(at::sin(gram + gram.transpose(2, 3)));
  }
  EXPECT_TRUE(at::equal(again->Backward(gradients).value(),
                        kept->Backward(gradients).value()));
}

// Where a ReLU leaves nothing, a root of squares has no slope of its own.
TEST(ReferenceNetworkTest, RootsOfSquaresHaveAGradientWhereAllIsZero) {
  const TestNetwork network(Blocks{{4}, {4}});
  NetworkOptions options{{"pool1"}};
  options.pooling = Pooling::kL2;
  const auto vgg = network.Make(options);
  const Features features = *vgg->Forward(NoisePicture(8, 8, 1) * 1e3 - 500);
  EXPECT_GT((features.taps[0] == 0).sum().item<int64_t>(), 0);
  const at::Tensor gradient =
      *vgg->Backward({{at::ones_like(features.taps[0])}});
  EXPECT_TRUE(gradient.isfinite().all().item<bool>());
  EXPECT_GT(gradient.norm().item<double>(), 0);
}

TEST(ReferenceNetworkTest, WeightsThatDoNotFitTheirDescriptionAreRefused) {
  const TestNetwork network({{4, 5}});
  NetworkWeights missing = network.weights();
  missing.convolutions.pop_back();
  NetworkWeights wrong = network.weights();
  wrong.convolutions[1].kernel = wrong.convolutions[1].kernel.subspan(1);
  for (const auto& [weights, expected] :
       {std::make_pair(missing, "2 convolutions are described and 1 given"),
        std::make_pair(wrong, "convolution 2 is described as [5, 4, 3, 3]")}) {
    const absl::Status status =
        MakeReferenceNetwork(weights, {{"conv1_1"}}, at::kCPU).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(expected));
  }
  EXPECT_EQ(MakeReferenceNetwork(network.weights(), {{"conv9_9"}}, at::kCPU)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(TorchCallTest, MemoryThatCannotBeHadIsResourceExhaustedWithItsBytes) {
  const absl::Status status = CallTorch("asking too much", [] {
    at::empty({int64_t{1} << 55}, at::kByte);
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("asking too much: "),
                    HasSubstr("36028797018963968 bytes")));
}

TEST(TorchCallTest, AnythingElseIsInternalOnOneLine) {
  const absl::Status status = CallTorch("adding", [] {
    at::ones({2}) + at::ones({3});
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("must match"));
  EXPECT_EQ(status.message().find('\n'), absl::string_view::npos);
}

}  // namespace
}  // namespace atelier::engine
