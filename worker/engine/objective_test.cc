#include "worker/engine/objective.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

using ::testing::HasSubstr;

// What the reference page says, once more: float64, one formula per line,
// gradients by autograd. Shares nothing with the engine but the numbers.
class Twin {
 public:
  Twin(const TestNetwork& network, Padding padding, Pooling pooling)
      : network_(network), padding_(padding), pooling_(pooling) {}

  struct Losses {
    at::Tensor content, style, variation;
  };
  Losses Score(Convention convention, const at::Tensor& image,
               const at::Tensor& content, const at::Tensor& style) const {
    const auto at_image = Features(Input(convention, image));
    const auto at_content = Features(Input(convention, content));
    const auto at_style = Features(Input(convention, style));
    Losses losses;
    losses.content =
        (at_image.at("relu2_1") - at_content.at("relu2_1")).square().mean();
    losses.style = at::zeros({}, at::kDouble);
    for (const char* layer : {"conv1_1", "relu1_2", "pool1", "relu2_1"}) {
      losses.style = losses.style +
                     Layer(convention, at_image.at(layer), at_style.at(layer));
    }
    const at::Tensor x = Input(convention, image);
    losses.variation = (x.slice(2, 1) - x.slice(2, 0, -1)).abs().sum() +
                       (x.slice(3, 1) - x.slice(3, 0, -1)).abs().sum();
    return losses;
  }

 private:
  static at::Tensor Input(Convention convention, const at::Tensor& rgb) {
    const auto row = [](std::vector<double> values) {
      return at::tensor(values, at::kDouble).view({1, 3, 1, 1});
    };
    switch (convention) {
      case Convention::kPytorchTutorial:
        return (rgb - row({.485, .456, .406})) / row({.229, .224, .225});
      case Convention::kGordicaleksa:
        return rgb * 255 - row({123.675, 116.28, 103.53});
      default:
        return rgb.flip(1) * 255 - row({103.939, 116.779, 123.68});
    }
  }

  static at::Tensor Layer(Convention convention, const at::Tensor& f,
                          const at::Tensor& target) {
    const double c = f.size(1);
    const auto gram = [](const at::Tensor& a) {
      const at::Tensor rows = a.view({a.size(1), -1});
      return at::mm(rows, rows.t()) / double(a.size(2) * a.size(3));
    };
    const at::Tensor squares = (gram(f) - gram(target)).square();
    switch (convention) {
      case Convention::kGordicaleksa:
        return squares.sum() / (c * c) / 4;  // Four layers.
      case Convention::kGatys:
        return squares.mean() * 1e3 / (c * c);
      default:
        return squares.mean() / (c * c);
    }
  }

  std::map<std::string, at::Tensor> Features(at::Tensor x) const {
    std::map<std::string, at::Tensor> features;
    for (int k = 0; k < 3; ++k) {
      const std::string name = k < 2 ? absl::StrCat("1_", k + 1) : "2_1";
      if (padding_ == Padding::kReflect)
        x = at::reflection_pad2d(x, {1, 1, 1, 1});
      if (padding_ == Padding::kZeros) x = at::constant_pad_nd(x, {1, 1, 1, 1});
      x = at::conv2d(x, network_.kernels()[k].to(at::kDouble),
                     network_.biases()[k].to(at::kDouble));
      features["conv" + name] = x;
      features["relu" + name] = x = x.clamp_min(0);
      if (k != 1) continue;
      features["pool1"] = x = pooling_ == Pooling::kMax
                                  ? at::max_pool2d(x, {2, 2})
                                  : at::avg_pool2d(x, {2, 2});
    }
    return features;
  }

  const TestNetwork& network_;
  const Padding padding_;
  const Pooling pooling_;
};

using Case = std::tuple<Convention, Padding, Pooling>;
class TwinTest : public ::testing::TestWithParam<Case> {};

RenderParams ParamsOf(Convention convention) {
  const ConventionSpec& spec = Spec(convention);
  RenderParams params;
  params.convention = convention;
  params.content_weight = spec.content_weight;
  params.style_weight = spec.style_weight;
  params.tv_weight = spec.tv_weight;
  params.content_layers = {{"relu2_1"}};
  params.style_layers = {{"conv1_1"}, {"relu1_2"}, {"pool1"}, {"relu2_1"}};
  return params;
}

void ExpectClose(const at::Tensor& actual, const at::Tensor& expected,
                 double tolerance) {
  const double value = expected.item<double>();
  EXPECT_NEAR(actual.item<double>(), value, tolerance * std::abs(value));
}

TEST_P(TwinTest, LossesAndGradientAreThoseOfTheFormulas) {
  const auto [convention, padding, pooling] = GetParam();
  const TestNetwork network({{6, 5}, {7}});
  RenderParams params = ParamsOf(convention);
  params.pooling = pooling;
  const auto vgg = network.Make(OptionsFor(params, padding));
  // Odd sides, so that pooling drops a row and a column.
  const at::Tensor content = NoisePicture(13, 11, 100);
  const at::Tensor style = NoisePicture(9, 15, 200);
  const at::Tensor image = NoisePicture(13, 11, 300);
  const auto objective = Objective::Make(*vgg, params, content, style);
  ASSERT_TRUE(objective.ok()) << objective.status();
  const auto at = (*objective)->Evaluate(image);
  ASSERT_TRUE(at.ok()) << at.status();

  const at::Tensor variable =
      image.to(at::kDouble).detach().requires_grad_(true);
  const Twin::Losses twin =
      Twin(network, padding, pooling)
          .Score(convention, variable, content.to(at::kDouble),
                 style.to(at::kDouble));
  ExpectClose(at->losses.content, twin.content, 1e-4);
  ExpectClose(at->losses.style, twin.style, 1e-4);
  ExpectClose(at->losses.total_variation, twin.variation, 1e-4);
  const at::Tensor total = twin.content * params.content_weight +
                           twin.style * params.style_weight +
                           twin.variation * params.tv_weight;
  ExpectClose(at->losses.total, total, 1e-4);
  const at::Tensor gradient = torch::autograd::grad({total}, {variable})[0];
  ExpectClose(at->gradient.norm(), gradient.norm(), 1e-3);
  EXPECT_LT((at->gradient - gradient).abs().max().item<double>(),
            1e-3 * gradient.abs().max().item<double>());
}

INSTANTIATE_TEST_SUITE_P(
    All, TwinTest,
    ::testing::Combine(::testing::Values(Convention::kPytorchTutorial,
                                         Convention::kGordicaleksa,
                                         Convention::kNeuralStyle,
                                         Convention::kGatys),
                       ::testing::Values(Padding::kZeros, Padding::kReflect),
                       ::testing::Values(Pooling::kMax, Pooling::kAverage)),
    [](const auto& tested) {
      std::string name = absl::StrCat(Name(std::get<0>(tested.param)), "_",
                                      Name(std::get<1>(tested.param)), "_",
                                      Name(std::get<2>(tested.param)));
      for (char& c : name) c = c == '-' ? '_' : c;
      return name;
    });

Evaluation EvaluateSmall(const RenderParams& params) {
  const TestNetwork network({{6, 5}, {7}});
  const auto vgg = network.Make(OptionsFor(params));
  return (*Objective::Make(*vgg, params, NoisePicture(8, 8, 1),
                           NoisePicture(8, 8, 2)))
      ->Evaluate(NoisePicture(8, 8, 3))
      .value();
}

TEST(ObjectiveTest, ALayersWeightMultipliesItsLoss) {
  RenderParams params = ParamsOf(Convention::kPytorchTutorial);
  params.style_layers = {{"conv1_1"}};
  const double first = EvaluateSmall(params).losses.style.item<double>();
  params.style_layers = {{"relu1_2"}};
  const double second = EvaluateSmall(params).losses.style.item<double>();
  params.style_layers = {{"conv1_1", 2}, {"relu1_2", 0.5}};
  const double both = EvaluateSmall(params).losses.style.item<double>();
  EXPECT_NEAR(both, 2 * first + second / 2, 1e-5 * both);
}

TEST(ObjectiveTest, ALayerListedTwiceIsReadOnce) {
  RenderParams params = ParamsOf(Convention::kGordicaleksa);
  params.style_layers = {{"conv1_1"}, {"relu2_1"}, {"conv1_1", 3}};
  const NetworkOptions options = OptionsFor(params);
  EXPECT_THAT(options.taps, ::testing::ElementsAre("relu2_1"));
  EXPECT_THAT(options.grams, ::testing::ElementsAre("conv1_1", "relu2_1"));
}

TEST(ObjectiveTest, WithoutLayersOnlyTheVariationIsLeft) {
  RenderParams params = ParamsOf(Convention::kGordicaleksa);
  params.content_layers.clear();
  params.style_layers.clear();
  params.tv_weight = 2;
  const Evaluation at = EvaluateSmall(params);
  EXPECT_EQ(at.losses.content.item<double>(), 0);
  EXPECT_EQ(at.losses.style.item<double>(), 0);
  EXPECT_FLOAT_EQ(at.losses.total.item<float>(),
                  2 * at.losses.total_variation.item<float>());
  EXPECT_GT(at.gradient.norm().item<double>(), 0);
}

TEST(ObjectiveTest, AnImageOfAnotherSizeIsRefusedWithBoth) {
  const TestNetwork network(Blocks{{4}});
  RenderParams params;
  params.content_layers = {{"conv1_1"}};
  const auto vgg = network.Make(OptionsFor(params));
  const auto objective =
      Objective::Make(*vgg, params, NoisePicture(8, 6, 1), {});
  ASSERT_TRUE(objective.ok()) << objective.status();
  const absl::Status status =
      (*objective)->Evaluate(NoisePicture(8, 7, 1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("[1, 3, 8, 7]"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("[1, 3, 8, 6]"));
}

}  // namespace
}  // namespace atelier::engine
