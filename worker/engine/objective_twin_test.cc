#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <array>
#include <map>

#include "absl/strings/str_cat.h"
#include "worker/engine/objective.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

// What the reference page says, once more: float64, one formula per line,
// gradients by autograd. Shares nothing with the engine but the numbers.
class Twin {
 public:
  Twin(const TestNetwork& network, Padding padding, Pooling pooling)
      : network_(network), padding_(padding), pooling_(pooling) {}

  struct Losses {
    at::Tensor content, style, variation;
  };
  Losses Score(Convention convention, StyleLoss loss, const at::Tensor& image,
               const at::Tensor& content,
               const std::vector<Style>& styles) const {
    const auto at_image = Features(convention, image);
    const auto at_content = Features(convention, content);
    Losses losses;
    losses.content =
        (at_image.at("relu2_1") - at_content.at("relu2_1")).square().mean();
    losses.style = at::zeros({}, at::kDouble);
    for (const char* layer : {"conv1_1", "relu1_2", "pool1", "relu2_1"}) {
      for (const Group& group : Groups(convention, styles)) {
        Moments target{at::zeros({}, at::kDouble), at::zeros({}, at::kDouble)};
        for (const Style& style : group.styles) {
          const auto at_style =
              Features(convention, style.picture.to(at::kDouble));
          const Moments of = MomentsOf(at_style.at(layer), style.region);
          target.gram = target.gram + of.gram * style.blend / group.blend;
          target.mean = target.mean + of.mean * style.blend / group.blend;
        }
        const Moments of = MomentsOf(at_image.at(layer), group.styles[0].mask);
        losses.style =
            losses.style + group.blend * Layer(convention, loss, of, target);
      }
    }
    losses.variation = convention == Convention::kCrowson
                           ? SquaredVariation(image)
                           : AbsoluteVariation(Input(convention, image));
    return losses;
  }

 private:
  // Styles that are one.
  struct Group {
    std::vector<Style> styles;
    double blend = 0;
  };
  static std::vector<Group> Groups(Convention convention,
                                   const std::vector<Style>& styles) {
    std::vector<Group> groups;
    for (const Style& style : styles) {
      const auto of_one = [&](const Group& group) {
        const at::Tensor& mask = group.styles[0].mask;
        return mask.defined() == style.mask.defined() &&
               (!mask.defined() || at::equal(mask, style.mask));
      };
      auto group = groups.end();
      if (convention == Convention::kCrowson) {
        group = std::find_if(groups.begin(), groups.end(), of_one);
      }
      if (group == groups.end()) group = groups.insert(group, Group());
      group->styles.push_back(style);
      group->blend += style.blend;
    }
    return groups;
  }

  static at::Tensor AbsoluteVariation(const at::Tensor& x) {
    return (x.slice(2, 1) - x.slice(2, 0, -1)).abs().sum() +
           (x.slice(3, 1) - x.slice(3, 0, -1)).abs().sum();
  }

  static at::Tensor SquaredVariation(const at::Tensor& rgb) {
    const at::Tensor p = at::replication_pad2d(rgb, {1, 1, 1, 1});
    const auto rows = [&](int64_t begin, int64_t end) {
      return p.slice(2, begin, p.size(2) + end);
    };
    const at::Tensor middle = rows(1, -1).slice(3, 1, p.size(3) - 1);
    const at::Tensor right = rows(1, -1).slice(3, 2) - middle;
    const at::Tensor down = rows(2, 0).slice(3, 1, p.size(3) - 1) - middle;
    const at::Tensor falling =
        rows(1, 0).slice(3, 1) - rows(0, -1).slice(3, 0, -1);
    const at::Tensor rising =
        rows(1, 0).slice(3, 0, -1) - rows(0, -1).slice(3, 1);
    return 2 * (right.square().mean() / 3 + down.square().mean() / 3 +
                falling.square().mean() / 12 + rising.square().mean() / 12);
  }

  static at::Tensor Input(Convention convention, const at::Tensor& rgb) {
    const auto row = [](std::vector<double> values) {
      return at::tensor(values, at::kDouble).view({1, 3, 1, 1});
    };
    switch (convention) {
      case Convention::kPytorchTutorial:
      case Convention::kCrowson:
        return (rgb - row({.485, .456, .406})) / row({.229, .224, .225});
      case Convention::kGordicaleksa:
        return rgb * 255 - row({123.675, 116.28, 103.53});
      default:
        return rgb.flip(1) * 255 - row({103.939, 116.779, 123.68});
    }
  }

  // Mean of the mask over what each of h x w pixels stands for.
  static at::Tensor Averaged(const at::Tensor& mask, int64_t h, int64_t w) {
    at::Tensor averaged = at::ones({h, w}, at::kDouble);
    if (!mask.defined()) return averaged;
    const auto part = [](const at::Tensor& m, int dim, int64_t i, int64_t of) {
      const int64_t size = m.size(dim), begin = i * size / of;
      return m.slice(dim, begin, ((i + 1) * size + of - 1) / of);
    };
    for (int64_t y = 0; y < h; ++y) {
      for (int64_t x = 0; x < w; ++x) {
        averaged[y][x] =
            part(part(mask.to(at::kDouble), 0, y, h), 1, x, w).mean();
      }
    }
    return averaged;
  }

  struct Moments {
    at::Tensor gram, mean;
  };
  static Moments MomentsOf(const at::Tensor& f, const at::Tensor& mask) {
    const at::Tensor weights =
        Averaged(mask, f.size(2), f.size(3)).view({1, -1});
    const at::Tensor rows = f.view({f.size(1), -1});
    return {at::mm(rows * weights, rows.t()) / weights.sum(),
            (rows * weights).sum(1) / weights.sum()};
  }

  static at::Tensor Layer(Convention convention, StyleLoss loss,
                          const Moments& of, const Moments& target) {
    const double c = of.gram.size(0);
    const at::Tensor squares = (of.gram - target.gram).square();
    const at::Tensor means = (of.mean - target.mean).square().mean();
    if (loss == StyleLoss::kGramMoments) {
      const auto sigma = [](const Moments& m) {
        return (m.gram.diag() - m.mean.square()).sqrt();
      };
      const at::Tensor sigmas = (sigma(of) - sigma(target)).square().mean();
      return convention == Convention::kSpst
                 ? squares.mean() * 1e3 / (c * c) + (means + sigmas) * 1e4
                 : squares.mean() + means + sigmas;
    }
    if (loss == StyleLoss::kWasserstein) {
      const auto covariance = [](const Moments& m) {
        return m.gram - at::outer(m.mean, m.mean) +
               at::eye(m.gram.size(0), at::kDouble) * 1e-4;
      };
      const at::Tensor roots =
          at::real(
              at::linalg_eigvals(at::mm(covariance(of), covariance(target))))
              .sqrt();
      return means + (covariance(of).trace() + covariance(target).trace() -
                      2 * roots.sum()) /
                         c;
    }
    switch (convention) {
      case Convention::kGordicaleksa:
        return squares.sum() / (c * c) / 4;  // Four layers.
      case Convention::kGatys:
        return squares.mean() * 1e3 / (c * c);
      default:
        return squares.mean() / (c * c);
    }
  }

  std::map<std::string, at::Tensor> Features(Convention convention,
                                             const at::Tensor& rgb) const {
    std::map<std::string, at::Tensor> features;
    at::Tensor x = Input(convention, rgb);
    for (int k = 0; k < 3; ++k) {
      const std::string name = k < 2 ? absl::StrCat("1_", k + 1) : "2_1";
      x = Padded(x, k == 0 && convention == Convention::kCrowson
                        ? Padding::kReplicate
                        : padding_);
      x = at::conv2d(x, network_.kernels()[k].to(at::kDouble),
                     network_.biases()[k].to(at::kDouble));
      features["conv" + name] = x;
      features["relu" + name] = x = x.clamp_min(0);
      if (k != 1) continue;
      x = Pooled(x);
      if (convention == Convention::kCrowson) {
        x = x * std::array<double, 3>{1, 2, .78}[static_cast<int>(pooling_)];
      }
      features["pool1"] = x;
    }
    return features;
  }

  static at::Tensor Padded(const at::Tensor& x, Padding padding) {
    if (padding == Padding::kReflect) {
      return at::reflection_pad2d(x, {1, 1, 1, 1});
    }
    if (padding == Padding::kReplicate) {
      return at::replication_pad2d(x, {1, 1, 1, 1});
    }
    return at::constant_pad_nd(x, {1, 1, 1, 1});
  }

  at::Tensor Pooled(const at::Tensor& x) const {
    if (pooling_ == Pooling::kMax) return at::max_pool2d(x, {2, 2});
    if (pooling_ == Pooling::kAverage) return at::avg_pool2d(x, {2, 2});
    // Far below what features are: a root at 0 has no gradient.
    return (at::avg_pool2d(x.square(), {2, 2}) * 4 + 1e-24).sqrt();
  }

  const TestNetwork& network_;
  const Padding padding_;
  const Pooling pooling_;
};

using Case = std::tuple<Convention, StyleLoss, Padding, Pooling>;
class TwinTest : public ::testing::TestWithParam<Case> {};

// Weights of a mask, [h, w].
at::Tensor Noise(int64_t height, int64_t width, uint64_t seed) {
  return NoisePicture(height, width, seed)[0][0];
}

void ExpectClose(const at::Tensor& actual, const at::Tensor& expected,
                 double tolerance) {
  const double value = expected.item<double>();
  EXPECT_NEAR(actual.item<double>(), value, tolerance * std::abs(value));
}

// Evaluates both at the same place, and holds them together.
void ExpectTwins(const Case& tested, const std::vector<Style>& styles) {
  const auto [convention, loss, padding, pooling] = tested;
  const TestNetwork network({{6, 5}, {7}});
  RenderParams params = ParamsOf(convention);
  params.pooling = pooling;
  params.style_loss = loss;
  const auto vgg = network.Make(OptionsFor(params, padding));
  // Odd sides, so that pooling drops a row and a column.
  const at::Tensor content = NoisePicture(13, 11, 100);
  const at::Tensor image = NoisePicture(13, 11, 300);
  const auto objective = Objective::Make(*vgg, params, content, styles);
  ASSERT_TRUE(objective.ok()) << objective.status();
  const auto at = (*objective)->Evaluate(image);
  ASSERT_TRUE(at.ok()) << at.status();

  const at::Tensor variable =
      image.to(at::kDouble).detach().requires_grad_(true);
  const Twin::Losses twin =
      Twin(network, padding, pooling)
          .Score(convention, loss, variable, content.to(at::kDouble), styles);
  ExpectClose(at->losses.terms["content"], twin.content, 1e-4);
  ExpectClose(at->losses.terms["style"], twin.style, 1e-4);
  ExpectClose(at->losses.terms["total_variation"], twin.variation, 1e-4);
  const at::Tensor total = twin.content * params.content_weight +
                           twin.style * params.style_weight +
                           twin.variation * params.tv_weight;
  ExpectClose(at->losses.total, total, 1e-4);
  const at::Tensor gradient = torch::autograd::grad({total}, {variable})[0];
  ExpectClose(at->gradient.norm(), gradient.norm(), 1e-3);
  EXPECT_LT((at->gradient - gradient).abs().max().item<double>(),
            1e-3 * gradient.abs().max().item<double>());
}

TEST_P(TwinTest, LossesAndGradientAreThoseOfTheFormulas) {
  ExpectTwins(GetParam(), {{NoisePicture(9, 15, 200)}});
}

TEST_P(TwinTest, SeveralStylesWithMasksToo) {
  ExpectTwins(GetParam(),
              {{NoisePicture(9, 15, 200), 0.5, Noise(13, 11, 400)},
               {NoisePicture(12, 8, 201), 0.3, {}, Noise(12, 8, 401)},
               {NoisePicture(10, 10, 202), 0.2, Noise(13, 11, 402)}});
}

TEST_P(TwinTest, SeveralStylesOfOneRegionToo) {
  const at::Tensor mask = Noise(13, 11, 400);
  ExpectTwins(GetParam(), {{NoisePicture(9, 15, 200), 0.4},
                           {NoisePicture(12, 8, 201), 0.3, mask},
                           {NoisePicture(9, 9, 202), 0.1, {}, Noise(9, 9, 401)},
                           {NoisePicture(14, 8, 203), 0.2, mask}});
}

std::string CaseName(const ::testing::TestParamInfo<Case>& tested) {
  const auto& [convention, loss, padding, pooling] = tested.param;
  std::string name = absl::StrCat(Name(convention), "_", Name(loss), "_",
                                  Name(padding), "_", Name(pooling));
  for (char& c : name) c = c == '-' ? '_' : c;
  return name;
}

const auto kPaddings =
    ::testing::Values(Padding::kZeros, Padding::kReflect, Padding::kReplicate);
const auto kPoolings =
    ::testing::Values(Pooling::kMax, Pooling::kAverage, Pooling::kL2);

INSTANTIATE_TEST_SUITE_P(
    Grams, TwinTest,
    ::testing::Combine(::testing::Values(Convention::kPytorchTutorial,
                                         Convention::kGordicaleksa,
                                         Convention::kNeuralStyle,
                                         Convention::kGatys),
                       ::testing::Values(StyleLoss::kGram), kPaddings,
                       kPoolings),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    BlendedGrams, TwinTest,
    ::testing::Combine(::testing::Values(Convention::kCrowson),
                       ::testing::Values(StyleLoss::kGram),
                       ::testing::Values(Padding::kZeros), kPoolings),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    OtherMoments, TwinTest,
    ::testing::Combine(
        ::testing::Values(Convention::kPytorchTutorial, Convention::kSpst,
                          Convention::kCrowson),
        ::testing::Values(StyleLoss::kGramMoments, StyleLoss::kWasserstein),
        kPaddings, kPoolings),
    CaseName);

}  // namespace
}  // namespace atelier::engine
