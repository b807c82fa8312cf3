// L-BFGS with bands of a picture's spectrum scaled.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "worker/engine/band_lbfgs.h"
#include "worker/engine/experimental/block_lbfgs.h"
#include "worker/engine/spectrum.h"
#include "worker/engine/test_networks.h"
#include "worker/engine/test_vectors.h"

namespace atelier::engine {
namespace {

// As the device's form of it.
std::unique_ptr<Stepper> MakeBandLbfgs(const LbfgsOptions& options,
                                       bool as_on_gpu) {
  if (as_on_gpu) return experimental::MakeBlockLbfgs(options, true);
  return std::make_unique<BandLbfgs>(options);
}

std::unique_ptr<Stepper> MakeLbfgs(const LbfgsOptions& options,
                                   bool as_on_gpu) {
  if (as_on_gpu) return experimental::MakeBlockLbfgs(options, false);
  return std::make_unique<Lbfgs>(options);
}

// A grey hill to come to, from flat: half of the sum of squared differences
// between neighbours, less those of the hill, with colours ten times as flat.
int StepsToASmoothHill(Stepper& lbfgs) {
  const auto wave =
      at::linspace(0, 3.14159265, 32, at::kDouble).sin().view({1, 1, 1, 32});
  const at::Tensor tint = at::tensor({1.0, 0.5, -0.25}, at::kDouble);
  const at::Tensor hill = wave * wave.transpose(2, 3) * tint.view({1, 3, 1, 1});
  at::Tensor image = at::zeros({1, 3, 32, 32}, at::kDouble);
  const auto gradient_of = [](const at::Tensor& of) {
    const at::Tensor grey = of * 0.1 + of.mean(1, /*keepdim=*/true) * 0.9;
    const at::Tensor padded = at::replication_pad2d(grey, {1, 1, 1, 1});
    return grey * 4.01 - padded.slice(2, 0, 32).slice(3, 1, 33) -
           padded.slice(2, 2, 34).slice(3, 1, 33) -
           padded.slice(3, 0, 32).slice(2, 1, 33) -
           padded.slice(3, 2, 34).slice(2, 1, 33);
  };
  for (int step = 1; step < 500; ++step) {
    const at::Tensor off = image - hill;
    if (off.abs().max().item<double>() < 1e-3) return step;
    const at::Tensor gradient = gradient_of(off);
    const at::Tensor loss = (off * gradient).sum().view({1}) / 2;
    image = lbfgs.Step(image, loss, gradient);
  }
  return 500;
}

// Whether as on a GPU.
class LbfgsBandsTest : public ::testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Each, LbfgsBandsTest, ::testing::Bool(),
                         [](const auto& tested) {
                           return tested.param ? "AsOnAGpu" : "OnACpu";
                         });

// Among a spectrum's coordinates, too, where the limit is on values.
TEST_P(LbfgsBandsTest, KnowsWhatTheLimitLeftOfAStep) {
  constexpr double kRate = 0.25;
  LbfgsOptions options;
  options.learning_rate = kRate;
  const auto lbfgs = MakeBandLbfgs(options, GetParam());
  const at::Tensor goal = (NoisePicture(8, 10, 1) * 20).to(at::kDouble);
  const at::Tensor steepness = (NoisePicture(8, 10, 2) + 0.1).to(at::kDouble);
  const Spectrum spectrum(8, 10, goal.options());
  at::Tensor image = at::zeros_like(goal);
  int at_the_limit = 0;
  double last_loss = INFINITY;
  for (int step = 0; step < 40; ++step) {
    const at::Tensor gradient = (image - goal) * steepness;
    const double loss = (gradient * (image - goal)).sum().item<double>() / 2;
    const at::Tensor next =
        lbfgs->Step(image, at::tensor({loss}, at::kDouble), gradient);
    if (loss > last_loss) break;  // From here on it steps from another point.
    last_loss = loss;
    const at::Tensor moved = next - image;
    EXPECT_LE(moved.abs().max().item<double>(), kRate + 1e-12);
    if (moved.abs().max().item<double>() > kRate - 1e-12) ++at_the_limit;
    for (const NamedTensor& part : lbfgs->State()) {
      if (part.name != "step") continue;
      EXPECT_TRUE(at::allclose(part.tensor, spectrum.Of(moved), 1e-9, 1e-12));
    }
    image = next;
  }
  EXPECT_GT(at_the_limit, 10);
}

// Half of the squared distance to the goal: a twentieth of the distance is a
// tenth of the way that the gradient promises to no loss.
TEST_P(LbfgsBandsTest,
       WithBandsScaledTheFirstStepFollowsTheLossAndTheNextOneArrives) {
  LbfgsOptions options;
  const auto lbfgs = MakeBandLbfgs(options, GetParam());
  const at::Tensor goal = NoisePicture(8, 10, 1).to(at::kDouble) * 0.1;
  at::Tensor image = at::zeros_like(goal);
  for (const double share : {0.05, 1.0, 1.0}) {
    const at::Tensor gradient = image - goal;
    image = lbfgs->Step(image, gradient.square().sum().view({1}) / 2, gradient);
    EXPECT_TRUE(at::allclose(image, goal * share, 1e-9, 1e-12)) << share;
  }
}

// A loss that hardly any step lowers, as near the end of a render.
TEST_P(LbfgsBandsTest, WithBandsScaledTheFirstStepIsAHundredthOfTheRateAtMost) {
  LbfgsOptions options;
  options.learning_rate = 0.5;
  const auto lbfgs = MakeBandLbfgs(options, GetParam());
  const at::Tensor image = NoisePicture(8, 10, 1).to(at::kDouble);
  const at::Tensor gradient = NoisePicture(8, 10, 2).to(at::kDouble) - 0.5;
  const at::Tensor step =
      lbfgs->Step(image, at::full({1}, 1e6, at::kDouble), gradient) - image;
  EXPECT_NEAR(step.square().mean().sqrt().item<double>(), 0.005, 1e-12);
}

at::Tensor AsKept(const at::Tensor& of_pair, bool as_on_gpu) {
  if (as_on_gpu) return of_pair;
  return of_pair.to(at::kBFloat16).to(of_pair.scalar_type());
}

// The scale of all bands after three points with two pairs between them, from
// the colours of a picture of one pixel: its bands.
TEST_P(LbfgsBandsTest, TheScaleOfAllBandsIsAMeanOfStepLengthsOverTheHistory) {
  LbfgsOptions options;
  const auto lbfgs = MakeBandLbfgs(options, GetParam());
  const Spectrum spectrum(1, 1, at::TensorOptions(at::kDouble));
  const auto pixel = [](const Vector& rgb) {
    return at::tensor(rgb, at::kDouble).view({1, 3, 1, 1});
  };
  at::Tensor image = pixel({0.1, 0.2, 0.3});
  const at::Tensor gradients[] = {pixel({3, -2, 1}), pixel({2, -1.8, 0.4}),
                                  pixel({1.5, -0.2, 0.3})};
  Vector steps[2];
  Vector changes[2];
  Vector curvature;  // step·change of each pair.
  for (int i = 0; i < 3; ++i) {
    const at::Tensor next =
        lbfgs->Step(image, at::tensor({3.0 - i}, at::kDouble), gradients[i]);
    if (i == 2) break;
    const at::Tensor step = AsKept(spectrum.Of(next - image), GetParam());
    const at::Tensor change =
        AsKept(spectrum.Of(gradients[i + 1] - gradients[i]), GetParam());
    steps[i] = ToVector(spectrum.Energies(step));
    changes[i] = ToVector(spectrum.Energies(change));
    curvature.push_back((step * change).sum().item<double>());
    ASSERT_GT(curvature[i], 0);
    image = next;
  }

  Vector whole;  // |change|² of each pair.
  for (const Vector& change : changes) {
    whole.push_back(change[0] + change[1] + change[2]);
  }
  double gone[3];
  double changed[3];
  for (int color = 0; color < 3; ++color) {
    gone[color] = 0.6 * steps[0][color] / whole[0] + steps[1][color] / whole[1];
    changed[color] =
        0.6 * changes[0][color] / whole[0] + changes[1][color] / whole[1];
  }
  const double all = (gone[0] + gone[1] + gone[2]) / 1.6;
  double logarithm = 0;
  for (int i = 0; i < 2; ++i) {
    double shorter = 0;
    double longer = 0;
    for (int color = 0; color < 3; ++color) {
      const double scale = std::sqrt(gone[color] / changed[color] / all);
      shorter += changes[i][color] * scale;
      longer += steps[i][color] / scale;
    }
    shorter = curvature[i] / shorter;
    longer /= curvature[i];
    ASSERT_LT(shorter, longer * 0.99);
    logarithm += (i == 0 ? 0.92 : 1) *
                 (0.8 * std::log(shorter) + 0.2 * std::log(longer));
  }
  for (const NamedTensor& part : lbfgs->State()) {
    if (part.name != "curvature") continue;
    EXPECT_NEAR(part.tensor.item<double>(), std::exp(logarithm / 1.92), 1e-9);
  }
}

TEST_P(LbfgsBandsTest, AfterARestartNothingIsKnownOfTheBands) {
  LbfgsOptions options;
  const auto lbfgs = MakeBandLbfgs(options, GetParam());
  const at::Tensor goal = NoisePicture(8, 10, 1).to(at::kDouble);
  const at::Tensor steepness = NoisePicture(8, 10, 2).to(at::kDouble) + 0.1;
  at::Tensor image = at::zeros_like(goal);
  const auto step = [&](const at::Tensor& gradient) {
    const double loss = (gradient * (image - goal)).sum().item<double>() / 2;
    return lbfgs->Step(image, at::tensor({loss}, at::kDouble), gradient) -
           image;
  };
  // How far from straight down the gradient.
  const auto sine = [](const at::Tensor& moved, const at::Tensor& gradient) {
    return (moved / moved.norm() + gradient / gradient.norm())
        .norm()
        .item<double>();
  };
  for (int i = 0; i < 4; ++i) {
    const at::Tensor gradient = (image - goal) * steepness;
    const at::Tensor moved = step(gradient);
    EXPECT_EQ(sine(moved, gradient) > 0.01, i > 0) << i;
    image = image + moved;
  }
  const at::Tensor gradient = (image - goal) * steepness;
  (void)step(gradient);
  lbfgs->Restart(at::ones({1}, at::kBool));
  EXPECT_LT(sine(step(gradient), gradient), 1e-6);
}

TEST_P(LbfgsBandsTest, WhatIsSmoothComesSoonerWithBandsScaled) {
  const int without = StepsToASmoothHill(*MakeLbfgs({}, GetParam()));
  const int with = StepsToASmoothHill(*MakeBandLbfgs({}, GetParam()));
  EXPECT_LT(without, 500);
  EXPECT_LT(with, without * 2 / 3) << "without: " << without;
}

}  // namespace
}  // namespace atelier::engine
